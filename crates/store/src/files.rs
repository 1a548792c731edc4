//! The files that the server keeps: what is known of each, and which text holds which. Their content is not in Postgres.
//!
//! Called by the server's media routes and job, by `outbound` for the files of a text and by `drafts` for those of what was begun. Which file stands where is read from
//! `message_files` alone: `messages.media` is written by other programs too.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    ids::{FileId, MessageId, UserId, WorkspaceId},
    message::{Media, MediaState},
};
use sqlx::PgConnection;

use crate::{Result, Store};

/// An uploaded file that no text and no draft holds is kept this long: a text with it may be on its way.
pub const KEPT_UNSENT: TimeDelta = TimeDelta::days(90);

/// A row of `media_files`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its id, and the name of its content.
    pub id: FileId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// The MIME type that it is served with.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
    /// What its owner calls it.
    pub name: Option<String>,
}

/// A file whose content was stored.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id, and the name of its content.
    pub id: FileId,
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// The MIME type to serve it with.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
    /// What its owner calls it.
    pub name: Option<String>,
    /// The agent who uploaded it; none for a file that came with a text.
    pub uploaded_by: Option<UserId>,
    /// Kept until then even when no text and no draft holds it.
    pub kept_until: DateTime<Utc>,
    /// The time.
    pub now: DateTime<Utc>,
}

