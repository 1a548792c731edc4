//! What is beside a conversation: its newest files and private notes.

use deskline_domain::ids::{ContactId, UserId};

use super::{Inbox, page::Side};
use crate::{
    Result,
    database::from_micros,
    view::{ContactCard, FileInThread, MediaView},
};

/// As many files as the panel shows.
const FILES: usize = 24;
/// And as many notes.
const NOTES: i64 = 50;

impl Inbox {
    /// See the module. `me` is whoever is signed in.
    pub(crate) async fn card(&self, contact_id: ContactId, me: UserId) -> Result<ContactCard> {
        let mut files = Vec::new();
        for message in self.cache.with_files(contact_id).await? {
            for (place, file) in (0_u32..).zip(&message.media) {
                files.push(FileInThread {
                    message_id: message.id,
                    place,
                    created_at: from_micros(message.created_at),
                    file: MediaView::of(file, None),
                });
            }
        }
        files.truncate(FILES);
        let mut notes = self.notes(contact_id, Side::Before(None), NOTES, me).await?;
        notes.sort_by_key(|note| std::cmp::Reverse((note.created_at, note.id)));
        notes.truncate(usize::try_from(NOTES).unwrap_or_default());
        Ok(ContactCard { files, notes })
    }
}
