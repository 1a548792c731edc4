//! What a team does beside texting comes with the snapshot and the feed: notes, labels, members.

use deskline_client::{ErrorCode, view::MessageQuery};
use deskline_domain::{
    command::Action,
    ids::{ContactId, LabelId, NoteId, UserId},
};
use serde_json::json;
use uuid::Uuid;

use crate::{desk::Desk, server::TeamServer};

const URGENT: LabelId = LabelId(Uuid::from_u128(0x1abe1));
const KIM: UserId = UserId(Uuid::from_u128(0x000c_0113));

async fn desk_with_ann() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.state().put_label(URGENT, "Urgent", "#ff0000");
    server.state().put_member(KIM, "kim@example.com", "admin");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    (server, desk, ann)
}

async fn labels(desk: &Desk, server: &TeamServer) -> Vec<String> {
    let workspace_id = server.state().workspace_id;
    desk.client.team(workspace_id).await.unwrap().labels.into_iter().map(|label| label.name).collect()
}

async fn notes(desk: &Desk, contact_id: ContactId) -> Vec<String> {
    let query = MessageQuery { contact_id, page: None, limit: 500 };
    desk.client.messages(query).await.unwrap().notes.into_iter().map(|note| note.content).collect()
}

fn note_row(server: &TeamServer, id: NoteId, contact_id: ContactId, content: &str) {
    let mut state = server.state();
    let now = state.now();
    let row = json!({
        "id": id, "workspace_id": state.workspace_id, "contact_id": contact_id, "author_id": KIM, "content": content,
        "mentions": [], "edited_at": null, "created_at": now, "updated_at": now,
    });
    state.put("note", id.0, row);
}

#[tokio::test]
async fn the_snapshot_and_the_feed_bring_labels_members_and_notes_and_take_them_away() {
    let (server, mut desk, ann) = desk_with_ann().await;
    let workspace_id = server.state().workspace_id;
    let team = desk.client.team(workspace_id).await.unwrap();
    assert_eq!((team.members[0].name.as_str(), team.members[0].role.as_str()), ("kim", "admin"));
    assert_eq!(labels(&desk, &server).await, ["Urgent"]);

    let note = NoteId(Uuid::from_u128(0x1107e));
    note_row(&server, note, ann, "He called.");
    server.state().change("label", URGENT.0, |row| row["name"] = json!("Very urgent"));
    server.state().change("member", KIM.0, |row| row["name"] = json!("Kim"));
    server.push().await;
    desk.until("the note", async |desk| notes(desk, ann).await == ["He called."]).await;
    assert_eq!(labels(&desk, &server).await, ["Very urgent"]);
    assert_eq!(desk.client.team(workspace_id).await.unwrap().members[0].name, "Kim");

    server.set_down(true).await;
    desk.restart().await;
    assert_eq!(notes(&desk, ann).await, ["He called."], "it is on this machine");
    server.state().delete("note", note.0);
    server.state().delete("label", URGENT.0);
    server.state().delete("member", KIM.0);
    server.set_down(false).await;
    desk.until("gone", async |desk| notes(desk, ann).await.is_empty()).await;
    desk.until("gone, too", async |desk| desk.client.team(workspace_id).await.unwrap().members.is_empty()).await;
    assert!(labels(&desk, &server).await.is_empty());
}

#[tokio::test]
async fn a_row_of_the_team_that_cannot_be_read_is_set_aside_and_the_others_arrive() {
    let (server, desk, ann) = desk_with_ann().await;
    let bad = NoteId(Uuid::from_u128(1));
    server.set_down(true).await;
    note_row(&server, bad, ann, "unreadable");
    server.state().change("note", bad.0, |row| row["author_id"] = json!("nobody"));
    note_row(&server, NoteId(Uuid::from_u128(2)), ann, "readable");
    server.state().change("label", URGENT.0, |row| row["color"] = json!(12));
    server.set_down(false).await;

    desk.until("the other one", async |desk| notes(desk, ann).await == ["readable"]).await;
    assert_eq!(labels(&desk, &server).await, ["Urgent"], "as it was");
    server.state().change("note", bad.0, |row| row["author_id"] = json!(KIM));
    server.push().await;
    desk.until("both", async |desk| notes(desk, ann).await.len() == 2).await;
}

