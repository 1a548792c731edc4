//! What goes wrong on demand, seen through our own client.

use std::time::Duration;

use deskline_simulator::{Asked, Fault, Scope};
use deskline_twilio::{Client, MessageFilter, RetryKind};
use rstest::rstest;

use crate::{SOON, client, receiver::Receiver, reported_to, simulator, text};

#[rstest]
#[case(Fault::RefuseWith { code: 30_007 }, RetryKind::Refused, 0)]
#[case(Fault::RefuseWith { code: 20_003 }, RetryKind::Refused, 0)]
#[case(
    Fault::RateLimit { retry_after: Some(Duration::from_secs(3)), times: 1 },
    RetryKind::Rate { retry_after: Some(Duration::from_secs(3)) },
    0
)]
#[case(Fault::RateLimit { retry_after: None, times: 1 }, RetryKind::Rate { retry_after: None }, 0)]
#[case(Fault::ServerError { times: 1 }, RetryKind::Unknown, 0)]
#[case(Fault::NotJson { times: 1 }, RetryKind::Unknown, 0)]
#[case(Fault::Drop { times: 1 }, RetryKind::Unknown, 0)]
#[case(Fault::AcceptAndDropAnswer { times: 1 }, RetryKind::Unknown, 1)]
#[tokio::test]
async fn a_fault_hits_one_text_and_then_all_is_well(
    #[case] fault: Fault,
    #[case] kind: RetryKind,
    #[case] taken: usize,
) {
    let simulator = simulator().await;
    let client = client(&simulator);
    simulator.fault(fault);

    // A look-up is none of its business.
    client.list_messages(&MessageFilter::default()).await.unwrap();
    let error = client.create_message(&text(&simulator, "Hi")).await.unwrap_err();

    assert_eq!(error.retry_kind(), kind, "{error:?}");
    assert_eq!(simulator.sent().len(), taken);
    client.create_message(&text(&simulator, "Hi")).await.unwrap();
    assert_eq!(simulator.sent().len(), taken + 1);
}

#[tokio::test]
async fn a_text_whose_answer_was_dropped_is_found_and_goes_through_its_statuses() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    let client = client(&simulator);
    simulator.fault(Fault::AcceptAndDropAnswer { times: 1 });

    let message = reported_to(&receiver.at("/twilio/status?message=7"), text(&simulator, "Hi"));
    client.create_message(&message).await.unwrap_err();
    simulator.settled().await;

    assert_eq!(receiver.all("MessageStatus"), ["queued", "sent", "delivered"]);
    let found =
        client.list_messages(&MessageFilter { to: Some(crate::ANN.to_owned()), ..MessageFilter::default() }).await;
    assert_eq!(found.unwrap()[0].sid, simulator.sent()[0].sid);
}

#[rstest]
#[case::before_it_is_taken(Fault::Hang { times: 1 }, 0)]
#[case::after_it_was_taken(Fault::AcceptAndHang { times: 1 }, 1)]
#[tokio::test]
async fn a_request_hangs_until_the_faults_are_cleared(#[case] fault: Fault, #[case] taken_meanwhile: usize) {
    let simulator = simulator().await;
    let (client, message) = (client(&simulator), text(&simulator, "Hi"));
    simulator.fault(fault);

    let hanging = tokio::spawn(async move { client.create_message(&message).await });
    simulator.wait_until_asked(|asked| asked.iter().any(Asked::creates), SOON).await.unwrap();
    simulator.wait_until(|sent| sent.len() == taken_meanwhile, SOON).await.unwrap();
    simulator.settled().await;
    assert!(!hanging.is_finished());

    simulator.clear_faults();
    assert!(hanging.await.unwrap().is_ok());
    assert_eq!(simulator.sent().len(), 1);
}

#[tokio::test]
async fn a_slow_answer_is_an_answer() {
    let simulator = simulator().await;
    simulator.fault(Fault::Delay { by: Duration::from_millis(20), times: 1 });

    assert!(client(&simulator).create_message(&text(&simulator, "Hi")).await.is_ok());
}

#[tokio::test]
async fn whoever_does_not_wait_for_a_hanging_answer_cannot_know() {
    let simulator = simulator().await;
    simulator.fault(Fault::Hang { times: 1 });
    let impatient = Client::new(simulator.url(), simulator.credentials(), Duration::from_millis(300));

    let error = impatient.create_message(&text(&simulator, "Hi")).await.unwrap_err();

    assert_eq!(error.retry_kind(), RetryKind::Unknown);
    assert!(simulator.sent().is_empty());
}

#[tokio::test]
async fn an_api_that_went_away_refuses_connections_and_comes_back_at_the_same_address() {
    let simulator = simulator().await;
    let (client, url) = (client(&simulator), simulator.url());
    client.check().await.unwrap();

    for _ in 0..3 {
        simulator.go_away().await.unwrap();
        let error = client.create_message(&text(&simulator, "Hi")).await.unwrap_err();
        assert_eq!(error.retry_kind(), RetryKind::Transient, "{error:?}");
        simulator.come_back().await.unwrap();
        client.create_message(&text(&simulator, "Hi")).await.unwrap();
    }

    assert_eq!((simulator.url(), simulator.sent().len()), (url, 3));
}

#[tokio::test]
async fn going_away_cuts_a_request_that_hangs() {
    let simulator = simulator().await;
    let (client, message) = (client(&simulator), text(&simulator, "Hi"));
    simulator.fault(Fault::Hang { times: 1 });

    let hanging = tokio::spawn(async move { client.create_message(&message).await });
    simulator.wait_until_asked(|asked| !asked.is_empty(), SOON).await.unwrap();
    simulator.go_away().await.unwrap();

    assert_eq!(hanging.await.unwrap().unwrap_err().retry_kind(), RetryKind::Unknown);
}

#[tokio::test]
async fn an_outage_can_hit_look_ups_too() {
    let simulator = simulator().await;
    simulator.fault_on(Scope::Any, Fault::ServerError { times: 2 });
    let client = client(&simulator);

    assert_eq!(client.check().await.unwrap_err().status(), Some(500));
    assert_eq!(client.create_message(&text(&simulator, "Hi")).await.unwrap_err().status(), Some(500));
    assert!(client.check().await.is_ok());
}

#[tokio::test]
async fn a_simulator_ends_with_its_last_handle() {
    let simulator = simulator().await;
    let client = client(&simulator);
    client.check().await.unwrap();
    let other_handle = simulator.clone();
    drop(simulator);
    client.check().await.unwrap();

    other_handle.shutdown().await;
    assert_eq!(client.check().await.unwrap_err().retry_kind(), RetryKind::Transient);
}

#[tokio::test]
async fn waiting_for_what_does_not_happen_ends_and_says_what_did() {
    let simulator = simulator().await;
    client(&simulator).create_message(&text(&simulator, "Hi")).await.unwrap();

    let nothing = simulator.wait_for(|sent| sent.body == "Ho", Duration::ZERO).await.unwrap_err();

    assert_eq!((nothing.asked, nothing.sent), (1, 1));
}
