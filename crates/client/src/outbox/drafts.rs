//! Texts that were begun and not sent, one a contact, and what the server knows of each. Their files are in `attachments`; what else stands
//! beside the words, in `reply`.
//!
//! `dirty` until the server has the version that is here. What was deleted or sent stays without words and files until then, so that it is
//! deleted at the agent's other desktops, too. When to tell the server, and what to do with its answer, is [`crate::sync::drafts`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::ContactId,
    protocol::{DraftFile, DraftRow, ReplySettings},
};
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    Outbox,
    draft_files::{self, Replaced},
};
use crate::{
    Result,
    cache::json_ids,
    database::{bad_cell, from_micros, micros},
    options::Dice,
};

/// A draft as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) contact_id: ContactId,
    /// Blank once it was deleted or sent, and for one of files or of reply settings alone.
    pub(crate) content: String,
    /// What stands beside it.
    pub(crate) reply: ReplySettings,
    /// The number that it is to go out from.
    pub(crate) sender: Option<String>,
    /// When it was last edited here: the name of this version.
    pub(crate) edited_at: DateTime<Utc>,
    /// Whether the server does not have this version.
    pub(crate) dirty: bool,
    /// The version that the server had last.
    pub(crate) told_at: Option<DateTime<Utc>>,
    /// Whether nobody who keeps drafts knows which files are here: there was no server, or an older one.
    pub(crate) files_untold: bool,
    /// The same for the reply settings that are here.
    pub(crate) reply_untold: bool,
}

/// What a version can have besides words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) files: bool,
    pub(crate) reply: bool,
}

impl Draft {
    /// What nobody who keeps drafts knows of it.
    pub(crate) const fn untold(&self) -> Parts {
        Parts { files: self.files_untold, reply: self.reply_untold }
    }
}

/// What was taken over from another desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Adopted {
    /// The words are others now.
    pub(crate) words: bool,
    /// The files are others now.
    pub(crate) files: bool,
    /// The reply settings are others now.
    pub(crate) reply: bool,
}

impl FromRow<'_, SqliteRow> for Draft {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            contact_id: row.try_get::<&str, _>("contact_id")?.parse().map_err(bad_cell("contact_id"))?,
            content: row.try_get("content")?,
            reply: ReplySettings { cancel_on_reply: row.try_get("cancel_on_reply")?, note: row.try_get("note")? },
            sender: row.try_get("sender")?,
            edited_at: from_micros(row.try_get("updated_at")?),
            dirty: row.try_get("dirty")?,
            told_at: row.try_get::<Option<i64>, _>("told_at")?.map(from_micros),
            files_untold: row.try_get("files_untold")?,
            reply_untold: row.try_get("reply_untold")?,
        })
    }
}

impl Outbox {
    /// Keeps the draft; a blank one takes it away. Answers whether anything changed.
    pub(crate) async fn save_draft(&self, contact_id: ContactId, content: &str, now: DateTime<Utc>) -> Result<bool> {
        if content.trim().is_empty() {
            let mut connection = self.pool.acquire().await?;
            return clear(&mut connection, contact_id, now).await;
        }
        let done = sqlx::query(
            "insert into drafts (contact_id, content, updated_at) values (?, ?, ?) \
             on conflict (contact_id) do update set content = excluded.content, updated_at = excluded.updated_at, dirty = 1 \
             where content <> excluded.content",
        )
        .bind(contact_id.to_string())
        .bind(content)
        .bind(micros(now))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Begins a text with what was written before, above what was begun meanwhile.
    pub(crate) async fn begin_above(&self, contact_id: ContactId, content: &str, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        put_above(&mut tx, contact_id, content, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was begun.
    pub(crate) async fn draft(&self, contact_id: ContactId) -> Result<Option<String>> {
        Ok(self.drafts(&[contact_id]).await?.remove(&contact_id))
    }

    /// What was begun, for each of the contacts.
    pub(crate) async fn drafts(&self, contacts: &[ContactId]) -> Result<HashMap<ContactId, String>> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select contact_id, content from drafts where contact_id in (select value from json_each(?)) and content <> ''",
        )
        .bind(json_ids(contacts))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().filter_map(|(id, content)| Some((id.parse().ok()?, content))).collect())
    }

    /// Every version that the server does not have, the oldest first.
    pub(crate) async fn untold_drafts(&self) -> Result<Vec<Draft>> {
        Ok(sqlx::query_as("select * from drafts where dirty order by updated_at").fetch_all(&self.pool).await?)
    }

    /// Every draft, with those that are deleted and not told.
    pub(crate) async fn all_drafts(&self) -> Result<Vec<Draft>> {
        Ok(sqlx::query_as("select * from drafts").fetch_all(&self.pool).await?)
    }

