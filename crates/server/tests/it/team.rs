//! What agents do beside texting, from outside: `POST /commands`, and who hears of it.

use deskline_domain::{
    change::{ChangePage, Decoded},
    ids::{CommandId, ContactId, UserId, WorkspaceId},
};
use deskline_server::edge::{entropy, now};
use deskline_store::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{ANN, BOB, Socket, World, token};

fn command(workspace: WorkspaceId, action: &Value) -> Value {
    let id = CommandId::v7(now(), entropy());
    json!({ "id": id, "workspaceId": workspace, "at": "2026-11-22T10:00:00Z", "action": action })
}

/// Carries out one command; the reason, if it is refused.
async fn does(world: &World, user: UserId, action: Value) -> Option<String> {
    let batch = json!([command(world.workspace, &action)]);
    let (status, reply) = world.call_as(user, Method::POST, "/commands", Some(batch)).await;
    assert_eq!(status, 200, "{reply}");
    reply["outcomes"][0]["reason"].as_str().map(str::to_owned)
}

async fn desktop(world: &World, user: UserId) -> Socket {
    let socket = Socket::connect(world.url(), &token(user)).await;
    let ack = socket.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    assert_eq!(ack["ok"], true, "{ack}");
    socket
}

/// Waits until a page tells of something.
async fn told(desktop: &Socket, what: &str, is_it: impl Fn(&Decoded) -> bool) {
    desktop
        .wait_for("changes", |page| {
            let page: ChangePage = serde_json::from_value(page.clone()).unwrap();
            page.changes
                .iter()
                .any(|change| is_it(&change.decode().unwrap_or_else(|_| panic!("{what} cannot be read"))))
        })
        .await;
}

async fn id_of(world: &World, phone: &str) -> ContactId {
    let sql = "select id from contacts where phone = $1";
    ContactId(sqlx::query_scalar(sql).bind(phone).fetch_one(world.store.pool()).await.unwrap())
}

#[tokio::test]
async fn dashboards_hear_of_the_conversation_and_desktops_of_everything() {
    let world = World::start().await;
    let (agent, owner) = (world.member(Role::Agent).await, world.owner);
    let contact = world.contact(ANN).await;
    let (dashboard, desktop) = (world.joined().await, desktop(&world, agent).await);
    let ids: Vec<CommandId> = (0..3).map(|_| CommandId::v7(now(), entropy())).collect();

    for (user, action) in [
        (owner, json!({ "type": "createLabel", "labelId": ids[0], "name": "Urgent", "color": "#ff0000" })),
        (
            owner,
            json!({ "type": "createCannedReply", "cannedReplyId": ids[1], "name": "hi", "content": "Hi {{contact.name}}" }),
        ),
        (agent, json!({ "type": "addLabel", "contactId": contact, "labelId": ids[0] })),
        (
            agent,
            json!({ "type": "addNote", "contactId": contact, "noteId": ids[2], "content": "A private note", "mentions": [owner] }),
        ),
        (agent, json!({ "type": "renameMember", "userId": agent, "name": "Andy" })),
        (agent, json!({ "type": "assign", "contactId": contact, "userId": agent })),
    ] {
        assert_eq!(does(&world, user, action.clone()).await, None, "{action}");
    }

    told(&desktop, "the label", |row| matches!(row, Decoded::Label(row) if row.name == "Urgent")).await;
    told(&desktop, "the reply", |row| matches!(row, Decoded::CannedReply(row) if row.name == "hi")).await;
    told(&desktop, "the note", |row| matches!(row, Decoded::Note(row) if row.mentions == [owner])).await;
    told(&desktop, "the member", |row| matches!(row, Decoded::Member(row) if row.name.as_deref() == Some("Andy")))
        .await;
    told(&desktop, "the contact", |row| matches!(row, Decoded::Contact(row) if row.assigned_to == Some(agent))).await;
    let last = dashboard.wait_for("contact_updated", |told| told["contact"]["assigned_to"] == json!(agent)).await;
    assert_eq!(last["contact"]["labels"], json!([ids[0]]));
    assert!(dashboard.texts().is_empty(), "a note is no text");
    assert!(dashboard.heard().iter().all(|heard| !heard.data.to_string().contains("private note")));
    assert_eq!(world.twilio.sent().len(), 0, "and none goes out");
}

#[tokio::test]
async fn a_desktop_that_comes_later_finds_it_all_in_its_snapshot() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let ids: Vec<CommandId> = (0..3).map(|_| CommandId::v7(now(), entropy())).collect();
    for action in [
        json!({ "type": "createLabel", "labelId": ids[0], "name": "Urgent", "color": "#ff0000" }),
        json!({ "type": "createCannedReply", "cannedReplyId": ids[1], "name": "hi", "content": "Hi" }),
        json!({ "type": "addNote", "contactId": contact, "noteId": ids[2], "content": "Note" }),
    ] {
        assert_eq!(does(&world, world.owner, action).await, None);
    }

    let mut pages = Vec::new();
    let mut next = json!("start");
    while let Some(token) = next.as_str() {
        let path = format!("/sync?workspaceId={}&snapshot={token}", world.workspace);
        let (status, page) = world.call(Method::GET, &path, None).await;
        assert_eq!(status, 200, "{page}");
        next = page["next"].clone();
        pages.push(page);
    }

    let first = &pages[0];
    assert_eq!((&first["labels"][0]["id"], &first["cannedReplies"][0]["id"]), (&json!(ids[0]), &json!(ids[1])));
    assert_eq!(first["members"][0]["user_id"], json!(world.owner));
    assert!(pages.iter().skip(1).all(|page| page.get("labels").is_none() && page.get("members").is_none()));
    assert!(pages.iter().any(|page| page["notes"][0]["id"] == json!(ids[2])));
}

