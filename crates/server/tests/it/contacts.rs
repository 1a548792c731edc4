//! Contacts in, conversations out, and what a workspace forgets.

use deskline_domain::{
    change::{ChangePage, Decoded},
    ids::UserId,
    row::RawRow,
};
use deskline_store::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{ANN, BOB, Socket, World, assert_error, read, token};

async fn import(world: &World, user: UserId, query: &str, file: &str) -> (StatusCode, Value) {
    let url = format!("{}/contacts/import?workspaceId={}{query}", world.url(), world.workspace);
    read(world.http.post(url).bearer_auth(token(user)).body(file.to_owned()).send().await.unwrap()).await
}

#[tokio::test]
async fn a_file_of_contacts_is_imported_once_and_every_row_is_answered_for() {
    let world = World::start().await;
    world.contact(BOB).await;
    let dashboard = world.joined().await;
    let file =
        format!("name,phone,bike\nAnn,{ANN},red\nBob,{BOB},blue\nAnn again,\"{ANN}\",\nCarl,0171 1234567,\nNobody,,\n");

    let (status, first) = import(&world, world.owner, "&countryCode=49", &file).await;
    let (_, again) = import(&world, world.owner, "&countryCode=%2B49", &file).await;

    assert_eq!(status, 200, "{first}");
    let counts = |reply: &Value| ["created", "known", "duplicate", "invalid"].map(|name| reply[name].as_i64().unwrap());
    assert_eq!((counts(&first), counts(&again)), ([2, 1, 1, 1], [0, 3, 1, 1]));
    assert_eq!(first["rows"][2], json!({ "line": 4, "outcome": "duplicate", "phone": ANN, "ofLine": 2 }));
    assert_eq!(first["rows"][3]["phone"], "+491711234567");
    assert_eq!(first["rows"][4]["outcome"], "invalid");
    let told = dashboard.wait_for("contact_updated", |told| told["contact"]["phone"] == ANN).await;
    assert_eq!((&told["contact"]["name"], &told["contact"]["attributes"]), (&json!("Ann"), &json!({ "bike": "red" })));
    assert_eq!(world.count("select count(*) from contacts where name = phone").await, 1, "Bob stays as he was");
}

#[tokio::test]
async fn importing_is_for_admins_and_wants_a_file_that_can_be_read() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (_, stranger) = world.another_workspace().await;
    let good = format!("phone\n{ANN}\n");

    assert_error(&import(&world, stranger, "", &good).await, 403, "You are not a member of this workspace");
    let wrong_role = import(&world, agent, "", &good).await;
    assert_error(&wrong_role, 403, "Only owners and admins of this workspace may do this");
    for (query, file) in
        [("", "name\nAnn\n"), ("", ""), ("&countryCode=x", &good), ("&countryCode=0049", &good), ("", "phone,1st\n")]
    {
        let (status, body) = import(&world, world.owner, query, file).await;
        assert_eq!(status, 400, "{query} {file}: {body}");
    }
    assert_error(&import(&world, world.owner, "", &"x".repeat(2 << 20)).await, 413, "The body is too large");
    assert_eq!(world.count("select count(*) from contacts").await, 0);
}

#[tokio::test]
async fn a_conversation_is_exported_with_its_texts_ledger_and_consent() {
    let world = World::start().await;
    world.twilio.receive_sms(ANN, &world.number(), "hello").await;
    world.twilio.receive_sms(BOB, &world.number(), "somebody else").await;
    let snapshot = world.store.snapshot(world.workspace, None, Default::default()).await.unwrap();
    let ann = snapshot.contacts.iter().map(RawRow::value).find(|row| row["phone"] == ANN).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (status, sent) = world.send(ann.parse().unwrap(), "hi Ann").await;
    assert_eq!(status, 200, "{sent}");
    world.eventually(&sent["message"]["id"], "delivered", |row| row.status.as_str() == "delivered").await;
    world.twilio.receive_sms(ANN, &world.number(), "STOP").await;

    let url = format!("{}/contacts/{ann}/export?workspaceId={}", world.url(), world.workspace);
    let answer = world.http.get(url).bearer_auth(token(world.owner)).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/x-ndjson".parse().unwrap())
    );
    let text = answer.text().await.unwrap();

    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["kind"] == kind).map(|line| &line["row"]).collect()
    };
    assert!(of("contact")[0]["opted_out_at"].is_string() && of("contact").len() == 1);
    let texts: Vec<_> = of("message").iter().map(|row| row["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["hello", "hi Ann", "STOP"]);
    assert_eq!(of("inbound_form").len(), 2);
    assert!(of("delivery_event").iter().any(|row| row["status"] == "delivered"));
    assert!(!text.contains("somebody else"));
}

#[tokio::test]
async fn exporting_is_for_admins_and_never_crosses_workspaces() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (other, stranger) = world.another_workspace().await;
    let (ours, theirs) = (world.contact(ANN).await, world.contact_of(other, ANN).await);
    let path = |contact: &dyn std::fmt::Display| format!("/contacts/{contact}/export?workspaceId={}", world.workspace);

    let refused = world.call_as(stranger, Method::GET, &path(&ours), None).await;
    assert_error(&refused, 403, "You are not a member of this workspace");
    let refused = world.call_as(agent, Method::GET, &path(&ours), None).await;
    assert_error(&refused, 403, "Only owners and admins of this workspace may do this");
    assert_error(&world.call(Method::GET, &path(&theirs), None).await, 404, "Contact not found");
    assert_error(&world.call(Method::GET, &path(&"x"), None).await, 400, "contactId must be a UUID");
    assert_error(
        &world.call(Method::GET, &format!("/contacts/{ours}/export"), None).await,
        400,
        "Missing required fields",
    );
}

#[tokio::test]
async fn what_is_too_old_disappears_from_desktops_too() {
    let mut world = World::start().await;
    let contact = world.contact(ANN).await;
    let insert = "insert into messages (contact_id, content, direction, created_at) \
                  select $1, 'Old', 'inbound', now() - n * interval '1 day' from generate_series(39, 41) n";
    sqlx::query(insert).bind(contact.0).execute(world.store.pool()).await.unwrap();
    let desktop = Socket::connect(world.url(), &token(world.owner)).await;
    desktop.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    // From here on: the first server may still be about to look for the first time.
    world.store.set_retention(world.workspace, Some(40)).await.unwrap();

    world.another_server().await;

    desktop
        .wait_for("changes", |page| {
            let page: ChangePage = serde_json::from_value(page.clone()).unwrap();
            page.changes.iter().any(|change| matches!(change.decode(), Ok(Decoded::Deleted(..))))
        })
        .await;
    assert_eq!(world.count("select count(*) from contacts").await, 1, "the contact stays");
}