    /// The server has this version, under this name and with these parts; or it never will, and the draft stays at this desktop alone. What
    /// was edited meanwhile is another version. One that was deleted is gone then.
    pub(crate) async fn mark_draft_told(
        &self,
        draft: &Draft,
        told_at: Option<DateTime<Utc>>,
        with: Parts,
    ) -> Result<()> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        sqlx::query(
            "update drafts set told_at = ?3, dirty = dirty and updated_at <> ?2, \
             files_untold = files_untold and not (?4 and updated_at = ?2), \
             reply_untold = reply_untold and not (?5 and updated_at = ?2) where contact_id = ?1 \
             and (told_at is null or ?3 is null or told_at <= ?3)",
        )
        .bind(draft.contact_id.to_string())
        .bind(micros(draft.edited_at))
        .bind(told_at.map(micros))
        .bind(with.files)
        .bind(with.reply)
        .execute(&mut *tx)
        .await?;
        forget_if_nothing(&mut tx, draft.contact_id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was typed here counts as edited at this moment: it is the newest.
    pub(crate) async fn touch_draft(&self, contact_id: ContactId, now: DateTime<Utc>) -> Result<()> {
        sqlx::query("update drafts set updated_at = ?2, dirty = 1 where contact_id = ?1")
            .bind(contact_id.to_string())
            .bind(micros(now))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes a version of the server's over, unless something was edited here since `known` was looked at. The parts in `keep` stay as they are
    /// here, as does whatever the version says nothing of.
    pub(crate) async fn adopt_draft(
        &self,
        row: &DraftRow,
        known: Option<&Draft>,
        keep: Parts,
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> Result<Adopted> {
        let content = row.content.as_deref().unwrap_or_default();
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let here: Option<Draft> = sqlx::query_as("select * from drafts where contact_id = ?")
            .bind(row.contact_id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if here.as_ref() != known {
            return Ok(Adopted::default());
        }
        let untold = here.as_ref().map(Draft::untold).unwrap_or_default();
        let reply_here = here.as_ref().map(|here| here.reply.clone()).unwrap_or_default();
        let (replaced, files_untold) = match row.files.as_deref().filter(|_| !keep.files) {
            Some(files) => (draft_files::replace(&mut tx, row.contact_id, files, now, dice).await?, false),
            None => (Replaced::default(), untold.files),
        };
        let (reply, reply_untold) = match row.reply.as_ref().filter(|_| !keep.reply) {
            Some(reply) => (reply, false),
            None => (&reply_here, untold.reply),
        };
        sqlx::query(
            "insert or replace into drafts (contact_id, content, sender, updated_at, dirty, told_at, files_untold, \
             cancel_on_reply, note, reply_untold) values (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)",
        )
        .bind(row.contact_id.to_string())
        .bind(content)
        .bind(&row.from)
        .bind(micros(now))
        .bind(micros(row.edited_at))
        .bind(files_untold)
        .bind(reply.cancel_on_reply)
        .bind(&reply.note)
        .bind(reply_untold)
        .execute(&mut *tx)
        .await?;
        forget_if_nothing(&mut tx, row.contact_id).await?;
        tx.commit().await?;
        self.files.remove(replaced.gone).await;
        let words = here.as_ref().map_or("", |here| here.content.as_str()) != content;
        Ok(Adopted { words, files: replaced.changed, reply: *reply != reply_here })
    }

    /// Takes the files of a version over whose words are ours, unless something was edited here since, or what is here could not be told.
    /// Answers whether others are here then.
    pub(crate) async fn adopt_files(
        &self,
        ours: &Draft,
        files: &[DraftFile],
        now: DateTime<Utc>,
        dice: &Dice,
    ) -> Result<bool> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let here: Option<Draft> = sqlx::query_as("select * from drafts where contact_id = ?")
            .bind(ours.contact_id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if ours.files_untold || here.as_ref() != Some(ours) {
            return Ok(false);
        }
        let replaced = draft_files::replace(&mut tx, ours.contact_id, files, now, dice).await?;
        tx.commit().await?;
        self.files.remove(replaced.gone).await;
        Ok(replaced.changed)
    }
}

/// Forgets a draft of which nothing is left, nor anything that somebody has still to be told.
async fn forget_if_nothing(tx: &mut SqliteConnection, contact_id: ContactId) -> Result<()> {
    sqlx::query(
        "delete from drafts as d where d.contact_id = ? and d.content = '' and d.note = '' \
         and not (d.cancel_on_reply or d.dirty or d.files_untold or d.reply_untold) \
         and not exists (select 1 from attachments a where a.contact_id = d.contact_id and a.entry_id is null)",
    )
    .bind(contact_id.to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the words away here, and at the agent's other desktops once the server knows. Answers whether there was one.
pub(super) async fn clear(tx: &mut SqliteConnection, contact_id: ContactId, now: DateTime<Utc>) -> Result<bool> {
    let done = sqlx::query(
        "update drafts set content = '', sender = null, updated_at = ?2, dirty = 1 where contact_id = ?1 and content <> ''",
    )
    .bind(contact_id.to_string())
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Files were put to the draft, or taken from it: that is another version of it.
pub(super) async fn files_changed(tx: &mut SqliteConnection, contact_id: ContactId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "insert into drafts (contact_id, content, updated_at, files_untold) values (?1, '', ?2, 1) \
         on conflict (contact_id) do update set updated_at = excluded.updated_at, dirty = 1, files_untold = 1",
    )
    .bind(contact_id.to_string())
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(())
}

/// See [`Outbox::begin_above`].
pub(super) async fn put_above(
    tx: &mut SqliteConnection,
    contact_id: ContactId,
    content: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    // A text of files alone leaves no words.
    if content.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into drafts (contact_id, content, updated_at) values (?1, ?2, ?3) on conflict (contact_id) do update set \
         content = excluded.content || case content when '' then '' else char(10) || content end, \
         updated_at = excluded.updated_at, dirty = 1",
    )
    .bind(contact_id.to_string())
    .bind(content)
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(())
}
