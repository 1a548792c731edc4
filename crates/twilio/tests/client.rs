//! The client against servers that behave well, badly, or not at all.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test, in its helping functions too")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::any,
};
use chrono::{TimeZone, Utc};
use deskline_domain::delivery::DeliveryStatus;
use deskline_twilio::{
    AuthToken, Client, Credentials, From, MediaError, MediaFetcher, MediaFile, MessageFilter, NewMessage,
    NumberAddresses, RetryKind,
};
use rstest::rstest;
use secrecy::ExposeSecret;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket},
};
use url::Url;

const TAKEN: &str = r#"{"sid":"SM1","status":"queued","to":"+15552223333","body":"Hi"}"#;

/// A request as it arrived.
#[derive(Clone, Debug)]
struct Seen {
    uri: Uri,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn authorization(&self) -> Option<&str> {
        self.headers.get(header::AUTHORIZATION)?.to_str().ok()
    }
}

/// A server that answers by rule, and remembers what it was asked.
#[derive(Clone)]
struct Fake {
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<dyn Fn(&Seen) -> Response + Send + Sync>,
    address: SocketAddr,
}

impl Fake {
    async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self { seen: Arc::default(), answer: Arc::new(answer), address: listener.local_addr().unwrap() };
        let app = Router::new().fallback(any(Self::handle)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        fake
    }

    async fn handle(State(fake): State<Self>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let seen = Seen { uri: parts.uri, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() };
        fake.seen.lock().unwrap().push(seen.clone());
        (fake.answer)(&seen)
    }

    fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn client(url: Url) -> Client {
    Client::new(url, Credentials::token("AC1", AuthToken::new("token")), Duration::from_secs(20))
}

fn text() -> NewMessage {
    NewMessage {
        to: "+15552223333".to_owned(),
        from: From::Number("+15550001111".to_owned()),
        body: "Grüße & 50% 👋".to_owned(),
        media_urls: vec!["https://files.example/a.png".to_owned(), "https://files.example/b.png".to_owned()],
        status_callback: Some(Url::parse("https://desk.example/twilio/status?message=7").unwrap()),
    }
}

fn answer(status: u16, content_type: &'static str, body: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, content_type)], body).into_response()
}

#[tokio::test]
async fn a_text_is_created_with_the_form_that_twilio_takes() {
    let fake = Fake::start(|_| answer(201, "application/json", TAKEN)).await;

    let message = client(fake.url()).create_message(&text()).await.unwrap();

    assert_eq!((message.sid.as_str(), message.status), ("SM1", DeliveryStatus::Queued));
    let seen = &fake.seen()[0];
    assert_eq!(seen.uri.path(), "/2010-04-01/Accounts/AC1/Messages.json");
    assert_eq!(seen.authorization(), Some("Basic QUMxOnRva2Vu"));
    let form: Vec<_> = url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
    let field =
        |name: &str| form.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    assert_eq!((field("To"), field("From")), (vec!["+15552223333"], vec!["+15550001111"]));
    assert_eq!(field("Body"), ["Grüße & 50% 👋"]);
    assert_eq!(field("MediaUrl"), ["https://files.example/a.png", "https://files.example/b.png"]);
    assert_eq!(field("StatusCallback"), ["https://desk.example/twilio/status?message=7"]);
}

#[rstest]
#[case::opted_out(
    400,
    "application/json",
    r#"{"code":21610,"message":"No","status":400}"#,
    RetryKind::Refused,
    Some(21_610)
)]
#[case::wrong_credentials(401, "application/json", r#"{"code":20003,"status":401}"#, RetryKind::Refused, Some(20_003))]
#[case::a_full_queue_of_a_number(429, "application/json", r#"{"code":21611,"status":429}"#, RetryKind::QueueFull { retry_after: None }, Some(21_611))]
#[case::a_full_queue_whatever_its_status(400, "application/json", r#"{"code":21611,"status":400}"#, RetryKind::QueueFull { retry_after: None }, Some(21_611))]
#[case::a_full_queue_of_a_service(400, "application/json", r#"{"code":30001,"status":400}"#, RetryKind::QueueFull { retry_after: None }, Some(30_001))]
#[case::too_fast_whatever_its_status(400, "application/json", r#"{"code":20429,"status":400}"#, RetryKind::Rate { retry_after: None }, Some(20_429))]
#[case::without_a_code(403, "application/json", "{}", RetryKind::Refused, None)]
#[case::a_web_page_that_says_no(403, "text/html", "<h1>Blocked</h1>", RetryKind::Unknown, None)]
#[case::a_web_page_that_says_yes(200, "text/html", "<h1>Sign in to the Wi-Fi</h1>", RetryKind::Unknown, None)]
#[case::half_an_answer(201, "application/json", r#"{"sid":"SM"#, RetryKind::Unknown, None)]
#[case::json_without_a_sid(201, "application/json", "{}", RetryKind::Unknown, None)]
#[case::twilio_in_trouble(500, "application/json", r#"{"code":20500,"status":500}"#, RetryKind::Unknown, Some(20_500))]
#[case::a_gateway_in_trouble(502, "text/html", "<h1>Bad gateway</h1>", RetryKind::Unknown, None)]
#[tokio::test]
async fn an_answer_says_whether_the_text_may_have_been_taken(
    #[case] status: u16,
    #[case] content_type: &'static str,
    #[case] body: &'static str,
    #[case] kind: RetryKind,
    #[case] code: Option<i32>,
) {
    let fake = Fake::start(move |_| answer(status, content_type, body)).await;

    let error = client(fake.url()).create_message(&text()).await.unwrap_err();

    assert_eq!((error.retry_kind(), error.code()), (kind, code), "{error}");
    assert_eq!(fake.seen().len(), 1, "the client must never repeat a request by itself");
}

