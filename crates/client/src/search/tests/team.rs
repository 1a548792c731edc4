//! What the team wrote beside texts, and what this machine alone knows.

use deskline_domain::{
    command::{Action, Command},
    ids::{CommandId, NoteId},
};

use super::*;
use crate::{
    inbox::page::Place as RowPlace,
    outbox::entries::{NewEntry, Written},
};

const MIA: UserId = UserId(Uuid::from_u128(5));
const NOTE: NoteId = NoteId(Uuid::from_u128(0x20));

impl Desk {
    async fn member(&self, id: UserId, name: &str) {
        self.execute(format!(
            "insert or ignore into workspaces (id, name, role, place) values ('{TEAM}', 'Support', 'agent', 0)"
        ))
        .await;
        self.execute(format!(
            "insert into members (workspace_id, user_id, role, name, email, created_at, updated_at) \
             values ('{TEAM}', '{id}', 'agent', '{name}', null, 0, 0)"
        ))
        .await;
    }

    /// Written an hour ago.
    async fn note(&self, id: NoteId, author: UserId, content: &str) {
        let at = (now() - TimeDelta::hours(1)).timestamp_micros();
        self.execute(format!(
            "insert into notes (id, workspace_id, contact_id, author_id, content, mentions, created_at, updated_at) \
             values ('{id}', '{TEAM}', '{ANN}', '{author}', '{content}', '[]', {at}, {at})"
        ))
        .await;
    }

    async fn give(&self, action: Action, contact: ContactId) {
        self.written.set(self.written.get() + 1);
        let command =
            Command { id: CommandId(Uuid::from_u128(self.written.get())), workspace_id: TEAM, at: now(), action };
        self.inbox.outbox.push_command(&command, Some(contact)).await.unwrap();
    }

    async fn queue(&self, content: &str) -> MessageId {
        self.written.set(self.written.get() + 1);
        let id = MessageId(Uuid::from_u128(self.written.get()));
        let entry = NewEntry {
            id,
            workspace_id: TEAM,
            contact_id: ANN,
            content: content.to_owned(),
            created_at: now(),
            written: Written { at: now(), after: RowPlace::NEWEST, live: true },
            files: Vec::new(),
            later: None,
        };
        self.inbox.outbox.push(&entry, now()).await.unwrap();
        id
    }
}

#[tokio::test]
async fn notes_are_found_among_texts_and_say_that_they_are_notes() {
    let desk = Desk::new().await;
    desk.text(ANN, 1, "my refund please").await;
    desk.note(NOTE, MIA, "refund approved by Björn").await;

    let found = desk.search("refund").await.messages;

    let said: Vec<_> = found.iter().map(|found| (found.note, found.author_id, found.mine)).collect();
    assert_eq!(said, [(false, None, false), (true, Some(MIA), false)]);
    assert_eq!((found[1].id, found[1].contact_id), (NOTE.0, ANN));
    assert_eq!(desk.texts("bjorn").await, ["…approved by Björn"]);
    assert_eq!(desk.texts("refund has:media").await, [""; 0]);

    desk.execute(format!("update notes set content = 'all settled' where id = '{NOTE}'")).await;
    assert_eq!(desk.texts("bjorn").await, [""; 0], "as it stands now");
    desk.execute("delete from notes").await;
    assert_eq!(desk.texts("settled").await, [""; 0]);
}

#[tokio::test]
async fn a_thread_opens_around_a_note_that_was_found() {
    let desk = Desk::new().await;
    for minutes in [70, 65, 50, 40] {
        desk.text(ANN, minutes, &format!("{minutes} minutes ago")).await;
    }
    desk.note(NOTE, MIA, "call back").await;

    let page = desk.inbox.around(NOTE.0, 2, ME).await.unwrap();

    let texts: Vec<&str> = page.messages.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(texts, ["65 minutes ago", "50 minutes ago"]);
    assert_eq!(page.notes.iter().map(|note| note.id).collect::<Vec<_>>(), [NOTE]);
    assert!(page.older.is_some() && page.newer.is_some());
}

#[tokio::test]
async fn from_means_contacts_and_teammates_alike() {
    let desk = Desk::new().await;
    desk.member(MIA, "Mia Ann-Sophie Berg").await;
    desk.member(ME, "Tom").await;
    desk.text(ANN, 5, "order from the contact").await;
    desk.text(BOB, 4, "order from me").await;
    let hers = desk.text(BOB, 3, "order from Mia").await;
    desk.execute(format!("update messages set sent_by = '{MIA}' where id = '{hers}'")).await;
    desk.note(NOTE, MIA, "order noted by Mia").await;

    assert_eq!(desk.texts("order from:mia").await, ["order from Mia", "order noted by Mia"]);
    assert_eq!(desk.texts("order from:tom").await, ["order from me"]);
    assert_eq!(desk.texts("order from:me").await, ["order from me"]);
    assert_eq!(
        desk.texts("order from:ann").await,
        ["order from Mia", "order from the contact", "order noted by Mia"],
        "a contact and a teammate are called so"
    );
    assert_eq!(desk.texts("order from:mia in:bob").await, ["order from Mia"]);
    assert_eq!(desk.texts("order from:mia from:tom").await, [""; 0], "nobody is both");
}

#[tokio::test]
async fn what_waits_on_this_machine_is_found_at_once_and_once() {
    let desk = Desk::new().await;
    desk.text(ANN, 1, "Friday?").await;
    let waiting = desk.queue("Friday suits me").await;
    desk.give(
        Action::AddNote { contact_id: ANN, note_id: NOTE, content: "Friday is fine".to_owned(), mentions: vec![] },
        ANN,
    )
    .await;

    assert_eq!(desk.texts("friday").await.len(), 3);
    assert_eq!(desk.texts("friday from:me").await.len(), 2);
    assert_eq!(desk.texts("friday has:media").await, [""; 0]);
    assert_eq!(desk.texts("friday before:2026-11-01").await, [""; 0]);

    // The server's rows come in, and the outbox still has its own.
    desk.note(NOTE, ME, "Friday is fine").await;
    let at = now().timestamp_micros();
    desk.execute(format!(
        "insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, sent_by, \
         created_at, updated_at) values ('{waiting}', '{TEAM}', '{ANN}', 'Friday suits me', 'outbound', 'sent', 1, 0, '[]', \
         '{ME}', {at}, 0)"
    ))
    .await;
    assert_eq!(desk.texts("friday").await.len(), 3);
}

#[tokio::test]
async fn a_note_is_found_as_the_agent_left_it() {
    let desk = Desk::new().await;
    desk.note(NOTE, ME, "ask the boss").await;
    desk.give(Action::EditNote { note_id: NOTE, content: "boss said yes".to_owned(), mentions: vec![] }, ANN).await;

    assert_eq!(desk.texts("ask").await, [""; 0]);
    assert_eq!(desk.texts("yes").await, ["boss said yes"]);

    desk.give(Action::DeleteNote { note_id: NOTE }, ANN).await;
    assert_eq!(desk.texts("boss").await, [""; 0]);
}

#[tokio::test]
async fn unread_is_what_the_agent_left_unread() {
    let desk = Desk::new().await;
    desk.text(ANN, 1, "order").await;
    desk.text(BOB, 2, "order").await;
    desk.execute(format!("update contacts set unread_count = 1 where id = '{ANN}'")).await;
    assert_eq!(desk.names("is:unread").await, ["Ann Müller"]);

    desk.give(Action::MarkUnread { contact_id: BOB }, BOB).await;

    assert_eq!(desk.names("is:unread").await.len(), 2);
    assert_eq!(desk.texts("order is:unread").await.len(), 2);
}
