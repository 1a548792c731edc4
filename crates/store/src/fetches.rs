//! The work list of files to be fetched from Twilio: a table and its verbs (claim, fetched, again, given up).
//!
//! Driven by the server's media job. A trigger adds a row with each inbound text that has files; a row leaves when its file is
//! here or will never be. Each hand-out has a number (`attempt`), and a verb that carries an old number changes nothing. What became
//! of a file is written into its place in `messages.media`, and so reaches every desktop through the feed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{MessageId, WorkspaceId},
    message::MediaState,
};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{NewFile, Result, Store, store::retry};

/// A file that the caller has to fetch, until its lease ends.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The text that it came with.
    pub message_id: MessageId,
    /// Its place in the text's `media`, from 0 on.
    pub position: i32,
    /// Whose account to fetch it with.
    pub workspace_id: WorkspaceId,
    /// Where it is.
    pub url: String,
    /// Its MIME type, as Twilio told it.
    pub told_type: Option<String>,
    /// The number of this hand-out, from 1 on.
    pub attempt: i32,
}

impl Store {
    /// Hands out files that are due, those whose lease ended among them.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_fetches(&self, now: DateTime<Utc>, lease: Duration, limit: i64) -> Result<Vec<Fetch>> {
        Ok(sqlx::query_as!(
            Fetch,
            r#"
            with due as (
              select f.message_id, f.position
              from media_fetches f
              where f.next_at <= $1 and (f.lease_until is null or f.lease_until <= $1)
              order by f.next_at, f.message_id, f.position
              limit $3
              for update skip locked
            )
            update media_fetches f
            set attempt = f.attempt + 1, lease_until = $2
            from due
            where f.message_id = due.message_id and f.position = due.position
            returning f.message_id, f.position, f.workspace_id, f.url,
                      f.told_type, f.attempt
            "#,
            now,
            now + lease,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// When [`Store::claim_fetches`] will next have something to hand out; `None` when nothing waits.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn next_fetch(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(sqlx::query_scalar!("select min(greatest(next_at, lease_until)) from media_fetches")
            .fetch_one(&self.pool)
            .await?)
    }

    /// The file is in the object store. False when somebody else has it by now, or the text is gone: then nothing is stored.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_fetched(&self, fetch: &Fetch, file: &NewFile) -> Result<bool> {
        let said =
            json!({ "state": MediaState::Stored, "key": file.id, "stored_type": file.content_type, "size": file.size });
        retry(async || {
            let mut tx = self.pool.begin().await?;
            say(&mut tx, fetch, &said).await?;
            if !take_off(&mut tx, fetch).await? {
                return Ok(false);
            }
            file.insert(&mut tx).await?;
            sqlx::query!(
                "insert into message_files (message_id, position, file_id) values ($1, $2, $3)
                 on conflict (message_id, position) do update set file_id = excluded.file_id",
                fetch.message_id.0,
                fetch.position,
                file.id.0,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// The file could not be fetched, and is tried again at a time. The text says so.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_fetch_again(&self, fetch: &Fetch, at: DateTime<Utc>, problem: &str) -> Result<()> {
        retry(async || {
            let mut tx = self.pool.begin().await?;
            say(&mut tx, fetch, &json!({ "state": MediaState::Waiting, "problem": problem })).await?;
            let kept = sqlx::query!(
                "update media_fetches set next_at = $4, lease_until = null where message_id = $1 and position = $2 and attempt = $3",
                fetch.message_id.0,
                fetch.position,
                fetch.attempt,
                at,
            )
            .execute(&mut *tx)
            .await?;
            if kept.rows_affected() > 0 {
                tx.commit().await?;
            }
            Ok(())
        })
        .await
    }

    /// Whoever had the file stopped before anything came of it: another process may have it at once, and nothing is said.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_fetch_released(&self, fetch: &Fetch, now: DateTime<Utc>) -> Result<()> {
        sqlx::query!(
            "update media_fetches set next_at = $4, lease_until = null where message_id = $1 and position = $2 and attempt = $3",
            fetch.message_id.0,
            fetch.position,
            fetch.attempt,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The file will not be tried again by itself. The text says why.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_fetch_failed(&self, fetch: &Fetch, problem: &str) -> Result<()> {
        retry(async || {
            let mut tx = self.pool.begin().await?;
            say(&mut tx, fetch, &json!({ "state": MediaState::Failed, "problem": problem })).await?;
            if take_off(&mut tx, fetch).await? {
                tx.commit().await?;
            }
            Ok(())
        })
        .await
    }

    /// The file is not at Twilio, and none of our business: the text stays as it was written.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn forget_fetch(&self, fetch: &Fetch) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        take_off(&mut tx, fetch).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Tries every file of a text once more that was given up. Answers how many there are.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn fetch_again(&self, workspace: WorkspaceId, message: MessageId, now: DateTime<Utc>) -> Result<u64> {
        retry(async || {
            let mut tx = self.pool.begin().await?;
            let listed = sqlx::query!(
                r#"
                with text as (
                  select m.id, m.workspace_id, m.media from messages m
                  where m.workspace_id = $1 and m.id = $2 and m.direction = 'inbound'
                  for no key update
                ), again as (
                  update messages m
                  set media = (
                    select jsonb_agg(case f.file ->> 'state' when 'failed' then f.file || '{"state": "waiting"}' else f.file end order by f.place)
                    from jsonb_array_elements(text.media) with ordinality f (file, place)
                  )
                  from text
                  where m.id = text.id and text.media @> '[{"state": "failed"}]'
                )
                insert into media_fetches (message_id, position, workspace_id, url, told_type, next_at)
                select text.id, f.place - 1, text.workspace_id, f.file ->> 'url', f.file ->> 'content_type', $3
                from text, jsonb_array_elements(text.media) with ordinality f (file, place)
                where f.file ->> 'state' = 'failed' and f.file ->> 'url' is not null
                on conflict (message_id, position) do nothing
                "#,
                workspace.0,
                message.0,
                now,
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(listed.rows_affected())
        })
        .await
    }
}

/// Writes into the file's place in the text, unless another program put another file there.
async fn say(tx: &mut PgConnection, fetch: &Fetch, said: &Value) -> Result<()> {
    sqlx::query!(
        "update messages set media = jsonb_set(media, array[$2::integer::text], (media -> $2::integer) - 'problem' || $3)
         where id = $1 and media -> $2::integer ->> 'url' = $4",
        fetch.message_id.0,
        fetch.position,
        said,
        fetch.url,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a file off the list. False when it was handed out anew meanwhile, or is no longer there.
async fn take_off(tx: &mut PgConnection, fetch: &Fetch) -> Result<bool> {
    let taken = sqlx::query!(
        "delete from media_fetches where message_id = $1 and position = $2 and attempt = $3",
        fetch.message_id.0,
        fetch.position,
        fetch.attempt,
    )
    .execute(tx)
    .await?;
    Ok(taken.rows_affected() > 0)
}
