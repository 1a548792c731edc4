//! Texts, numbers, keys and files over the API.

use deskline_domain::delivery::DeliveryStatus;
use deskline_simulator::{AccountConfig, InboundMedia, InboundText, NumberConfig, Simulator};
use deskline_twilio::{
    AuthToken, Client, Credentials, From, MediaFetcher, MessageFilter, NewMessage, message::MessageDirection,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{ANN, client, client_with, receiver::Receiver, simulator, text};

/// A plain HTTP client, for what our own does not do.
async fn get(simulator: &Simulator, path: &str) -> (StatusCode, Value) {
    let url = simulator.url().join(path).unwrap();
    let (sid, token) = (simulator.account_sid(), simulator.auth_token());
    let request = http().get(url).basic_auth(sid, Some(token.expose()));
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap_or_default())
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(crate::SOON)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_text_is_taken_and_found_again() {
    let simulator = simulator().await;
    let client = client(&simulator);

    let created = client.create_message(&text(&simulator, "Grüße 👋")).await.unwrap();
    simulator.settled().await;
    let fetched = client.fetch_message(&created.sid).await.unwrap();

    assert_eq!(created.status, DeliveryStatus::Queued);
    assert_eq!((fetched.status, fetched.body.as_str()), (DeliveryStatus::Delivered, "Grüße 👋"));
    assert_eq!(fetched.direction, MessageDirection::OutboundApi);
    assert!(created.sid.starts_with("SM") && created.sid.len() == 34);
    assert!(fetched.date_created.is_some() && fetched.date_sent.is_some());
    let sent = simulator.sent();
    assert_eq!((sent.len(), sent[0].to.as_str(), sent[0].body.as_str()), (1, ANN, "Grüße 👋"));
}

#[tokio::test]
async fn lists_are_newest_first_filtered_and_read_over_all_their_pages() {
    let simulator = simulator().await;
    let client = client(&simulator);
    for n in 0..250 {
        client.create_message(&text(&simulator, &n.to_string())).await.unwrap();
    }
    simulator.receive_sms(ANN, &simulator.number(), "inbound").await;

    let to_ann = MessageFilter { to: Some(ANN.to_owned()), from: Some(simulator.number()), date_sent_from: None };
    let found = client.list_messages(&to_ann).await.unwrap();

    let bodies: Vec<_> = found.iter().map(|message| message.body.as_str()).collect();
    let expected: Vec<_> = (0..250).rev().map(|n: i32| n.to_string()).collect();
    assert_eq!(bodies, expected);
    assert_eq!(client.list_messages(&MessageFilter::default()).await.unwrap().len(), 251);
    let recent = MessageFilter { date_sent_from: found[0].date_created, ..to_ann };
    assert!(!client.list_messages(&recent).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_text_that_waits_to_be_sent_meets_no_condition_on_its_date_and_is_found_by_our_client() {
    let simulator = simulator().await;
    simulator.plan(deskline_simulator::CallbackPlan::none());
    let created = client(&simulator).create_message(&text(&simulator, "waiting")).await.unwrap();

    let today = created.date_created.unwrap().format("%Y-%m-%d");
    let path = format!("/2010-04-01/Accounts/{}/Messages.json?DateSent%3E={today}", simulator.account_sid());
    let (_, by_date) = get(&simulator, &path).await;
    let filter = MessageFilter { date_sent_from: created.date_created, ..MessageFilter::default() };
    let by_client = client(&simulator).list_messages(&filter).await.unwrap();

    assert_eq!(by_date["messages"], json!([]));
    assert_eq!(by_client[0].sid, created.sid);
}

#[tokio::test]
async fn the_account_and_its_numbers_are_shown_to_its_token_and_to_its_keys_only_the_numbers() {
    let simulator = simulator().await;
    let account = simulator.account_sid();
    let token = client(&simulator);

    assert_eq!(token.check().await.unwrap().friendly_name, "Fernway Cycles");
    let numbers = token.list_numbers().await.unwrap();
    assert_eq!(numbers.iter().map(|number| number.phone_number.clone()).collect::<Vec<_>>(), simulator.numbers());
    assert!(numbers[0].capabilities.sms && numbers[0].sid.starts_with("PN"));

    let keys = simulator.url().join(&format!("/2010-04-01/Accounts/{account}/Keys.json")).unwrap();
    let request = http().post(keys).basic_auth(&account, Some(simulator.auth_token().expose()));
    let key: Value = request.form(&[("FriendlyName", "Ann's desktop")]).send().await.unwrap().json().await.unwrap();
    let (sid, secret) = (key["sid"].as_str().unwrap(), key["secret"].as_str().unwrap());
    let with_key = client_with(&simulator, Credentials::api_key(account.clone(), sid, AuthToken::new(secret)));

    assert_eq!(with_key.list_numbers().await.unwrap().len(), 2);
    assert!(with_key.check().await.is_ok());
    with_key.create_message(&text(&simulator, "with a key")).await.unwrap();
    let own_account = simulator.url().join(&format!("/2010-04-01/Accounts/{account}.json")).unwrap();
    let response = http().get(own_account).basic_auth(sid, Some(secret)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);

    let key_url = simulator.url().join(&format!("/2010-04-01/Accounts/{account}/Keys/{sid}.json")).unwrap();
    let request = http().delete(key_url).basic_auth(&account, Some(simulator.auth_token().expose()));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert!(with_key.check().await.unwrap_err().is_unauthorized(), "a key that was taken back still opens the account");
}

#[tokio::test]
async fn one_account_sees_nothing_of_another() {
    let simulator = simulator().await;
    let other = AccountConfig { numbers: vec![NumberConfig::new("+15559990000", "Other")], ..AccountConfig::default() };
    let other = simulator.add_account(&other);
    let token = simulator.auth_token_of(&other).unwrap();
    let theirs = client_with(&simulator, Credentials::token(other.clone(), token.clone()));
    let ours = client(&simulator).create_message(&text(&simulator, "ours")).await.unwrap();

    assert!(theirs.list_messages(&MessageFilter::default()).await.unwrap().is_empty());
    assert_eq!(theirs.fetch_message(&ours.sid).await.unwrap_err().status(), Some(404));
    // The right token on somebody else's path opens nothing.
    let mixed =
        Credentials { account_sid: simulator.account_sid(), username: other.as_str().to_owned(), secret: token.into() };
    let error = client_with(&simulator, mixed).list_numbers().await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(401), Some(20_003)));
}

#[tokio::test]
async fn a_messaging_service_chooses_a_number_that_the_contact_has_not_stopped() {
    let service = format!("MG{}", "0".repeat(32));
    let account = AccountConfig { messaging_services: vec![service.clone()], ..AccountConfig::default() };
    let config = deskline_simulator::Config { accounts: vec![account], ..deskline_simulator::Config::default() };
    let simulator = Simulator::start(config).await.unwrap();
    let numbers = simulator.numbers();
    let through_service =
        NewMessage { from: From::MessagingService(service.clone()), ..text(&simulator, "through a service") };

    simulator.receive_sms(ANN, &numbers[0], "STOP").await;
    let message = client(&simulator).create_message(&through_service).await.unwrap();
    assert_eq!((message.from.as_ref(), message.status), (Some(&numbers[1]), DeliveryStatus::Accepted));

    simulator.receive_sms(ANN, &numbers[1], "stop").await;
    let error = client(&simulator).create_message(&through_service).await.unwrap_err();
    assert_eq!(error.code(), Some(21_610));
}

#[tokio::test]
async fn files_want_credentials_and_are_served_by_another_host_that_wants_none() {
    let simulator = simulator().await;
    let receiver = Receiver::start().await;
    simulator.set_webhook(receiver.at("/twilio/webhook"));
    let file = |content_type: &str, bytes: &[u8]| InboundMedia {
        content_type: content_type.to_owned(),
        bytes: bytes.to_vec(),
    };
    let picture = InboundText {
        media: vec![file("image/png", b"PNG!"), file("text/vcard", b"BEGIN:VCARD")],
        ..InboundText::new(ANN, simulator.number(), "")
    };

    let delivery = simulator.receive(picture).await;

    assert!(delivery.sid.starts_with("MM"));
    assert_eq!(delivery.field("NumMedia"), Some("2"));
    let url = delivery.field("MediaUrl1").unwrap().parse().unwrap();
    let fetcher = MediaFetcher::new(simulator.url(), crate::SOON);
    let found = fetcher.fetch(&simulator.credentials(), &url, 1_000).await.unwrap();
    assert_eq!(
        (found.content_type.as_deref(), found.bytes.as_slice()),
        (Some("text/vcard"), b"BEGIN:VCARD".as_slice())
    );
    assert_eq!(http().get(url.clone()).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let redirect = http().get(url).basic_auth(simulator.account_sid(), Some(simulator.auth_token().expose()));
    let target = redirect.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let with_credentials = http().get(&target).basic_auth("a", Some("b")).send().await.unwrap();
    assert_eq!(with_credentials.status(), StatusCode::BAD_REQUEST, "the other host must not be given credentials");

    let path = format!("/2010-04-01/Accounts/{}/Messages/{}/Media.json", simulator.account_sid(), delivery.sid);
    let (_, list) = get(&simulator, &path).await;
    assert_eq!(list["media_list"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_does_not_exist_is_refused_as_twilio_refuses_it() {
    let simulator = simulator().await;
    let account = simulator.account_sid();

    let (status, body) = get(&simulator, &format!("/2010-04-01/Accounts/{account}/Messages/SMnone.json")).await;
    assert_eq!((status, &body["code"], &body["status"]), (StatusCode::NOT_FOUND, &json!(20_404), &json!(404)));
    assert_eq!(body["more_info"], "https://www.twilio.com/docs/errors/20404");
    let (status, body) = get(&simulator, &format!("/2010-04-01/Accounts/{account}/Faxes.json")).await;
    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!(20_404)));

    let url = simulator.url().join(&format!("/2010-04-01/Accounts/{account}/Messages.json")).unwrap();
    let request = http().put(url).basic_auth(&account, Some(simulator.auth_token().expose()));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    let wrong = Client::new(simulator.url(), Credentials::token(account, AuthToken::new("wrong")), crate::SOON);
    assert!(wrong.check().await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn the_same_seed_makes_the_same_sids_and_none_makes_others() {
    let start = async |seed| {
        let config = deskline_simulator::Config { seed, ..deskline_simulator::Config::default() };
        let simulator = Simulator::start(config).await.unwrap();
        client(&simulator).create_message(&text(&simulator, "hi")).await.unwrap().sid
    };

    assert_eq!(start(Some(7)).await, start(Some(7)).await);
    assert_ne!(start(None).await, start(None).await);
}
