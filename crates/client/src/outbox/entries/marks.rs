//! What becomes of a text that waits: on its way, handed over, tried again, parked, taken back, forgotten.
//!
//! Called by the sender, by `client` for what an agent decides, and by `sync` once the cache has the row. A text that the server may
//! have is never given back.

use chrono::{DateTime, Utc};
use deskline_domain::{delivery::DeliveryStatus, ids::MessageId};
use sqlx::SqliteConnection;

use super::{Entry, Written, select};
use crate::{
    Result,
    cache::json_ids,
    database::micros,
    error::Error,
    outbox::{Outbox, attachments, drafts, hold::Held},
    view::Failure,
};

impl Outbox {
    /// The request is about to leave. From now on the server may have it. Answers false when it is no longer queued.
    pub(crate) async fn mark_sending(&self, id: MessageId) -> Result<bool> {
        let done = sqlx::query(
            "update entries set state = 'sending', attempt = attempt + 1, in_doubt = 1 where id = ? and state = 'queued'",
        )
        .bind(id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Whatever was on its way is queued again. Only while nothing is.
    pub(crate) async fn requeue(&self) -> Result<()> {
        sqlx::query("update entries set state = 'queued' where state = 'sending'").execute(&self.pool).await?;
        Ok(())
    }

    /// The server has it. The text stays to be shown until the cache has the server's row.
    pub(crate) async fn mark_handed_over(&self, id: MessageId, status: DeliveryStatus, has_sid: bool) -> Result<()> {
        sqlx::query(
            "update entries set state = 'handed_over', status = ?2, has_sid = ?3, failure = null where id = ?1",
        )
        .bind(id.to_string())
        .bind(status.as_str())
        .bind(has_sid)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// It will be tried again. `in_doubt` says whether the server may have it all the same.
    pub(crate) async fn mark_retry(&self, id: MessageId, at: DateTime<Utc>, in_doubt: bool) -> Result<()> {
        sqlx::query(
            "update entries set state = 'queued', next_at = ?2, in_doubt = ?3 where id = ?1 and state = 'sending'",
        )
        .bind(id.to_string())
        .bind(micros(at))
        .bind(in_doubt)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// It stays here until somebody decides.
    pub(crate) async fn mark_parked(&self, id: MessageId, failure: &Failure) -> Result<()> {
        let failure = serde_json::to_string(failure).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query("update entries set state = 'parked', failure = ?2, in_doubt = 0 where id = ?1 and state in ('queued', 'sending')")
            .bind(id.to_string())
            .bind(failure)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// It may not fit any more, and stays here until somebody decides. The server does not have it.
    pub(crate) async fn mark_held(&self, id: MessageId, held: Held) -> Result<()> {
        let held = serde_json::to_string(&held).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query("update entries set state = 'parked', held = ?2, in_doubt = 0 where id = ?1 and state in ('queued', 'sending')")
            .bind(id.to_string())
            .bind(held)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A parked or held text goes back into the queue, at its old place; one that waits for a time waits no longer. What the agent
    /// knows now is what it was `written` with; one whose time is over leaves as soon as it can. Answers false when it is none of these.
    pub(crate) async fn unpark(&self, id: MessageId, written: Written, now: DateTime<Utc>) -> Result<bool> {
        let done = sqlx::query(
            "update entries set state = 'queued', failure = null, held = null, attempt = 0, next_at = ?2, decided_at = ?3, \
             after_at = ?4, after_id = ?5, live = ?6, send_at = iif(send_at > ?2, send_at, null) where id = ?1 and state in ('queued', 'parked')",
        )
        .bind(id.to_string())
        .bind(micros(now))
        .bind(micros(written.at))
        .bind(written.after.at)
        .bind(written.after.id.to_string())
        .bind(written.live)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Makes a text that never left this machine a draft again, above what was begun meanwhile and with its files.
    ///
    /// # Errors
    /// As of [`Outbox::discard`].
    pub(crate) async fn take_back(&self, id: MessageId, now: DateTime<Utc>) -> Result<Entry> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let entry = remove(&mut tx, id).await?;
        drafts::put_above(&mut tx, entry.contact_id, &entry.content, now).await?;
        attachments::come_back(&mut tx, entry.contact_id, id, now).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Everything that waits for a time falls due: the server can be reached again.
    pub(crate) async fn make_due(&self, now: DateTime<Utc>) -> Result<()> {
        for sql in [
            "update entries set next_at = ?1 where state = 'queued' and next_at > ?1",
            "update commands set next_at = ?1 where next_at > ?1",
        ] {
            sqlx::query(sql).bind(micros(now)).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Takes away a text that never left this machine.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::AlreadySent`] when the server has it or may have it.
    pub(crate) async fn discard(&self, id: MessageId) -> Result<Entry> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let entry = remove(&mut tx, id).await?;
        let contents = attachments::forget(&mut tx, &[id]).await?;
        tx.commit().await?;
        self.files.remove(contents).await;
        Ok(entry)
    }

    /// Forgets texts whose rows the cache has, or that were deleted on the server. Answers those that were still here.
    pub(crate) async fn forget(&self, ids: &[MessageId]) -> Result<Vec<MessageId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let rows: Vec<(String,)> =
            sqlx::query_as("delete from entries where id in (select value from json_each(?)) returning id")
                .bind(json_ids(ids))
                .fetch_all(&mut *tx)
                .await?;
        let contents = attachments::forget(&mut tx, ids).await?;
        tx.commit().await?;
        self.files.remove(contents).await;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }
}

/// Takes out a text that the server does not have for certain.
async fn remove(tx: &mut SqliteConnection, id: MessageId) -> Result<Entry> {
    let entry: Option<Entry> =
        sqlx::query_as(select!("where id = ?")).bind(id.to_string()).fetch_optional(&mut *tx).await?;
    let entry = entry.ok_or(Error::NotFound("text"))?;
    let done = sqlx::query("delete from entries where id = ? and in_doubt = 0 and state in ('queued', 'parked')")
        .bind(id.to_string())
        .execute(tx)
        .await?;
    if done.rows_affected() == 0 { Err(Error::AlreadySent) } else { Ok(entry) }
}