#[rstest]
#[case::in_seconds(Some("7"), Some(Duration::from_secs(7)))]
#[case::not_said(None, None)]
#[case::as_a_date(Some("Thu, 24 Aug 2023 05:01:45 GMT"), None)]
#[tokio::test]
async fn too_many_requests_say_how_long_to_wait(
    #[case] header: Option<&'static str>,
    #[case] expected: Option<Duration>,
) {
    let fake = Fake::start(move |_| {
        let mut response =
            answer(429, "application/json", r#"{"code":20429,"message":"Too Many Requests","status":429}"#);
        if let Some(header) = header {
            response.headers_mut().insert("retry-after", header.parse().unwrap());
        }
        response
    })
    .await;

    let error = client(fake.url()).create_message(&text()).await.unwrap_err();

    assert_eq!((error.retry_kind(), error.code()), (RetryKind::Rate { retry_after: expected }, Some(20_429)));
}

#[tokio::test]
async fn a_refused_connection_is_certainly_not_a_taken_text() {
    // Bound and not listening: nobody else can take the port meanwhile.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());

    let error = client(url.parse().unwrap()).create_message(&text()).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Transient, "{error:?}");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_certainly_not_a_taken_text() {
    let error = client("http://deskline.invalid".parse().unwrap()).create_message(&text()).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Transient, "{error:?}");
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_request_leaves_it_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 16];
        stream.read_exact(&mut request).await.unwrap();
    });

    let error = client(url.parse().unwrap()).create_message(&text()).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Unknown, "{error:?}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_it_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let impatient = Client::new(url, Credentials::token("AC1", AuthToken::new("token")), Duration::from_millis(200));

    let error = impatient.create_message(&text()).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Unknown, "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_a_text_and_its_credentials() {
    let stranger = Fake::start(|_| answer(201, "application/json", TAKEN)).await;
    let target = stranger.url().join("/2010-04-01/Accounts/AC1/Messages.json").unwrap().to_string();
    let fake =
        Fake::start(move |_| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target.clone())]).into_response())
            .await;

    let error = client(fake.url()).create_message(&text()).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Unknown);
    assert!(stranger.seen().is_empty(), "the text and the credentials went to another host");
}

#[tokio::test]
async fn an_error_never_contains_the_text_the_token_or_an_address() {
    let error = client("http://deskline.invalid".parse().unwrap()).create_message(&text()).await.unwrap_err();

    let said = format!("{error} {error:?}");
    assert!(!["Grüße", "QUMxOnRva2Vu", "AC1", "+15552223333"].iter().any(|secret| said.contains(secret)), "{said}");
}

fn page(messages: &[(&str, &str)], next: Option<&str>) -> Response {
    let list: Vec<_> = messages
        .iter()
        .map(|(sid, date)| serde_json::json!({ "sid": sid, "status": "queued", "date_sent": null, "date_created": date }))
        .collect();
    axum::Json(serde_json::json!({ "messages": list, "next_page_uri": next })).into_response()
}

