//! The parts of the play: see [`super`].

mod desk;
mod server;

use chrono::{DateTime, Utc};
use deskline_domain::ids::{ContactId, LabelId, MessageId, NoteId, UserId, WorkspaceId};
use uuid::Uuid;

use crate::cache::{contacts::CachedContact, notes::CachedNote, team::CachedLabel};

pub(super) use desk::{Desk, Fate};
pub(super) use server::Server;

const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(0x0a));
const USERS: [UserId; 2] = [UserId(Uuid::from_u128(0x0b)), UserId(Uuid::from_u128(0x0c))];
const CONTACTS: u128 = 3;
const LABELS: usize = 3;

fn contact(n: u128) -> ContactId {
    ContactId(Uuid::from_u128(0xc000 + n))
}

/// A row of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Entity {
    Contact(ContactId),
    Text(MessageId),
    Note(NoteId),
    Label(LabelId),
}

/// As it stood when the page was read; `None` for one that is gone.
#[derive(Clone, Debug)]
enum Row {
    Contact(Option<CachedContact>),
    /// Inbound, of a contact.
    Text(ContactId),
    Note(Option<CachedNote>),
    Label(Option<CachedLabel>),
}

/// A stretch of the feed.
#[derive(Clone, Debug)]
struct Page {
    after: i64,
    up_to: i64,
    /// Whether there was no more to tell.
    is_last: bool,
    rows: Vec<(Entity, Row)>,
}

/// Times are told by two clocks; what a window shows is whether there is one.
fn without_clock(mut contact: CachedContact) -> CachedContact {
    contact.blocked_at = contact.blocked_at.map(|_| 0);
    contact
}

fn note_without_clock(mut note: CachedNote) -> CachedNote {
    note.edited_at = note.edited_at.map(|_| 0);
    note.created_at = 0;
    note
}

fn later(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    now + chrono::TimeDelta::days(days)
}
