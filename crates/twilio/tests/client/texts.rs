//! Texts that are created, and what each answer says about whether Twilio has them.

use std::time::Duration;

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use deskline_domain::delivery::DeliveryStatus;
use deskline_twilio::{AuthToken, Client, Credentials, RetryKind};
use rstest::rstest;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket},
};
use url::Url;

use crate::fake::{Fake, answer, client, text};

const TAKEN: &str = r#"{"sid":"SM1","status":"queued","to":"+15552223333","body":"Hi"}"#;

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
