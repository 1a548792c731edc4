//! `POST /twilio/webhook`: every line of the contract about it.

use std::collections::BTreeMap;

use deskline_simulator::{AccountConfig, InboundMedia, InboundText, NumberConfig, Signing};
use deskline_twilio::{AuthToken, signature};
use reqwest::Method;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{ANN, BOB, World, assert_error, read, store_number};

/// A form as Twilio would post it, signed or not, with whatever a test changes.
struct Form<'a> {
    world: &'a World,
    fields: BTreeMap<&'static str, String>,
    path: &'static str,
    token: Option<String>,
}

impl<'a> Form<'a> {
    fn text(world: &'a World) -> Self {
        let fields = [
            ("AccountSid", world.twilio.account_sid().to_string()),
            ("MessageSid", "SM00000000000000000000000000000001".to_owned()),
            ("From", ANN.to_owned()),
            ("To", world.number()),
            ("Body", "hi".to_owned()),
        ];
        let token = Some(world.twilio.auth_token().expose().to_owned());
        Self { world, fields: fields.into(), path: "/twilio/webhook", token }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.insert(name, value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.fields.remove(name);
        self
    }

    fn signed_with(mut self, token: Option<&str>) -> Self {
        self.token = token.map(str::to_owned);
        self
    }

    fn at(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }

    async fn post(self) -> reqwest::Response {
        let url = format!("{}{}", self.world.url(), self.path);
        let params: Vec<(String, String)> =
            self.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let mut request = self.world.http.post(&url).form(&params);
        if let Some(token) = self.token {
            request = request.header("X-Twilio-Signature", signature::sign(&AuthToken::new(token), &url, &params));
        }
        request.send().await.unwrap()
    }
}

#[tokio::test]
async fn a_good_text_is_answered_with_empty_twiml() {
    let world = World::start().await;

    let answer = Form::text(&world).post().await;

    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/xml");
    assert_eq!(answer.text().await.unwrap(), r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#);
}

#[tokio::test]
async fn the_query_string_belongs_to_what_is_signed() {
    let world = World::start().await;

    assert_eq!(Form::text(&world).at("/twilio/webhook?team=1&x=%2B").post().await.status(), 200);
}

#[rstest]
#[case("From")]
#[case("To")]
#[case("MessageSid")]
#[tokio::test]
async fn a_form_without_what_it_takes_is_400_however_it_is_signed(#[case] missing: &str) {
    let world = World::start().await;

    assert_eq!(read(Form::text(&world).without(missing).post().await).await.0, 400);
    assert_eq!(read(Form::text(&world).without(missing).signed_with(None).post().await).await.0, 400);
    assert_eq!(read(Form::text(&world).with("AccountSid", "AC0").without(missing).post().await).await.0, 400);
}

#[rstest]
#[case::unsigned(None)]
#[case::forged(Some("another token"))]
#[case::empty_token(Some(""))]
#[tokio::test]
async fn a_bad_signature_is_403_and_stores_nothing(#[case] token: Option<&str>) {
    let world = World::start().await;

    let answer = read(Form::text(&world).signed_with(token).post().await).await;

    assert_error(&answer, 403, "Invalid signature");
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn an_empty_stored_token_verifies_nothing() {
    let world = World::start().await;
    sqlx::query("update workspace_twilio_config set auth_token = ''").execute(world.store.pool()).await.unwrap();

    assert_error(&read(Form::text(&world).signed_with(Some("")).post().await).await, 403, "Invalid signature");
}

#[tokio::test]
async fn a_token_that_another_program_wrote_in_plain_text_verifies() {
    let world = World::start().await;
    let update = "update workspace_twilio_config set auth_token = $1";
    sqlx::query(update).bind(world.twilio.auth_token().expose()).execute(world.store.pool()).await.unwrap();

    assert_eq!(Form::text(&world).post().await.status(), 200);
}

#[tokio::test]
async fn forwarded_headers_never_make_a_bad_signature_good() {
    let world = World::start().await;
    let form = Form::text(&world);
    let params: Vec<(String, String)> =
        form.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let signed = signature::sign(&world.twilio.auth_token(), "https://evil.example/twilio/webhook", &params);

    let answer = world
        .http
        .post(format!("{}/twilio/webhook", world.url()))
        .header("X-Twilio-Signature", signed)
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "evil.example")
        .header("Host", "evil.example")
        .form(&params)
        .send()
        .await
        .unwrap();

    assert_error(&read(answer).await, 403, "Invalid signature");
}

#[tokio::test]
async fn errors_come_in_the_order_of_the_contract() {
    let world = World::start().await;
    let neither =
        Form::text(&world).with("AccountSid", "AC00000000000000000000000000000000").with("To", "+15559990000");
    let only_the_number = Form::text(&world).with("AccountSid", "AC00000000000000000000000000000000");
    let only_the_account = Form::text(&world).with("To", "+15559990000");
    let no_account_named = Form::text(&world).without("AccountSid");

    assert_error(&read(neither.post().await).await, 404, "No workspace found for this number");
    assert_error(&read(only_the_number.post().await).await, 403, "Invalid signature");
    assert_error(&read(no_account_named.post().await).await, 403, "Invalid signature");
    assert_error(&read(only_the_account.signed_with(None).post().await).await, 403, "Invalid signature");
}

#[tokio::test]
async fn a_text_for_an_unknown_number_of_a_known_account_is_404_and_kept() {
    let world = World::start().await;

    let answer = read(Form::text(&world).with("To", "+15559990000").post().await).await;

    assert_error(&answer, 404, "No workspace found for this number");
    let letters = world.store.dead_letters(world.twilio.account_sid().as_str()).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].from.as_str(), &letters[0].raw["Body"]), (ANN, &json!("hi")));
}

