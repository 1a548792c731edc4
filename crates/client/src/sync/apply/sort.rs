//! Reads the rows of a page, and puts those of one kind together.
//!
//! Called by [`super`] before it begins a transaction. Touches no file; what cannot be read is kept to be set aside.

use std::collections::BTreeSet;

use deskline_domain::{
    change::{BadRow, Change, Decoded, Entity},
    contact::ContactRow,
    ids::MessageId,
    message::MessageRow,
    protocol::SnapshotPage,
    row::RawRow,
    team::AuditRow,
};
use uuid::Uuid;

use super::report;
use crate::sync::{rows::Bad, team::TeamRows};

/// Rows of a page, read.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) contacts: Vec<ContactRow>,
    pub(super) messages: Vec<MessageRow>,
    pub(super) gone_contacts: Vec<Uuid>,
    pub(super) gone_messages: Vec<Uuid>,
    pub(super) team: TeamRows,
    pub(super) audits: Vec<AuditRow>,
    pub(super) gone_audits: Vec<Uuid>,
    /// Messages that a change says to be new, rather than changed.
    pub(super) created: BTreeSet<MessageId>,
    pub(super) bad: Vec<Bad>,
}

/// A snapshot's rows have no numbers of their own.
pub(super) fn sort_snapshot(page: &SnapshotPage) -> Sorted {
    let kinds = [
        (Entity::Contact, &page.contacts),
        (Entity::Message, &page.messages),
        (Entity::Note, &page.notes),
        (Entity::Label, &page.labels),
        (Entity::CannedReply, &page.canned_replies),
        (Entity::Member, &page.members),
    ];
    let mut sorted = Sorted::default();
    let rows = kinds.into_iter().flat_map(|(entity, rows)| rows.iter().map(move |row| (entity, row)));
    for (entity, row) in rows.chain(page.audit.iter().map(|row| (Entity::Audit, row))) {
        match entity.read(row) {
            Ok(read) => sorted.take(read),
            Err(source) => {
                let id = row.read().map_or(Uuid::nil(), |RowId { id }| id);
                sorted.set_aside(BadRow { seq: page.head, entity: entity.as_str().to_owned(), id, source }, Some(row));
            }
        }
    }
    sorted
}

#[derive(serde::Deserialize)]
struct RowId {
    id: Uuid,
}

pub(super) fn sort(changes: &[Change]) -> Sorted {
    let mut sorted = Sorted::default();
    for change in changes {
        match change.decode() {
            Ok(read) => {
                if change.created && matches!(read, Decoded::Message(_)) {
                    sorted.created.insert(MessageId(change.id));
                }
                sorted.take(read);
            }
            Err(error) => sorted.set_aside(error, change.row.as_ref()),
        }
    }
    sorted
}

impl Sorted {
    fn take(&mut self, read: Decoded) {
        match read {
            Decoded::Contact(row) => self.contacts.push(*row),
            Decoded::Message(row) => self.messages.push(*row),
            Decoded::Note(row) => self.team.notes.push(*row),
            Decoded::Label(row) => self.team.labels.push(*row),
            Decoded::CannedReply(row) => self.team.canned_replies.push(*row),
            Decoded::Member(row) => self.team.members.push(*row),
            Decoded::Audit(row) => self.audits.push(row),
            Decoded::Deleted(entity, id) => match entity {
                Entity::Contact => self.gone_contacts.push(id),
                Entity::Message => self.gone_messages.push(id),
                Entity::Audit => self.gone_audits.push(id),
                Entity::Note => self.team.gone_notes.push(id),
                Entity::Label => self.team.gone_labels.push(id),
                Entity::CannedReply => self.team.gone_canned_replies.push(id),
                Entity::Member => self.team.gone_members.push(id),
            },
            Decoded::Unknown => {}
        }
    }

    fn set_aside(&mut self, error: BadRow, row: Option<&RawRow>) {
        report(&error);
        self.bad.push(Bad { error, row: row.cloned() });
    }
}
