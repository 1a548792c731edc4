//! Presence, viewing and typing: heard by colleagues on every server, by nobody else, and stored nowhere.

use deskline_store::Role;
use serde_json::{Value, json};

use crate::world::{ANN, Heard, Socket, World, token};

fn says(world: &World, activity: &Value) -> Value {
    json!({ "workspaceId": world.workspace, "activity": activity })
}

fn activities(heard: &[Heard]) -> Vec<&Value> {
    heard.iter().filter(|heard| heard.name == "activity").map(|heard| &heard.data).collect()
}

#[tokio::test]
async fn colleagues_on_every_server_hear_what_somebody_does_and_the_socket_itself_does_not() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let agent = world.member(Role::Agent).await;
    let contact = world.contact(ANN).await;
    let (writer, here, there) =
        (world.joined_at(0, agent).await, world.joined().await, world.joined_at(second, world.owner).await);

    for activity in [
        json!({ "type": "available" }),
        json!({ "type": "viewing", "contactId": contact }),
        json!({ "type": "typing", "contactId": contact }),
    ] {
        let ack = writer.ask("activity", says(&world, &activity)).await;
        assert_eq!(ack, json!({ "ok": true }), "{activity}");
    }

    for colleague in [&here, &there] {
        let typing = colleague.wait_for("activity", |told| told["activity"]["type"] == "typing").await;
        assert_eq!((&typing["userId"], &typing["activity"]["contactId"]), (&json!(agent), &json!(contact)));
        assert_eq!((&typing["ttlSeconds"], &typing["workspaceId"]), (&json!(6), &json!(world.workspace)));
        let heard = colleague.heard();
        assert_eq!(activities(&heard).len(), 3, "{heard:?}");
    }
    assert!(activities(&writer.heard()).is_empty());
    let stored = "select count(*) from changes where entity not in ('contact', 'member')";
    assert_eq!(world.count(stored).await, 0);
}

#[tokio::test]
async fn who_joins_later_hears_what_holds_and_everybody_hears_that_a_socket_is_gone() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let contact = world.contact(ANN).await;
    let (viewer, early) = (world.joined_at(0, agent).await, world.joined().await);
    viewer.ask("activity", says(&world, &json!({ "type": "viewing", "contactId": contact }))).await;
    early.wait_for("activity", |told| told["activity"]["type"] == "viewing").await;

    let late = Socket::connect(world.url(), &token(world.owner)).await;
    late.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    let viewing = late.wait_for("activity", |told| told["activity"]["type"] == "viewing").await;
    viewer.close().await;

    assert!((1..=30).contains(&viewing["ttlSeconds"].as_i64().unwrap()), "{viewing}");
    for colleague in [&early, &late] {
        let gone = colleague.wait_for("activity", |told| told["activity"]["type"] == "gone").await;
        assert_eq!(gone["session"], viewing["session"]);
    }
    let latest = world.joined().await;
    latest.ask("activity", says(&world, &json!({ "type": "available" }))).await;
    late.wait_for("activity", |told| told["activity"]["type"] == "available").await;
    assert!(activities(&latest.heard()).is_empty(), "nobody is there any more");
}

#[tokio::test]
async fn strangers_and_contacts_of_other_workspaces_and_broken_payloads_are_told_to_nobody() {
    let world = World::start().await;
    let (other, stranger) = world.another_workspace().await;
    let theirs = world.contact_of(other, ANN).await;
    let (colleague, member) = (world.joined().await, world.joined().await);
    let outside = Socket::connect(world.url(), &token(stranger)).await;

    let ack = outside.ask("activity", says(&world, &json!({ "type": "available" }))).await;
    assert_eq!(ack, json!({ "ok": false, "error": "You are not a member of this workspace" }));
    let ack = member.ask("activity", says(&world, &json!({ "type": "typing", "contactId": theirs }))).await;
    assert_eq!(ack, json!({ "ok": false, "error": "Contact not found" }));
    for broken in [json!(null), json!("x"), says(&world, &json!({ "type": "dancing" })), json!({ "workspaceId": "x" })]
    {
        assert_eq!(member.ask("activity", broken.clone()).await["ok"], false, "{broken}");
    }

    member.ask("activity", says(&world, &json!({ "type": "away" }))).await;
    colleague.wait_for("activity", |told| told["activity"]["type"] == "away").await;
    assert_eq!(activities(&colleague.heard()).len(), 1);
}

#[tokio::test]
async fn a_socket_that_says_too_much_is_told_so_and_goes_on() {
    let world = World::start().await;
    let socket = world.joined().await;
    let available = says(&world, &json!({ "type": "available" }));

    let mut refused = None;
    for _ in 0..200 {
        let ack = socket.ask("activity", available.clone()).await;
        if ack["ok"] == false {
            refused = Some(ack);
            break;
        }
    }

    assert_eq!(refused, Some(json!({ "ok": false, "error": "Too many events at once. Wait a moment and try again." })));
    assert_eq!(socket.ask("join_workspace", json!(world.workspace)).await["ok"], true);
}

#[tokio::test]
async fn nonsense_on_the_channel_harms_nobody() {
    let world = World::start().await;
    let dashboard = world.joined().await;

    for payload in ["", "nonsense", "{}", r#"{"workspaceId":1}"#] {
        sqlx::query("select pg_notify('deskline_activity_' || whisper, $1) from feeds")
            .bind(payload)
            .execute(world.store.pool())
            .await
            .unwrap();
    }
    world.contact(ANN).await;

    dashboard.wait_for("contact_updated", |_| true).await;
    assert!(activities(&dashboard.heard()).is_empty());
}
