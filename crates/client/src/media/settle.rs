//! What becomes of a text's files once the server's row is here: they stay on this machine, in the cache, without being fetched.
//!
//! The cache has the file and its row before the outbox forgets either. Whoever looks at a picture in between, or is killed, finds it.

use deskline_domain::ids::MessageId;

use crate::{
    Result,
    cache::media::{Content, FileAt, Stored},
    inbox::Inbox,
    options::Options,
    outbox::attachments::Attachment,
};

impl Inbox {
    /// Lets the outbox forget texts whose rows the cache has, or that are gone. Answers those that were still there.
    pub(crate) async fn settle(&self, ids: &[MessageId], options: &Options) -> Result<Vec<MessageId>> {
        for (message_id, files) in self.outbox.files_of(ids).await? {
            for (place, file) in (0_u32..).zip(files) {
                self.keep(FileAt { message_id, place }, &file, options).await?;
            }
        }
        self.outbox.forget(ids).await
    }

    async fn keep(&self, at: FileAt, file: &Attachment, options: &Options) -> Result<()> {
        if self.cache.message(at.message_id).await?.is_none()
            || !self.cache.files.share(&self.outbox.files, file.id.0).await?
        {
            return Ok(());
        }
        let content = Content {
            id: file.id.0,
            key: file.key.clone(),
            content_type: file.content_type.clone(),
            bytes: file.size,
            dimensions: file.width.zip(file.height),
        };
        self.cache.put_content(at, Stored::Original, &content, options.media_bytes, options.clock.now()).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use deskline_domain::ids::{AttachmentId, ContactId, WorkspaceId};
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::{
        MemoryCredentials, RecordingNotifier,
        cache::Cache,
        credentials::FileKey,
        database::Place,
        inbox::page::Place as At,
        outbox::{
            Outbox,
            attachments::NewAttachment,
            entries::{NewEntry, Written},
        },
    };

    const TEXT: MessageId = MessageId(Uuid::from_u128(1));
    const PICTURE: AttachmentId = AttachmentId(Uuid::from_u128(2));
    const ANN: ContactId = ContactId(Uuid::from_u128(3));
    const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(4));

    fn options(folder: &TempDir) -> Options {
        Options::new(folder.path(), Arc::new(MemoryCredentials::default()), Arc::new(RecordingNotifier::default()))
    }

    /// A text with a picture, in the outbox, whose row the cache has by now.
    async fn handed_over(folder: &TempDir, options: &Options) -> (Inbox, FileKey) {
        let (now, key) = (options.clock.now(), FileKey::roll(&options.dice));
        let place = |name: &str| Place::File(folder.path().join(name));
        let (outbox, _) = Outbox::open(&place("outbox.db"), &key, now).await.unwrap();
        let (cache, _) = Cache::open(&place("cache.db"), &key, now).await.unwrap();
        outbox.files.put(PICTURE.0, &key, vec![7; 100]).await.unwrap();
        let picture = NewAttachment {
            id: PICTURE,
            contact_id: ANN,
            name: None,
            content_type: "image/png".to_owned(),
            size: 100,
            dimensions: Some((10, 10)),
            key: key.clone(),
        };
        outbox.attach(&picture, now).await.unwrap();
        let text = NewEntry {
            id: TEXT,
            workspace_id: TEAM,
            contact_id: ANN,
            content: "look".to_owned(),
            created_at: now,
            written: Written { at: now, after: At::NEWEST, live: true },
            files: vec![PICTURE],
            later: None,
        };
        outbox.push(&text, now).await.unwrap();
        sqlx::query(
            "insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, created_at, updated_at) \
             values (?, ?, ?, 'look', 'outbound', 'queued', 1, 0, '[]', 1, 1)",
        )
        .bind(TEXT.to_string())
        .bind(TEAM.to_string())
        .bind(ANN.to_string())
        .execute(&cache.writer)
        .await
        .unwrap();
        (Inbox { cache, outbox }, key)
    }

    async fn in_the_cache(inbox: &Inbox, key: &FileKey, options: &Options) -> Option<Vec<u8>> {
        let at = FileAt { message_id: TEXT, place: 0 };
        let content = inbox.cache.content(at, Stored::Original, options.clock.now()).await.unwrap()?;
        inbox.cache.files.get(content.id, key).await.unwrap()
    }

    #[tokio::test]
    async fn a_picture_is_in_the_outbox_until_the_cache_can_show_it() {
        let folder = TempDir::new().unwrap();
        let options = options(&folder);
        let (inbox, key) = handed_over(&folder, &options).await;
        // Everything that is between the file and its row, for as long as one likes.
        inbox.cache.writer.close().await;

        inbox.settle(&[TEXT], &options).await.unwrap_err();

        assert!(inbox.outbox.files.get(PICTURE.0, &key).await.unwrap().is_some(), "somebody may be looking at it");
        assert!(inbox.outbox.entry(TEXT).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_program_that_was_killed_before_the_outbox_forgot_settles_again_and_has_the_picture() {
        let folder = TempDir::new().unwrap();
        let options = options(&folder);
        let (inbox, key) = handed_over(&folder, &options).await;
        let files = inbox.outbox.files_of(&[TEXT]).await.unwrap();
        inbox.keep(FileAt { message_id: TEXT, place: 0 }, &files[0].1[0], &options).await.unwrap();

        assert_eq!(inbox.settle(&[TEXT], &options).await.unwrap(), [TEXT]);

        assert_eq!(in_the_cache(&inbox, &key, &options).await, Some(vec![7; 100]));
        assert_eq!(inbox.outbox.files.get(PICTURE.0, &key).await.unwrap(), None);
    }
}