impl NewFile {
    pub(crate) async fn insert(&self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "insert into media_files (id, workspace_id, content_type, size, name, uploaded_by, kept_until, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.id.0,
            self.workspace_id.0,
            self.content_type,
            self.size,
            self.name,
            self.uploaded_by.map(|user| user.0),
            self.kept_until,
            self.now,
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Keeps what is known of an uploaded file.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_file(&self, file: &NewFile) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        file.insert(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A file by its id. Whether the caller may see it is the caller's business.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn file(&self, id: FileId) -> Result<Option<File>> {
        Ok(sqlx::query_as!(
            File,
            r#"select id, workspace_id, content_type, size, name
               from media_files where id = $1"#,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// The file at a place of a text's `media`, if we keep it.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn file_of_message(
        &self,
        workspace: WorkspaceId,
        message: MessageId,
        position: i32,
    ) -> Result<Option<File>> {
        Ok(sqlx::query_as!(
            File,
            r#"select f.id, f.workspace_id, f.content_type, f.size, f.name
               from messages m join message_files p on p.message_id = m.id join media_files f on f.id = p.file_id
               where m.workspace_id = $1 and m.id = $2 and p.position = $3"#,
            workspace.0,
            message.0,
            position,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// The files of a text that we keep, with their places.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn files_of_message(&self, message: MessageId) -> Result<Vec<(i32, FileId)>> {
        let rows = sqlx::query!("select position, file_id from message_files where message_id = $1", message.0)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|row| (row.position, FileId(row.file_id))).collect())
    }

    /// Files whose time is over and that no text and no draft holds.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn idle_files(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<File>> {
        Ok(sqlx::query_as!(
            File,
            r#"select f.id, f.workspace_id, f.content_type, f.size, f.name
               from media_files f
               where f.kept_until <= $1 and not exists (select from message_files p where p.file_id = f.id)
                 and not exists (select from drafts d
                                 where d.files <> '[]' and d.files @> jsonb_build_array(jsonb_build_object('id', f.id)))
               order by f.kept_until
               limit $2"#,
            now,
            limit,
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Which of these contents (workspace, file) belong to no file of ours. What lies in the folder of a workspace that this database
    /// does not have is another's, and is not named.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn orphans(&self, contents: &[(WorkspaceId, FileId)]) -> Result<Vec<(WorkspaceId, FileId)>> {
        let (workspaces, files): (Vec<_>, Vec<_>) =
            contents.iter().map(|(workspace, file)| (workspace.0, file.0)).unzip();
        let rows = sqlx::query!(
            r#"select c.workspace_id as "workspace_id!", c.id as "id!"
               from unnest($1::uuid[], $2::uuid[]) c (workspace_id, id)
               join workspaces w on w.id = c.workspace_id
               where not exists (select from media_files f where f.id = c.id)"#,
            &workspaces,
            &files,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| (WorkspaceId(row.workspace_id), FileId(row.id))).collect())
    }

    /// Forgets a file whose content was removed, unless a text or a draft took it meanwhile.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn forget_file(&self, id: FileId) -> Result<()> {
        sqlx::query!(
            "delete from media_files f where f.id = $1 and not exists (select from message_files p where p.file_id = f.id)
               and not exists (select from drafts d
                               where d.files <> '[]' and d.files @> jsonb_build_array(jsonb_build_object('id', f.id)))",
            id.0,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// Keeps files for [`KEPT_UNSENT`] from now on, at least.
pub(crate) async fn promise(tx: &mut PgConnection, files: &[FileId], now: DateTime<Utc>) -> Result<()> {
    let mut ids: Vec<_> = files.iter().map(|file| file.0).collect();
    ids.sort_unstable();
    sqlx::query!(
        "update media_files f set kept_until = $2
         from (select id from media_files where id = any ($1) and kept_until < $2 order by id for no key update) due
         where f.id = due.id",
        &ids,
        now + KEPT_UNSENT,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What stands in `media` for these addresses. One that names a file that this workspace keeps gets its type and size.
pub(crate) async fn attached(tx: &mut PgConnection, workspace: WorkspaceId, urls: &[String]) -> Result<Vec<Media>> {
    let ids: Vec<_> = urls.iter().map(|url| file_in(url).unwrap_or_default()).collect();
    let known = if ids.iter().all(uuid::Uuid::is_nil) {
        Vec::new()
    } else {
        // Locked, so that no file is removed between this look and the text that holds it.
        sqlx::query!(
            "select id, content_type, size from media_files where workspace_id = $1 and id = any ($2) for key share",
            workspace.0,
            &ids,
        )
        .fetch_all(tx)
        .await?
    };
    let media = urls.iter().zip(ids).map(|(url, id)| {
        let plain = Media { url: url.clone(), ..Media::default() };
        match known.iter().find(|file| file.id == id) {
            Some(file) => Media {
                content_type: Some(file.content_type.clone()),
                state: Some(MediaState::Stored),
                key: Some(FileId(id)),
                stored_type: Some(file.content_type.clone()),
                size: u32::try_from(file.size).ok(),
                ..plain
            },
            None => plain,
        }
    });
    Ok(media.collect())
}

/// Notes which files a new text holds.
pub(crate) async fn attach(tx: &mut PgConnection, message: MessageId, media: &[Media]) -> Result<()> {
    for (position, file) in (0..).zip(media) {
        if let Some(key) = file.key {
            sqlx::query!(
                "insert into message_files (message_id, position, file_id) values ($1, $2, $3)",
                message.0,
                position,
                key.0,
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

/// The file that a link of ours names: `…/media/{id}?…`. Whether it is ours is for the table to say.
fn file_in(url: &str) -> Option<uuid::Uuid> {
    let (_, rest) = url.split_once("/media/")?;
    uuid::Uuid::parse_str(rest.split(['?', '#']).next()?).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ID: uuid::Uuid = uuid::Uuid::from_u128(7);

    #[rstest]
    #[case("https://desk.example/team/media/00000000-0000-0000-0000-000000000007?expires=1&signature=2", Some(ID))]
    #[case("https://desk.example/media/00000000-0000-0000-0000-000000000007", Some(ID))]
    #[case("https://desk.example/media/00000000-0000-0000-0000-000000000007/x", None)]
    #[case("https://files.example/a.png", None)]
    fn a_link_of_ours_names_its_file(#[case] url: &str, #[case] expected: Option<uuid::Uuid>) {
        assert_eq!(file_in(url), expected);
    }
}
