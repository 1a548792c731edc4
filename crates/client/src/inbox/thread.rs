//! A stretch of a thread: rows of the cache, and the texts and notes of this machine that the cache lacks, at their time.
//!
//! [`Inbox::stretch`] is the one place where they come together; the pages of every direction are cut from it, here and in
//! [`super::around`].

use std::collections::HashSet;

use deskline_domain::{
    ids::{ContactId, MessageId, UserId},
    message::Direction,
};

use super::{
    Inbox,
    page::{self, Place, Side},
    state,
};
use crate::{
    Result,
    cache::{media::FileAt, messages::CachedMessage},
    database::from_micros,
    error::Error,
    outbox::entries::{Entry, EntryState, NewEntry},
    overlay,
    view::{Failure, MediaView, Message, MessagePage, MessageQuery, MessageState, Note},
};

/// What stands in a thread.
pub(super) enum Item {
    Text(Message),
    Note(Note),
}

impl Item {
    pub(super) fn contact_id(&self) -> ContactId {
        match self {
            Self::Text(text) => text.contact_id,
            Self::Note(note) => note.contact_id,
        }
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Text(text) => Place::of(text),
            Self::Note(note) => Place { at: note.created_at.timestamp_micros(), id: note.id.0 },
        }
    }
}

impl Inbox {
    /// A page, oldest first. `me` is whoever is signed in.
    pub(crate) async fn messages(&self, query: &MessageQuery, me: UserId) -> Result<MessagePage> {
        match Place::read_newer(query.page.as_deref()) {
            Some(after) => self.newer(query.contact_id, after, query.limit, me).await,
            None => self.older(query.contact_id, Place::read(query.page.as_deref()), query.limit, me).await,
        }
    }

    /// What stands before `before`, or the newest page.
    pub(super) async fn older(
        &self,
        contact_id: ContactId,
        before: Option<Place>,
        limit: u32,
        me: UserId,
    ) -> Result<MessagePage> {
        let (mut items, more) = self.stretch(contact_id, Side::Before(before), limit, me).await?;
        items.reverse();
        let older = items.first().filter(|_| more).map(|first| first.place().to_string());
        let newer = items.last().filter(|_| before.is_some()).map(|last| last.place().newer());
        Ok(as_page(items, older, newer))
    }

    /// The texts and notes on one side of a place, the nearest first, and whether there are more of them.
    pub(super) async fn stretch(
        &self,
        contact_id: ContactId,
        side: Side,
        limit: u32,
        me: UserId,
    ) -> Result<(Vec<Item>, bool)> {
        let limit = page::limit(limit);
        let fetch = i64::try_from(limit).unwrap_or(500) + 1;

        let entries = match side {
            Side::Before(before) => self.outbox.entries(contact_id, before, fetch).await?,
            Side::After(after) => self.outbox.entries_after(contact_id, after, fetch).await?,
        };
        let notes = self.notes(contact_id, side, fetch, me).await?;
        // In this order a text that moves from the outbox to the cache meanwhile is seen in one of them, and not in both.
        let mut known = self.cache.known(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).await?;
        let mut cached = match side {
            Side::Before(before) => self.cache.page(contact_id, before, fetch).await?,
            Side::After(after) => self.cache.page_after(contact_id, after, fetch).await?,
        };
        known.extend(cached.iter().map(|message| message.id));

        let resent = self.resent(contact_id).await?;
        self.measure(&mut cached).await?;
        let echoes = entries.iter().filter(|entry| !known.contains(&entry.id)).map(|entry| echo(entry, me));
        let texts = cached.iter().map(|message| bubble(message, &resent, me)).chain(echoes).map(Item::Text);
        let mut items: Vec<Item> = texts.chain(notes.into_iter().map(Item::Note)).collect();
        items.sort_by_key(Item::place);
        if matches!(side, Side::Before(_)) {
            items.reverse();
        }
        let more = items.len() > limit;
        items.truncate(limit);
        Ok((items, more))
    }

    /// Texts of the thread that failed and that the agent sends once more.
    async fn resent(&self, contact_id: ContactId) -> Result<HashSet<MessageId>> {
        let commands = self.outbox.commands_in(contact_id).await?;
        Ok(commands.iter().filter_map(|kept| overlay::resends(&kept.command)).collect())
    }

    /// Says how large pictures are of which that is known.
    async fn measure(&self, messages: &mut [CachedMessage]) -> Result<()> {
        let with_files: Vec<_> = messages.iter().filter(|one| !one.media.is_empty()).map(|one| one.id).collect();
        let known = self.cache.dimensions(&with_files).await?;
        for message in messages.iter_mut().filter(|one| !one.media.is_empty()) {
            let at = |place| known.get(&FileAt { message_id: message.id, place }).copied();
            message.dimensions = (0_u32..).zip(&message.media).map(|(place, _)| at(place)).collect();
        }
        Ok(())
    }

