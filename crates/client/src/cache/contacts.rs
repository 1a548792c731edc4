//! Contacts in the cache: the rows of the conversation list, newest first, a page at a time.

use std::collections::BTreeMap;

use deskline_domain::{
    contact::ConversationStatus,
    ids::{ContactId, LabelId, UserId, WorkspaceId},
};
use serde::{Deserialize, de::value::StrDeserializer};
use sqlx::{FromRow, QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{Cache, json_ids};
use crate::{Result, database::bad_cell, inbox::page::Place, view::ConversationFilter};

/// A contact as the cache keeps it. Times are microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CachedContact {
    pub(crate) id: ContactId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) name: Option<String>,
    pub(crate) phone: String,
    pub(crate) unread_count: i64,
    pub(crate) status: ConversationStatus,
    pub(crate) opted_out: bool,
    pub(crate) last_message_at: Option<i64>,
    pub(crate) sort_at: i64,
    pub(crate) snoozed_until: Option<i64>,
    pub(crate) assigned_to: Option<UserId>,
    pub(crate) labels: Vec<LabelId>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) blocked_at: Option<i64>,
}

/// Every column that [`CachedContact`] is read from. `c` is the table.
pub(crate) const COLUMNS: &str = "c.id, c.workspace_id, c.name, c.phone, c.unread_count, c.conversation_status, c.opted_out, \
                       c.last_message_at, c.sort_at, c.snoozed_until, c.assigned_to, c.labels, c.attributes, c.blocked_at";

impl FromRow<'_, SqliteRow> for CachedContact {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let status: &str = row.try_get("conversation_status")?;
        Ok(Self {
            id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
            workspace_id: row.try_get::<&str, _>("workspace_id")?.parse().map_err(bad_cell("workspace_id"))?,
            name: row.try_get("name")?,
            phone: row.try_get("phone")?,
            unread_count: row.try_get("unread_count")?,
            status: ConversationStatus::deserialize(StrDeserializer::<serde::de::value::Error>::new(status))
                .map_err(bad_cell("conversation_status"))?,
            opted_out: row.try_get("opted_out")?,
            last_message_at: row.try_get("last_message_at")?,
            sort_at: row.try_get("sort_at")?,
            snoozed_until: row.try_get("snoozed_until")?,
            assigned_to: row
                .try_get::<Option<&str>, _>("assigned_to")?
                .map(str::parse)
                .transpose()
                .map_err(bad_cell("assigned_to"))?,
            labels: serde_json::from_str(row.try_get("labels")?).map_err(bad_cell("labels"))?,
            attributes: serde_json::from_str(row.try_get("attributes")?).map_err(bad_cell("attributes"))?,
            blocked_at: row.try_get("blocked_at")?,
        })
    }
}

/// Which rows of the list.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery<'a> {
    pub(crate) workspace_id: Option<WorkspaceId>,
    pub(crate) filter: ConversationFilter,
    /// Those that carry it.
    pub(crate) label_id: Option<LabelId>,
    /// Whose list it is.
    pub(crate) me: UserId,
    /// Older than this.
    pub(crate) before: Option<Place>,
    /// Not these: they are placed by what this machine knows and the server does not.
    pub(crate) without: &'a [ContactId],
    pub(crate) limit: i64,
}

impl ListQuery<'_> {
    /// The statement. Apart from running it, so that a test can look at its plan.
    pub(crate) fn statement(&self) -> QueryBuilder<Sqlite> {
        self.selecting(&format!("select {COLUMNS}"))
    }

    /// The statement for how many rows there are, `limit` at most.
    pub(crate) fn counting(&self) -> QueryBuilder<Sqlite> {
        let mut sql = self.selecting("select count(*) from (select 1");
        sql.push(")");
        sql
    }

    fn selecting(&self, what: &str) -> QueryBuilder<Sqlite> {
        // Whichever table is walked, its places stand in the order of the list.
        let (from, at, id) = match self.label_id {
            None => ("contacts c", "c.sort_at", "c.id"),
            Some(_) => ("contact_labels l cross join contacts c on c.id = l.contact_id", "l.sort_at", "l.contact_id"),
        };
        let mut sql = QueryBuilder::new(format!("{what} from {from} where true"));
        if let Some(label_id) = self.label_id {
            sql.push(" and l.label_id = ").push_bind(label_id.to_string());
        }
        match self.filter {
            ConversationFilter::All => &mut sql,
            ConversationFilter::Open => sql.push(" and c.conversation_status in ('Open', 'Pending')"),
            ConversationFilter::Mine => sql
                .push(" and c.conversation_status in ('Open', 'Pending') and c.assigned_to = ")
                .push_bind(self.me.to_string()),
            ConversationFilter::Unassigned => {
                sql.push(" and c.assigned_to is null and c.conversation_status in ('Open', 'Pending')")
            }
            ConversationFilter::Snoozed => sql.push(" and c.conversation_status = 'Snoozed'"),
            ConversationFilter::Closed => sql.push(" and c.conversation_status = 'Closed'"),
            ConversationFilter::Unread => sql.push(" and c.unread_count > 0"),
        };
        if let Some(workspace_id) = self.workspace_id {
            sql.push(" and c.workspace_id = ").push_bind(workspace_id.to_string());
        }
        if let Some(before) = self.before {
            sql.push(format!(" and ({at}, {id}) < (")).push_bind(before.at).push(", ");
            sql.push_bind(before.id.to_string()).push(")");
        }
        if !self.without.is_empty() {
            sql.push(" and c.id not in (select value from json_each(").push_bind(json_ids(self.without)).push("))");
        }
        sql.push(format!(" order by {at} desc, {id} desc limit ")).push_bind(self.limit);
        sql
    }
}

impl Cache {
    /// Newest first.
    pub(crate) async fn list(&self, query: &ListQuery<'_>) -> Result<Vec<CachedContact>> {
        Ok(query.statement().build_query_as().fetch_all(&self.pool).await?)
    }

    /// One contact.
    pub(crate) async fn contact(&self, id: ContactId) -> Result<Option<CachedContact>> {
        Ok(self.contacts(&[id]).await?.pop())
    }

    /// The contact with a number, the one that wrote last where several teams have one. Reads every row: it is asked when a link is
    /// followed.
    pub(crate) async fn contact_with(&self, number: &str) -> Result<Option<ContactId>> {
        let id: Option<String> = sqlx::query_scalar(
            "select id from contacts where phone = ?1 or exists (select 1 from json_each(other_phones) where value = ?1) \
             order by phone = ?1 desc, sort_at desc limit 1",
        )
        .bind(number)
        .fetch_optional(&self.pool)
        .await?;
        Ok(id.and_then(|id| id.parse().ok()))
    }

    /// Those of the contacts that are in the cache.
    pub(crate) async fn contacts(&self, ids: &[ContactId]) -> Result<Vec<CachedContact>> {
        let mut sql = QueryBuilder::<Sqlite>::new(format!(
            "select {COLUMNS} from contacts c where c.id in (select value from json_each("
        ));
        sql.push_bind(json_ids(ids)).push("))");
        Ok(sql.build_query_as().fetch_all(&self.pool).await?)
    }
}
