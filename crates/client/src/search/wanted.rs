//! What a question means on this machine: which texts and notes, and whose.
//!
//! Called by `find`. Names after `from:` and `in:` are contacts and teammates that are here; a name that is nobody's finds nothing.

use std::collections::HashSet;

use chrono::{NaiveDate, TimeDelta};
use deskline_domain::{
    ids::{ContactId, LabelId, UserId},
    message::Direction,
};

use super::{
    find::Candidate,
    index::{author_tag, contact_key, contact_tag, media_tag},
    query::Query,
    row::Row,
    statements,
    terms::{Fit, Terms},
};
use crate::{Result, database::micros, inbox::Inbox};

/// Conversations that an operator may mean: those with the newest contacts.
const MEANT: i64 = 500;
/// From so many conversations on, texts are looked at rather than conversations asked for.
const FEW: usize = 32;
/// Words of fewer letters are no beginnings of words in texts.
const SHORTEST: usize = 2;

/// Which texts and notes, apart from the order.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    terms: Terms,
    /// What the index is asked; `None` for everything.
    pub(super) expression: Option<String>,
    /// Conversations, where they are asked for.
    contacts: Option<Contacts>,
    /// Each `from:`: contacts that wrote it, or teammates.
    from: Vec<(Contacts, HashSet<UserId>)>,
    media: bool,
    /// In microseconds.
    pub(super) since: Option<i64>,
    /// In microseconds.
    pub(super) before: Option<i64>,
    /// Whether much of what the expression finds may not fit.
    pub(super) is_picky: bool,
}

/// Some conversations, and their keys in the index.
#[derive(Debug, Default)]
struct Contacts {
    ids: HashSet<ContactId>,
    keys: HashSet<i64>,
}

impl Contacts {
    fn new(ids: HashSet<ContactId>) -> Self {
        let keys = ids.iter().map(|id| contact_key(id.0)).collect();
        Self { ids, keys }
    }

    /// As a part of the expression, where they are few.
    fn tags(&self) -> Option<Vec<String>> {
        (self.ids.len() <= FEW).then(|| self.ids.iter().map(|id| quoted(&contact_tag(id.0))).collect())
    }
}

impl Wanted {
    /// Whether it is worth while to read the row.
    pub(super) fn may_be(&self, candidate: &Candidate) -> bool {
        let by = |(contacts, members): &(Contacts, HashSet<UserId>)| {
            if candidate.inbound { contacts.keys.contains(&candidate.contact) } else { !members.is_empty() }
        };
        self.contacts.as_ref().is_none_or(|contacts| contacts.keys.contains(&candidate.contact))
            && self.from.iter().all(by)
    }

    /// The index may be behind the row by a moment, and two contacts may have the same key, so everything is looked at again.
    pub(super) fn fit(&self, row: &Row) -> Option<Fit> {
        let by = |(contacts, members): &(Contacts, HashSet<UserId>)| match row.direction {
            Direction::Inbound => contacts.ids.contains(&row.contact_id),
            Direction::Outbound => row.author.is_some_and(|author| members.contains(&author)),
        };
        let fits = self.contacts.as_ref().is_none_or(|contacts| contacts.ids.contains(&row.contact_id))
            && self.from.iter().all(by)
            && (!self.media || row.has_media)
            && self.since.is_none_or(|since| row.created_at >= since)
            && self.before.is_none_or(|before| row.created_at < before);
        if fits { self.terms.fit(&row.content) } else { None }
    }
}

impl Inbox {
    /// `None` when nothing can fit: nothing is asked, nobody is called so, or nobody carries such a label. `among` are the
    /// conversations that other operators ask for.
    pub(super) async fn wanted(
        &self,
        query: &Query,
        among: Option<HashSet<ContactId>>,
        me: UserId,
        offset: TimeDelta,
    ) -> Result<Option<Wanted>> {
        let mut wanted = Wanted {
            terms: Terms::new(&query.texts, SHORTEST),
            media: query.media,
            since: query.after.and_then(|day| midnight(day, offset)),
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
        for name in &query.from {
            let (contacts, members) = self.authors(name, me).await?;
            if contacts.ids.is_empty() && members.is_empty() {
                return Ok(None);
            }
            if let Some(mut tags) = contacts.tags() {
                tags.extend(members.iter().map(|member| quoted(&author_tag(member.0))));
                parts.push(any_of(&tags));
            }
            // Of these conversations, what others wrote was found as well.
            wanted.is_picky |= !contacts.ids.is_empty();
            wanted.from.push((contacts, members));
        }
        let mut groups: Vec<HashSet<ContactId>> = among.into_iter().collect();
        for name in &query.within {
            groups.push(self.called(name).await?);
        }
        if let Some(contacts) = all_of(groups) {
            if contacts.is_empty() {
                return Ok(None);
            }
            let contacts = Contacts::new(contacts);
            match contacts.tags() {
                Some(tags) => parts.push(any_of(&tags)),
                None => wanted.is_picky = true,
            }
            wanted.contacts = Some(contacts);
        }
        let asks_something = !parts.is_empty()
            || wanted.contacts.is_some()
            || !wanted.from.is_empty()
            || wanted.since.or(wanted.before).is_some();
        wanted.expression = (!parts.is_empty()).then(|| parts.join(" AND "));
        // Signs alone, which are in no index, are in no text either.
        Ok(asks_something.then_some(wanted))
    }

    /// Conversations that `is:unread` and `label:` ask for, as this machine knows them: with what waits to be told. `None` when
    /// neither is there.
    pub(super) async fn among(&self, query: &Query) -> Result<Option<HashSet<ContactId>>> {
        let mut groups: Vec<HashSet<ContactId>> = self.labelled(&query.labels).await?.into_iter().collect();
        if query.unread {
            groups.push(self.unread_contacts().await?);
        }
        Ok(all_of(groups))
    }

    /// Whom `from:` means.
    async fn authors(&self, name: &str, me: UserId) -> Result<(Contacts, HashSet<UserId>)> {
        if name.eq_ignore_ascii_case("me") {
            return Ok((Contacts::default(), HashSet::from([me])));
        }
        let terms = name_terms(name);
        let mut members = HashSet::new();
        for team in self.cache.workspaces().await? {
            let team = self.cached_team(team.id).await?;
            let called = team.members.into_iter().filter(|member| {
                let name = member.name.as_deref().or(member.email.as_deref()).unwrap_or_default();
                !terms.is_empty() && terms.fit(name).is_some()
            });
            members.extend(called.map(|member| member.user_id));
        }
        Ok((Contacts::new(self.called(name).await?), members))
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

    /// Contacts that carry a label of each of these names. `None` when no label is asked for.
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
        Ok(all_of(groups))
    }

    async fn unread_contacts(&self) -> Result<HashSet<ContactId>> {
        let ids: Vec<String> = sqlx::query_scalar(statements::UNREAD).fetch_all(&self.cache.pool).await?;
        let mut unread: HashSet<ContactId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        for contact in self.with_commands().await? {
            if contact.unread_count > 0 {
                unread.insert(contact.id);
            } else {
                unread.remove(&contact.id);
            }
        }
        Ok(unread)
    }
}

fn all_of(groups: Vec<HashSet<ContactId>>) -> Option<HashSet<ContactId>> {
    groups.into_iter().reduce(|one, other| &one & &other)
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

fn any_of(tags: &[String]) -> String {
    format!("({})", tags.join(" OR "))
}
