//! What becomes of a text's files once the server's row is here: they stay on this machine, in the cache, without being fetched.

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
            || !self.cache.files.adopt(&self.outbox.files, file.id.0).await?
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
