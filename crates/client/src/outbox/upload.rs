//! Gives the server the files of a text, before the text itself: one after the other, each once as far as anybody knows.
//!
//! Called by [`super::sender`]. The server's word for each file is written down before the next one goes, so that whoever is cut off
//! goes on there. An answer that was lost costs a second copy on the server, which no text holds and the server removes: no second SMS.

use std::sync::Arc;

use super::{
    attachments::Attachment,
    decision::{Decision, decide_upload},
    entries::Entry,
};
use crate::{Result, core::Core, upstream::answer::CallError, view::Failure};

/// What came of it.
pub(super) enum Uploaded {
    /// The server has all of them, under these addresses.
    All {
        addresses: Vec<String>,
        /// Whether that took any time.
        sent: bool,
    },
    /// One of them is not there for now, or never will be.
    Not(Decision),
    /// The content of one of them is not on this machine any more.
    Lost,
}

/// Gives the server what it does not have.
pub(super) async fn upload(core: &Arc<Core>, entry: &Entry) -> Result<Uploaded> {
    let outbox = core.inbox().outbox;
    let (mut addresses, mut sent) = (Vec::new(), false);
    for file in &entry.files {
        if let Some(link) = file.link(core.now()) {
            addresses.push(link.to_owned());
            continue;
        }
        let Some(content) = outbox.files.get(file.id.0, &file.key).await? else { return Ok(Uploaded::Lost) };
        match send(core, entry, file, content).await {
            Ok(link) => {
                outbox.mark_linked(file.id, &link, core.now()).await?;
                addresses.push(link);
                sent = true;
            }
            Err(error) => return Ok(Uploaded::Not(decide_upload(error))),
        }
    }
    Ok(Uploaded::All { addresses, sent })
}

async fn send(core: &Arc<Core>, entry: &Entry, file: &Attachment, content: Vec<u8>) -> Result<String, CallError> {
    let (workspace_id, patience) = (entry.workspace_id, core.options.patience.answer);
    let reply = core
        .call(|caller| {
            let (file, content) = (file.clone(), content.clone());
            async move {
                caller.upload(workspace_id, &file.content_type, file.name.as_deref(), content, patience).await
            }
        })
        .await?;
    Ok(reply.url)
}

/// What is told of a text whose file is lost.
pub(super) fn lost() -> Failure {
    Failure {
        code: None,
        explanation:
            "A file of this text cannot be read any more on this computer. Edit the text, attach it again and send."
                .to_owned(),
        can_retry: false,
        can_discard: true,
    }
}
