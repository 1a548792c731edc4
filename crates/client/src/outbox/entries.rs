//! Texts that wait: the queue's verbs over one table.
//!
//! `queued → sending → handed_over → (gone once the cache has the row)`, or `sending → queued` to try again, or
//! `→ parked` until somebody decides. A text that was parked or handed over holds up nobody; one that is queued or being
//! sent holds up the later ones of its conversation, and of no other. A held text is parked with a question.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{AttachmentId, ContactId, MessageId, WorkspaceId},
};
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Outbox,
    attachments::{self, Attachment, attachments_as_json, read_attachments},
    drafts,
    hold::Held,
    reply,
};
use crate::{
    Result,
    cache::json_ids,
    database::{bad_cell, from_micros, micros},
    error::Error,
    inbox::page::Place,
    view::{Failure, Later},
};

/// A text as the outbox keeps it. Times are microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: MessageId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) contact_id: ContactId,
    pub(crate) content: String,
    pub(crate) created_at: i64,
    pub(crate) state: EntryState,
    /// Tries so far.
    pub(crate) attempt: u32,
    /// Whether the server may have it although it never said so.
    pub(crate) in_doubt: bool,
    pub(crate) written: Written,
    /// In their order.
    pub(crate) files: Vec<Attachment>,
    /// For a text for later.
    pub(crate) later: Option<Later>,
}

/// When a text was written or last decided about, and what the agent could know then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) at: DateTime<Utc>,
    /// The newest message of the thread that was here.
    pub(crate) after: Place,
    /// Whether everything that the server had was here.
    pub(crate) live: bool,
}

/// Which texts may leave, as far as the feed is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct May {
    /// Whether the cache knows what happened meanwhile: then all may.
    pub(crate) caught_up: bool,
    /// Of the others, those that were written live after this,
    pub(crate) live_after: DateTime<Utc>,
    /// or all that were written live, because nobody waits for the feed for ever.
    pub(crate) all_live: bool,
}

/// Where a text stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EntryState {
    Queued,
    Sending,
    /// The server has it, and the cache does not have the server's row yet.
    HandedOver {
        status: DeliveryStatus,
        has_sid: bool,
    },
    Parked(Failure),
    /// It may not fit any more: see [`super::hold`].
    Held(Held),
}

/// A text to queue.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    pub(crate) id: MessageId,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) contact_id: ContactId,
    pub(crate) content: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) written: Written,
    /// Files of the contact's draft that go with it.
    pub(crate) files: Vec<AttachmentId>,
    /// For a text for later.
    pub(crate) later: Option<Later>,
}

/// Every column that [`Entry`] is read from.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, workspace_id, contact_id, content, created_at, state, attempt, in_doubt, status, has_sid, failure, \
             held, decided_at, after_at, after_id, live, send_at, cancel_on_reply, (select ",
            attachments_as_json!(),
            " from attachments a where a.entry_id = entries.id) as files from entries ",
            $rest
        )
    };
}

impl FromRow<'_, SqliteRow> for Entry {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let state = match row.try_get::<&str, _>("state")? {
            "sending" => EntryState::Sending,
            "handed_over" => EntryState::HandedOver {
                status: row.try_get::<&str, _>("status")?.parse().map_err(bad_cell("status"))?,
                has_sid: row.try_get("has_sid")?,
            },
            "parked" => match row.try_get::<Option<&str>, _>("held")? {
                Some(held) => EntryState::Held(serde_json::from_str(held).map_err(bad_cell("held"))?),
                None => EntryState::Parked(
                    serde_json::from_str(row.try_get::<&str, _>("failure")?).map_err(bad_cell("failure"))?,
                ),
            },
            _ => EntryState::Queued,
        };
        Ok(Self {
            id: row.try_get::<&str, _>("id")?.parse().map_err(bad_cell("id"))?,
            workspace_id: row.try_get::<&str, _>("workspace_id")?.parse().map_err(bad_cell("workspace_id"))?,
            contact_id: row.try_get::<&str, _>("contact_id")?.parse().map_err(bad_cell("contact_id"))?,
            content: row.try_get("content")?,
            created_at: row.try_get("created_at")?,
            state,
            attempt: row.try_get("attempt")?,
            in_doubt: row.try_get("in_doubt")?,
            written: Written {
                at: from_micros(row.try_get("decided_at")?),
                after: Place {
                    at: row.try_get("after_at")?,
                    id: Uuid::parse_str(row.try_get("after_id")?).unwrap_or_default(),
                },
                live: row.try_get("live")?,
            },
            files: read_attachments(row.try_get("files")?)?,
            later: match row.try_get::<Option<i64>, _>("send_at")? {
                Some(at) => Some(Later { send_at: from_micros(at), cancel_on_reply: row.try_get("cancel_on_reply")? }),
                None => None,
            },
        })
    }
}

