//! Files of texts: the pictures that the window shows, and whole files for whoever saves them.
//!
//! The only questions beside signing in that may wait for the network: for a file that is not here yet.

use deskline_domain::{
    file,
    ids::{AttachmentId, MessageId},
};

use super::Client;
use crate::{
    Result,
    cache::media::FileAt,
    error::Error,
    media,
    view::{MediaView, Picture, PictureSize, SavedFile},
};

impl Client {
    /// A picture of a text, made to fit. Fetched if it is not here.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Unreachable`], [`Error::Server`] with the reason why the server does not have it;
    /// [`Error::NotAllowed`] for what cannot be shown; [`Error::SignedOut`], [`Error::Database`].
    pub async fn picture(&self, message_id: MessageId, place: u32, size: PictureSize) -> Result<Picture> {
        self.core().me()?;
        media::picture(self.core(), FileAt { message_id, place }, size).await
    }

    /// A picture of a draft, made to fit.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::SignedOut`], [`Error::Database`].
    pub async fn picture_of_attachment(&self, id: AttachmentId, size: PictureSize) -> Result<Picture> {
        let core = self.core();
        core.me()?;
        let attachment = core.inbox().outbox.attachment(id).await?.ok_or(Error::NotFound("file"))?;
        media::picture_of_attachment(core, &attachment, size).await
    }

    /// Sees to it that a picture of a text is here, so that [`Client::picture`] answers at once. Answers what is known of it then.
    ///
    /// # Errors
    /// As of [`Client::picture`].
    pub async fn load_picture(&self, message_id: MessageId, place: u32) -> Result<MediaView> {
        self.picture(message_id, place, PictureSize::Small).await?;
        let files = self.message(message_id).await?.media;
        usize::try_from(place).ok().and_then(|place| files.into_iter().nth(place)).ok_or(Error::NotFound("file"))
    }

    /// A whole file of a text, with a name to save it under.
    ///
    /// # Errors
    /// As of [`Client::picture`].
    pub async fn file(&self, message_id: MessageId, place: u32) -> Result<SavedFile> {
        let known = self.message(message_id).await?.media;
        let name = usize::try_from(place).ok().and_then(|place| known.into_iter().nth(place)?.name);
        let (content_type, content) = media::whole(self.core(), FileAt { message_id, place }).await?;
        let name = name.unwrap_or_else(|| format!("deskline-{}.{}", place + 1, file::extension(&content_type)));
        Ok(SavedFile { name, content })
    }
}