#[tokio::test]
async fn a_snoozed_conversation_opens_by_itself_whichever_server_sees_to_it() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let contact = world.contact(ANN).await;
    let dashboard = world.joined_at(second, world.owner).await;
    let until = now() + std::time::Duration::from_millis(300);

    assert_eq!(
        does(&world, world.owner, json!({ "type": "snooze", "contactId": contact, "until": until })).await,
        None
    );

    dashboard.wait_for("contact_updated", |told| told["contact"]["conversation_status"] == "Snoozed").await;
    let opened = dashboard.wait_for("contact_updated", |told| {
        told["contact"]["conversation_status"] == "Open"
            && told["contact"]["updated_at"].as_str() >= Some(&until.to_rfc3339()[..19])
    });
    assert_eq!(opened.await["contact"]["snoozed_until"], Value::Null);
}

#[tokio::test]
async fn texts_of_blocked_and_merged_contacts_land_where_they_belong() {
    let world = World::start().await;
    world.twilio.receive_sms(ANN, &world.number(), "hello").await;
    world.twilio.receive_sms(BOB, &world.number(), "my other phone").await;
    let (ann, bob) = (id_of(&world, ANN).await, id_of(&world, BOB).await);
    let dashboard = world.joined().await;

    assert_eq!(
        does(&world, world.owner, json!({ "type": "mergeContacts", "contactId": ann, "from": bob })).await,
        None
    );
    world.twilio.receive_sms(BOB, &world.number(), "still me").await;
    let heard = dashboard.wait_for("new_message", |told| told["message"]["content"] == "still me").await;
    assert_eq!((&heard["contactId"], &heard["contact"]["unread_count"]), (&json!(ann), &json!(3)));

    assert_eq!(does(&world, world.owner, json!({ "type": "block", "contactId": ann })).await, None);
    world.twilio.receive_sms(ANN, &world.number(), "buy now").await;
    let heard = dashboard.wait_for("new_message", |told| told["message"]["content"] == "buy now").await;
    assert_eq!(heard["contact"]["unread_count"], 3, "it is stored, and does not count");
}

#[tokio::test]
async fn refusals_are_plain_sentences_for_strangers_agents_and_misspelt_commands() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (_, stranger) = world.another_workspace().await;
    let contact = world.contact(ANN).await;
    let id = CommandId::v7(now(), entropy());
    let label = json!({ "type": "createLabel", "labelId": id, "name": "Urgent", "color": "#ff0000" });
    let close = json!({ "type": "setStatus", "contactId": contact, "status": "Closed" });

    for (user, action, why) in [
        (agent, label, "Only owners and admins of this workspace may do this."),
        (stranger, close, "You are not a member of this workspace."),
        (
            agent,
            json!({ "type": "assign", "contactId": contact }),
            "This server does not understand the command. It may have to be updated.",
        ),
        (agent, json!({ "type": "renameContact", "contactId": contact, "name": " " }), "A name is missing."),
        (
            agent,
            json!({ "type": "renameContact", "contactId": contact, "name": "a\0" }),
            "This text contains a character that cannot be stored (NUL). Remove it and try again.",
        ),
        (agent, json!({ "type": "block", "contactId": id }), "This contact is no longer there."),
    ] {
        assert_eq!(does(&world, user, action.clone()).await.as_deref(), Some(why), "{action}");
    }
    assert_eq!(world.count("select count(*) from labels").await, 0);
}

#[tokio::test]
async fn who_is_removed_hears_nothing_more_from_that_moment_on() {
    let world =
        World::start_with(|config| config.timers.members_checked_every = std::time::Duration::from_secs(3_600)).await;
    let agent = world.member(Role::Agent).await;
    let (former, owner) = (world.joined_at(0, agent).await, world.joined().await);

    sqlx::query("delete from workspace_members where user_id = $1")
        .bind(agent.0)
        .execute(world.store.pool())
        .await
        .unwrap();
    world.contact(BOB).await;
    owner.wait_for("contact_updated", |told| told["contact"]["phone"] == BOB).await;

    assert_eq!(former.ask("join_workspace", json!(world.workspace)).await["ok"], false);
    assert!(former.heard().iter().all(|heard| heard.name != "contact_updated"));
}

#[tokio::test]
async fn members_read_what_became_of_a_conversation_and_strangers_do_not() {
    let world = World::start().await;
    let (agent, contact) = (world.member(Role::Agent).await, world.contact(ANN).await);
    does(&world, agent, json!({ "type": "assign", "contactId": contact, "userId": agent })).await;
    let path = format!("/contacts/{contact}/history?workspaceId={}", world.workspace);

    let (status, reply) = world.call_as(agent, Method::GET, &path, None).await;

    assert_eq!((status.as_u16(), reply["lines"].as_array().map(Vec::len)), (200, Some(1)), "{reply}");
    let line = &reply["lines"][0];
    assert_eq!((&line["kind"], &line["by"], &line["assignee"]), (&json!("assigned"), &json!(agent), &json!(agent)));
    let (other, stranger) = world.another_workspace().await;
    let path = format!("/contacts/{contact}/history?workspaceId={other}");
    assert_eq!(world.call_as(stranger, Method::GET, &path, None).await.0, 404);
}