#[tokio::test]
async fn a_list_is_read_page_by_page_until_its_texts_are_too_old() {
    let next = |page: u8| format!("/2010-04-01/Accounts/AC1/Messages.json?To=%2B15552223333&Page={page}&PageToken=x");
    let fake = Fake::start(move |seen| match seen.uri.query().unwrap_or_default() {
        query if query.contains("Page=1") => page(&[("SM3", "Tue, 02 Jan 2024 10:00:00 +0000")], Some(&next(2))),
        query if query.contains("Page=2") => page(&[("SM4", "Mon, 01 Jan 2024 09:59:59 +0000")], Some(&next(3))),
        query if query.contains("Page=3") => panic!("a page was read that can only hold older texts"),
        _ => page(
            &[("SM1", "Tue, 02 Jan 2024 12:00:00 +0000"), ("SM2", "Tue, 02 Jan 2024 11:00:00 +0000")],
            Some(&next(1)),
        ),
    })
    .await;

    let filter = MessageFilter {
        to: Some("+15552223333".to_owned()),
        from: None,
        date_sent_from: Some(Utc.with_ymd_and_hms(2024, 1, 1, 10, 0, 0).unwrap()),
    };
    let found = client(fake.url()).list_messages(&filter).await.unwrap();

    let sids: Vec<_> = found.iter().map(|message| message.sid.as_str()).collect();
    assert_eq!(sids, ["SM1", "SM2", "SM3"]);
    assert_eq!(fake.seen()[0].uri.query(), Some("PageSize=100&To=%2B15552223333"));
}

#[rstest]
#[case::another_host("http://127.0.0.1:1/2010-04-01/Accounts/AC1/Messages.json")]
#[case::without_a_scheme("//evil.example/2010-04-01/Accounts/AC1/Messages.json")]
#[case::a_backslash("/\\evil.example/2010-04-01")]
#[case::a_user("@evil.example/2010-04-01")]
#[tokio::test]
async fn a_next_page_on_another_host_is_not_asked_for(#[case] next: &'static str) {
    let fake = Fake::start(move |_| page(&[], Some(next))).await;

    let error = client(fake.url()).list_messages(&MessageFilter::default()).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Unknown);
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn numbers_are_listed_with_what_they_can_do() {
    let fake = Fake::start(|seen| {
        let body = if seen.uri.query().unwrap_or_default().contains("Page=1") {
            r#"{"incoming_phone_numbers":[{"sid":"PN2","phone_number":"+15550002222"}],"next_page_uri":null}"#
        } else {
            r#"{"incoming_phone_numbers":[{"sid":"PN1","phone_number":"+15550001111","friendly_name":"Front desk",
               "capabilities":{"voice":true,"sms":true,"mms":false}}],
               "next_page_uri":"/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PageSize=200&Page=1"}"#
        };
        answer(200, "application/json", body)
    })
    .await;

    let numbers = client(fake.url()).list_numbers().await.unwrap();

    assert_eq!(numbers.len(), 2);
    assert_eq!(numbers[0].friendly_name.as_deref(), Some("Front desk"));
    assert!(numbers[0].capabilities.sms && !numbers[0].capabilities.mms);
}

#[tokio::test]
async fn an_api_key_is_checked_on_the_numbers_since_twilio_shows_it_no_account() {
    let fake = Fake::start(|seen| {
        if seen.uri.path().ends_with("/IncomingPhoneNumbers.json") {
            answer(200, "application/json", r#"{"incoming_phone_numbers":[]}"#)
        } else {
            answer(401, "application/json", r#"{"code":20003,"message":"Authenticate","status":401}"#)
        }
    })
    .await;
    let timeout = Duration::from_secs(20);

    let key = Client::new(fake.url(), Credentials::api_key("AC1", "SK1", AuthToken::new("secret")), timeout);
    assert_eq!(key.check().await.unwrap().sid, "AC1");
    let token = Client::new(fake.url(), Credentials::token("AC1", AuthToken::new("token")), timeout);
    assert!(token.check().await.unwrap_err().is_unauthorized());
}

/// Fetches a file with the credentials of `AC1` from the Twilio at `twilio`.
async fn fetch(twilio: &Fake, url: &Url, limit: usize) -> Result<MediaFile, MediaError> {
    let credentials = Credentials::token("AC1", AuthToken::new("token"));
    MediaFetcher::new(twilio.url(), Duration::from_secs(20)).fetch(&credentials, url, limit).await
}

/// A Twilio that redirects to a target whatever it is asked.
async fn redirecting(target: impl Into<String>) -> (Fake, Url) {
    let target = target.into();
    let fake =
        Fake::start(move |_| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target.clone())]).into_response())
            .await;
    let url = fake.url().join("/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1").unwrap();
    (fake, url)
}