#[tokio::test]
async fn a_note_is_shown_at_once_rewritten_and_deleted_and_the_team_has_it_once() {
    let (server, mut desk, ann) = desk_with_ann().await;
    let workspace_id = server.state().workspace_id;
    server.set_down(true).await;

    let note = desk.client.add_note(ann, "He calls.".to_owned(), vec![]).await.unwrap();
    let edit = Action::EditNote { note_id: note.id, content: "He called.".to_owned(), mentions: vec![] };
    desk.client.perform(workspace_id, edit).await.unwrap();
    let second = desk.client.add_note(ann, "A mistake".to_owned(), vec![]).await.unwrap();
    desk.client.perform(workspace_id, Action::DeleteNote { note_id: second.id }).await.unwrap();

    assert!(note.mine && note.waiting && note.edited_at.is_none());
    desk.restart().await;
    assert_eq!(notes(&desk, ann).await, ["He called."]);
    assert_eq!(desk.client.note(second.id).await.unwrap_err().code(), ErrorCode::NotFound);
    server.set_down(false).await;
    desk.until("told", async |desk| !desk.client.note(note.id).await.unwrap().waiting).await;
    assert_eq!(notes(&desk, ann).await, ["He called."]);
    assert_eq!(server.state().row("note", note.id.0)["content"], "He called.");
    assert!(!server.state().has("note", second.id.0));
}

#[tokio::test]
async fn only_its_author_rewrites_a_note_and_an_agent_deletes_no_colleagues_note() {
    let (server, desk, ann) = desk_with_ann().await;
    let workspace_id = server.state().workspace_id;
    let kims = NoteId(Uuid::from_u128(0x1107e));
    note_row(&server, kims, ann, "He called.");
    server.push().await;
    desk.until("the note", async |desk| desk.client.note(kims).await.is_ok()).await;

    let edit = Action::EditNote { note_id: kims, content: "She called.".to_owned(), mentions: vec![] };
    let edited = desk.client.perform(workspace_id, edit).await.unwrap_err();
    let deleted = desk.client.perform(workspace_id, Action::DeleteNote { note_id: kims }).await.unwrap_err();

    assert_eq!((edited.code(), deleted.code()), (ErrorCode::Refused, ErrorCode::Refused));
    assert_eq!(edited.to_string(), "Only its author can change a note.");
}

#[tokio::test]
async fn texts_and_notes_are_paged_together_backwards_without_a_gap_or_a_repetition() {
    let (server, desk, ann) = desk_with_ann().await;
    for n in 0..10_u128 {
        server.receives(ann, &format!("text {n}")).await;
        note_row(&server, NoteId(Uuid::from_u128(n + 1)), ann, &format!("note {n}"));
    }
    server.push().await;
    desk.until("all notes", async |desk| notes(desk, ann).await.len() == 10).await;
    server.set_down(true).await;
    desk.client.add_note(ann, "note 10".to_owned(), vec![]).await.unwrap();
    let workspace_id = server.state().workspace_id;
    for n in [8, 9] {
        let going = NoteId(Uuid::from_u128(n + 1));
        let before = desk.client.note(going).await.unwrap();
        assert_eq!(before.content, format!("note {n}"));
    }

    let (mut texts, mut written) = (Vec::new(), Vec::new());
    let mut page = None;
    loop {
        let answer = desk.client.messages(MessageQuery { contact_id: ann, page, limit: 4 }).await.unwrap();
        assert!(answer.messages.len() + answer.notes.len() <= 4);
        texts.splice(0..0, answer.messages.into_iter().map(|text| text.content));
        written.splice(0..0, answer.notes.into_iter().map(|note| note.content));
        let Some(older) = answer.older else { break };
        page = Some(older);
    }

    assert_eq!(texts, (0..10).map(|n| format!("text {n}")).collect::<Vec<_>>());
    assert_eq!(written, (0..11).map(|n| format!("note {n}")).collect::<Vec<_>>());
    assert_eq!(desk.client.team(workspace_id).await.unwrap().labels.len(), 1);
}

#[tokio::test]
async fn an_admin_makes_a_label_and_puts_it_on_before_the_server_has_heard_of_either() {
    let server = TeamServer::start().await;
    server.state().role = "admin";
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    let workspace_id = server.state().workspace_id;
    server.set_down(true).await;

    let label_id = desk.client.create_label(workspace_id, "New here".to_owned(), "#00FF00".to_owned()).await.unwrap();
    desk.client.perform(workspace_id, Action::AddLabel { contact_id: ann, label_id }).await.unwrap();

    assert_eq!(labels(&desk, &server).await, ["New here"]);
    assert_eq!(desk.client.conversation(ann).await.unwrap().labels, [label_id]);
    server.set_down(false).await;
    desk.until("told", async |desk| desk.client.untold_count().await.unwrap() == 0).await;
    assert!(desk.client.taken_back().await.unwrap().is_empty());
    assert_eq!(server.state().row("contact", ann.0)["labels"], json!([label_id]));
}
