//! What an account has: its list of texts, its numbers, its keys, and the time.

use std::time::Duration;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{TimeZone, Utc};
use deskline_twilio::{AuthToken, Client, Credentials, MessageFilter, NumberAddresses, RetryKind};
use rstest::rstest;
use secrecy::ExposeSecret;

use crate::fake::{Fake, answer, client};

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
