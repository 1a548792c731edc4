//! Answers a search: people first, then texts, from the index and the rows of this machine.
//!
//! Called by `client` for the window with each key. Texts come from the index newest first and are looked at one by one, a bounded
//! number of them: cost grows with the page and not with the history, and `next` says where to go on. Never writes.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use deskline_domain::{
    ids::{ContactId, LabelId, MessageId, UserId},
    message::Direction,
};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    excerpt::excerpt,
    index::{SLACK, author_tag, contact_key, contact_tag, doc, media_tag},
    query::Query,
    statements,
    terms::{Fit, Terms},
};
use crate::{
    Result,
    cache::{contacts::CachedContact, json_ids, messages::CachedMessage},
    database::{from_micros, micros},
    inbox::{Inbox, display_name},
    view::search::{FoundContact, FoundMessage, SearchPage, SearchQuery},
};

/// Contacts on the first page.
const CONTACTS: i64 = 8;
/// Conversations that an operator may mean: those with the newest contacts.
const MEANT: i64 = 500;
/// From so many conversations on, texts are looked at rather than conversations asked for.
const FEW: usize = 32;
/// Texts that one page looks at, at most. Those that have an uncommon word lie far apart in the index, each on another encrypted page.
const WINDOW: usize = 500;
/// Words of fewer letters are no beginnings of words in texts.
const SHORTEST: usize = 2;

/// Which texts, apart from their words.
#[derive(Debug, Default)]
struct Wanted {
    terms: Terms,
    /// What the index is asked; `None` for every text.
    expression: Option<String>,
    /// Conversations, where they are too many for the expression, and their keys in the index.
    contacts: Option<(HashSet<ContactId>, HashSet<i64>)>,
    inbound: bool,
    /// In microseconds.
    from: Option<i64>,
    /// In microseconds.
    before: Option<i64>,
}

impl Inbox {
    /// A page of what fits. `me` is whoever is signed in.
    pub(crate) async fn search(&self, asked: &SearchQuery, me: UserId, now: DateTime<Utc>) -> Result<SearchPage> {
        let offset = TimeDelta::minutes(i64::from(asked.utc_offset.clamp(-1_440, 1_440)));
        let query = Query::parse(&asked.text, (now + offset).date_naive());
        let mut page = SearchPage { indexing: self.cache.index.progress(), ..SearchPage::default() };
        if query.is_empty() {
            return Ok(page);
        }
        let labelled = self.labelled(&query.labels).await?;
        if asked.page.is_none() && !query.is_about_texts() {
            page.contacts = self.found_contacts(&query, labelled.as_ref(), asked).await?;
        }
        if let Some(wanted) = self.wanted(&query, labelled, me, offset).await? {
            (page.messages, page.next) = self.found_messages(&wanted, asked, me).await?;
        }
        Ok(page)
    }

    /// `among`: those that carry the labels, where labels are asked for.
    async fn found_contacts(
        &self,
        query: &Query,
        among: Option<&HashSet<ContactId>>,
        asked: &SearchQuery,
    ) -> Result<Vec<FoundContact>> {
        let terms = Terms::new(&query.texts, 1);
        if terms.is_empty() && !query.unread && among.is_none() {
            return Ok(Vec::new());
        }
        let expression = (!terms.is_empty()).then(|| terms.expression());
        let among = among.map(json_ids);
        let rows =
            statements::contacts(expression.as_deref(), query.unread, among, asked.workspace_id, MEANT, CONTACTS)
                .build_query_as::<CachedContact>()
                .fetch_all(&self.cache.pool)
                .await?;
        Ok(rows.iter().map(|contact| found_contact(contact, &terms)).collect())
    }

    /// What the question means here. `None` when nothing can fit: nobody is called so, or nobody carries such a label.
    async fn wanted(
        &self,
        query: &Query,
        labelled: Option<HashSet<ContactId>>,
        me: UserId,
        offset: TimeDelta,
    ) -> Result<Option<Wanted>> {
        let mut wanted = Wanted {
            terms: Terms::new(&query.texts, SHORTEST),
            from: query.after.and_then(|day| midnight(day, offset)),
            before: query.before.and_then(|day| midnight(day, offset)),
            ..Wanted::default()
        };
        let mut parts = Vec::new();
        if !wanted.terms.is_empty() {
            parts.push(wanted.terms.expression());
        }
        if query.media {
            parts.push(quoted(&media_tag()));
        }
        let mut groups: Vec<HashSet<ContactId>> = labelled.into_iter().collect();
        for name in &query.from {
            if name.eq_ignore_ascii_case("me") {
                parts.push(quoted(&author_tag(me.0)));
            } else {
                wanted.inbound = true;
                groups.push(self.called(name).await?);
            }
        }
        for name in &query.within {
            groups.push(self.called(name).await?);
        }
        if query.unread {
            groups.push(self.unread_contacts().await?);
        }
        if let Some(contacts) = groups.into_iter().reduce(|one, other| &one & &other) {
            if contacts.is_empty() {
                return Ok(None);
            }
            if contacts.len() <= FEW {
                let tags: Vec<String> = contacts.iter().map(|id| quoted(&contact_tag(id.0))).collect();
                parts.push(format!("({})", tags.join(" OR ")));
            } else {
                let keys = contacts.iter().map(|id| contact_key(id.0)).collect();
                wanted.contacts = Some((contacts, keys));
            }
        }
        let asks_something = !parts.is_empty() || wanted.contacts.is_some() || wanted.from.or(wanted.before).is_some();
        wanted.expression = (!parts.is_empty()).then(|| parts.join(" AND "));
        // Signs alone, which are in no index, are in no text either.
        Ok(asks_something.then_some(wanted))
    }

