//! Fetches the files that were attached to drafts at the agent's other desktops.
//!
//! The other half of [`super::drafts`], which says where they are. One after the other, so that words are never held up by them; what cannot be
//! fetched now is tried again, and is shown as coming until then.

use std::{sync::Arc, time::Duration};

use deskline_domain::{file, gate::MAX_MEDIA_BYTES};
use tracing::{debug, warn};

use super::backoff::Tries;
use crate::{
    Result,
    core::Core,
    event::ClientEvent,
    media::picture,
    outbox::attachments::Attachment,
    upstream::{answer::CallError, server},
};

/// When nothing is to come, or nobody can be asked, a bell rings first.
const LONG: Duration = Duration::from_secs(60 * 60);

/// Keeps on until it is dropped.
pub(super) async fn fetch_all(core: &Arc<Core>) {
    let mut tries = Tries::default();
    loop {
        let woken = core.drafts.coming.notified();
        let pause = match round(core).await {
            Ok(true) => {
                tries.reset();
                LONG
            }
            Ok(false) if core.is_reached() => tries.next(&core.options.patience, &core.options.dice),
            // The answer to the next look for drafts wakes this task.
            Ok(false) => LONG,
            Err(error) => {
                warn!(%error, "Files of drafts cannot be read or written");
                tries.next(&core.options.patience, &core.options.dice)
            }
        };
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Answers whether all are here.
async fn round(core: &Arc<Core>) -> Result<bool> {
    let mut all = true;
    for file in core.inbox().outbox.coming_files().await? {
        match fetch(core, &file).await {
            Ok(here) => all &= here,
            // A full disk, or a database that is closed: nothing that the next file would not meet.
            Err(CallError::Local(error)) => return Err(error),
            Err(error) => {
                debug!(%error, "A file of a draft is fetched later");
                all = false;
            }
        }
    }
    Ok(all)
}

/// Fetches one. Answers false when it is not known where it is, or something else came.
async fn fetch(core: &Core, coming: &Attachment) -> Result<bool, CallError> {
    let Some(link) = coming.link(core.now()) else { return Ok(false) };
    let size = usize::try_from(coming.size).unwrap_or(usize::MAX);
    let largest = usize::try_from(MAX_MEDIA_BYTES).unwrap_or(usize::MAX);
    let patience = core.options.patience.answer + server::time_for(size.min(largest));
    let content = server::download(&core.http.client().await?, link, patience, largest).await?;
    // What is shown and sent is what was told.
    let found = file::of_upload(Some(&coming.content_type), &content);
    if content.len() != size || found.as_ref() != Ok(&coming.content_type) {
        return Ok(false);
    }
    let dimensions = picture::is_picture(&coming.content_type).then(|| picture::dimensions(&content)).flatten();
    let outbox = core.inbox().outbox;
    outbox.files.put(coming.id.0, &coming.key, content).await?;
    if outbox.mark_arrived(coming.id, dimensions).await? {
        core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![coming.contact_id] });
    } else {
        // It was taken away meanwhile.
        outbox.files.remove(vec![coming.id.0]).await;
    }
    Ok(true)
}
