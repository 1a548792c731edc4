//! What a search looks at: a text or a private note, wherever this machine keeps it.
//!
//! Rows of the cache come through the index. What this machine alone has (texts that wait, notes that were just written or
//! rewritten) is in no index and is so little that it is looked at as it is.

use std::collections::{HashMap, HashSet};

use deskline_domain::{
    command::Action,
    ids::{ContactId, MessageId, NoteId, UserId},
    message::Direction,
};
use uuid::Uuid;

use super::{find::Candidate, schema::Kind};
use crate::{
    Result,
    cache::{messages::CachedMessage, notes::CachedNote},
    inbox::Inbox,
    outbox::{commands::Kept, entries::Entry},
    overlay,
};

/// A text or a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) contact_id: ContactId,
    pub(crate) content: String,
    pub(crate) direction: Direction,
    /// Whoever of the team wrote it, where that is known.
    pub(crate) author: Option<UserId>,
    pub(crate) has_media: bool,
    /// In microseconds.
    pub(crate) created_at: i64,
}

impl From<CachedMessage> for Row {
    fn from(message: CachedMessage) -> Self {
        Self {
            id: message.id.0,
            kind: Kind::Text,
            contact_id: message.contact_id,
            content: message.content,
            direction: message.direction,
            author: message.sent_by.map(UserId),
            has_media: !message.media.is_empty(),
            created_at: message.created_at,
        }
    }
}

impl From<CachedNote> for Row {
    fn from(note: CachedNote) -> Self {
        Self {
            id: note.id.0,
            kind: Kind::Note,
            contact_id: note.contact_id,
            content: note.content,
            direction: Direction::Outbound,
            author: Some(note.author_id),
            has_media: false,
            created_at: note.created_at,
        }
    }
}

impl Row {
    fn waiting(entry: Entry, me: UserId) -> Self {
        Self {
            id: entry.id.0,
            kind: Kind::Text,
            contact_id: entry.contact_id,
            content: entry.content,
            direction: Direction::Outbound,
            author: Some(me),
            has_media: !entry.files.is_empty(),
            created_at: entry.created_at,
        }
    }
}

/// What this machine knows and the index does not.
#[derive(Debug, Default)]
pub(crate) struct Here {
    /// Texts and notes as they are for the agent.
    pub(crate) rows: Vec<Row>,
    /// Of which the index says nothing true: those, and notes that are about to go.
    pub(crate) not_as_indexed: HashSet<Uuid>,
}

impl Inbox {
    /// What waits to be told.
    pub(super) async fn only_here(&self, me: UserId) -> Result<Here> {
        let entries = self.outbox.all_entries().await?;
        let commands = self.outbox.commands().await?;
        let known = self.cache.known(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).await?;
        let waiting = entries.into_iter().filter(|entry| !known.contains(&entry.id));
        let mut here = Here { rows: waiting.map(|entry| Row::waiting(entry, me)).collect(), ..Here::default() };

        let touched: Vec<NoteId> = commands.iter().filter_map(touched_note).collect();
        let cached = self.cache.notes(&touched).await?;
        let added: Vec<CachedNote> = commands
            .iter()
            .filter_map(|kept| overlay::added_note(&kept.command, me))
            .filter(|added| cached.iter().all(|note| note.id != added.id))
            .collect();
        here.not_as_indexed = touched.iter().map(|id| id.0).collect();
        here.rows.extend(
            cached
                .into_iter()
                .chain(added)
                .filter_map(|note| commands.iter().try_fold(note, |note, kept| overlay::to_note(&kept.command, note)))
                .map(Row::from),
        );
        Ok(here)
    }

    /// The rows of candidates that are here.
    pub(super) async fn rows_of(&self, candidates: &[Candidate]) -> Result<HashMap<Uuid, Row>> {
        let ids = |kind| candidates.iter().filter(move |candidate| candidate.kind == kind).map(|found| found.id);
        let texts: Vec<MessageId> = ids(Kind::Text).map(MessageId).collect();
        let notes: Vec<NoteId> = ids(Kind::Note).map(NoteId).collect();
        let mut rows: Vec<Row> = self.cache.messages(&texts).await?.into_iter().map(Row::from).collect();
        if !notes.is_empty() {
            rows.extend(self.cache.notes(&notes).await?.into_iter().map(Row::from));
        }
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

fn touched_note(kept: &Kept) -> Option<NoteId> {
    match &kept.command.action {
        Action::AddNote { note_id, .. } | Action::EditNote { note_id, .. } | Action::DeleteNote { note_id } => {
            Some(*note_id)
        }
        _ => None,
    }
}
