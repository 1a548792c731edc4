//! Private notes of a thread: rows of the cache as the commands of this machine leave them, and the notes that it alone has.

use std::collections::HashSet;

use deskline_domain::{
    command::{Action, Command},
    ids::{ContactId, NoteId, UserId},
};

use super::{
    Inbox,
    page::{Place, Side},
};
use crate::{
    Result, cache::notes::CachedNote, database::from_micros, error::Error, outbox::commands::Kept, overlay, view::Note,
};

impl Inbox {
    /// The notes of a thread on one side of a place, in no order: the nearest `limit` of them, unless there are no more.
    pub(super) async fn notes(&self, contact_id: ContactId, side: Side, limit: i64, me: UserId) -> Result<Vec<Note>> {
        let commands = self.outbox.commands_in(contact_id).await?;
        let added: Vec<CachedNote> =
            commands.iter().filter_map(|kept| overlay::added_note(&kept.command, me)).collect();
        // As with texts: a note that comes into the cache meanwhile is seen once.
        let mut known = self.known_notes(&added).await?;
        // As many more as may go, so that the page is full without them.
        let going = commands.iter().filter(|kept| matches!(kept.command.action, Action::DeleteNote { .. })).count();
        let fetch = limit.saturating_add(i64::try_from(going).unwrap_or(0));
        let mut notes = self.cache.notes_page(contact_id, side, fetch).await?;
        known.extend(notes.iter().map(|note| note.id));
        notes.extend(added.into_iter().filter(|note| !known.contains(&note.id) && side.has(place(note))));
        Ok(notes.into_iter().filter_map(|note| up_to_date(note, &commands, me)).collect())
    }

    /// One note.
    pub(crate) async fn note(&self, id: NoteId, me: UserId) -> Result<Note> {
        let commands = self.outbox.commands().await?;
        let note = self.here(id, &commands, me).await?.ok_or(Error::NotFound("note"))?;
        up_to_date(note, &commands, me).ok_or(Error::NotFound("note"))
    }

    /// The same as a row; `None` when it is not here or about to go.
    pub(crate) async fn cached_note(&self, id: NoteId, me: UserId) -> Result<Option<CachedNote>> {
        let commands = self.outbox.commands().await?;
        let Some(note) = self.here(id, &commands, me).await? else { return Ok(None) };
        Ok(commands.iter().try_fold(note, |note, kept| overlay::to_note(&kept.command, note)))
    }

    /// The server's row, else what this machine wrote.
    async fn here(&self, id: NoteId, commands: &[Kept], me: UserId) -> Result<Option<CachedNote>> {
        if let Some(note) = self.cache.notes(&[id]).await?.pop() {
            return Ok(Some(note));
        }
        Ok(commands.iter().filter_map(|kept| overlay::added_note(&kept.command, me)).find(|note| note.id == id))
    }

    async fn known_notes(&self, notes: &[CachedNote]) -> Result<HashSet<NoteId>> {
        let ids: Vec<NoteId> = notes.iter().map(|note| note.id).collect();
        Ok(self.cache.notes(&ids).await?.into_iter().map(|note| note.id).collect())
    }
}

fn place(note: &CachedNote) -> Place {
    Place { at: note.created_at, id: note.id.0 }
}

fn up_to_date(note: CachedNote, commands: &[Kept], me: UserId) -> Option<Note> {
    let id = note.id;
    let waiting = commands.iter().any(|kept| is_about(&kept.command, id));
    let note = commands.iter().try_fold(note, |note, kept| overlay::to_note(&kept.command, note))?;
    Some(Note {
        id,
        contact_id: note.contact_id,
        content: note.content,
        author_id: note.author_id,
        mine: note.author_id == me,
        mentions: note.mentions,
        created_at: from_micros(note.created_at),
        edited_at: note.edited_at.map(from_micros),
        waiting,
    })
}

fn is_about(command: &Command, id: NoteId) -> bool {
    matches!(&command.action, Action::AddNote { note_id, .. } | Action::EditNote { note_id, .. } if *note_id == id)
}
