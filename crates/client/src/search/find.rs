//! Answers a search: people first, then texts and notes, from the index and the rows of this machine.
//!
//! Called by `client` for the window with each key. Texts come from the index newest first and are looked at one by one, a bounded
//! number of them: cost grows with the page and not with the history, and `next` says where to go on. Never writes.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::{ContactId, UserId};
use sqlx::{Row as _, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    excerpt::excerpt,
    index::{SLACK, doc},
    query::Query,
    row::{Here, Row},
    schema::Kind,
    statements,
    terms::{Fit, Terms},
    wanted::Wanted,
};
use crate::{
    Result,
    cache::{contacts::CachedContact, json_ids},
    database::from_micros,
    inbox::{Inbox, display_name},
    view::search::{FoundContact, FoundMessage, SearchPage, SearchQuery},
};

/// Contacts on the first page.
const CONTACTS: i64 = 8;
/// Contacts that are looked at for it: the newest ones.
const MEANT: i64 = 500;
/// Texts that one page looks at, at most. Those that have an uncommon word lie far apart in the index, each on another encrypted page.
const WINDOW: usize = 500;

impl Inbox {
    /// A page of what fits. `me` is whoever is signed in.
    pub(crate) async fn search(&self, asked: &SearchQuery, me: UserId, now: DateTime<Utc>) -> Result<SearchPage> {
        let offset = TimeDelta::minutes(i64::from(asked.utc_offset.clamp(-1_440, 1_440)));
        let query = Query::parse(&asked.text, (now + offset).date_naive());
        let mut page = SearchPage { indexing: self.cache.index.progress(), ..SearchPage::default() };
        if query.is_empty() {
            return Ok(page);
        }
        let among = self.among(&query).await?;
        if asked.page.is_none() && !query.is_about_texts() {
            page.contacts = self.found_contacts(&query, among.as_ref(), asked).await?;
        }
        if let Some(wanted) = self.wanted(&query, among, me, offset).await? {
            (page.messages, page.next) = self.found_messages(&wanted, asked, me).await?;
        }
        Ok(page)
    }

    /// `among`: those that carry the labels or are unread, where that is asked for.
    async fn found_contacts(
        &self,
        query: &Query,
        among: Option<&HashSet<ContactId>>,
        asked: &SearchQuery,
    ) -> Result<Vec<FoundContact>> {
        let terms = Terms::new(&query.texts, 1);
        if terms.is_empty() && among.is_none() {
            return Ok(Vec::new());
        }
        let expression = (!terms.is_empty()).then(|| terms.expression());
        let among = among.map(json_ids);
        let rows = statements::contacts(expression.as_deref(), among, asked.workspace_id, MEANT, CONTACTS)
            .build_query_as::<CachedContact>()
            .fetch_all(&self.cache.pool)
            .await?;
        Ok(rows.iter().map(|contact| found_contact(contact, &terms)).collect())
    }