    /// The texts of a thread that wait for their time, here or on the server, the next one first.
    pub(crate) async fn later(&self, contact_id: ContactId, me: UserId) -> Result<Vec<Message>> {
        let entries = self.outbox.later_entries(contact_id).await?;
        // As in `stretch`: seen in one of the two, and not in both.
        let mut known = self.cache.known(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).await?;
        let cached = self.cache.scheduled(contact_id).await?;
        known.extend(cached.iter().map(|message| message.id));
        let resent = HashSet::new();
        let echoes = entries.iter().filter(|entry| !known.contains(&entry.id)).map(|entry| echo(entry, me));
        let mut texts: Vec<Message> = cached.iter().map(|message| bubble(message, &resent, me)).chain(echoes).collect();
        texts.sort_by_key(|text| (text.send_at, text.id));
        Ok(texts)
    }

    /// The texts that only this machine has, of every thread, in the order in which they were written.
    pub(crate) async fn outbox(&self, me: UserId) -> Result<Vec<Message>> {
        let entries = self.outbox.all_entries().await?;
        let known = self.cache.known(&entries.iter().map(|entry| entry.id).collect::<Vec<_>>()).await?;
        let stays =
            |entry: &&Entry| !matches!(entry.state, EntryState::HandedOver { .. }) && !known.contains(&entry.id);
        Ok(entries.iter().filter(stays).map(|entry| echo(entry, me)).collect())
    }

    /// One bubble.
    pub(crate) async fn message(&self, id: MessageId, me: UserId) -> Result<Message> {
        let entry = self.outbox.entry(id).await?;
        match (self.cache.message(id).await?, entry) {
            (Some(message), _) => {
                let mut messages = [message];
                self.measure(&mut messages).await?;
                let [message] = messages;
                Ok(bubble(&message, &self.resent(message.contact_id).await?, me))
            }
            (None, Some(entry)) => Ok(echo(&entry, me)),
            (None, None) => Err(Error::NotFound("text")),
        }
    }
}

/// As a window takes it; `items` oldest first.
pub(super) fn as_page(items: Vec<Item>, older: Option<String>, newer: Option<String>) -> MessagePage {
    let mut page = MessagePage { messages: Vec::new(), notes: Vec::new(), older, newer };
    for item in items {
        match item {
            Item::Text(text) => page.messages.push(text),
            Item::Note(note) => page.notes.push(note),
        }
    }
    page
}

/// A text that the server has; one that is in `resent` waits here to be sent once more.
fn bubble(message: &CachedMessage, resent: &HashSet<MessageId>, me: UserId) -> Message {
    let waits = state::failure(message).is_some() && resent.contains(&message.id);
    Message {
        id: message.id,
        contact_id: message.contact_id,
        content: message.content.clone(),
        direction: message.direction,
        state: if waits { MessageState::Waiting } else { state::of_cached(message) },
        created_at: from_micros(message.created_at),
        mine: message.sent_by == Some(me.0),
        author_id: message.sent_by.map(UserId),
        media: media(message),
        failure: state::failure(message).filter(|_| !waits),
        send_at: message.send_at.map(from_micros).filter(|_| state::waits_for_its_time(message)),
    }
}

fn media(message: &CachedMessage) -> Vec<MediaView> {
    let dimensions = message.dimensions.iter().copied().chain(std::iter::repeat(None));
    message.media.iter().zip(dimensions).map(|(file, dimensions)| MediaView::of(file, dimensions)).collect()
}

/// A text that was written just now. Reads nothing: whoever wrote it must not be told that it failed, once it is kept.
pub(crate) fn just_written(entry: &NewEntry, me: UserId) -> Message {
    Message {
        id: entry.id,
        contact_id: entry.contact_id,
        content: entry.content.clone(),
        direction: Direction::Outbound,
        state: state::of_entry(&EntryState::Queued, false),
        created_at: entry.created_at,
        mine: true,
        author_id: Some(me),
        media: Vec::new(),
        failure: None,
        send_at: entry.later.map(|later| later.send_at),
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
        media: entry.files.iter().map(MediaView::from).collect(),
        failure: match &entry.state {
            EntryState::Parked(failure) => Some(failure.clone()),
            EntryState::Held(held) => {
                Some(Failure { code: None, explanation: held.words(), can_retry: true, can_discard: true })
            }
            EntryState::Queued | EntryState::Sending | EntryState::HandedOver { .. } => None,
        },
        send_at: entry.later.map(|later| later.send_at),
    }
}
