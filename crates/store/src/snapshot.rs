//! Reading a whole workspace page by page, for a desktop that has nothing yet: conversations newest first, each with its newest
//! texts, then notes, then older history conversation by conversation. Members, labels, canned replies and the audit's figures come with the first page.
//!
//! Called by `GET /sync?snapshot=`. Whatever changes while pages are read has a number above the first page's `head`, so that
//! snapshot and feed together are complete. Rows may come twice; none is left out.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use deskline_domain::{ids::WorkspaceId, protocol::SnapshotPage, row::RawRow};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Result, Store};

/// How much goes on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotSizes {
    /// Conversations on a page.
    pub contacts: i64,
    /// Newest texts that come with each of them.
    pub messages_each: i64,
    /// Texts on a page of older history.
    pub messages: i64,
}

impl Default for SnapshotSizes {
    fn default() -> Self {
        Self { contacts: 100, messages_each: 20, messages: 2_000 }
    }
}

impl Store {
    /// The page that `token` names: `None` or `"start"` for the first, `next` of the page before for each later one.
    ///
    /// # Errors
    /// [`crate::Error::BadToken`]; [`crate::Error::Database`].
    pub async fn snapshot(
        &self,
        workspace: WorkspaceId,
        token: Option<&str>,
        sizes: SnapshotSizes,
    ) -> Result<SnapshotPage> {
        let place = match token {
            None | Some("start") => Place::first(Part::Conversations, None),
            Some(token) => token.parse()?,
        };
        // Read before the rows: whatever changes from here on has a higher number.
        let head = self.head(workspace).await?;
        let total = match place.total {
            Some(total) => total,
            None => self.rows_in(workspace).await?,
        };
        let team = if place.total.is_none() { self.team_rows(workspace).await? } else { Team::default() };
        let place = Place { total: Some(total), ..place };
        let page = match place.part {
            Part::Conversations => self.conversations_page(workspace, &place, sizes).await?,
            Part::Notes => self.notes_page(workspace, &place, sizes).await?,
            Part::History => self.history_page(workspace, &place, sizes).await?,
        };
        Ok(SnapshotPage {
            workspace_id: workspace,
            feed: head.feed,
            head: head.seq,
            contacts: page.contacts,
            messages: page.messages,
            notes: page.notes,
            labels: team.labels,
            canned_replies: team.canned_replies,
            members: team.members,
            audit: team.audit,
            next: page.next.map(|place| place.to_string()),
            total,
        })
    }

    /// What belongs to the team as a whole. There is little of it: see the limits in `deskline_domain::command::rules`.
    async fn team_rows(&self, workspace: WorkspaceId) -> Result<Team> {
        let rows = sqlx::query!(
            r#"
            select coalesce((select json_agg(to_json(l) order by l.id) from labels l where l.workspace_id = $1), '[]')
                     as "labels!: Json<Vec<RawRow>>",
                   coalesce((select json_agg(to_json(r) order by r.id) from canned_replies r where r.workspace_id = $1), '[]')
                     as "canned_replies!: Json<Vec<RawRow>>",
                   coalesce((
                     select json_agg(to_jsonb(w) || jsonb_build_object('email', a.email) order by w.user_id)
                     from workspace_members w left join agents a on a.id = w.user_id
                     where w.workspace_id = $1
                   ), '[]') as "members!: Json<Vec<RawRow>>",
                   (select to_jsonb(u) - 'account_sid' from workspace_audits u where u.workspace_id = $1) as "audit: Json<RawRow>"
            "#,
            workspace.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Team {
            labels: rows.labels.0,
            canned_replies: rows.canned_replies.0,
            members: rows.members.0,
            audit: rows.audit.map(|audit| audit.0),
        })
    }