    /// Contacts whose name or number fits.
    async fn called(&self, name: &str) -> Result<HashSet<ContactId>> {
        let terms = name_terms(name);
        if terms.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<String> = sqlx::query_scalar(statements::CALLED)
            .bind(terms.expression())
            .bind(MEANT)
            .fetch_all(&self.cache.pool)
            .await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Contacts that carry a label of each of these names, as this machine knows it: with what waits to be told. `None` when no label is
    /// asked for.
    async fn labelled(&self, names: &[String]) -> Result<Option<HashSet<ContactId>>> {
        if names.is_empty() {
            return Ok(None);
        }
        let mut all = Vec::new();
        for team in self.cache.workspaces().await? {
            all.extend(self.cached_team(team.id).await?.labels);
        }
        let here = self.with_commands().await?;
        let mut groups = Vec::new();
        for name in names {
            let terms = name_terms(name);
            let labels: HashSet<LabelId> = all
                .iter()
                .filter(|label| !terms.is_empty() && terms.fit(&label.name).is_some())
                .map(|label| label.id)
                .collect();
            let mut carriers = HashSet::new();
            for label in &labels {
                let ids: Vec<String> = sqlx::query_scalar(statements::LABELLED)
                    .bind(label.to_string())
                    .fetch_all(&self.cache.pool)
                    .await?;
                carriers.extend(ids.iter().filter_map(|id| id.parse::<ContactId>().ok()));
            }
            for contact in &here {
                if contact.labels.iter().any(|id| labels.contains(id)) {
                    carriers.insert(contact.id);
                } else {
                    carriers.remove(&contact.id);
                }
            }
            groups.push(carriers);
        }
        Ok(groups.into_iter().reduce(|one, other| &one & &other))
    }

    async fn unread_contacts(&self) -> Result<HashSet<ContactId>> {
        let ids: Vec<String> = sqlx::query_scalar(statements::UNREAD).fetch_all(&self.cache.pool).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// The newest texts that fit, and where to go on.
    async fn found_messages(
        &self,
        wanted: &Wanted,
        asked: &SearchQuery,
        me: UserId,
    ) -> Result<(Vec<FoundMessage>, Option<String>)> {
        let limit = usize::try_from(asked.limit.clamp(1, 100)).unwrap_or(100);
        let handful = if wanted.is_picky() || asked.workspace_id.is_some() { WINDOW } else { limit };
        let least = wanted.from.map_or(i64::MIN, doc);
        let mut below = asked
            .page
            .as_deref()
            .and_then(|page| page.parse().ok())
            .unwrap_or_else(|| wanted.before.map_or(i64::MAX, |at| doc(at).saturating_add(SLACK)));

        let mut found = Vec::new();
        let mut looked_at = 0;
        let mut more = true;
        while more && found.len() < limit && looked_at < WINDOW {
            let candidates = self.candidates(wanted.expression.as_deref(), least, below, handful).await?;
            let end = candidates.last().map(|candidate| candidate.doc);
            more = candidates.len() == handful;
            looked_at += candidates.len();
            let promising: Vec<Candidate> =
                candidates.into_iter().filter(|candidate| wanted.may_be(candidate)).collect();
            match self.fitting(&promising, wanted, asked, me, limit, &mut found).await? {
                // The rest of the handful belongs to the next page.
                Some(last) => (below, more) = (last, true),
                None => below = end.unwrap_or(below),
            }
        }
        found.sort_by_key(|(rank, message): &(i64, FoundMessage)| std::cmp::Reverse((*rank, message.id)));
        Ok((found.into_iter().map(|(_, message)| message).collect(), more.then(|| below.to_string())))
    }

    /// Reads candidates until there are `limit` that fit. Answers the number of the last one of these; `None` while there is room.
    async fn fitting(
        &self,
        candidates: &[Candidate],
        wanted: &Wanted,
        asked: &SearchQuery,
        me: UserId,
        limit: usize,
        found: &mut Vec<(i64, FoundMessage)>,
    ) -> Result<Option<i64>> {
        for some in candidates.chunks(limit) {
            let (rows, contacts) = self.rows_of(some).await?;
            for candidate in some {
                let Some(message) = rows.get(&candidate.id) else { continue };
                let Some(contact) = contacts.get(&message.contact_id) else { continue };
                let here = asked.workspace_id.is_none_or(|id| id == contact.workspace_id);
                let Some(fit) = wanted.fit(message).filter(|_| here) else { continue };
                let rank = message.created_at.saturating_add(worth(&fit));
                found.push((rank, found_message(message, contact, &fit, me)));
                if found.len() == limit {
                    return Ok(Some(candidate.doc));
                }
            }
        }
        Ok(None)
    }

    async fn candidates(
        &self,
        expression: Option<&str>,
        least: i64,
        below: i64,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = match expression {
            Some(expression) => sqlx::query(statements::FITTING).bind(below).bind(least).bind(limit).bind(expression),
            None => sqlx::query(statements::ALL).bind(below).bind(least).bind(limit),
        };
        let rows = query.fetch_all(&self.cache.pool).await?;
        let candidate = |row: &SqliteRow| {
            let id = MessageId(Uuid::from_slice(row.get(1)).ok()?);
            Some(Candidate { doc: row.get(0), id, contact: row.get(2), inbound: row.get(3) })
        };
        Ok(rows.iter().filter_map(candidate).collect())
    }

    async fn rows_of(
        &self,
        candidates: &[Candidate],
    ) -> Result<(HashMap<MessageId, CachedMessage>, HashMap<ContactId, CachedContact>)> {
        let ids: Vec<MessageId> = candidates.iter().map(|candidate| candidate.id).collect();
        let messages = self.cache.messages(&ids).await?;
        let contacts: HashSet<ContactId> = messages.iter().map(|message| message.contact_id).collect();
        let contacts = self.cache.contacts(&contacts.into_iter().collect::<Vec<_>>()).await?;
        Ok((
            messages.into_iter().map(|message| (message.id, message)).collect(),
            contacts.into_iter().map(|contact| (contact.id, contact)).collect(),
        ))
    }
}

/// What the index says about a text.
struct Candidate {
    doc: i64,
    id: MessageId,
    contact: i64,
    inbound: bool,
}

impl Wanted {
    /// Whether many of the texts that the expression finds may not fit.
    const fn is_picky(&self) -> bool {
        self.contacts.is_some() || self.inbound
    }

    /// Whether it is worth while to read the row.
    fn may_be(&self, candidate: &Candidate) -> bool {
        (!self.inbound || candidate.inbound)
            && self.contacts.as_ref().is_none_or(|(_, keys)| keys.contains(&candidate.contact))
    }

    /// The index may be behind the row by a moment, so everything is looked at again.
    fn fit(&self, message: &CachedMessage) -> Option<Fit> {
        let fits = self.contacts.as_ref().is_none_or(|(contacts, _)| contacts.contains(&message.contact_id))
            && (!self.inbound || message.direction == Direction::Inbound)
            && self.from.is_none_or(|from| message.created_at >= from)
            && self.before.is_none_or(|before| message.created_at < before);
        if fits { self.terms.fit(&message.content) } else { None }
    }
}

/// By how many microseconds a text counts as newer than it is. On a page of texts from one week, the best ones come first; a text of
/// last year does not come before one of today because it has the very words.
fn worth(fit: &Fit) -> i64 {
    const DAY: i64 = 24 * 3_600 * 1_000_000;
    i64::from(fit.whole) * DAY + i64::from(fit.together) * 3 * DAY
}

fn found_contact(contact: &CachedContact, terms: &Terms) -> FoundContact {
    let name = display_name(contact.name.as_deref(), &contact.phone);
    // As the index has it: what is asked may stand in both.
    let fit = terms.fit(&format!("{name}\n{}", contact.phone)).unwrap_or_default();
    let cut = name.len() + 1;
    let (in_name, in_phone): (Vec<_>, Vec<_>) = fit.places.into_iter().partition(|place| place.start < cut);
    let in_phone: Vec<_> = in_phone.into_iter().map(|place| place.start - cut..place.end - cut).collect();
    FoundContact {
        contact_id: contact.id,
        workspace_id: contact.workspace_id,
        name: excerpt(&name, &in_name),
        phone: excerpt(&contact.phone, &in_phone),
        unread_count: contact.unread_count,
        last_message_at: contact.last_message_at.map(from_micros),
    }
}

fn found_message(message: &CachedMessage, contact: &CachedContact, fit: &Fit, me: UserId) -> FoundMessage {
    FoundMessage {
        id: message.id,
        contact_id: message.contact_id,
        name: display_name(contact.name.as_deref(), &contact.phone),
        direction: message.direction,
        mine: message.sent_by == Some(me.0),
        has_media: !message.media.is_empty(),
        created_at: from_micros(message.created_at),
        excerpt: excerpt(&message.content, &fit.places),
    }
}

/// What somebody or something is called, as it was typed after an operator: words by their beginning.
fn name_terms(name: &str) -> Terms {
    Terms::new(&Query::parse(name, NaiveDate::default()).texts, 1)
}

/// When a day begins where the agent is.
fn midnight(day: NaiveDate, offset: TimeDelta) -> Option<i64> {
    Some(micros(day.and_hms_opt(0, 0, 0)?.and_utc().checked_sub_signed(offset)?))
}

/// A tag as an FTS5 string. Tags hold no quotation mark.
fn quoted(tag: &str) -> String {
    format!("\"{tag}\"")
}
