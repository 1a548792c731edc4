//! The whole road once: in, out, and back again.

use deskline_domain::{change::ChangePage, protocol::SnapshotPage, row::RawRow};
use deskline_store::Role;
use reqwest::Method;
use serde_json::json;

use crate::world::{ANN, SOON, Socket, World, token};

#[tokio::test]
async fn a_text_comes_in_is_heard_answered_and_ticked_off() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let desktop = Socket::connect(world.url(), &token(world.owner)).await;
    let followed = desktop.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    assert_eq!(followed["ok"], true, "{followed}");

    let delivery = world.twilio.receive_sms(ANN, &world.number(), "are you open?").await;
    assert_eq!(delivery.status(), 200, "{delivery:?}");
    let told = dashboard.wait_for("new_message", |told| told["message"]["content"] == "are you open?").await;
    assert_eq!(told["contact"]["name"], format!("Unknown ({ANN})"));
    assert_eq!(told["contact"]["unread_count"], 1);
    assert_eq!(told["message"]["status"], "delivered");
    let page: ChangePage =
        serde_json::from_value(desktop.wait_for("changes", |page| page["changes"][0]["created"] == true).await)
            .unwrap();
    assert_eq!(page.after, followed["head"].as_i64().unwrap());

    let contact = told["contactId"].as_str().unwrap().parse().unwrap();
    let (status, answer) = world.send(contact, "until six").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["success"], true);
    assert_eq!(answer["twilioSid"], answer["message"]["twilio_sid"]);
    dashboard.wait_for("new_message", |told| told["message"]["content"] == "until six").await;
    dashboard
        .wait_for("message_updated", |told| {
            told["message"]["id"] == answer["message"]["id"] && told["message"]["status"] == "delivered"
        })
        .await;
    let sent = world.twilio.wait_for(|sent| sent.body == "until six", SOON).await.unwrap();
    assert_eq!((sent.to.as_str(), sent.from), (ANN, world.number()));
    assert!(
        sent.status_callback
            .unwrap()
            .ends_with(&format!("/twilio/status?message={}", answer["message"]["id"].as_str().unwrap()))
    );

    let path = format!("/sync?workspaceId={}&snapshot=start", world.workspace);
    let (_, snapshot) = world.call(Method::GET, &path, None).await;
    let snapshot: SnapshotPage = serde_json::from_value(snapshot).unwrap();
    assert_eq!((snapshot.contacts.len(), snapshot.messages.len()), (1, 2));
    let path = format!("/sync?workspaceId={}&feed={}&after={}", world.workspace, snapshot.feed, page.after);
    let (_, caught_up) = world.call(Method::GET, &path, None).await;
    let caught_up: ChangePage = serde_json::from_value(caught_up).unwrap();
    assert_eq!(caught_up.up_to, snapshot.head);
    assert_eq!(caught_up.changes.len(), 3, "the contact and both texts, each once");
}

#[tokio::test]
async fn an_agent_signs_in_and_reads_what_came_and_marks_it_read() {
    let world = World::start().await;
    let hash = deskline_server::auth::password::hash("correct horse".to_owned().into()).await.unwrap();
    let agent = world.member(Role::Agent).await;
    world.store.create_user(agent, "ann@example.org", &hash.into()).await.unwrap();

    let grant = json!({ "email": "Ann@example.org", "password": "correct horse" });
    let (status, tokens) = world.call_at(0, "", Method::POST, "/auth/v1/token?grant_type=password", Some(grant)).await;
    assert_eq!(status, 200, "{tokens}");
    let access = tokens["access_token"].as_str().unwrap();
    let (_, session) = world.call_at(0, access, Method::GET, "/session", None).await;
    assert_eq!(session["user"]["email"], "ann@example.org");
    assert_eq!(session["workspaces"][0]["role"], "agent");

    world.twilio.receive_sms(ANN, &world.number(), "hello").await;
    let dashboard = Socket::connect(world.url(), access).await;
    dashboard.ask("join_workspace", json!(world.workspace)).await;
    let contact =
        world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().contacts.remove(0).value();
    let messages = world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().messages;
    let messages: Vec<_> = messages.iter().map(RawRow::value).collect();
    let command = json!([{
        "id": "018f3c2e-7b1a-7000-8000-0000000000c1", "workspaceId": world.workspace, "at": "2026-11-22T10:00:00Z",
        "action": { "type": "markRead", "contactId": contact["id"], "upTo": messages[0]["id"] },
    }, { "id": "018f3c2e-7b1a-7000-8000-0000000000c2", "action": { "type": "teleport" } }]);
    let (status, reply) = world.call_at(0, access, Method::POST, "/commands", Some(command)).await;

    assert_eq!(status, 200, "{reply}");
    assert_eq!(
        (&reply["outcomes"][0]["outcome"], &reply["outcomes"][1]["outcome"]),
        (&json!("done"), &json!("refused"))
    );
    dashboard.wait_for("contact_updated", |told| told["contact"]["unread_count"] == 0).await;
}