    async fn rows_in(&self, workspace: WorkspaceId) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select (select count(*) from contacts where workspace_id = $1)
                    + (select count(*) from messages where workspace_id = $1)
                    + (select count(*) from notes where workspace_id = $1) as "rows!""#,
            workspace.0,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// A conversation that moves to the top while pages are read is on none of them; the feed brings it.
    async fn conversations_page(&self, workspace: WorkspaceId, place: &Place, sizes: SnapshotSizes) -> Result<Page> {
        let limit = sizes.contacts.max(1);
        let rows = sqlx::query!(
            r#"
            select c.id, coalesce(c.last_message_at, c.created_at) as "active_at!", to_json(c) as "row!: Json<RawRow>",
                   coalesce((
                     select json_agg(to_json(m) order by m.created_at desc, m.id desc)
                     from (
                       select * from messages m where m.contact_id = c.id order by m.created_at desc, m.id desc limit $5
                     ) m
                   ), '[]') as "messages!: Json<Vec<RawRow>>"
            from contacts c
            where c.workspace_id = $1 and (coalesce(c.last_message_at, c.created_at), c.id) < ($2, $3)
            order by coalesce(c.last_message_at, c.created_at) desc, c.id desc
            limit $4
            "#,
            workspace.0,
            place.before,
            place.id,
            limit,
            sizes.messages_each.max(0),
        )
        .fetch_all(&self.pool)
        .await?;

        let next = match rows.last() {
            Some(last) if is_full(rows.len(), limit) => Place { before: last.active_at, id: last.id, ..*place },
            _ => Place::first(Part::Notes, place.total),
        };
        let mut page = Page { next: Some(next), ..Page::default() };
        for row in rows {
            page.contacts.push(row.row.0);
            page.messages.extend(row.messages.0);
        }
        Ok(page)
    }

    async fn notes_page(&self, workspace: WorkspaceId, place: &Place, sizes: SnapshotSizes) -> Result<Page> {
        let limit = sizes.messages.max(1);
        let rows = sqlx::query!(
            r#"
            select n.id as "id!", n.created_at as "created_at!", to_json(n) as "row!: Json<RawRow>"
            from (
              select * from notes n
              where n.workspace_id = $1 and (n.created_at, n.id) < ($2, $3)
              order by n.created_at desc, n.id desc
              limit $4
            ) n
            order by n.created_at desc, n.id desc
            "#,
            workspace.0,
            place.before,
            place.id,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;

        let next = match rows.last() {
            Some(last) if is_full(rows.len(), limit) => Place { before: last.created_at, id: last.id, ..*place },
            _ => Place::first(Part::History, place.total),
        };
        Ok(Page { notes: rows.into_iter().map(|row| row.row.0).collect(), next: Some(next), ..Page::default() })
    }

    /// Conversation by conversation, so that a desktop, which keeps a conversation's texts side by side, writes each place of its file once.
    ///
    /// They come in the order of their ids: in that of their newest texts, one that moves to the top meanwhile would be left out. A row becomes
    /// JSON once it is known to be on the page.
    async fn history_page(&self, workspace: WorkspaceId, place: &Place, sizes: SnapshotSizes) -> Result<Page> {
        let limit = sizes.messages.max(1);
        let rows = sqlx::query!(
            r#"
            select m.id as "id!", m.contact_id as "contact_id!", m.created_at as "created_at!", to_json(m) as "row!: Json<RawRow>"
            from (
              select m.*
              from contacts c
              cross join lateral (
                select * from messages m
                where m.contact_id = c.id and (c.id < $2 or (m.created_at, m.id) < ($3, $4))
                order by m.created_at desc, m.id desc
                limit $5
              ) m
              where c.workspace_id = $1 and c.id <= $2
              order by c.id desc, m.created_at desc, m.id desc
              limit $5
            ) m
            order by m.contact_id desc, m.created_at desc, m.id desc
            "#,
            workspace.0,
            place.contact,
            place.before,
            place.id,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;

        let next = match rows.last() {
            Some(last) if is_full(rows.len(), limit) => {
                Some(Place { contact: last.contact_id, before: last.created_at, id: last.id, ..*place })
            }
            _ => None,
        };
        Ok(Page { messages: rows.into_iter().map(|row| row.row.0).collect(), next, ..Page::default() })
    }
}

/// What one part of the snapshot puts on a page.
#[derive(Default)]
struct Page {
    contacts: Vec<RawRow>,
    messages: Vec<RawRow>,
    notes: Vec<RawRow>,
    next: Option<Place>,
}

/// What comes with the first page alone.
#[derive(Default)]
struct Team {
    labels: Vec<RawRow>,
    canned_replies: Vec<RawRow>,
    members: Vec<RawRow>,
    audit: Option<RawRow>,
}

/// Later than every row.
const END_OF_TIME: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_799, 0) {
    Some(end_of_9999) => end_of_9999,
    None => DateTime::UNIX_EPOCH,
};

fn is_full(rows: usize, limit: i64) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows >= limit)
}

