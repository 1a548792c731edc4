//! What is on the screen, and how few notifications many texts become. Pure: the time comes in, orders come out.
//!
//! Kept by `core`, told by `sync/announce` what [`super::policy`] let through, and what was read. Texts of one contact replace one
//! another and are counted. Many contacts within [`BURST`], or more than one in a catch-up, become one notification; once a burst
//! is over, what comes later stands for itself again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::{ContactId, MessageId};

use super::{
    Notification, Slot,
    policy::{Arrival, News},
    settings::{NotificationContent, NotificationSettings},
    words,
};

/// From so many contacts within a burst on, one notification stands for all of them.
const MANY: usize = 5;

/// How long after the last text a burst is over.
const BURST: TimeDelta = TimeDelta::minutes(2);

/// Within this time after a sound, another one only annoys.
const ECHO: TimeDelta = TimeDelta::seconds(3);

/// What was told of one conversation since it was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) contact_id: ContactId,
    pub(crate) name: String,
    pub(crate) team: Option<String>,
    pub(crate) newest: String,
    pub(crate) newest_id: MessageId,
    pub(crate) count: u32,
    pub(crate) told_at: DateTime<Utc>,
    /// Whether it came with a catch-up.
    pub(crate) caught_up: bool,
}

/// What the notifier has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Show(Notification),
    Withdraw(Slot),
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Those with a slot of their own.
    cards: BTreeMap<ContactId, Card>,
    /// Those for which one notification stands.
    gathered: BTreeMap<ContactId, Card>,
    sounded_at: Option<DateTime<Utc>>,
}

impl Board {
    /// Texts that are worth telling.
    pub(crate) fn tell(
        &mut self,
        arrival: Arrival,
        news: &[News],
        settings: &NotificationSettings,
        now: DateTime<Utc>,
    ) -> Vec<Order> {
        if news.is_empty() {
            return Vec::new();
        }
        let silent = !settings.sound || self.sounded_at.is_some_and(|at| (now - at).abs() < ECHO);
        if !silent {
            self.sounded_at = Some(now);
        }
        let shown: Vec<ContactId> = self.cards.keys().copied().collect();
        let goes_on = self.gathered.values().any(|card| is_recent(card, now));
        for news in news {
            self.put(arrival, news, now);
        }
        if !goes_on && !self.is_burst(settings.content, now) {
            let told = news.iter().filter_map(|news| self.cards.get(&news.contact_id));
            return told.map(|card| Order::Show(words::one(card, settings.content, silent))).collect();
        }
        if !goes_on {
            // What one notification stood for before, it has stood for long enough.
            self.gathered.clear();
        }
        let joining: Vec<ContactId> =
            self.cards.values().filter(|card| is_recent(card, now)).map(|card| card.contact_id).collect();
        let mut orders = Vec::new();
        for contact_id in joining {
            if shown.contains(&contact_id) {
                orders.push(Order::Withdraw(Slot::Conversation(contact_id)));
            }
            if let Some(card) = self.cards.remove(&contact_id) {
                self.gathered.insert(contact_id, card);
            }
        }
        orders.extend(self.summary(settings.content, silent));
        orders
    }

    /// Nothing of this conversation is unread any more, or the agent does not want to hear of it.
    pub(crate) fn read(&mut self, contact_id: ContactId, settings: &NotificationSettings) -> Vec<Order> {
        // A notification of an earlier run of the program may still be there.
        let mut orders = vec![Order::Withdraw(Slot::Conversation(contact_id))];
        self.cards.remove(&contact_id);
        if self.gathered.remove(&contact_id).is_none() {
            return orders;
        }
        if self.gathered.len() > 1 {
            orders.extend(self.summary(settings.content, true));
            return orders;
        }
        orders.push(Order::Withdraw(Slot::Many));
        if let Some((left, card)) = self.gathered.pop_first() {
            orders.push(Order::Show(words::one(&card, settings.content, true)));
            self.cards.insert(left, card);
        }
        orders
    }

    /// Somebody else signed in, or nobody is.
    pub(crate) fn clear(&mut self) -> Vec<Order> {
        let mut orders: Vec<Order> =
            std::mem::take(&mut self.cards).into_keys().map(|id| Order::Withdraw(Slot::Conversation(id))).collect();
        if !std::mem::take(&mut self.gathered).is_empty() {
            orders.push(Order::Withdraw(Slot::Many));
        }
        orders
    }

    fn put(&mut self, arrival: Arrival, news: &News, now: DateTime<Utc>) {
        let before = self.cards.remove(&news.contact_id).or_else(|| self.gathered.remove(&news.contact_id));
        let card = Card {
            contact_id: news.contact_id,
            name: news.name.clone(),
            team: news.team.clone(),
            newest: news.newest.clone(),
            newest_id: news.newest_id,
            count: before.map_or(0, |card| card.count).saturating_add(news.count.max(1)),
            told_at: now,
            caught_up: arrival == Arrival::CatchUp,
        };
        self.cards.insert(news.contact_id, card);
    }

    fn is_burst(&self, content: NotificationContent, now: DateTime<Utc>) -> bool {
        let recent = || self.cards.values().filter(|card| is_recent(card, now));
        let most = if content == NotificationContent::Nothing { 2 } else { MANY };
        recent().count() >= most || recent().filter(|card| card.caught_up).count() >= 2
    }

    fn summary(&self, content: NotificationContent, silent: bool) -> Option<Order> {
        let mut cards: Vec<&Card> = self.gathered.values().collect();
        cards.sort_by_key(|card| (card.told_at, card.newest_id));
        words::many(&cards, content, silent).map(Order::Show)
    }
}

/// A clock that was set back makes nothing old.
fn is_recent(card: &Card, now: DateTime<Utc>) -> bool {
    now - card.told_at < BURST
}

#[cfg(test)]
mod tests;
