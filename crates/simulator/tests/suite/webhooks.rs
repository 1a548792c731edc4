//! Inbound texts: signed webhooks, their fields, and what happens when nobody takes them.

use deskline_simulator::{AccountConfig, InboundText, NumberConfig, Signing};
use deskline_twilio::{AuthToken, InboundForm, twiml};

use crate::{ANN, receiver::Receiver, simulator};

#[tokio::test]
async fn a_text_is_reported_signed_with_the_fields_that_twilio_sends() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook(receiver.at("/twilio/webhook"));

    let delivery = simulator.receive_sms(ANN, &simulator.number(), "שלום 👋 & co").await;

    assert!(delivery.is_ok());
    let answer = delivery.answer.unwrap();
    assert_eq!((answer.body.as_str(), answer.content_type.as_deref()), (twiml::EMPTY, Some("text/xml")));
    let form = &receiver.forms()[0];
    assert!(form.is_signed_with(&simulator.auth_token()));
    let text = InboundForm::parse(&form.params).unwrap();
    assert_eq!((text.from.as_str(), text.to, text.body.as_str()), (ANN, Some(simulator.number()), "שלום 👋 & co"));
    assert_eq!((text.account_sid, text.message_sid), (simulator.account_sid(), delivery.sid));
    assert_eq!((form.field("NumMedia"), form.field("NumSegments")), (Some("0"), Some("1")));
    assert_eq!(form.field("SmsStatus"), Some("received"));
}

#[tokio::test]
async fn a_text_can_be_forged_or_not_signed_at_all() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook(receiver.at("/twilio/webhook"));
    let text = InboundText::new(ANN, simulator.number(), "trust me");

    simulator.receive(InboundText { signing: Signing::Missing, ..text.clone() }).await;
    simulator.receive(InboundText { signing: Signing::With(AuthToken::new("guess")), ..text }).await;

    let forms = receiver.forms();
    assert_eq!(forms[0].signature, "");
    assert!(forms[1].is_signed_with(&AuthToken::new("guess")) && !forms[1].is_signed_with(&simulator.auth_token()));
}

#[tokio::test]
async fn the_same_text_again_has_the_same_sid_and_signature() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook(receiver.at("/twilio/webhook"));

    let first = simulator.receive_sms(ANN, &simulator.number(), "once").await;
    simulator.receive_again(&first.sid).await.unwrap();

    let forms = receiver.forms();
    assert_eq!((forms.len(), &forms[0].signature), (2, &forms[1].signature));
    assert!(simulator.receive_again("SMnone").await.is_none());
}

#[tokio::test]
async fn a_text_that_nobody_takes_is_tried_twice_and_can_be_posted_later() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook("http://127.0.0.1:1/twilio/webhook".parse().unwrap());

    let delivery = simulator.receive_sms(ANN, &simulator.number(), "anyone?").await;
    assert_eq!((delivery.attempts, delivery.status(), delivery.answer), (2, 0, None));

    // A refusal is an answer: it is not tried again.
    simulator.set_webhook(receiver.at("/twilio/webhook"));
    receiver.answer_next(&[403]);
    let refused = simulator.receive_sms(ANN, &simulator.number(), "hello?").await;
    assert_eq!((refused.attempts, refused.status()), (1, 403));
}

#[tokio::test]
async fn a_text_to_another_account_is_signed_with_that_accounts_token() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook(receiver.at("/twilio/webhook"));
    let other = AccountConfig { numbers: vec![NumberConfig::new("+15559990000", "Other")], ..AccountConfig::default() };
    let other = simulator.add_account(&other);

    simulator.receive_sms(ANN, "+15559990000", "hi").await;
    simulator.receive_sms(ANN, "+15558887777", "to a number that nobody owns").await;

    let forms = receiver.forms();
    assert_eq!(forms[0].field("AccountSid"), Some(other.as_str()));
    assert!(forms[0].is_signed_with(&simulator.auth_token_of(&other).unwrap()));
    assert_eq!(forms[1].field("AccountSid"), Some(simulator.account_sid().as_str()));
    assert!(forms[1].is_signed_with(&simulator.auth_token()));
}

#[tokio::test]
async fn without_an_address_a_text_is_kept_and_reported_to_nobody() {
    let simulator = simulator().await;

    let delivery = simulator.receive_sms(ANN, &simulator.number(), "hi").await;

    assert_eq!((delivery.url, delivery.attempts), (None, 0));
    assert!(simulator.sent().is_empty(), "an inbound text is none that we sent");
}
