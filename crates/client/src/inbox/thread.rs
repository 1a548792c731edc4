//! A stretch of a thread: rows of the cache, and the texts and notes of this machine that the cache lacks, at their time.

use deskline_domain::{
    ids::{MessageId, UserId},
    message::Direction,
};

use super::{
    Inbox,
    page::{self, Place},
    state,
};
use crate::{
    Result,
    cache::messages::CachedMessage,
    database::from_micros,
    error::Error,
    outbox::entries::{Entry, EntryState},
    view::{MediaView, Message, MessagePage, MessageQuery, Note},
};

/// What stands in a thread.
enum Item {
    Text(Message),
    Note(Note),
}

impl Item {
    const fn place(&self) -> Place {
        match self {
            Self::Text(text) => Place { at: text.created_at.timestamp_micros(), id: text.id.0 },
            Self::Note(note) => Place { at: note.created_at.timestamp_micros(), id: note.id.0 },
        }
    }
}

impl Inbox {
    /// A page, oldest first. `me` is whoever is signed in.
    pub(crate) async fn messages(&self, query: &MessageQuery, me: UserId) -> Result<MessagePage> {
        let limit = page::limit(query.limit);
        let before = Place::read(query.page.as_deref());
        let fetch = i64::try_from(limit).unwrap_or(500) + 1;

        let entries = self.outbox.entries(query.contact_id, before, fetch).await?;
        let notes = self.notes(query.contact_id, before, fetch, me).await?;
        // In this order a text that moves from the outbox to the cache meanwhile is seen in one of them, and not in both.
        let mut known = self.cache.known(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).await?;
        let cached = self.cache.page(query.contact_id, before, fetch).await?;
        known.extend(cached.iter().map(|message| message.id));

        let echoes = entries.iter().filter(|entry| !known.contains(&entry.id)).map(|entry| echo(entry, me));
        let texts = cached.iter().map(|message| bubble(message, me)).chain(echoes).map(Item::Text).collect();
        let notes = notes.into_iter().map(Item::Note).collect();
        let (items, older) = page::merge(texts, notes, limit, Item::place);
        let mut page = MessagePage { messages: Vec::new(), notes: Vec::new(), older };
        for item in items.into_iter().rev() {
            match item {
                Item::Text(text) => page.messages.push(text),
                Item::Note(note) => page.notes.push(note),
            }
        }
        Ok(page)
    }

    /// One bubble.
    pub(crate) async fn message(&self, id: MessageId, me: UserId) -> Result<Message> {
        let entry = self.outbox.entry(id).await?;
        match (self.cache.message(id).await?, entry) {
            (Some(message), _) => Ok(bubble(&message, me)),
            (None, Some(entry)) => Ok(echo(&entry, me)),
            (None, None) => Err(Error::NotFound("text")),
        }
    }
}

/// A text that the server has.
fn bubble(message: &CachedMessage, me: UserId) -> Message {
    Message {
        id: message.id,
        contact_id: message.contact_id,
        content: message.content.clone(),
        direction: message.direction,
        state: state::of_cached(message),
        created_at: from_micros(message.created_at),
        mine: message.sent_by == Some(me.0),
        author_id: message.sent_by.map(UserId),
        media: message.media.iter().map(|file| MediaView { content_type: file.content_type.clone() }).collect(),
        failure: state::failure(message),
    }
}

/// A text that only this machine has, or that the server has and the cache does not have yet.
fn echo(entry: &Entry, me: UserId) -> Message {
    Message {
        id: entry.id,
        contact_id: entry.contact_id,
        content: entry.content.clone(),
        direction: Direction::Outbound,
        state: state::of_entry(&entry.state, entry.in_doubt),
        created_at: from_micros(entry.created_at),
        mine: true,
        author_id: Some(me),
        media: Vec::new(),
        failure: match &entry.state {
            EntryState::Parked(failure) => Some(failure.clone()),
            EntryState::Queued | EntryState::Sending | EntryState::HandedOver { .. } => None,
        },
    }
}
