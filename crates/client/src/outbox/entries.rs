//! Texts that wait: the queue's verbs over one table.
//!
//! `queued → sending → handed_over → (gone once the cache has the row)`, or `sending → queued` to try again, or
//! `→ parked` until somebody decides. A text that was parked or handed over holds up nobody; one that is queued or being
//! sent holds up the later ones of its conversation, and of no other. A held text is parked with a question. What becomes of a
//! text is in `marks`, what is asked about them in `read`.

mod marks;
mod read;

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{AttachmentId, ContactId, MessageId, WorkspaceId},
};
use sqlx::{FromRow, Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Outbox,
    attachments::{self, Attachment, read_attachments},
    drafts,
    hold::Held,
    reply,
};
use crate::{
    Result,
    database::{bad_cell, from_micros, micros},
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
            $crate::outbox::attachments::attachments_as_json!(),
            " from attachments a where a.entry_id = entries.id) as files from entries ",
            $rest
        )
    };
}
pub(super) use select;

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
}
