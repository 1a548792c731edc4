//! Every reason for which Twilio says no to a text.

use deskline_twilio::{From, NewMessage, RetryKind};
use rstest::rstest;

use crate::{ANN, client, simulator, text};

#[rstest]
#[case::no_recipient(|message: NewMessage| NewMessage { to: String::new(), ..message }, 21_604)]
#[case::no_sender(|message: NewMessage| NewMessage { from: From::Number(String::new()), ..message }, 21_603)]
#[case::nothing_to_say(|message: NewMessage| NewMessage { body: String::new(), ..message }, 21_602)]
#[case::too_long(|message: NewMessage| NewMessage { body: "é".repeat(1_601), ..message }, 21_617)]
#[case::too_many_files(|message: NewMessage| NewMessage { media_urls: vec!["https://a.example/x.png".to_owned(); 11], ..message }, 21_623)]
#[case::no_file(|message: NewMessage| NewMessage { media_urls: vec!["file:///etc/passwd".to_owned()], ..message }, 21_620)]
#[case::no_number(|message: NewMessage| NewMessage { to: "12345678901".to_owned(), ..message }, 21_211)]
#[case::not_ours(|message: NewMessage| NewMessage { from: From::Number("+15551112222".to_owned()), ..message }, 21_606)]
#[case::no_service(|message: NewMessage| NewMessage { from: From::MessagingService("MG0".to_owned()), ..message }, 21_705)]
#[case::to_itself(|message: NewMessage| NewMessage { to: "+15550001111".to_owned(), ..message }, 21_266)]
#[case::a_landline(|message: NewMessage| NewMessage { to: "+15005550009".to_owned(), ..message }, 21_614)]
#[case::a_far_country(|message: NewMessage| NewMessage { to: "+15005550003".to_owned(), ..message }, 21_408)]
#[tokio::test]
async fn a_text_is_refused_with_twilios_code(#[case] spoil: fn(NewMessage) -> NewMessage, #[case] code: i32) {
    let simulator = simulator().await;

    let error = client(&simulator).create_message(&spoil(text(&simulator, "Hi"))).await.unwrap_err();

    assert_eq!((error.retry_kind(), error.code()), (RetryKind::Refused, Some(code)), "{error}");
    assert!(simulator.sent().is_empty());
}

#[tokio::test]
async fn sixteen_hundred_characters_and_a_short_code_are_fine() {
    let simulator = simulator().await;
    let longest = NewMessage { to: "24273".to_owned(), ..text(&simulator, &"é".repeat(1_600)) };

    assert!(client(&simulator).create_message(&longest).await.is_ok());
}

#[rstest]
#[case("STOP", "START")]
#[case(" unsubscribe ", "UNSTOP")]
#[case("Quit", "yes")]
#[tokio::test]
async fn whoever_texted_stop_gets_nothing_until_start(#[case] stop: &str, #[case] start: &str) {
    let simulator = simulator().await;
    let (client, ours) = (client(&simulator), simulator.number());

    simulator.receive_sms(ANN, &ours, stop).await;
    let error = client.create_message(&text(&simulator, "Hi")).await.unwrap_err();
    assert_eq!(error.code(), Some(21_610));
    assert!(simulator.is_opted_out(&ours, ANN));

    simulator.receive_sms(ANN, &ours, start).await;
    assert!(client.create_message(&text(&simulator, "Hi")).await.is_ok());
}

#[tokio::test]
async fn stop_binds_one_number_of_ours_and_one_of_theirs() {
    let simulator = simulator().await;
    let numbers = simulator.numbers();
    simulator.receive_sms(ANN, &numbers[0], "STOP").await;
    simulator.receive_sms("+14155550102", &numbers[0], "please stop calling").await;

    let from_the_other = NewMessage { from: From::Number(numbers[1].clone()), ..text(&simulator, "Hi") };
    let to_another = NewMessage { to: "+14155550102".to_owned(), ..text(&simulator, "Hi") };

    assert!(client(&simulator).create_message(&from_the_other).await.is_ok());
    assert!(client(&simulator).create_message(&to_another).await.is_ok());
}
