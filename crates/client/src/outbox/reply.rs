//! What stands in the composer beside the words of a draft: the private note that was begun, and `cancelOnReply`.
//!
//! Called by `client/compose` for what the window hands over, by `entries` when a text is sent, and by `sync/drafts` when another desktop said
//! something else. Both are columns of the draft, which knows besides whether anybody was told. A note is a reason to keep a draft.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use deskline_domain::{ids::ContactId, protocol::ReplySettings};
use sqlx::SqliteConnection;

use super::{Outbox, drafts::Draft};
use crate::{Result, cache::json_ids, database::micros};

impl Outbox {
    /// Keeps what is set; a blank note takes it away. Answers what was there before, if that was something else.
    pub(crate) async fn save_reply(
        &self,
        contact_id: ContactId,
        reply: &ReplySettings,
        now: DateTime<Utc>,
    ) -> Result<Option<ReplySettings>> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let before = reply_of(&mut tx, contact_id).await?;
        let note = if reply.note.trim().is_empty() { "" } else { &reply.note };
        if before.cancel_on_reply == reply.cancel_on_reply && before.note == note {
            return Ok(None);
        }
        sqlx::query(
            "insert into drafts (contact_id, content, updated_at, cancel_on_reply, note, reply_untold) values (?, '', ?, ?, ?, 1) \
             on conflict (contact_id) do update set cancel_on_reply = excluded.cancel_on_reply, note = excluded.note, \
             updated_at = excluded.updated_at, dirty = 1, reply_untold = 1",
        )
        .bind(contact_id.to_string())
        .bind(micros(now))
        .bind(reply.cancel_on_reply)
        .bind(note)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(before))
    }

    /// What is set, for each of the contacts to whom anything is.
    pub(crate) async fn replies(&self, contacts: &[ContactId]) -> Result<HashMap<ContactId, ReplySettings>> {
        let rows: Vec<(String, bool, String)> = sqlx::query_as(
            "select contact_id, cancel_on_reply, note from drafts where contact_id in (select value from json_each(?)) \
             and (cancel_on_reply or note <> '')",
        )
        .bind(json_ids(contacts))
        .fetch_all(&self.pool)
        .await?;
        let read = |(id, cancel_on_reply, note): (String, bool, String)| {
            Some((id.parse().ok()?, ReplySettings { cancel_on_reply, note }))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Takes over what a version has whose words are ours, unless something was edited here since. Answers whether it is something else than
    /// what was here.
    pub(crate) async fn adopt_reply(&self, ours: &Draft, theirs: &ReplySettings) -> Result<bool> {
        let done = sqlx::query(
            "update drafts set cancel_on_reply = ?3, note = ?4 where contact_id = ?1 and updated_at = ?2 and not reply_untold \
             and (cancel_on_reply <> ?3 or note <> ?4)",
        )
        .bind(ours.contact_id.to_string())
        .bind(micros(ours.edited_at))
        .bind(theirs.cancel_on_reply)
        .bind(&theirs.note)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

/// A text is sent: what was set for it alone is over. The note stays.
pub(super) async fn sent(tx: &mut SqliteConnection, contact_id: ContactId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "update drafts set cancel_on_reply = 0, updated_at = ?2, dirty = 1, reply_untold = 1 where contact_id = ?1 and cancel_on_reply",
    )
    .bind(contact_id.to_string())
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(())
}

async fn reply_of(tx: &mut SqliteConnection, contact_id: ContactId) -> Result<ReplySettings> {
    let row: Option<(bool, String)> = sqlx::query_as("select cancel_on_reply, note from drafts where contact_id = ?")
        .bind(contact_id.to_string())
        .fetch_optional(tx)
        .await?;
    Ok(row.map(|(cancel_on_reply, note)| ReplySettings { cancel_on_reply, note }).unwrap_or_default())
}
