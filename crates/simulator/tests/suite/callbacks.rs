//! Status callbacks: signed, in the plan's order, and tried again.

use deskline_domain::delivery::DeliveryStatus;
use deskline_simulator::CallbackPlan;
use deskline_twilio::StatusForm;
use rstest::rstest;

use crate::{SOON, client, receiver::Receiver, reported_to, simulator, text};

#[rstest]
#[case::normal(CallbackPlan::normal(), &["queued", "sent", "delivered"], DeliveryStatus::Delivered)]
#[case::reversed(CallbackPlan::reversed(), &["delivered", "sent", "queued"], DeliveryStatus::Delivered)]
#[case::repeated(
    CallbackPlan::repeated(),
    &["queued", "queued", "sent", "sent", "delivered", "delivered"],
    DeliveryStatus::Delivered
)]
#[case::failing(CallbackPlan::failing(30_007), &["queued", "sent", "undelivered"], DeliveryStatus::Undelivered)]
#[case::failed(CallbackPlan::failed(30_001), &["queued", "failed"], DeliveryStatus::Failed)]
#[case::none(CallbackPlan::none(), &[], DeliveryStatus::Queued)]
#[tokio::test]
async fn a_text_is_reported_as_planned(
    #[case] plan: CallbackPlan,
    #[case] reports: &[&str],
    #[case] at_the_end: DeliveryStatus,
) {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.plan_next(plan);
    let callback = receiver.at("/twilio/status?message=7&x=%2B1");

    let created = client(&simulator).create_message(&reported_to(&callback, text(&simulator, "Hi"))).await.unwrap();
    simulator.settled().await;

    assert_eq!(receiver.all("MessageStatus"), reports);
    assert_eq!(client(&simulator).fetch_message(&created.sid).await.unwrap().status, at_the_end);
    for form in receiver.forms() {
        assert_eq!(form.url, callback.as_str());
        assert!(form.is_signed_with(&simulator.auth_token()), "the signature covers the query too");
        let status = StatusForm::parse(&form.params).unwrap();
        assert_eq!((status.message_sid.as_str(), status.account_sid), (created.sid.as_str(), simulator.account_sid()));
        assert_eq!(
            (form.field("SmsSid"), form.field("SmsStatus")),
            (form.field("MessageSid"), form.field("MessageStatus"))
        );
        assert_eq!(form.field("ApiVersion"), Some("2010-04-01"));
    }
}

#[tokio::test]
async fn a_failure_brings_its_code_in_the_report_and_on_the_message() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.plan_for(crate::ANN, CallbackPlan::failing(30_007));

    let message = reported_to(&receiver.at("/twilio/status"), text(&simulator, "Hi"));
    let created = client(&simulator).create_message(&message).await.unwrap();
    simulator.settled().await;

    assert_eq!(receiver.all("ErrorCode"), ["", "", "30007"]);
    let fetched = client(&simulator).fetch_message(&created.sid).await.unwrap();
    assert_eq!(fetched.error_code, Some(30_007));
}

#[tokio::test]
async fn reports_can_come_before_the_answer() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.plan(CallbackPlan::normal().before_answer());

    let message = reported_to(&receiver.at("/twilio/status"), text(&simulator, "Hi"));
    client(&simulator).create_message(&message).await.unwrap();

    assert_eq!(receiver.all("MessageStatus"), ["queued", "sent", "delivered"], "known without waiting for anything");
}

#[tokio::test]
async fn a_report_that_nobody_takes_is_tried_again_and_then_kept_for_later() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.plan(CallbackPlan::of(&[DeliveryStatus::Delivered]));
    receiver.answer_next(&[503, 500]);

    let message = reported_to(&receiver.at("/twilio/status"), text(&simulator, "Hi"));
    client(&simulator).create_message(&message).await.unwrap();
    simulator.settled().await;
    let delivery = &simulator.deliveries()[0];
    assert_eq!((delivery.attempts, delivery.status()), (2, 500));

    let again = simulator.redeliver().await;
    assert_eq!((again.len(), again[0].status()), (1, 200));
    assert!(receiver.forms().iter().all(|form| form.is_signed_with(&simulator.auth_token())));
    assert!(simulator.redeliver().await.is_empty());
}

#[tokio::test]
async fn held_reports_wait_until_they_are_let_go() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.hold_callbacks();

    let message = reported_to(&receiver.at("/twilio/status"), text(&simulator, "Hi"));
    let created = client(&simulator).create_message(&message).await.unwrap();
    assert_eq!(client(&simulator).fetch_message(&created.sid).await.unwrap().status, DeliveryStatus::Queued);
    assert!(receiver.forms().is_empty());

    simulator.release_callbacks();
    let last = |delivery: &deskline_simulator::Delivery| delivery.field("MessageStatus") == Some("delivered");
    simulator.wait_for_delivery(last, SOON).await.unwrap();
    assert_eq!(receiver.forms().len(), 3);
}
