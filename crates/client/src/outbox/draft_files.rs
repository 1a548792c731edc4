//! Files of a draft that other desktops of its author have, too: what the server says of them, put in the place of what is here.
//!
//! Called by `drafts` when a version from elsewhere is taken over, and by `sync/draft_files` while contents are fetched. A file that was attached
//! elsewhere is *coming*: its row is here, and its content is with the server until it was fetched. A text can take it along before.

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{AttachmentId, ContactId, FileId},
    protocol::DraftFile,
};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{
    Outbox,
    attachments::{Attachment, attachments_as_json, of_draft, read_attachments},
};
use crate::{Result, credentials::FileKey, database::micros, media::name::name_of, options::Dice};

/// What taking the files of a version over came to.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    /// Whether others are here than before.
    pub(super) changed: bool,
    /// Contents to remove once that is certain.
    pub(super) gone: Vec<Uuid>,
}

/// Puts these files in the place of those that the draft has. One that the server was never given stays: it is nowhere else.
pub(super) async fn replace(
    tx: &mut SqliteConnection,
    contact_id: ContactId,
    files: &[DraftFile],
    now: DateTime<Utc>,
    dice: &Dice,
) -> Result<Replaced> {
    let before = of_draft(tx, contact_id).await?;
    let mut replaced = Replaced::default();
    for here in &before {
        if here.upload.is_some_and(|upload| files.iter().all(|file| file.id != upload)) {
            sqlx::query("delete from attachments where id = ?").bind(here.id.to_string()).execute(&mut *tx).await?;
            replaced.gone.push(here.id.0);
        }
    }
    for (place, file) in (0_i64..).zip(files) {
        if let Some(here) = before.iter().find(|here| here.upload == Some(file.id)) {
            sqlx::query("update attachments set place = ? where id = ?")
                .bind(place)
                .bind(here.id.to_string())
                .execute(&mut *tx)
                .await?;
        } else {
            note_coming(tx, contact_id, place, file, now, dice).await?;
            replaced.changed = true;
        }
    }
    replaced.changed |= !replaced.gone.is_empty();
    Ok(replaced)
}

/// Notes a file whose content is to come.
async fn note_coming(
    tx: &mut SqliteConnection,
    contact_id: ContactId,
    place: i64,
    file: &DraftFile,
    now: DateTime<Utc>,
    dice: &Dice,
) -> Result<()> {
    sqlx::query(
        "insert into attachments (id, contact_id, place, name, content_type, size, key, upload, coming, link, linked_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, iif(?9 is null, null, ?10))",
    )
    .bind(AttachmentId::v7(now, dice.bytes()).to_string())
    .bind(contact_id.to_string())
    .bind(place)
    .bind(file.name.as_deref().and_then(name_of))
    .bind(&file.content_type)
    .bind(i64::try_from(file.size).unwrap_or(i64::MAX))
    .bind(FileKey::roll(dice).hex())
    .bind(file.id.to_string())
    .bind(file.url.as_deref())
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(())
}

impl Outbox {
    /// Notes where files that are still to come can be fetched from now on. Answers whether there are any.
    pub(crate) async fn mark_fetchable(&self, files: &[DraftFile], now: DateTime<Utc>) -> Result<bool> {
        let mut any = false;
        for file in files {
            let Some(url) = &file.url else { continue };
            let done = sqlx::query("update attachments set link = ?2, linked_at = ?3 where upload = ?1 and coming")
                .bind(file.id.to_string())
                .bind(url)
                .bind(micros(now))
                .execute(&self.pool)
                .await?;
            any |= done.rows_affected() > 0;
        }
        Ok(any)
    }

    /// Files of drafts whose content is to come, in the order in which they were heard of.
    pub(crate) async fn coming_files(&self) -> Result<Vec<Attachment>> {
        let json: String = sqlx::query_scalar(concat!(
            "select ",
            attachments_as_json!(),
            " from attachments a where a.coming and a.entry_id is null"
        ))
        .fetch_one(&self.pool)
        .await?;
        Ok(read_attachments(&json)?)
    }

    /// The content is in [`Outbox::files`] from now on. Answers false when nobody wants it any more.
    pub(crate) async fn mark_arrived(&self, id: AttachmentId, dimensions: Option<(u32, u32)>) -> Result<bool> {
        let done = sqlx::query("update attachments set coming = 0, width = ?2, height = ?3 where id = ?1")
            .bind(id.to_string())
            .bind(dimensions.map(|(width, _)| width))
            .bind(dimensions.map(|(_, height)| height))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The server does not have these uploads any more: what is here has to be given again, and what was to come never will.
    pub(crate) async fn forget_uploads(&self, uploads: &[FileId]) -> Result<()> {
        for upload in uploads {
            for sql in [
                "delete from attachments where upload = ? and coming",
                "update attachments set upload = null, link = null, linked_at = null where upload = ?",
            ] {
                sqlx::query(sql).bind(upload.to_string()).execute(&self.pool).await?;
            }
        }
        Ok(())
    }
}
