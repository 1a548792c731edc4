//! Files that go with texts: kept with the draft, moved to the text when it is sent, forgotten when the server's row is here.
//!
//! A row says what a file is and holds its key; its content lies in [`Outbox::files`]. The content is written first and removed last,
//! so that a row never stands for nothing; what stays behind in between is swept away at the next start.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    gate,
    ids::{AttachmentId, ContactId, FileId, MessageId},
};
use serde::Deserialize;
use sqlx::SqliteConnection;
use tracing::warn;
use uuid::Uuid;

use super::{Outbox, drafts};
use crate::{
    Result,
    cache::json_ids,
    credentials::FileKey,
    database::{bad_cell, from_micros, micros},
    error::Error,
};

/// The server keeps a file that no text holds for 90 days. One that it was given longer ago than this is given again.
const LINK_IS_GOOD_FOR: TimeDelta = TimeDelta::days(30);

/// A file as the outbox keeps it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) id: AttachmentId,
    pub(crate) contact_id: ContactId,
    pub(crate) name: Option<String>,
    pub(crate) content_type: String,
    /// In bytes.
    pub(crate) size: u64,
    /// In pixels, for a picture.
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) key: FileKey,
    /// What the server calls it, where it has it.
    pub(crate) upload: Option<FileId>,
    /// Whether its content is with the server alone.
    pub(crate) coming: bool,
    link: Option<String>,
    linked_at: Option<i64>,
}

impl Attachment {
    /// Where the server has it, if it has it still.
    pub(crate) fn link(&self, now: DateTime<Utc>) -> Option<&str> {
        let since = from_micros(self.linked_at?);
        self.link.as_deref().filter(|_| now - since < LINK_IS_GOOD_FOR)
    }
}

/// A file to keep.
#[derive(Clone, Debug)]
pub(crate) struct NewAttachment {
    pub(crate) id: AttachmentId,
    pub(crate) contact_id: ContactId,
    pub(crate) name: Option<String>,
    pub(crate) content_type: String,
    pub(crate) size: u64,
    pub(crate) dimensions: Option<(u32, u32)>,
    pub(crate) key: FileKey,
}

/// A list of [`Attachment`]s as JSON, of the rows of `attachments a`.
macro_rules! attachments_as_json {
    () => {
        "json_group_array(json_object('id', a.id, 'contact_id', a.contact_id, 'name', a.name, 'content_type', a.content_type, \
         'size', a.size, 'width', a.width, 'height', a.height, 'key', a.key, 'upload', a.upload, \
         'coming', json(iif(a.coming, 'true', 'false')), 'link', a.link, 'linked_at', a.linked_at) \
         order by a.place, a.id)"
    };
}
pub(crate) use attachments_as_json;

/// Reads what [`attachments_as_json`] wrote.
pub(crate) fn read_attachments(json: &str) -> Result<Vec<Attachment>, sqlx::Error> {
    serde_json::from_str(json).map_err(bad_cell("attachments"))
}

/// All files of a text together, in bytes.
pub(crate) fn total_size(files: &[Attachment]) -> u64 {
    files.iter().map(|file| file.size).sum()
}