/// Where a page begins: what a token says. `c`, `n` or `h`, microseconds, id, estimated rows in all, and for `h` the contact's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    part: Part,
    /// Whose texts, in [`Part::History`]; the last of all in the other parts.
    contact: Uuid,
    before: DateTime<Utc>,
    id: Uuid,
    total: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Conversations,
    Notes,
    History,
}

impl Place {
    /// Where a part begins.
    fn first(part: Part, total: Option<i64>) -> Self {
        Self { part, contact: Uuid::max(), before: END_OF_TIME, id: Uuid::max(), total }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (before, id, total) = (self.before.timestamp_micros(), self.id.simple(), self.total.unwrap_or_default());
        match self.part {
            Part::Conversations => write!(f, "c.{before}.{id}.{total}"),
            Part::Notes => write!(f, "n.{before}.{id}.{total}"),
            Part::History => write!(f, "h.{before}.{id}.{total}.{}", self.contact.simple()),
        }
    }
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(token: &str) -> Result<Self> {
        let mut parts = token.split('.');
        let (Some(part), Some(before), Some(id), Some(total), contact, None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::BadToken);
        };
        let before = before.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(Error::BadToken)?;
        // Postgres's calendar is shorter than chrono's.
        if !(DateTime::UNIX_EPOCH..=END_OF_TIME).contains(&before) {
            return Err(Error::BadToken);
        }
        let id = Uuid::parse_str(id).map_err(|_| Error::BadToken)?;
        let total = Some(total.parse().map_err(|_| Error::BadToken)?);
        let place = |part| Self { before, id, ..Self::first(part, total) };
        match (part, contact) {
            ("c", None) => Ok(place(Part::Conversations)),
            ("n", None) => Ok(place(Part::Notes)),
            // Of a server before this one, which read older texts newest first of all: that part is read from its beginning.
            ("m", None) => Ok(Self::first(Part::History, total)),
            ("h", Some(contact)) => {
                Ok(Self { contact: Uuid::parse_str(contact).map_err(|_| Error::BadToken)?, ..place(Part::History) })
            }
            _ => Err(Error::BadToken),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_reads_back_and_nonsense_is_refused(
            micros in 0..253_402_300_799_000_000_i64, id: u128, contact: u128, total in 0..i64::MAX, junk in "\\PC{0,40}",
        ) {
            let place = Place {
                before: DateTime::from_timestamp_micros(micros).unwrap(),
                id: Uuid::from_u128(id),
                ..Place::first(Part::Notes, Some(total))
            };
            let history = Place { part: Part::History, contact: Uuid::from_u128(contact), ..place };

            prop_assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
            prop_assert_eq!(history.to_string().parse::<Place>().unwrap(), history);
            prop_assert!(matches!(junk.parse::<Place>(), Err(Error::BadToken)));
        }
    }

    #[test]
    fn a_token_of_a_server_before_goes_on_with_the_part_that_it_was_in() {
        let before = format!("m.1795737600000000.{}.42", Uuid::from_u128(7).simple());

        assert_eq!(before.parse::<Place>().unwrap(), Place::first(Part::History, Some(42)));
    }
}