    /// The newest texts and notes that fit, and where to go on.
    async fn found_messages(
        &self,
        wanted: &Wanted,
        asked: &SearchQuery,
        me: UserId,
    ) -> Result<(Vec<FoundMessage>, Option<String>)> {
        let limit = usize::try_from(asked.limit.clamp(1, 100)).unwrap_or(100);
        let handful = if wanted.is_picky || asked.workspace_id.is_some() { WINDOW } else { limit };
        let least = wanted.since.map_or(i64::MIN, doc);
        let mut below = asked
            .page
            .as_deref()
            .and_then(|page| page.parse().ok())
            .unwrap_or_else(|| wanted.before.map_or(i64::MAX, |at| doc(at).saturating_add(SLACK)));

        let Here { rows: here, not_as_indexed } = self.only_here(me).await?;
        let mut found = Finding { wanted, asked, me, rows: Vec::new() };
        let mut looked_at = 0;
        let mut more = true;
        while more && found.rows.len() < limit && looked_at < WINDOW {
            let candidates = self.candidates(wanted.expression.as_deref(), least, below, handful).await?;
            let end = candidates.last().map(|candidate| candidate.doc);
            more = candidates.len() == handful;
            looked_at += candidates.len();
            let promising: Vec<Candidate> = candidates
                .into_iter()
                .filter(|candidate| wanted.may_be(candidate) && !not_as_indexed.contains(&candidate.id))
                .collect();
            match self.fitting(&promising, limit, &mut found).await? {
                // The rest of the handful belongs to the next page.
                Some(last) => (below, more) = (last, true),
                None => below = end.unwrap_or(below),
            }
        }
        if asked.page.is_none() && !here.is_empty() {
            let contacts = self.contacts_of(here.iter()).await?;
            for row in &here {
                found.look_at(row, &contacts);
            }
        }
        found.rows.sort_by_key(|(rank, message)| std::cmp::Reverse((*rank, message.id)));
        Ok((found.rows.into_iter().map(|(_, message)| message).collect(), more.then(|| below.to_string())))
    }

    /// Reads candidates until there are `limit` that fit. Answers the number of the last one of these; `None` while there is room.
    async fn fitting(&self, candidates: &[Candidate], limit: usize, found: &mut Finding<'_>) -> Result<Option<i64>> {
        for some in candidates.chunks(limit) {
            let rows = self.rows_of(some).await?;
            let contacts = self.contacts_of(rows.values()).await?;
            for candidate in some {
                let Some(row) = rows.get(&candidate.id) else { continue };
                found.look_at(row, &contacts);
                if found.rows.len() == limit {
                    return Ok(Some(candidate.doc));
                }
            }
        }
        Ok(None)
    }

    async fn contacts_of(&self, rows: impl Iterator<Item = &Row>) -> Result<HashMap<ContactId, CachedContact>> {
        let ids: HashSet<ContactId> = rows.map(|row| row.contact_id).collect();
        let contacts = self.cache.contacts(&ids.into_iter().collect::<Vec<_>>()).await?;
        Ok(contacts.into_iter().map(|contact| (contact.id, contact)).collect())
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
            let (kind, id) = (Kind::read(row.get(1))?, Uuid::from_slice(row.get(2)).ok()?);
            Some(Candidate { doc: row.get(0), kind, id, contact: row.get(3), inbound: row.get(4) })
        };
        Ok(rows.iter().filter_map(candidate).collect())
    }
}

/// What the index says about a text or a note.
pub(super) struct Candidate {
    pub(super) doc: i64,
    pub(super) kind: Kind,
    pub(super) id: Uuid,
    pub(super) contact: i64,
    pub(super) inbound: bool,
}

/// What fits, with its rank.
struct Finding<'a> {
    wanted: &'a Wanted,
    asked: &'a SearchQuery,
    me: UserId,
    rows: Vec<(i64, FoundMessage)>,
}

impl Finding<'_> {
    fn look_at(&mut self, row: &Row, contacts: &HashMap<ContactId, CachedContact>) {
        let Some(contact) = contacts.get(&row.contact_id) else { return };
        let here = self.asked.workspace_id.is_none_or(|id| id == contact.workspace_id);
        let Some(fit) = self.wanted.fit(row).filter(|_| here) else { return };
        let rank = row.created_at.saturating_add(worth(&fit));
        self.rows.push((rank, found_message(row, contact, &fit, self.me)));
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

fn found_message(row: &Row, contact: &CachedContact, fit: &Fit, me: UserId) -> FoundMessage {
    FoundMessage {
        id: row.id,
        contact_id: row.contact_id,
        name: display_name(contact.name.as_deref(), &contact.phone),
        note: row.kind == Kind::Note,
        direction: row.direction,
        author_id: row.author,
        mine: row.author == Some(me),
        has_media: row.has_media,
        created_at: from_micros(row.created_at),
        excerpt: excerpt(&row.content, &fit.places),
    }
}
