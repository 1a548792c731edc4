//! A thread of texts and private notes, opened anywhere and read on in both directions.

use deskline_client::view::{MessagePage, MessageQuery};
use deskline_domain::{
    command::Action,
    ids::{ContactId, MessageId, NoteId},
};
use serde_json::json;
use uuid::Uuid;

use crate::{desk::Desk, server::TeamServer};

/// A note of the agent's in the feed, at the moment of a text or after everything that is there.
fn note_row(server: &TeamServer, number: u128, contact_id: ContactId, beside: Option<MessageId>) -> NoteId {
    let id = NoteId(Uuid::from_u128(number));
    let mut state = server.state();
    let at = match beside {
        Some(text) => state.row("message", text.0)["created_at"].clone(),
        None => json!(state.now()),
    };
    let row = json!({
        "id": id, "workspace_id": state.workspace_id, "contact_id": contact_id, "author_id": state.user_id,
        "content": format!("note {number}"), "mentions": [], "edited_at": null, "created_at": at, "updated_at": at,
    });
    state.put("note", id.0, row);
    id
}

/// Texts, and notes alone, in rows, between them, and at the same moment; some of them on this machine alone.
async fn offline_with_a_thread() -> (TeamServer, Desk, ContactId) {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let mut notes = Vec::new();
    for number in 0..40 {
        let text = server.receives(ann, &format!("text {number}")).await;
        // At 10 and 25 a row of notes that is longer than most pages.
        let row = match number {
            10 | 25 => 9,
            number if number % 4 == 0 => 1,
            _ => 0,
        };
        for next in 0..row {
            notes.push(note_row(&server, 1_000 + number * 100 + next, ann, (next == 0).then_some(text)));
        }
    }
    let desk = Desk::signed_in(&server).await;
    desk.until("all of it", async |desk| {
        let page = whole(desk, ann).await;
        (page.messages.len(), page.notes.len()) == (40, notes.len())
    })
    .await;

    server.set_down(true).await;
    let workspace_id = server.state().workspace_id;
    for id in [notes[4], notes[7], notes[notes.len() - 1]] {
        desk.client.perform(workspace_id, Action::DeleteNote { note_id: id }).await.unwrap();
    }
    desk.client.send_message(ann, "not sent yet".to_owned()).await.unwrap();
    desk.client.add_note(ann, "not told yet".to_owned(), vec![]).await.unwrap();
    // As from a machine whose clock is late: a note that only this machine has, in the middle.
    let middle = whole(&desk, ann).await.messages[20].created_at;
    let now = desk.client.note(whole(&desk, ann).await.notes.last().unwrap().id).await.unwrap().created_at;
    desk.pass(middle - now);
    desk.client.add_note(ann, "in the middle".to_owned(), vec![]).await.unwrap();
    desk.pass(now - middle);
    (server, desk, ann)
}

async fn whole(desk: &Desk, contact_id: ContactId) -> MessagePage {
    desk.client.messages(MessageQuery { contact_id, page: None, limit: 500 }).await.unwrap()
}

/// When, in microseconds, and what.
type Placed = (i64, Uuid);

/// Time and id of everything in it, texts and notes, each in the order of the page.
fn items(page: &MessagePage) -> (Vec<Placed>, Vec<Placed>) {
    let texts = page.messages.iter().map(|text| (text.created_at.timestamp_micros(), text.id.0)).collect();
    let notes = page.notes.iter().map(|note| (note.created_at.timestamp_micros(), note.id.0)).collect();
    (texts, notes)
}

/// Puts a page above or below.
fn join(above: MessagePage, below: MessagePage) -> MessagePage {
    MessagePage {
        messages: above.messages.into_iter().chain(below.messages).collect(),
        notes: above.notes.into_iter().chain(below.notes).collect(),
        older: above.older,
        newer: below.newer,
    }
}

#[tokio::test]
async fn a_thread_opened_anywhere_shows_every_text_and_every_note_exactly_once_whatever_the_size_of_a_page() {
    let (_server, desk, ann) = offline_with_a_thread().await;
    let all = whole(&desk, ann).await;
    let (texts, notes) = items(&all);
    assert_eq!((texts.len(), notes.len()), (41, 27));
    assert_eq!((&all.older, &all.newer), (&None, &None));

    for limit in [1, 2, 3, 5, 8, 13, 40, 200] {
        for wanted in [0, 10, 11, 20, 40] {
            let mut page = desk.client.messages_around(all.messages[wanted].id.0, limit).await.unwrap();

            let (here, noted) = items(&page);
            let (first, last) =
                here.iter().chain(&noted).fold((here[0], here[0]), |(low, high), one| (low.min(*one), high.max(*one)));
            let stretch = |of: &[Placed]| -> Vec<Placed> {
                of.iter().filter(|one| (first..=last).contains(*one)).copied().collect()
            };
            assert_eq!((here, noted), (stretch(&texts), stretch(&notes)), "around text {wanted}, {limit} of them");

            while let Some(older) = page.older.clone() {
                let query = MessageQuery { contact_id: ann, page: Some(older), limit };
                page = join(desk.client.messages(query).await.unwrap(), page);
            }
            while let Some(newer) = page.newer.clone() {
                let query = MessageQuery { contact_id: ann, page: Some(newer), limit };
                page = join(page, desk.client.messages(query).await.unwrap());
            }
            assert_eq!(items(&page), (texts.clone(), notes.clone()), "from text {wanted} on, pages of {limit}");
        }
    }
}
