//! A thread from the middle: the stretch around one of its texts, and the ones that come after a stretch.
//!
//! Beside [`super::thread`], which walks from the newest text to older ones. Together they let a thread be opened anywhere, and read on in
//! both directions, at the cost of a page.

use deskline_domain::ids::{ContactId, MessageId, UserId};

use super::{
    Inbox,
    page::{self, Place},
    thread::{bubble, echo},
};
use crate::{
    Result,
    view::{Message, MessagePage, MessageQuery},
};

impl Inbox {
    /// The texts after `after`, oldest first.
    pub(crate) async fn newer(
        &self,
        contact_id: ContactId,
        after: Place,
        limit: u32,
        me: UserId,
    ) -> Result<MessagePage> {
        let limit = page::limit(limit);
        let fetch = i64::try_from(limit).unwrap_or(500) + 1;

        // The outbox first, as in `messages`: a text that moves meanwhile is found in one of them.
        let entries = self.outbox.entries_after(contact_id, after, fetch).await?;
        let mut known = self.cache.known(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).await?;
        let cached = self.cache.page_after(contact_id, after, fetch).await?;
        known.extend(cached.iter().map(|message| message.id));

        let echoes = entries.iter().filter(|entry| !known.contains(&entry.id)).map(echo);
        let mut messages: Vec<Message> = cached.iter().map(|message| bubble(message, me)).chain(echoes).collect();
        messages.sort_by_key(Place::of);
        let more = messages.len() > limit;
        messages.truncate(limit);
        let newer = messages.last().filter(|_| more).map(|last| Place::of(last).newer());
        let older = messages.first().map(|first| Place::of(first).to_string());
        Ok(MessagePage { messages, older, newer })
    }

    /// The stretch of a thread with a text in its middle, oldest first.
    pub(crate) async fn around(&self, id: MessageId, limit: u32, me: UserId) -> Result<MessagePage> {
        let message = self.message(id, me).await?;
        let half = limit.div_ceil(2);
        let here = Place::of(&message);
        let query = MessageQuery { contact_id: message.contact_id, page: Some(here.to_string()), limit: half };
        let before = self.messages(&query, me).await?;
        let after = self.newer(message.contact_id, here, half, me).await?;
        let messages = before.messages.into_iter().chain([message]).chain(after.messages).collect();
        Ok(MessagePage { messages, older: before.older, newer: after.newer })
    }
}
