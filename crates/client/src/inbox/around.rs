//! A thread from the middle: the stretch around one of its texts or notes, and what comes after a stretch.
//!
//! Beside [`super::thread`], which walks from the newest text to older ones. Together they let a thread be opened anywhere, and read on in
//! both directions, at the cost of a page.

use deskline_domain::ids::{ContactId, MessageId, NoteId, UserId};
use uuid::Uuid;

use super::{
    Inbox,
    page::{Place, Side},
    thread::{Item, as_page},
};
use crate::{Result, error::Error, view::MessagePage};

impl Inbox {
    /// What stands after `after`, oldest first.
    pub(super) async fn newer(
        &self,
        contact_id: ContactId,
        after: Place,
        limit: u32,
        me: UserId,
    ) -> Result<MessagePage> {
        let (items, more) = self.stretch(contact_id, Side::After(after), limit, me).await?;
        let older = items.first().map(|first| first.place().to_string());
        let newer = items.last().filter(|_| more).map(|last| last.place().newer());
        Ok(as_page(items, older, newer))
    }

    /// The stretch of a thread with a text or a note in its middle, oldest first.
    pub(crate) async fn around(&self, id: Uuid, limit: u32, me: UserId) -> Result<MessagePage> {
        let item = match self.message(MessageId(id), me).await {
            Ok(text) => Item::Text(text),
            Err(Error::NotFound(_)) => Item::Note(self.note(NoteId(id), me).await?),
            Err(error) => return Err(error),
        };
        let half = limit.div_ceil(2);
        let (contact_id, here) = (item.contact_id(), item.place());
        let before = self.older(contact_id, Some(here), half, me).await?;
        let after = self.newer(contact_id, here, half, me).await?;
        let middle = as_page(vec![item], None, None);
        Ok(MessagePage {
            messages: [before.messages, middle.messages, after.messages].concat(),
            notes: [before.notes, middle.notes, after.notes].concat(),
            older: before.older,
            newer: after.newer,
        })
    }
}