#[tokio::test]
async fn the_account_must_be_that_of_the_numbers_own_workspace() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    let account = world.twilio.add_account(&AccountConfig { numbers: Vec::new(), ..AccountConfig::default() });
    let token = world.twilio.auth_token_of(&account).unwrap();
    let secret = SecretString::from(token.expose().to_owned());
    world.store.save_twilio_account(other, account.as_str(), &secret, &[store_number("+15553334444")]).await.unwrap();

    let stolen = Form::text(&world).with("AccountSid", account.as_str()).signed_with(Some(token.expose()));

    assert_error(&read(stolen.post().await).await, 403, "Invalid signature");
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn two_workspaces_with_one_account_get_the_texts_of_their_own_numbers() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    let secret = SecretString::from(world.twilio.auth_token().expose().to_owned());
    let numbers = [store_number("+15553334444")];
    world.store.save_twilio_account(other, world.twilio.account_sid().as_str(), &secret, &numbers).await.unwrap();

    assert_eq!(Form::text(&world).with("To", "+15553334444").post().await.status(), 200);

    let theirs = world.store.snapshot(other, None, Default::default()).await.unwrap();
    assert_eq!(theirs.messages.len(), 1);
    assert_eq!(world.count("select count(*) from messages").await, 1);
}

#[tokio::test]
async fn the_same_sid_again_is_200_and_changes_nothing() {
    let world = World::start().await;
    let dashboard = world.joined().await;

    for _ in 0..3 {
        assert_eq!(Form::text(&world).post().await.status(), 200);
    }
    Form::text(&world).with("MessageSid", "SM2").with("Body", "the next one").post().await;

    dashboard.wait_for("new_message", |told| told["message"]["content"] == "the next one").await;
    assert_eq!(dashboard.texts(), ["hi", "the next one"]);
    assert_eq!(world.count("select count(*) from messages").await, 2);
    assert_eq!(world.count("select unread_count::bigint from contacts").await, 2);
}

#[tokio::test]
async fn the_same_sid_from_many_hands_at_once_is_stored_once() {
    let mut world = World::start().await;
    world.another_server().await;

    let posts = (0..20).map(|_| Form::text(&world).post());
    let answers = futures_util::future::join_all(posts).await;

    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(world.count("select count(*) from messages").await, 1);
    assert_eq!(world.count("select unread_count::bigint from contacts").await, 1);
}

