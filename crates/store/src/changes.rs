//! Reading the change feed: whoever has seen change 412 asks for what came after 412.
//!
//! Called by the server's fan-out and by `GET /sync`. Numbers are given by a trigger at commit (migrations), never here.

use deskline_domain::{
    change::{Change, ChangePage, Cursor},
    ids::{FeedId, WorkspaceId},
    row::RawRow,
};
use sqlx::types::Json;

use crate::{Listener, Result, Store};

const MAX_PAGE: i64 = 1_000;

impl Store {
    /// The feed's newest number.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn head(&self, workspace: WorkspaceId) -> Result<Cursor> {
        let row = sqlx::query!(
            r#"select f.id as feed, coalesce((select max(seq) from changes where workspace_id = $1), 0) as "seq!" from feeds f"#,
            workspace.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Cursor { feed: FeedId(row.feed), seq: row.seq })
    }

    /// What changed after `after`, at most `limit` (1 to 1,000) entities, all as of one moment.
    ///
    /// A page whose `head` is smaller than `after` says that the reader comes from another feed: it must start over.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn changes_after(&self, workspace: WorkspaceId, after: i64, limit: i64) -> Result<ChangePage> {
        let mut page = self.changes_since(workspace, after, after, limit).await?;
        page.changes.sort_unstable_by_key(|change| change.seq);
        Ok(page)
    }

    /// The same for a reader that tells new rows from changed ones over several pages. `seen` is its cursor when it last was at
    /// the head: a row that appeared after that is new to it, even if it was changed again while earlier pages were read. New
    /// rows stand where they appeared, and not by their latest number: two texts keep their order when the first was changed.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn changes_since(&self, workspace: WorkspaceId, after: i64, seen: i64, limit: i64) -> Result<ChangePage> {
        let limit = limit.clamp(1, MAX_PAGE);
        // One statement, and so one snapshot: the head, the numbers and the rows belong together.
        // A row that has moved to another workspace is gone from this one.
        let rows = sqlx::query!(
            r#"
            select f.id as feed,
                   coalesce((select max(seq) from changes where workspace_id = $1), 0) as "head!",
                   p.seq as "seq?", p.entity as "entity?", p.entity_id as "entity_id?", p.created_seq as "created_seq?",
                   case p.entity
                     when 'contact' then
                       (select to_json(c) from contacts c where c.id = p.entity_id and c.workspace_id = $1)
                     when 'message' then
                       (select to_json(m) from messages m where m.id = p.entity_id and m.workspace_id = $1)
                     when 'label' then
                       (select to_json(l) from labels l where l.id = p.entity_id and l.workspace_id = $1)
                     when 'note' then
                       (select to_json(n) from notes n where n.id = p.entity_id and n.workspace_id = $1)
                     when 'canned_reply' then
                       (select to_json(r) from canned_replies r where r.id = p.entity_id and r.workspace_id = $1)
                     when 'member' then
                       (select (to_jsonb(w) || jsonb_build_object('email', a.email))::json
                        from workspace_members w left join agents a on a.id = w.user_id
                        where w.user_id = p.entity_id and w.workspace_id = $1)
                     when 'audit' then
                       (select (to_jsonb(u) - 'account_sid')::json from workspace_audits u
                        where u.workspace_id = p.entity_id and u.workspace_id = $1)
                   end as "row?: Json<RawRow>"
            from feeds f
            left join (
              select seq, entity, entity_id, created_seq
              from changes
              where workspace_id = $1 and seq > $2
              order by seq
              limit $3
            ) p on true
            order by case when p.created_seq > $4 then p.created_seq else p.seq end, p.seq
            "#,
            workspace.0,
            after,
            limit,
            seen,
        )
        .fetch_all(&self.pool)
        .await?;

        let Some(first) = rows.first() else { return Err(sqlx::Error::RowNotFound.into()) };
        let (feed, head) = (FeedId(first.feed), first.head);
        let changes: Vec<Change> = rows
            .into_iter()
            .filter_map(|row| {
                let (seq, entity, id) = (row.seq?, row.entity?, row.entity_id?);
                Some(Change { seq, entity, id, created: row.created_seq? > seen, row: row.row.map(|row| row.0) })
            })
            .collect();
        let last = changes.iter().map(|change| change.seq).max().unwrap_or(after);
        Ok(ChangePage { workspace_id: workspace, feed, after, up_to: last, head, changes })
    }

    /// Starts listening for changes of every workspace. The first thing heard is [`crate::Wake::All`], once it listens.
    #[must_use]
    pub fn listen(&self) -> Listener {
        Listener::start(&self.pool, self.key.is_none())
    }
}
