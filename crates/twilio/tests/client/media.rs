//! Files of texts: where they lie, and how they are fetched without the credentials or a request going astray.

use std::time::Duration;

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use deskline_twilio::{AuthToken, Credentials, MediaError, MediaFetcher, MediaFile};
use rstest::rstest;
use url::Url;

use crate::fake::{Fake, answer, client};

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