#[tokio::test]
async fn a_file_is_fetched_from_another_host_without_the_credentials() {
    let elsewhere = Fake::start(|_| answer(200, "image/png", "PNG!")).await;
    let target = elsewhere.url().join("/bucket/file?signed=1").unwrap();
    let (fake, url) = redirecting(target.as_str().replace("http://", "http://name:password@")).await;

    let file = fetch(&fake, &url, 1_000).await.unwrap();

    assert_eq!((file.content_type.as_deref(), file.bytes.as_slice()), (Some("image/png"), b"PNG!".as_slice()));
    assert!(fake.seen()[0].authorization().is_some());
    assert_eq!(elsewhere.seen()[0].authorization(), None);
    assert_eq!(elsewhere.seen()[0].uri, "/bucket/file?signed=1");
}

#[tokio::test]
async fn a_redirect_back_to_twilio_carries_no_credentials_either() {
    let fake = Fake::start(|seen| match seen.uri.path() {
        "/first" => (StatusCode::FOUND, [(header::LOCATION, "/second")]).into_response(),
        _ => answer(200, "image/png", "PNG!"),
    })
    .await;

    fetch(&fake, &fake.url().join("/first").unwrap(), 1_000).await.unwrap();

    let with_credentials: Vec<bool> = fake.seen().iter().map(|seen| seen.authorization().is_some()).collect();
    assert_eq!(with_credentials, [true, false]);
}

#[tokio::test]
async fn a_file_on_a_strangers_host_is_not_even_asked_for() {
    let stranger = Fake::start(|_| answer(200, "image/png", "PNG!")).await;
    let twilio = Fake::start(|_| answer(404, "application/json", "{}")).await;

    let outcome = fetch(&twilio, &stranger.url().join("/x.png").unwrap(), 1_000).await;

    assert!(matches!(outcome, Err(MediaError::NotAtTwilio)));
    assert!(stranger.seen().is_empty() && twilio.seen().is_empty());
}

#[rstest]
#[case::by_name("localhost")]
#[case::by_address("[::1]")]
#[case::by_another_address("127.0.0.2")]
#[tokio::test]
async fn a_redirect_into_a_private_network_is_not_followed(#[case] host: &str) {
    let inside = Fake::start(|_| answer(200, "image/png", "PNG!")).await;
    let (twilio, url) = redirecting(format!("http://{host}:{}/secret", inside.address.port())).await;

    let outcome = fetch(&twilio, &url, 1_000).await;

    assert!(matches!(outcome, Err(MediaError::PrivateAddress)), "{:?}", outcome.err());
    assert!(inside.seen().is_empty(), "nothing in a private network is asked");
}

#[rstest]
#[case("https://api.twilio.com/2010-04-01/Accounts/AC1", true)]
#[case("https://mms.twilio.com/x", true)]
#[case("http://api.twilio.com/x", false)]
#[case("https://api.twilio.com:8443/x", false)]
#[case("https://api.twilio.com.evil.example/x", false)]
#[case("https://eviltwilio.com/x", false)]
#[case("https://api.twilio.com@evil.example/x", false)]
fn only_twilios_own_hosts_are_twilio(#[case] url: &str, #[case] expected: bool) {
    let fetcher = MediaFetcher::new("https://api.twilio.com".parse().unwrap(), Duration::from_secs(1));

    assert_eq!(fetcher.is_twilio(&url.parse().unwrap()), expected);
}

