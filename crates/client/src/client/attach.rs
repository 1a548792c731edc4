//! Files that go with a text: put to the draft of a conversation, taken away again.
//!
//! What cannot be sent is refused here, the moment it is attached, by the rule that the server asks as well.

use deskline_domain::{
    file, gate,
    ids::{AttachmentId, ContactId},
};

use super::Client;
use crate::{
    Result,
    core::Core,
    credentials::FileKey,
    error::Error,
    event::ClientEvent,
    media::{name::name_of, picture},
    outbox::attachments::NewAttachment,
    view::{Attachment, NewFile},
};

impl Client {
    /// Puts a file to the draft of a conversation. It is on disk, encrypted, when this returns.
    ///
    /// # Errors
    /// [`Error::BadFile`] for a type that Twilio does not take, [`Error::Refused`] for too many files or too many bytes,
    /// [`Error::NotAllowed`] for an empty one, [`Error::DiskFull`], [`Error::NotFound`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn attach(&self, contact_id: ContactId, file: NewFile) -> Result<Attachment> {
        let core = self.core();
        core.me()?;
        self.contact(contact_id).await?;
        let kept = core.keep(contact_id, file).await?;
        core.drafts.edited.notify_one();
        core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
        Ok(kept)
    }

    /// Puts a picture to the draft of a conversation that comes as bare pixels, from the clipboard: as a PNG file.
    ///
    /// # Errors
    /// As of [`Client::attach`].
    pub async fn attach_pixels(
        &self,
        contact_id: ContactId,
        width: u32,
        height: u32,
        rgba: Vec<u8>,
    ) -> Result<Attachment> {
        let encoded = tokio::task::spawn_blocking(move || picture::png(width, height, rgba)).await;
        let content =
            encoded.ok().flatten().ok_or(Error::NotAllowed("The picture on the clipboard cannot be read."))?;
        let name = Some("Pasted picture.png".to_owned());
        self.attach(contact_id, NewFile { name, content_type: Some("image/png".to_owned()), content }).await
    }

    /// Takes a file away from a draft, for good.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it goes with a text by now, [`Error::SignedOut`], [`Error::Database`].
    pub async fn detach(&self, id: AttachmentId) -> Result<()> {
        let core = self.core();
        core.me()?;
        let contact_id = core.inbox().outbox.detach(id, core.now()).await?;
        core.drafts.edited.notify_one();
        core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
        Ok(())
    }
}

impl Core {
    async fn keep(&self, contact_id: ContactId, file: NewFile) -> Result<Attachment> {
        let outbox = self.inbox().outbox;
        let name = file.name.as_deref().and_then(name_of);
        let size = u64::try_from(file.content.len()).unwrap_or(u64::MAX);
        if size == 0 {
            return Err(Error::NotAllowed("This file is empty."));
        }
        // Before anything is written; what the draft has besides is asked about when it is.
        gate::check_files(size)?;
        let told = file.content_type.as_deref().filter(|told| !told.is_empty());
        let told = told.or_else(|| name.as_deref().and_then(file::of_name));
        let content_type = file::of_upload(told, &file.content)?;
        let new = NewAttachment {
            id: AttachmentId::v7(self.now(), self.options.dice.bytes()),
            contact_id,
            name,
            size,
            dimensions: picture::is_picture(&content_type).then(|| picture::dimensions(&file.content)).flatten(),
            content_type,
            key: FileKey::roll(&self.options.dice),
        };
        outbox.files.put(new.id.0, &new.key, file.content).await?;
        match outbox.attach(&new, self.now()).await {
            Ok(kept) => Ok(Attachment::from(&kept)),
            Err(error) => {
                outbox.files.remove(vec![new.id.0]).await;
                Err(error)
            }
        }
    }
}