#[tokio::test]
async fn all_files_of_an_mms_are_stored() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let file = |kind: &str| InboundMedia { content_type: kind.to_owned(), bytes: vec![1, 2, 3] };
    let media = vec![file("image/png"), file("image/jpeg"), file("text/vcard")];

    let delivery = world.twilio.receive(InboundText { media, ..InboundText::new(ANN, world.number(), "") }).await;

    assert_eq!(delivery.status(), 200);
    let told = dashboard.wait_for("new_message", |_| true).await;
    let message = &told["message"];
    assert_eq!((&message["message_type"], &message["media_type"]), (&json!("media"), &json!("image/png")));
    assert_eq!(message["media"].as_array().unwrap().len(), 3);
    assert_eq!(message["media_url"], message["media"][0]["url"]);
}

#[rstest]
#[case::short_code("24273")]
#[case::word("DHL Express")]
#[tokio::test]
async fn a_sender_need_not_be_a_number(#[case] from: &str) {
    let world = World::start().await;

    assert_eq!(Form::text(&world).with("From", from).post().await.status(), 200);

    let contact =
        world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().contacts.remove(0).value();
    assert_eq!((&contact["phone"], &contact["phone_number"]), (&json!(from), &json!(from)));
}

#[rstest]
#[case::a_from_that_is_no_sender("From", "<script>")]
#[case::a_nul_in_the_text("Body", "a\0b")]
#[tokio::test]
async fn a_well_signed_text_that_cannot_be_stored_is_kept_as_a_dead_letter(
    #[case] name: &'static str,
    #[case] value: &str,
) {
    let world = World::start().await;

    let (status, body) = read(Form::text(&world).with(name, value).post().await).await;

    assert_eq!(status, 400, "{body}");
    assert_eq!(world.store.dead_letters(world.twilio.account_sid().as_str()).await.unwrap().len(), 1);
}

#[rstest]
#[case::broken_utf8("From=%FF&To=1&MessageSid=2")]
#[case::nul_in_an_id("From=%2B15550001&To=1%00&MessageSid=2&AccountSid=AC%00")]
#[case::nothing("")]
#[case::json("{\"From\": 1}")]
#[tokio::test]
async fn nonsense_is_400_as_json(#[case] body: &'static str) {
    let world = World::start().await;

    let request = world.http.post(format!("{}/twilio/webhook", world.url())).body(body);
    let (status, answer) = read(request.send().await.unwrap()).await;

    assert_eq!(status, 400, "{answer}");
    assert!(answer["error"].is_string());
}

#[tokio::test]
async fn ten_thousand_characters_and_every_script_arrive_whole() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let text = "שלום 😀 مرحبا \u{202e}abc é ".repeat(500);

    assert_eq!(Form::text(&world).with("Body", &text).post().await.status(), 200);

    let told = dashboard.wait_for("new_message", |_| true).await;
    assert_eq!(told["message"]["content"], text);
}

#[tokio::test]
async fn a_closed_or_snoozed_conversation_reopens() {
    let world = World::start().await;
    for (phone, status) in [(ANN, "Closed"), (BOB, "Snoozed")] {
        let contact = world.contact(phone).await;
        let update = "update contacts set conversation_status = $1 where id = $2";
        sqlx::query(update).bind(status).bind(contact.0).execute(world.store.pool()).await.unwrap();

        world.twilio.receive_sms(phone, &world.number(), "again").await;

        let row = world.store.contact(world.workspace, contact).await.unwrap().unwrap();
        assert_eq!((row.conversation_status.as_str(), row.unread_count), ("Open", 1));
    }
}