#[tokio::test]
async fn a_file_over_the_limit_and_a_redirect_in_circles_are_given_up() {
    let fake = Fake::start(|seen| match seen.uri.path() {
        "/circle" => (StatusCode::FOUND, [(header::LOCATION, "/circle")]).into_response(),
        "/ftp" => (StatusCode::FOUND, [(header::LOCATION, "ftp://files.example/")]).into_response(),
        _ => answer(200, "image/png", "12345"),
    })
    .await;
    let at = |path: &str| fake.url().join(path).unwrap();

    assert!(matches!(fetch(&fake, &at("/big"), 4).await, Err(MediaError::TooLarge { limit: 4 })));
    assert!(fetch(&fake, &at("/big"), 5).await.is_ok());
    assert!(matches!(fetch(&fake, &at("/circle"), 5).await, Err(MediaError::Astray)));
    assert!(matches!(fetch(&fake, &at("/ftp"), 5).await, Err(MediaError::Astray)));
}

#[rstest]
#[case(404, true)]
#[case(410, true)]
#[case(401, false)]
#[case(429, false)]
#[case(503, false)]
#[tokio::test]
async fn a_file_that_is_gone_is_gone_for_good_and_nothing_else_is(#[case] status: u16, #[case] is_final: bool) {
    let fake = Fake::start(move |_| answer(status, "application/json", "{}")).await;

    let error = fetch(&fake, &fake.url(), 1_000).await.map(drop).unwrap_err();

    assert_eq!(error.is_final(), is_final, "{error}");
}

#[tokio::test]
async fn a_number_is_told_where_to_report_and_what_is_not_named_stays() {
    let fake =
        Fake::start(|_| (StatusCode::OK, r#"{"sid":"PN1","phone_number":"+15550001111"}"#).into_response()).await;
    let addresses = NumberAddresses {
        sms_url: Some("https://desk.example/twilio/webhook".parse().unwrap()),
        status_callback: None,
    };

    client(fake.url()).update_number("PN1", &addresses).await.unwrap();

    let seen = &fake.seen()[0];
    assert_eq!(seen.uri.path(), "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers/PN1.json");
    assert_eq!(seen.body, "SmsUrl=https%3A%2F%2Fdesk.example%2Ftwilio%2Fwebhook&SmsMethod=POST");
}

#[tokio::test]
async fn the_files_of_a_text_have_the_addresses_that_a_webhook_would_have_named() {
    let page = r#"{"media_list":[{"sid":"ME1","content_type":"image/png"},{"sid":"ME2"}]}"#;
    let fake = Fake::start(move |_| (StatusCode::OK, page).into_response()).await;

    let files = client(fake.url()).list_media("MM1").await.unwrap();

    let expected = format!("{}2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", fake.url());
    assert_eq!(
        (files.len(), files[0].url.as_str(), files[0].content_type.as_deref()),
        (2, &*expected, Some("image/png"))
    );
}

#[tokio::test]
async fn the_time_is_read_from_any_answer_and_asked_for_without_credentials() {
    let date = [(header::DATE, "Thu, 24 Aug 2023 05:01:45 GMT")];
    let fake = Fake::start(move |_| (StatusCode::NOT_FOUND, date.clone(), "").into_response()).await;

    let time = client(fake.url()).time().await.unwrap();

    assert_eq!(time, Utc.with_ymd_and_hms(2023, 8, 24, 5, 1, 45).unwrap());
    assert_eq!(fake.seen()[0].authorization(), None);
}

#[tokio::test]
async fn a_key_is_made_with_a_name_never_printed_and_deleted_as_often_as_one_likes() {
    let fake = Fake::start(|seen| match seen.uri.path() {
        "/2010-04-01/Accounts/AC1/Keys.json" => {
            (StatusCode::CREATED, r#"{"sid":"SK1","friendly_name":"Ann","secret":"very-secret"}"#).into_response()
        }
        "/2010-04-01/Accounts/AC1/Keys/SK1.json" => StatusCode::NO_CONTENT.into_response(),
        _ => (StatusCode::NOT_FOUND, r#"{"code":20404,"message":"not found"}"#).into_response(),
    })
    .await;

    let key = client(fake.url()).create_key("Ann").await.unwrap();
    client(fake.url()).delete_key(&key.sid).await.unwrap();
    client(fake.url()).delete_key("SK2").await.unwrap();

    assert_eq!((key.sid.as_str(), key.secret.expose_secret()), ("SK1", "very-secret"));
    assert!(!format!("{key:?}").contains("very-secret"));
    assert_eq!(fake.seen()[0].body, "FriendlyName=Ann");
}
