//! What is looked at beside a thread: figures of the views, files and notes of a contact, canned replies, files that were given up.

use deskline_client::{
    ErrorCode,
    view::{Connection, Counts},
};
use deskline_domain::{
    command::Action,
    contact::ConversationStatus,
    ids::{CannedReplyId, LabelId},
};
use serde_json::json;
use uuid::Uuid;

use crate::{desk::Desk, server::TeamServer};

const URGENT: LabelId = LabelId(Uuid::from_u128(0x1abe1));
const GREETING: CannedReplyId = CannedReplyId(Uuid::from_u128(0xca_0001));

#[tokio::test]
async fn the_figures_of_the_views_follow_what_the_agent_does_before_the_server_knows() {
    let server = TeamServer::start().await;
    server.state().put_label(URGENT, "Urgent", "#ff0000");
    let [ann, bob, cem] = [("Ann", "1"), ("Bob", "2"), ("Cem", "3")]
        .map(|(name, last)| server.contact(name, &format!("+1206555014{last}")));
    server.receives(ann, "Hello?").await;
    let desk = Desk::signed_in(&server).await;
    let workspace_id = server.state().workspace_id;
    let me = server.state().user_id;
    desk.until("three", async |desk| desk.client.counts(None).await.unwrap().open == 3).await;
    let before = desk.client.counts(Some(workspace_id)).await.unwrap();
    assert_eq!(before, Counts { open: 3, unassigned: 3, unread: 1, ..Counts::default() });

    server.set_down(true).await;
    for action in [
        Action::Assign { contact_id: ann, user_id: me },
        Action::AddLabel { contact_id: ann, label_id: URGENT },
        Action::AddLabel { contact_id: bob, label_id: URGENT },
        Action::SetStatus { contact_id: cem, status: ConversationStatus::Closed },
    ] {
        desk.client.perform(workspace_id, action).await.unwrap();
    }
    desk.client.mark_read(ann).await.unwrap();

    let labels = [(URGENT, 2)].into();
    let after = Counts { mine: 1, unassigned: 1, open: 2, closed: 1, labels, ..Counts::default() };
    assert_eq!(desk.client.counts(None).await.unwrap(), after);
    server.set_down(false).await;
    desk.until("told", async |desk| desk.client.untold_count().await.unwrap() == 0).await;
    assert_eq!(desk.client.counts(Some(workspace_id)).await.unwrap(), after, "the same once the server knows");
}

#[tokio::test]
async fn what_became_of_a_conversation_is_asked_of_the_server() {
    let server = TeamServer::start().await;
    let me = server.state().user_id;
    let ann = server.contact("Ann", "+12065550142");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    server.change_contact(ann, |row| row["assigned_to"] = json!(me)).await;

    let lines = desk.client.history(ann).await.unwrap();

    assert_eq!((lines.len(), lines[0].kind.as_str()), (1, "assigned"));
    assert_eq!((lines[0].by, lines[0].assignee), (Some(me), Some(me)));
    server.set_down(true).await;
    assert_eq!(desk.client.history(ann).await.unwrap_err().code(), ErrorCode::Unreachable);
}

#[tokio::test]
async fn a_canned_reply_is_filled_in_and_what_is_not_known_is_left_to_be_seen() {
    let server = TeamServer::start().await;
    let me = server.state().user_id;
    server.state().put_member(me, "nora@example.com", "agent");
    let text = "Hello {{contact.first_name}}, order {{attribute.order}} is ready. {{agent.name}}";
    server.state().put_canned_reply(GREETING, "Ready", text);
    let ann = server.contact("Ann Miller", "+12065550142");
    let desk = Desk::signed_in(&server).await;
    desk.until("the reply is here", async |desk| desk.client.fill_reply(ann, GREETING).await.is_ok()).await;

    let filled = desk.client.fill_reply(ann, GREETING).await.unwrap();
    assert_eq!(filled.text, "Hello Ann, order {{attribute.order}} is ready. nora");
    assert_eq!(filled.missing, ["attribute.order"]);

    let known = Action::SetAttribute { contact_id: ann, name: "order".to_owned(), value: "4711".to_owned() };
    let workspace_id = server.state().workspace_id;
    desk.client.perform(workspace_id, known).await.unwrap();
    let filled = desk.client.fill_reply(ann, GREETING).await.unwrap();
    assert_eq!((filled.text.as_str(), filled.missing.len()), ("Hello Ann, order 4711 is ready. nora", 0));
}

#[tokio::test]
async fn files_and_notes_of_a_contact_stand_together_newest_first() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+12065550142");
    let older = server.receives_picture(ann, "image/png", &[1, 2, 3]).await;
    server.receives(ann, "and the other one").await;
    let newer = server.receives_picture(ann, "image/png", &[4, 5, 6]).await;
    let desk = Desk::signed_in(&server).await;
    desk.until("both", async |desk| desk.client.contact_card(ann).await.unwrap().files.len() == 2).await;
    let first = desk.client.add_note(ann, "Likes green".to_owned(), Vec::new()).await.unwrap();
    desk.pass(chrono::TimeDelta::seconds(1));
    let second = desk.client.add_note(ann, "Call her on Monday".to_owned(), Vec::new()).await.unwrap();

    let card = desk.client.contact_card(ann).await.unwrap();

    assert_eq!(card.files.iter().map(|file| file.message_id).collect::<Vec<_>>(), [newer, older]);
    assert_eq!(card.notes.iter().map(|note| note.id).collect::<Vec<_>>(), [second.id, first.id]);
}

#[tokio::test]
async fn a_file_that_the_server_gave_up_is_fetched_again() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+12065550142");
    let id = server.receives_picture(ann, "image/png", &[1, 2, 3]).await;
    server
        .change_message(id, |row| {
            row["media"][0]["state"] = json!("failed");
            row["media"][0]["problem"] = json!("Twilio no longer has this file.");
        })
        .await;
    let desk = Desk::signed_in(&server).await;
    desk.until("it is here", async |desk| desk.client.message(id).await.is_ok()).await;

    desk.client.fetch_files_again(id).await.unwrap();

    assert_eq!(server.state().asked.iter().filter(|path| *path == "/media/retry").count(), 1);
    assert_eq!(server.state().row("message", id.0)["media"][0]["state"], json!("waiting"));
}

#[tokio::test]
async fn the_copy_is_fetched_anew_when_the_agent_asks_and_what_was_written_stays() {
    let server = TeamServer::start().await;
    server.state().sockets = true;
    let ann = server.contact("Ann", "+12065550142");
    server.receives(ann, "Hello?").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["Hello?"]).await;
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    desk.client.save_draft(ann, "Hi Ann".to_owned()).await.unwrap();
    let before = desk.client.storage().await.unwrap();
    assert_eq!((before.texts, before.conversations), (1, 1));
    assert!(before.bytes > 10_000, "{before:?}");

    desk.client.rebuild().await.unwrap();

    desk.until_shown(ann, &["Hello?"]).await;
    assert_eq!(desk.client.draft(ann).await.unwrap().as_deref(), Some("Hi Ann"));
    desk.until("live again", async |desk| desk.client.connection() == Connection::Live).await;
    server.set_down(true).await;
    desk.until("offline", async |desk| desk.client.connection() != Connection::Live).await;
    assert_eq!(desk.client.rebuild().await.unwrap_err().code(), ErrorCode::Refused);
    assert_eq!(desk.texts(ann).await, ["Hello?"], "what is here stays while nothing could be fetched");
}
