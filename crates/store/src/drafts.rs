//! What an agent has begun to write and not sent, so that each of the agent's desktops has it.
//!
//! Called by the server for the agent alone: no other member, no dashboard, no feed and no export ever sees a row of it. The version
//! that was edited last stays, whichever arrives last. A hint goes to every server process; who misses it asks again.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    protocol::{DraftRow, SaveDraft},
};

use crate::{Result, Store, store::retry};

/// Drafts of one agent in one workspace. More are no drafts any more.
const MOST: i64 = 1_000;
/// A version that claims to be older than this is as old as this.
const OLDEST: TimeDelta = TimeDelta::days(365);

/// What became of a version of a draft.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftOutcome {
    /// It is the newest, or says the same as the newest.
    Saved(DraftRow),
    /// Another desktop edited it later: that one stays.
    Older(DraftRow),
    /// No such contact in this workspace.
    ContactNotFound,
    /// There are too many.
    TooMany,
}

impl Store {
    /// Everything that an agent has begun in a workspace, without what was sent or deleted.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn drafts(&self, workspace: WorkspaceId, user: UserId) -> Result<Vec<DraftRow>> {
        Ok(sqlx::query_as!(
            DraftColumns,
            "select contact_id, content, from_number, edited_at from drafts
             where workspace_id = $1 and user_id = $2 and content is not null order by edited_at, contact_id",
            workspace.0,
            user.0,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
    }

    /// Keeps a version of a draft, unless a later one is there. How old it is counts from `now`, so that two desktops with different
    /// clocks agree.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn save_draft(&self, user: UserId, draft: &SaveDraft, now: DateTime<Utc>) -> Result<DraftOutcome> {
        let age = i64::try_from(draft.age_ms).map_or(OLDEST, TimeDelta::milliseconds).min(OLDEST);
        retry(|| self.store_draft(user, draft, now - age)).await
    }

    async fn store_draft(&self, user: UserId, draft: &SaveDraft, edited_at: DateTime<Utc>) -> Result<DraftOutcome> {
        let content = draft.content.as_deref().filter(|content| !content.trim().is_empty());
        let mut tx = self.pool.begin().await?;
        let saved = sqlx::query_as!(
            DraftColumns,
            r#"
            insert into drafts as d (user_id, contact_id, workspace_id, content, from_number, edited_at)
            select $1, c.id, c.workspace_id, $4, $5, $6
            from contacts c
            where c.id = $2 and c.workspace_id = $3
              and ($4::text is null
                   or exists (select from drafts o where o.user_id = $1 and o.contact_id = $2)
                   or $7 > (select count(*) from drafts o where o.user_id = $1 and o.workspace_id = $3))
            on conflict (user_id, contact_id) do update
              set content = excluded.content, from_number = excluded.from_number, edited_at = excluded.edited_at
              where d.edited_at < excluded.edited_at
            returning contact_id, content, from_number, edited_at
            "#,
            user.0,
            draft.contact_id.0,
            draft.workspace_id.0,
            content,
            draft.from.as_deref().filter(|_| content.is_some()),
            edited_at,
            MOST,
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(saved) = saved {
            // A trigger tells every server process.
            tx.commit().await?;
            return Ok(DraftOutcome::Saved(saved.into()));
        }
        let there = sqlx::query_as!(
            DraftColumns,
            "select contact_id, content, from_number, edited_at from drafts
             where user_id = $1 and contact_id = $2 and workspace_id = $3",
            user.0,
            draft.contact_id.0,
            draft.workspace_id.0,
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(there) = there {
            let there = DraftRow::from(there);
            let same = there.content.as_deref() == content && there.from == draft.from;
            return Ok(if same { DraftOutcome::Saved(there) } else { DraftOutcome::Older(there) });
        }
        let contact = sqlx::query_scalar!(
            "select id from contacts where id = $1 and workspace_id = $2",
            draft.contact_id.0,
            draft.workspace_id.0,
        )
        .fetch_optional(&mut *tx)
        .await?;
        Ok(if contact.is_some() { DraftOutcome::TooMany } else { DraftOutcome::ContactNotFound })
    }
}

struct DraftColumns {
    contact_id: uuid::Uuid,
    content: Option<String>,
    from_number: Option<String>,
    edited_at: DateTime<Utc>,
}

impl From<DraftColumns> for DraftRow {
    fn from(row: DraftColumns) -> Self {
        Self {
            contact_id: ContactId(row.contact_id),
            content: row.content,
            from: row.from_number,
            edited_at: row.edited_at,
        }
    }
}