impl Outbox {
    /// Queues a text; from here on it cannot be lost. The contact's draft goes in the same transaction, and
    /// the files that are named move from it to the text.
    pub(crate) async fn push(&self, entry: &NewEntry, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        sqlx::query(
            "insert into entries (id, workspace_id, contact_id, content, created_at, state, next_at, decided_at, after_at, \
             after_id, live, send_at, cancel_on_reply) values (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(entry.id.to_string())
        .bind(entry.workspace_id.to_string())
        .bind(entry.contact_id.to_string())
        .bind(&entry.content)
        .bind(micros(entry.created_at))
        .bind(micros(now))
        .bind(micros(entry.written.at))
        .bind(entry.written.after.at)
        .bind(entry.written.after.id.to_string())
        .bind(entry.written.live)
        .bind(entry.later.map(|later| micros(later.send_at)))
        .bind(entry.later.is_some_and(|later| later.cancel_on_reply))
        .execute(&mut *tx)
        .await?;
        drafts::clear(&mut tx, entry.contact_id, now).await?;
        reply::sent(&mut tx, entry.contact_id, now).await?;
        attachments::go_with(&mut tx, entry.contact_id, &entry.files, entry.id, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The first text that may be sent now: the head of its conversation, and due.
    pub(crate) async fn next_due(&self, now: DateTime<Utc>, may: May) -> Result<Option<Entry>> {
        Ok(sqlx::query_as(select!(
            "where state = 'queued' and next_at <= ?1 and (?2 or (live and (?3 or decided_at > ?4))) \
             and not exists (select 1 from entries earlier \
             where earlier.contact_id = entries.contact_id and earlier.seq < entries.seq \
             and earlier.state in ('queued', 'sending')) order by seq limit 1"
        ))
        .bind(micros(now))
        .bind(may.caught_up)
        .bind(may.all_live)
        .bind(micros(may.live_after))
        .fetch_optional(&self.pool)
        .await?)
    }

    /// When the next text that may leave falls due; `None` when nothing waits for a time.
    pub(crate) async fn next_time(&self, may: May) -> Result<Option<DateTime<Utc>>> {
        let at: Option<i64> = sqlx::query_scalar(
            "select min(next_at) from entries where state = 'queued' and (?1 or (live and (?2 or decided_at > ?3))) \
             and not exists (select 1 from entries earlier \
             where earlier.contact_id = entries.contact_id and earlier.seq < entries.seq \
             and earlier.state in ('queued', 'sending'))",
        )
        .bind(may.caught_up)
        .bind(may.all_live)
        .bind(micros(may.live_after))
        .fetch_one(&self.pool)
        .await?;
        Ok(at.map(from_micros))
    }

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

    /// One text.
    pub(crate) async fn entry(&self, id: MessageId) -> Result<Option<Entry>> {
        Ok(sqlx::query_as(select!("where id = ?")).bind(id.to_string()).fetch_optional(&self.pool).await?)
    }

    /// A contact's texts older than `before`, newest first.
    pub(crate) async fn entries(&self, contact_id: ContactId, before: Option<Place>, limit: i64) -> Result<Vec<Entry>> {
        let before = before.unwrap_or(Place::NEWEST);
        Ok(sqlx::query_as(select!(
            "where contact_id = ? and (created_at, id) < (?, ?) order by created_at desc, id desc limit ?"
        ))
        .bind(contact_id.to_string())
        .bind(before.at)
        .bind(before.id.to_string())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }

    /// A contact's texts newer than `after`, oldest first.
    pub(crate) async fn entries_after(&self, contact_id: ContactId, after: Place, limit: i64) -> Result<Vec<Entry>> {
        Ok(sqlx::query_as(select!(
            "where contact_id = ? and (created_at, id) > (?, ?) order by created_at, id limit ?"
        ))
        .bind(contact_id.to_string())
        .bind(after.at)
        .bind(after.id.to_string())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }

    /// A contact's texts for later that the server does not have for all we know, the next one first.
    pub(crate) async fn later_entries(&self, contact_id: ContactId) -> Result<Vec<Entry>> {
        Ok(sqlx::query_as(select!("where contact_id = ? and send_at is not null order by send_at, id"))
            .bind(contact_id.to_string())
            .fetch_all(&self.pool)
            .await?)
    }

    /// All of them.
    pub(crate) async fn all_entries(&self) -> Result<Vec<Entry>> {
        Ok(sqlx::query_as(select!("order by seq")).fetch_all(&self.pool).await?)
    }

    /// Every id that is here, for the first look after the engine opened.
    pub(crate) async fn all_ids(&self) -> Result<Vec<MessageId>> {
        let rows: Vec<(String,)> = sqlx::query_as("select id from entries").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }

    /// The newest text of each contact that has any here.
    pub(crate) async fn newest_entries(&self) -> Result<HashMap<ContactId, Entry>> {
        let rows: Vec<Entry> = sqlx::query_as(select!(
            "where id in (select (select n.id from entries n where n.contact_id = c.contact_id \
             order by n.created_at desc, n.id desc limit 1) from (select distinct contact_id from entries) c)"
        ))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|entry| (entry.contact_id, entry)).collect())
    }

    /// Those of the contacts that have a parked text.
    pub(crate) async fn parked_contacts(&self) -> Result<Vec<ContactId>> {
        let rows: Vec<(String,)> = sqlx::query_as("select distinct contact_id from entries where state = 'parked'")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }

    /// Texts that the server does not have for all we know: queued and being sent.
    pub(crate) async fn waiting(&self) -> Result<u32> {
        Ok(sqlx::query_scalar("select count(*) from entries where state in ('queued', 'sending')")
            .fetch_one(&self.pool)
            .await?)
    }

    /// Texts that would be lost with this file: those that wait, and those that are parked.
    pub(crate) async fn unsent(&self) -> Result<u32> {
        Ok(sqlx::query_scalar("select count(*) from entries where state in ('queued', 'sending', 'parked')")
            .fetch_one(&self.pool)
            .await?)
    }

    /// When the contact's newest text here was written, in microseconds.
    pub(crate) async fn newest_entry_at(&self, contact_id: ContactId) -> Result<Option<i64>> {
        let row = sqlx::query("select max(created_at) as at from entries where contact_id = ?")
            .bind(contact_id.to_string())
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("at")?)
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
