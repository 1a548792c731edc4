//! Contents of files that are on this machine: which, how large, and when they were used last.
//!
//! Asked by [`crate::media`]. The contents lie in [`Cache::files`], encrypted with keys that stand here; the newest fill what room they are
//! given, and all of them can be fetched again.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::MessageId;
use sqlx::{FromRow, Row, sqlite::SqliteRow};
use tracing::warn;
use uuid::Uuid;

use super::{Cache, json_ids};
use crate::{
    Result,
    credentials::FileKey,
    database::{bad_cell, micros},
};

/// A use is noted when the one before was so long ago: looking at a thread writes nothing.
const NOTED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Which content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// All of it, as it is.
    Original,
    /// A picture, made small.
    Small,
}

impl Stored {
    const fn word(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Small => "small",
        }
    }
}

/// Which file: of which text, and which of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileAt {
    pub(crate) message_id: MessageId,
    pub(crate) place: u32,
}

/// A content as the cache knows it.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) id: Uuid,
    pub(crate) key: FileKey,
    pub(crate) content_type: String,
    pub(crate) bytes: u64,
    /// Of the original, for a picture.
    pub(crate) dimensions: Option<(u32, u32)>,
}

impl FromRow<'_, SqliteRow> for Content {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let (width, height): (Option<u32>, Option<u32>) = (row.try_get("width")?, row.try_get("height")?);
        Ok(Self {
            id: Uuid::parse_str(row.try_get("id")?).map_err(bad_cell("id"))?,
            key: FileKey::from_row(row.try_get("key")?),
            content_type: row.try_get("content_type")?,
            bytes: row.try_get::<i64, _>("bytes")?.unsigned_abs(),
            dimensions: width.zip(height),
        })
    }
}

impl Cache {
    /// A content, if it is here. Notes that it was used.
    pub(crate) async fn content(&self, file: FileAt, copy: Stored, now: DateTime<Utc>) -> Result<Option<Content>> {
        let content: Option<Content> = sqlx::query_as(
            "select id, key, content_type, bytes, width, height from media where message_id = ? and place = ? and copy = ?",
        )
        .bind(file.message_id.to_string())
        .bind(file.place)
        .bind(copy.word())
        .fetch_optional(&self.pool)
        .await?;
        if let Some(content) = &content {
            sqlx::query("update media set used_at = ?2 where id = ?1 and used_at < ?3")
                .bind(content.id.to_string())
                .bind(micros(now))
                .bind(micros(now - NOTED_AFTER))
                .execute(&self.writer)
                .await?;
        }
        Ok(content)
    }

    /// Notes a content whose file is there, in the place of the one before, which may be the same. Nothing is noted for a text that is gone meanwhile. What was used
    /// longest ago goes until all of it together is no more than `room` bytes.
    pub(crate) async fn put_content(
        &self,
        file: FileAt,
        copy: Stored,
        content: &Content,
        room: u64,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let mut tx = self.writer.begin_with("begin immediate").await?;
        let mut gone: Vec<(String,)> = sqlx::query_as(
            "delete from media where message_id = ? and place = ? and copy = ? and id <> ? returning id",
        )
        .bind(file.message_id.to_string())
        .bind(file.place)
        .bind(copy.word())
        .bind(content.id.to_string())
        .fetch_all(&mut *tx)
        .await?;
        let noted = sqlx::query(
            "insert or replace into media (message_id, place, copy, id, key, content_type, bytes, width, height, used_at) \
             select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 where exists (select 1 from messages where id = ?1)",
        )
        .bind(file.message_id.to_string())
        .bind(file.place)
        .bind(copy.word())
        .bind(content.id.to_string())
        .bind(content.key.hex())
        .bind(&content.content_type)
        .bind(i64::try_from(content.bytes).unwrap_or(i64::MAX))
        .bind(content.dimensions.map(|(width, _)| width))
        .bind(content.dimensions.map(|(_, height)| height))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        if noted.rows_affected() == 0 {
            gone.push((content.id.to_string(),));
        }
        let over: Vec<(String,)> = sqlx::query_as(
            "delete from media where id in (select id from (select id, sum(bytes) over (order by used_at desc, id desc) as \
             total from media) where total > ?) returning id",
        )
        .bind(i64::try_from(room).unwrap_or(i64::MAX))
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let ids = gone.into_iter().chain(over).filter_map(|(id,)| Uuid::parse_str(&id).ok());
        self.files.remove(ids.collect()).await;
        Ok(())
    }

    /// A content of which the file turned out to be gone, or damaged.
    pub(crate) async fn forget_content(&self, id: Uuid) -> Result<()> {
        sqlx::query("delete from media where id = ?").bind(id.to_string()).execute(&self.writer).await?;
        self.files.remove(vec![id]).await;
        Ok(())
    }

    /// Sizes of pictures of these texts, as far as they are known.
    pub(crate) async fn dimensions(&self, messages: &[MessageId]) -> Result<HashMap<FileAt, (u32, u32)>> {
        if messages.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(String, u32, u32, u32)> = sqlx::query_as(
            "select message_id, place, width, height from media where message_id in (select value from json_each(?)) \
             and width is not null and height is not null",
        )
        .bind(json_ids(messages))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(id, place, width, height)| {
                Some((FileAt { message_id: id.parse().ok()?, place }, (width, height)))
            })
            .collect())
    }

    /// Takes away files without a row. Only while nothing else is done with this cache. Whatever fails, they can wait.
    pub(crate) async fn sweep_files(&self) {
        let swept = async {
            let ids: Vec<(String,)> = sqlx::query_as("select id from media").fetch_all(&self.pool).await?;
            self.files.sweep(ids.iter().filter_map(|(id,)| Uuid::parse_str(id).ok()).collect()).await
        };
        if let Err(error) = swept.await {
            warn!(%error, "Files without texts could not be taken away");
        }
    }
}
