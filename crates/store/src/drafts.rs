//! What an agent has begun to write and not sent, so that each of the agent's desktops has it.
//!
//! Called by the server for the agent alone: no other member, no dashboard, no feed and no export ever sees a row of it. The version
//! that was edited last stays, whichever arrives last. A hint goes to every server process; who misses it asks again.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    gate::{self, Refusal},
    ids::{ContactId, FileId, UserId, WorkspaceId},
    protocol::{DraftFile, DraftRow, ReplySettings, SaveDraft},
};
use serde_json::{Value, json};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{Result, Store, files, store::retry};

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
    /// No text could carry these files.
    Refused(Refusal),
}

impl Store {
    /// Everything that an agent has begun in a workspace, without what was sent or deleted.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn drafts(&self, workspace: WorkspaceId, user: UserId) -> Result<Vec<DraftRow>> {
        Ok(sqlx::query_as!(
            DraftColumns,
            r#"select contact_id, content, from_number, edited_at, files as "files!: Json<Vec<DraftFile>>",
                      reply as "reply!: Json<ReplySettings>"
               from drafts
               where workspace_id = $1 and user_id = $2 and (content is not null or files <> '[]' or reply <> '{}')
               order by edited_at, contact_id"#,
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
    /// clocks agree. Files that its author did not upload to this workspace are left out; a version that says nothing of files leaves them as
    /// they are, and touches no column that an agent's own login may not write. The same holds for reply settings, which such a login may write.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn save_draft(&self, user: UserId, draft: &SaveDraft, now: DateTime<Utc>) -> Result<DraftOutcome> {
        let age = i64::try_from(draft.age_ms).map_or(OLDEST, TimeDelta::milliseconds).min(OLDEST);
        retry(|| self.store_draft(user, draft, now - age, now)).await
    }

    async fn store_draft(
        &self,
        user: UserId,
        draft: &SaveDraft,
        edited_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<DraftOutcome> {
        let content = words(draft);
        let reply = settings(draft);
        let mut tx = self.pool.begin().await?;
        let files = match &draft.files {
            Some(ids) => Some(known(&mut tx, user, draft, ids, now).await?),
            None => None,
        };
        if let Some(files) = &files
            && let Err(refusal) = gate::check_count(files.len())
                .and_then(|()| gate::check_files(files.iter().map(|file| file.size).sum()))
        {
            return Ok(DraftOutcome::Refused(refusal));
        }
        let says_something = content.is_some()
            || files.as_ref().is_some_and(|files| !files.is_empty())
            || reply.as_ref().is_some_and(|reply| *reply != ReplySettings::default());
        let saved = sqlx::query_as!(
            DraftColumns,
            r#"
            insert into drafts as d (user_id, contact_id, workspace_id, content, from_number, edited_at, reply)
            select $1, c.id, c.workspace_id, $4, $5, $6, coalesce($9::jsonb, '{}')
            from contacts c
            where c.id = $2 and c.workspace_id = $3
              and (not $8
                   or exists (select from drafts o where o.user_id = $1 and o.contact_id = $2)
                   or $7 > (select count(*) from drafts o where o.user_id = $1 and o.workspace_id = $3))
            on conflict (user_id, contact_id) do update
              set content = excluded.content, from_number = excluded.from_number, edited_at = excluded.edited_at,
                  reply = coalesce($9::jsonb, d.reply)
              where d.edited_at < excluded.edited_at
            returning contact_id, content, from_number, edited_at, files as "files!: Json<Vec<DraftFile>>",
                      reply as "reply!: Json<ReplySettings>"
            "#,
            user.0,
            draft.contact_id.0,
            draft.workspace_id.0,
            content,
            draft.from.as_deref().filter(|_| says_something),
            edited_at,
            MOST,
            says_something,
            reply.as_ref().map(column),
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(mut saved) = saved {
            if let Some(files) = files {
                take(&mut tx, user, draft.contact_id, &saved.files, &files, now).await?;
                saved.files = Json(files);
            }
            // A trigger tells every server process.
            tx.commit().await?;
            return Ok(DraftOutcome::Saved(saved.into()));
        }
        not_saved(&mut tx, user, draft, files.as_deref(), reply.as_ref()).await
    }
}

/// Why a version was not kept: there is a later one, or the same, or there may be none.
async fn not_saved(
    tx: &mut PgConnection,
    user: UserId,
    draft: &SaveDraft,
    files: Option<&[DraftFile]>,
    reply: Option<&ReplySettings>,
) -> Result<DraftOutcome> {
    let there = sqlx::query_as!(
        DraftColumns,
        r#"select contact_id, content, from_number, edited_at, files as "files!: Json<Vec<DraftFile>>",
                  reply as "reply!: Json<ReplySettings>"
           from drafts
           where user_id = $1 and contact_id = $2 and workspace_id = $3"#,
        user.0,
        draft.contact_id.0,
        draft.workspace_id.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(there) = there {
        let there = DraftRow::from(there);
        let same = there.content.as_deref() == words(draft)
            && there.from == draft.from
            && (files.is_none() || there.files.as_deref() == files)
            && (reply.is_none() || there.reply.as_ref() == reply);
        return Ok(if same { DraftOutcome::Saved(there) } else { DraftOutcome::Older(there) });
    }
    let contact = sqlx::query_scalar!(
        "select id from contacts where id = $1 and workspace_id = $2",
        draft.contact_id.0,
        draft.workspace_id.0,
    )
    .fetch_optional(tx)
    .await?;
    Ok(if contact.is_some() { DraftOutcome::TooMany } else { DraftOutcome::ContactNotFound })
}

/// The words, if there are any.
fn words(draft: &SaveDraft) -> Option<&str> {
    draft.content.as_deref().filter(|content| !content.trim().is_empty())
}

/// What stands beside them, if the version says so.
fn settings(draft: &SaveDraft) -> Option<ReplySettings> {
    draft.reply.as_ref().map(ReplySettings::fitting)
}

/// As the column has them: an empty object where nothing is set, so that one can ask for those drafts that say something.
fn column(reply: &ReplySettings) -> Value {
    if *reply == ReplySettings::default() { json!({}) } else { json!(reply) }
}

/// Those of the uploads that the author may put to the draft: one's own, to this team, that nobody is about to remove.
async fn known(
    tx: &mut PgConnection,
    user: UserId,
    draft: &SaveDraft,
    ids: &[FileId],
    now: DateTime<Utc>,
) -> Result<Vec<DraftFile>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select f.id, f.name, f.content_type, f.size
           from (select id, min(place) as place from unnest($1::uuid[]) with ordinality u (id, place) group by id) wanted
           join media_files f on f.id = wanted.id
           where f.workspace_id = $2 and f.uploaded_by = $3
             and (f.kept_until > $4
                  or exists (select from drafts d where d.user_id = $3 and d.contact_id = $5
                             and d.files @> jsonb_build_array(jsonb_build_object('id', f.id))))
           order by wanted.place"#,
        &ids,
        draft.workspace_id.0,
        user.0,
        now,
        draft.contact_id.0,
    )
    .fetch_all(tx)
    .await?;
    let files = rows.into_iter().map(|row| DraftFile {
        id: FileId(row.id),
        name: row.name,
        content_type: row.content_type,
        size: u64::try_from(row.size).unwrap_or_default(),
        url: None,
    });
    Ok(files.collect())
}

/// Puts the files of a version in the place of those of the one before. What is taken or dropped is promised anew: a text with it may
/// be on its way from a desktop.
async fn take(
    tx: &mut PgConnection,
    user: UserId,
    contact: ContactId,
    before: &[DraftFile],
    files: &[DraftFile],
    now: DateTime<Utc>,
) -> Result<()> {
    if before == files {
        return Ok(());
    }
    sqlx::query!(
        "update drafts set files = $3 where user_id = $1 and contact_id = $2",
        user.0,
        contact.0,
        Json(files) as _,
    )
    .execute(&mut *tx)
    .await?;
    let touched: Vec<FileId> = before.iter().chain(files).map(|file| file.id).collect();
    files::promise(tx, &touched, now).await
}

struct DraftColumns {
    contact_id: Uuid,
    content: Option<String>,
    from_number: Option<String>,
    edited_at: DateTime<Utc>,
    files: Json<Vec<DraftFile>>,
    reply: Json<ReplySettings>,
}

impl From<DraftColumns> for DraftRow {
    fn from(row: DraftColumns) -> Self {
        Self {
            contact_id: ContactId(row.contact_id),
            content: row.content,
            from: row.from_number,
            edited_at: row.edited_at,
            files: Some(row.files.0),
            reply: Some(row.reply.0),
        }
    }
}
