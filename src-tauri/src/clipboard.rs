//! The picture on the system's clipboard, for pages that are given none with a paste.
//!
//! Asked by one command. Reads nothing unless the agent pastes, and nothing but pictures.

use arboard::{Clipboard, Error};

/// Rows from the top, four bytes a pixel.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<u8>,
}

/// The picture; `None` when there is none.
pub(crate) async fn picture() -> Option<Pixels> {
    // Whoever owns the clipboard may take its time to answer.
    let read = tauri::async_runtime::spawn_blocking(|| Clipboard::new()?.get_image()).await.ok()?;
    match read {
        Ok(image) => Some(Pixels {
            width: u32::try_from(image.width).ok()?,
            height: u32::try_from(image.height).ok()?,
            rgba: image.bytes.into_owned(),
        }),
        Err(Error::ContentNotAvailable) => None,
        Err(error) => {
            tracing::warn!(%error, "The clipboard cannot be read");
            None
        }
    }
}
