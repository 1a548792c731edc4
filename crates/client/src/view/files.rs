//! Files of texts, as the window shows them before their bytes are asked for.

use deskline_domain::{
    ids::AttachmentId,
    message::{Media, MediaState},
};
use serde::Serialize;
use ts_rs::TS;

use crate::{media::picture, outbox::attachments};

/// A file that an agent attaches.
#[derive(Clone)]
pub struct NewFile {
    /// What it is called, where known; folders in it are left out.
    pub name: Option<String>,
    /// Its MIME type, where somebody told it.
    pub content_type: Option<String>,
    /// All of it.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for NewFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewFile").field("bytes", &self.content.len()).finish_non_exhaustive()
    }
}

/// A file that goes with a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Attachment {
    /// To show it, and to take it away.
    pub id: AttachmentId,
    /// What it is called.
    pub name: Option<String>,
    /// Its MIME type.
    pub content_type: String,
    /// In bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// In pixels; both or none.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
    /// Whether it can be shown as a picture.
    pub is_picture: bool,
    /// Whether its content is here. One that was attached at another desktop of the agent comes from the server; a text can take it along before.
    pub is_here: bool,
}

/// A file of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MediaView {
    /// What it is called, where known.
    pub name: Option<String>,
    /// Its MIME type, where known.
    pub content_type: Option<String>,
    /// In bytes, where known.
    #[ts(type = "number | null")]
    pub size: Option<u64>,
    /// In pixels; both or none. A picture whose size nobody knows yet has a box all the same.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
    /// Whether it can be shown as a picture.
    pub is_picture: bool,
    /// Whether it can be asked for: it is here, or the server has it.
    pub is_there: bool,
    /// Why it is not there, in a plain sentence; `None` while it is on its way to the server.
    pub problem: Option<String>,
}

/// How large a picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureSize {
    /// In a thread.
    Small,
    /// By itself.
    Large,
}

/// A picture to be shown, encoded by this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `image/jpeg` or `image/png`.
    pub content_type: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// A file to be saved, as it came.
#[derive(Clone)]
pub struct SavedFile {
    /// A name, without folders.
    pub name: String,
    /// All of it.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for SavedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SavedFile").field("bytes", &self.content.len()).finish_non_exhaustive()
    }
}

impl From<&attachments::Attachment> for Attachment {
    fn from(file: &attachments::Attachment) -> Self {
        Self {
            id: file.id,
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            size: file.size,
            width: file.width,
            height: file.height,
            is_picture: picture::is_picture(&file.content_type),
            is_here: !file.coming,
        }
    }
}

impl From<&attachments::Attachment> for MediaView {
    fn from(file: &attachments::Attachment) -> Self {
        Self {
            name: file.name.clone(),
            content_type: Some(file.content_type.clone()),
            size: Some(file.size),
            width: file.width,
            height: file.height,
            is_picture: picture::is_picture(&file.content_type),
            is_there: !file.coming,
            problem: None,
        }
    }
}

impl MediaView {
    /// A file that the server knows, and how large it is as a picture where that is known.
    pub(crate) fn of(file: &Media, dimensions: Option<(u32, u32)>) -> Self {
        let content_type = file.stored_type.clone().or_else(|| file.content_type.clone());
        Self {
            name: None,
            size: file.size.map(u64::from),
            width: dimensions.map(|(width, _)| width),
            height: dimensions.map(|(_, height)| height),
            is_picture: content_type.as_deref().is_some_and(picture::is_picture),
            is_there: file.state == Some(MediaState::Stored),
            problem: file.problem.clone(),
            content_type,
        }
    }
}
