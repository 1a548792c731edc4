//! A thread from the middle: the stretch around one of its texts, and what comes after a stretch.
//!
//! Beside [`super::thread`], which walks from the newest text to older ones. Together they let a thread be opened anywhere, and read on in
//! both directions, at the cost of a page.

use deskline_domain::ids::{ContactId, MessageId, UserId};

use super::{
    Inbox,
    page::{Place, Side},
    thread::as_page,
};
use crate::{Result, view::MessagePage};

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

    /// The stretch of a thread with a text in its middle, oldest first.
    pub(crate) async fn around(&self, id: MessageId, limit: u32, me: UserId) -> Result<MessagePage> {
        let message = self.message(id, me).await?;
        let half = limit.div_ceil(2);
        let (contact_id, here) = (message.contact_id, Place::of(&message));
        let before = self.older(contact_id, Some(here), half, me).await?;
        let after = self.newer(contact_id, here, half, me).await?;
        Ok(MessagePage {
            messages: before.messages.into_iter().chain([message]).chain(after.messages).collect(),
            notes: before.notes.into_iter().chain(after.notes).collect(),
            older: before.older,
            newer: after.newer,
        })
    }
}