impl Outbox {
    /// Puts a file to the contact's draft, whose content is in [`Outbox::files`] already.
    ///
    /// # Errors
    /// [`Error::Refused`] when the draft has as many as a text can carry; nothing is kept then.
    pub(crate) async fn attach(&self, new: &NewAttachment, now: DateTime<Utc>) -> Result<Attachment> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let before = of_draft(&mut tx, new.contact_id).await?;
        gate::check_count(before.len() + 1)?;
        gate::check_files(total_size(&before) + new.size)?;
        sqlx::query(
            "insert into attachments (id, contact_id, place, name, content_type, size, width, height, key) \
             select ?1, ?2, coalesce(max(place) + 1, 0), ?3, ?4, ?5, ?6, ?7, ?8 from attachments \
             where contact_id = ?2 and entry_id is null",
        )
        .bind(new.id.to_string())
        .bind(new.contact_id.to_string())
        .bind(new.name.as_deref())
        .bind(&new.content_type)
        .bind(i64::try_from(new.size).unwrap_or(i64::MAX))
        .bind(new.dimensions.map(|(width, _)| width))
        .bind(new.dimensions.map(|(_, height)| height))
        .bind(new.key.hex())
        .execute(&mut *tx)
        .await?;
        drafts::files_changed(&mut tx, new.contact_id, now).await?;
        tx.commit().await?;
        Ok(Attachment {
            id: new.id,
            contact_id: new.contact_id,
            name: new.name.clone(),
            content_type: new.content_type.clone(),
            size: new.size,
            width: new.dimensions.map(|(width, _)| width),
            height: new.dimensions.map(|(_, height)| height),
            key: new.key.clone(),
            upload: None,
            coming: false,
            link: None,
            linked_at: None,
        })
    }

    /// Takes a file away from a draft, for good. Answers whose draft that was.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no draft has it: it goes with a text by now, or is gone.
    pub(crate) async fn detach(&self, id: AttachmentId, now: DateTime<Utc>) -> Result<ContactId> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let contact: Option<String> =
            sqlx::query_scalar("delete from attachments where id = ? and entry_id is null returning contact_id")
                .bind(id.to_string())
                .fetch_optional(&mut *tx)
                .await?;
        let contact = contact.ok_or(Error::NotFound("file"))?.parse().map_err(bad_cell("contact_id"))?;
        drafts::files_changed(&mut tx, contact, now).await?;
        tx.commit().await?;
        self.files.remove(vec![id.0]).await;
        Ok(contact)
    }

    /// One file, wherever it belongs.
    pub(crate) async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        let json: String =
            sqlx::query_scalar(concat!("select ", attachments_as_json!(), " from attachments a where a.id = ?"))
                .bind(id.to_string())
                .fetch_one(&self.pool)
                .await?;
        Ok(read_attachments(&json)?.pop())
    }

    /// The files of a contact's draft, in order.
    pub(crate) async fn attachments(&self, contact_id: ContactId) -> Result<Vec<Attachment>> {
        Ok(self.attachments_of(&[contact_id]).await?.remove(&contact_id).unwrap_or_default())
    }

    /// The files of drafts, for each of the contacts that has any.
    pub(crate) async fn attachments_of(&self, contacts: &[ContactId]) -> Result<HashMap<ContactId, Vec<Attachment>>> {
        let rows: Vec<(String, String)> = sqlx::query_as(concat!(
            "select a.contact_id, ",
            attachments_as_json!(),
            " from attachments a where a.entry_id is null and a.contact_id in (select value from json_each(?)) \
             group by a.contact_id"
        ))
        .bind(json_ids(contacts))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(contact, json)| Ok((contact.parse().map_err(bad_cell("contact_id"))?, read_attachments(&json)?)))
            .collect()
    }

    /// The files of texts, for each of the texts that has any.
    pub(crate) async fn files_of(&self, entries: &[MessageId]) -> Result<Vec<(MessageId, Vec<Attachment>)>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, String)> = sqlx::query_as(concat!(
            "select a.entry_id, ",
            attachments_as_json!(),
            " from attachments a where a.entry_id in (select value from json_each(?)) group by a.entry_id"
        ))
        .bind(json_ids(entries))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(entry, json)| Ok((entry.parse().map_err(bad_cell("entry_id"))?, read_attachments(&json)?)))
            .collect()
    }

    /// The server has the file from now on, under this name and at this address.
    pub(crate) async fn mark_linked(
        &self,
        id: AttachmentId,
        upload: FileId,
        link: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query("update attachments set link = ?2, linked_at = ?3, upload = ?4 where id = ?1")
            .bind(id.to_string())
            .bind(link)
            .bind(micros(now))
            .bind(upload.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes away contents without a row. Only while nothing else is done with this outbox. Whatever fails, they can wait.
    pub(crate) async fn sweep_files(&self) {
        let swept = async {
            let ids: Vec<(String,)> = sqlx::query_as("select id from attachments").fetch_all(&self.pool).await?;
            self.files.sweep(ids.iter().filter_map(|(id,)| Uuid::parse_str(id).ok()).collect()).await
        };
        if let Err(error) = swept.await {
            warn!(%error, "Files without texts could not be taken away");
        }
    }
}

/// Moves files from the contact's draft to a text.
pub(super) async fn go_with(
    tx: &mut SqliteConnection,
    contact_id: ContactId,
    files: &[AttachmentId],
    entry: MessageId,
    now: DateTime<Utc>,
) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let moved = sqlx::query(
        "update attachments set entry_id = ? where contact_id = ? and entry_id is null \
         and id in (select value from json_each(?))",
    )
    .bind(entry.to_string())
    .bind(contact_id.to_string())
    .bind(json_ids(files))
    .execute(&mut *tx)
    .await?;
    if usize::try_from(moved.rows_affected()).ok() != Some(files.len()) {
        return Err(Error::NotFound("file"));
    }
    drafts::files_changed(tx, contact_id, now).await
}

/// Moves the files of a text back to the draft of its contact.
pub(super) async fn come_back(
    tx: &mut SqliteConnection,
    contact_id: ContactId,
    entry: MessageId,
    now: DateTime<Utc>,
) -> Result<()> {
    let moved = sqlx::query("update attachments set entry_id = null where entry_id = ?")
        .bind(entry.to_string())
        .execute(&mut *tx)
        .await?;
    if moved.rows_affected() == 0 { Ok(()) } else { drafts::files_changed(tx, contact_id, now).await }
}

/// Forgets the files of texts. Answers which contents may be removed once that is certain.
pub(super) async fn forget(tx: &mut SqliteConnection, entries: &[MessageId]) -> Result<Vec<Uuid>> {
    let gone: Vec<(String,)> =
        sqlx::query_as("delete from attachments where entry_id in (select value from json_each(?)) returning id")
            .bind(json_ids(entries))
            .fetch_all(tx)
            .await?;
    Ok(gone.iter().filter_map(|(id,)| Uuid::parse_str(id).ok()).collect())
}

/// The files of a contact's draft, in order.
pub(super) async fn of_draft(tx: &mut SqliteConnection, contact_id: ContactId) -> Result<Vec<Attachment>> {
    let json: String = sqlx::query_scalar(concat!(
        "select ",
        attachments_as_json!(),
        " from attachments a where a.contact_id = ? and a.entry_id is null"
    ))
    .bind(contact_id.to_string())
    .fetch_one(tx)
    .await?;
    Ok(read_attachments(&json)?)
}