#[tokio::test]
async fn stop_closes_every_send_path_and_start_opens_it() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    world.twilio.receive_sms(ANN, &world.number(), " Stop ").await;
    let told = dashboard.wait_for("new_message", |_| true).await;
    assert_eq!(told["message"]["content"], " Stop ", "the keyword stays visible");
    assert!(told["contact"]["opted_out_at"].is_string());
    let contact = told["contactId"].as_str().unwrap().parse().unwrap();

    let (status, refused) = world.send(contact, "are you sure?").await;
    let by_socket = dashboard.ask("send_message", world.text(contact, "really?")).await;
    assert_eq!(
        (status.as_u16(), &refused["error"], &refused["code"]),
        (422, &json!("Error sending SMS"), &json!(21610))
    );
    assert_eq!((&by_socket["error"], &by_socket["code"]), (&json!("Failed to send message"), &json!(21610)));
    assert!(world.twilio.asked().iter().all(|asked| !asked.creates()), "Twilio was not asked");

    world.twilio.receive_sms(ANN, &world.number(), "start").await;
    assert_eq!(world.send(contact, "welcome back").await.0, 200);
}

#[tokio::test]
async fn advanced_opt_out_says_what_the_body_does_not() {
    let world = World::start().await;
    let text = InboundText { opt_out_type: Some("STOP".to_owned()), ..InboundText::new(ANN, world.number(), "arrêt") };

    world.twilio.receive(text).await;

    let contact =
        world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().contacts.remove(0).value();
    assert!(contact["opted_out_at"].is_string(), "{contact}");
}

#[tokio::test]
async fn stop_binds_one_contact_of_one_workspace() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    let secret = SecretString::from(world.twilio.auth_token().expose().to_owned());
    let numbers = [store_number(&world.twilio.numbers()[1])];
    world.store.save_twilio_account(other, world.twilio.account_sid().as_str(), &secret, &numbers).await.unwrap();
    let theirs = world.contact_of(other, ANN).await;
    world.twilio.receive_sms(ANN, &world.number(), "STOP").await;

    let body = json!({ "workspaceId": other, "contactId": theirs, "message": "hello from next door" });
    let (status, answer) = world.call_as(owner, Method::POST, "/sms/send-sms", Some(body)).await;

    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_field_that_twilio_adds_tomorrow_is_signed_and_taken() {
    let world = World::start().await;
    let extra =
        vec![("RichCardTitle".to_owned(), "é & more".to_owned()), ("RichCardTitle".to_owned(), "twice".to_owned())];

    let delivery = world.twilio.receive(InboundText { extra, ..InboundText::new(ANN, world.number(), "hi") }).await;

    assert_eq!(delivery.status(), 200);
}

#[tokio::test]
async fn inbound_texts_of_one_contact_are_heard_in_the_order_in_which_they_were_stored() {
    let world = World::start().await;
    let dashboard = world.joined().await;

    let texts = (0..40).map(|n| {
        let sid = format!("SM{n:0>32}");
        let text = Form::text(&world).with("Body", &n.to_string());
        Form { fields: text.fields.into_iter().chain([("MessageSid", sid)]).collect(), ..Form::text(&world) }.post()
    });
    futures_util::future::join_all(texts).await;

    let heard = dashboard
        .wait_until("forty texts", |heard| {
            let heard: Vec<Value> =
                heard.iter().filter(|heard| heard.name == "new_message").map(|heard| heard.data.clone()).collect();
            (heard.len() == 40).then_some(heard)
        })
        .await;
    let unread: Vec<i64> = heard.iter().map(|told| told["contact"]["unread_count"].as_i64().unwrap()).collect();
    assert!(unread.is_sorted(), "{unread:?}");
    let heard: Vec<&str> = heard.iter().map(|told| told["message"]["id"].as_str().unwrap()).collect();
    let stored: Vec<String> =
        sqlx::query_scalar("select entity_id::text from changes where entity = 'message' order by seq")
            .fetch_all(world.store.pool())
            .await
            .unwrap();
    assert_eq!(heard, stored);
}

#[tokio::test]
async fn a_text_that_is_signed_with_another_accounts_token_is_refused() {
    let world = World::start().await;
    let elsewhere = world.twilio.add_account(&AccountConfig {
        numbers: vec![NumberConfig::new("+15554445555", "Elsewhere")],
        ..AccountConfig::default()
    });
    let token = world.twilio.auth_token_of(&elsewhere).unwrap();

    let delivery = world
        .twilio
        .receive(InboundText { signing: Signing::With(token), ..InboundText::new(ANN, world.number(), "hi") })
        .await;

    assert_eq!(delivery.status(), 403);
}
