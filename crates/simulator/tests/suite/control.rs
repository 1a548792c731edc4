//! The control API, as a program outside the test's process uses it.

use deskline_simulator::Simulator;
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{ANN, SOON, client, receiver::Receiver, reported_to, simulator, text};

async fn tell(simulator: &Simulator, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let http = reqwest::Client::builder().no_proxy().timeout(SOON).build().unwrap();
    let url = simulator.control_url().join(&format!("/simulator{path}")).unwrap();
    let response = http.request(method, url).json(&body).send().await.unwrap();
    (response.status(), response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn a_text_is_received_and_its_webhook_is_told() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);

    let webhook = json!({ "url": receiver.at("/twilio/webhook") });
    assert_eq!(tell(&simulator, Method::POST, "/webhook", webhook).await.0, StatusCode::NO_CONTENT);
    let (status, delivery) = tell(&simulator, Method::POST, "/receive", json!({ "from": ANN, "body": "Hi" })).await;

    assert_eq!(
        (status, &delivery["answer"]["status"], &delivery["params"]["Body"]),
        (StatusCode::OK, &json!(200), &json!("Hi"))
    );
    assert_eq!(receiver.forms()[0].field("To"), Some(simulator.number().as_str()));
    let (_, all) = tell(&simulator, Method::GET, "/deliveries", Value::Null).await;
    assert_eq!(all[0]["sid"], delivery["sid"]);
}

#[tokio::test]
async fn people_are_started_and_stopped() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    simulator.set_webhook(receiver.at("/twilio/webhook"));

    let people = json!({ "every": [0, 0], "answerAfter": [0, 0], "atMost": 5, "seed": 7 });
    assert_eq!(tell(&simulator, Method::POST, "/people/start", people).await.0, StatusCode::NO_CONTENT);
    simulator.wait_for_people(|said| said.texts == 5, SOON).await.unwrap();
    assert_eq!(tell(&simulator, Method::POST, "/people/stop", json!({})).await.0, StatusCode::NO_CONTENT);

    assert_eq!(receiver.forms().len(), 5);
    let backwards = json!({ "every": [-1, 0] });
    assert_eq!(tell(&simulator, Method::POST, "/people/start", backwards).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn reports_are_held_and_let_go_and_texts_are_told() {
    let (simulator, receiver) = (simulator().await, Receiver::start().await);
    tell(&simulator, Method::POST, "/callbacks/hold", json!({})).await;
    tell(&simulator, Method::POST, "/callbacks", json!({ "plan": "reversed", "next": true })).await;

    let message = reported_to(&receiver.at("/twilio/status"), text(&simulator, "Hi"));
    client(&simulator).create_message(&message).await.unwrap();
    let (_, sent) = tell(&simulator, Method::GET, "/sent", Value::Null).await;
    assert_eq!((&sent[0]["body"], &sent[0]["status"]), (&json!("Hi"), &json!("queued")));

    tell(&simulator, Method::DELETE, "/callbacks/hold", Value::Null).await;
    tell(&simulator, Method::POST, "/settled", Value::Null).await;
    assert_eq!(receiver.all("MessageStatus"), ["delivered", "sent", "queued"]);
}

#[tokio::test]
async fn the_api_goes_away_and_comes_back_while_the_control_api_stays() {
    let simulator = simulator().await;

    assert_eq!(tell(&simulator, Method::POST, "/unreachable", json!({})).await.0, StatusCode::NO_CONTENT);
    assert!(client(&simulator).check().await.is_err());
    assert_eq!(tell(&simulator, Method::DELETE, "/unreachable", Value::Null).await.0, StatusCode::NO_CONTENT);
    assert!(client(&simulator).check().await.is_ok());
    let (_, overview) = tell(&simulator, Method::GET, "", Value::Null).await;
    assert_eq!(overview["url"], simulator.url().as_str());
}

#[rstest]
#[case("/faults", json!({ "kind": "plague" }))]
#[case("/faults", json!({ "kind": "refuseWith" }))]
#[case("/callbacks", json!({ "plan": "sideways" }))]
#[case("/webhook", json!({ "url": "not a url" }))]
#[case("/receive", json!({ "body": "from nobody" }))]
#[tokio::test]
async fn what_makes_no_sense_is_refused(#[case] path: &str, #[case] body: Value) {
    let simulator = simulator().await;

    assert!(tell(&simulator, Method::POST, path, body).await.0.is_client_error());
}
