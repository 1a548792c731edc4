//! Files of texts: from this machine where they are here, from the server where they are not, and small copies of pictures.
//!
//! Called by `client/media`. A file is fetched once however many ask for it, a few side by side, and kept encrypted in a cache that
//! forgets what was used longest ago. What the window shows was decoded and encoded again by [`picture`]; the file itself goes to whoever saves it.

pub(crate) mod fetch;
pub(crate) mod name;
pub(crate) mod picture;
mod settle;

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    Result,
    alone::Alone,
    cache::media::{Content, FileAt, Stored},
    core::Core,
    credentials::FileKey,
    error::Error,
    outbox::attachments::Attachment,
    view::{Picture, PictureSize},
};

/// Files that are fetched or decoded at once: each is in memory as a whole, pictures with all of their pixels.
const AT_ONCE: usize = 2;

/// Sides of the squares that pictures are made to fit into, in pixels: twice what a thread shows, for screens with small pixels.
const SMALL_SIDE: u32 = 640;
const LARGE_SIDE: u32 = 2_048;

/// Who fetches what at the moment.
#[derive(Debug)]
pub(crate) struct Loading {
    turns: Semaphore,
    files: Alone<FileAt>,
}

impl Default for Loading {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), files: Alone::default() }
    }
}

impl Loading {
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.turns.acquire().await.ok()
    }
}

/// A picture of a text, made to fit.
pub(crate) async fn picture(core: &Arc<Core>, file: FileAt, size: PictureSize) -> Result<Picture> {
    if let Some((_, bytes)) = waiting(core, file).await? {
        return shrink(core, bytes, size).await;
    }
    let _alone = core.loading.files.with(file).await;
    if size == PictureSize::Small
        && let Some((content, bytes)) = read(core, file, Stored::Small).await?
    {
        return Ok(Picture { content_type: content.content_type, bytes });
    }
    let (original, bytes) = original(core, file).await?;
    let picture = shrink(core, bytes, size).await?;
    if size == PictureSize::Small {
        keep(core, file, Stored::Small, &picture.content_type, picture.bytes.clone(), original.dimensions).await?;
    }
    Ok(picture)
}

/// A picture of a draft, or of a text that waits, made to fit.
pub(crate) async fn picture_of_attachment(
    core: &Arc<Core>,
    attachment: &Attachment,
    size: PictureSize,
) -> Result<Picture> {
    let bytes = core.inbox().outbox.files.get(attachment.id.0, &attachment.key).await?;
    shrink(core, bytes.ok_or(Error::NotFound("file"))?, size).await
}

/// A whole file of a text, and what it is.
pub(crate) async fn whole(core: &Arc<Core>, file: FileAt) -> Result<(String, Vec<u8>)> {
    if let Some(waiting) = waiting(core, file).await? {
        return Ok(waiting);
    }
    let _alone = core.loading.files.with(file).await;
    let (content, bytes) = original(core, file).await?;
    Ok((content.content_type, bytes))
}

/// The file of a text that the cache does not have yet, and what it is. One that leaves the outbox at this moment is in the cache.
async fn waiting(core: &Arc<Core>, file: FileAt) -> Result<Option<(String, Vec<u8>)>> {
    let outbox = core.inbox().outbox;
    let entry = outbox.entry(file.message_id).await?;
    let place = usize::try_from(file.place).unwrap_or(usize::MAX);
    let Some(attachment) = entry.and_then(|entry| entry.files.into_iter().nth(place)) else { return Ok(None) };
    let bytes = outbox.files.get(attachment.id.0, &attachment.key).await?;
    Ok(bytes.map(|bytes| (attachment.content_type, bytes)))
}

async fn original(core: &Arc<Core>, file: FileAt) -> Result<(Content, Vec<u8>)> {
    if let Some(found) = read(core, file, Stored::Original).await? {
        return Ok(found);
    }
    let fetched = {
        let _turn = core.loading.turn().await;
        fetch::fetch(core, file).await?
    };
    let bytes = fetched.bytes.clone();
    let dimensions = if picture::is_picture(&fetched.content_type) { picture::dimensions(&bytes) } else { None };
    let content = keep(core, file, Stored::Original, &fetched.content_type, fetched.bytes, dimensions).await?;
    Ok((content, bytes))
}

/// A content that is here. One whose file is damaged or gone is forgotten, so that it is fetched again.
async fn read(core: &Arc<Core>, file: FileAt, copy: Stored) -> Result<Option<(Content, Vec<u8>)>> {
    let cache = core.inbox().cache;
    let Some(content) = cache.content(file, copy, core.now()).await? else { return Ok(None) };
    let bytes = cache.files.get(content.id, &content.key).await?;
    if bytes.is_none() {
        cache.forget_content(content.id).await?;
    }
    Ok(bytes.map(|bytes| (content, bytes)))
}

async fn keep(
    core: &Arc<Core>,
    file: FileAt,
    copy: Stored,
    content_type: &str,
    bytes: Vec<u8>,
    dimensions: Option<(u32, u32)>,
) -> Result<Content> {
    let cache = core.inbox().cache;
    let content = Content {
        id: deskline_domain::ids::FileId::v7(core.now(), core.options.dice.bytes()).0,
        key: FileKey::roll(&core.options.dice),
        content_type: content_type.to_owned(),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        dimensions,
    };
    cache.files.put(content.id, &content.key, bytes).await?;
    cache.put_content(file, copy, &content, core.options.media_bytes, core.now()).await?;
    Ok(content)
}

async fn shrink(core: &Arc<Core>, bytes: Vec<u8>, size: PictureSize) -> Result<Picture> {
    let side = match size {
        PictureSize::Small => SMALL_SIDE,
        PictureSize::Large => LARGE_SIDE,
    };
    let _turn = core.loading.turn().await;
    let copy = tokio::task::spawn_blocking(move || picture::fitting(&bytes, side)).await;
    let copy = copy.ok().flatten().ok_or(Error::NotAllowed("This picture cannot be shown. Save it to look at it."))?;
    Ok(Picture { content_type: copy.content_type.to_owned(), bytes: copy.bytes })
}
