//! Gives the server files: those of a text before the text itself, one after the other, and those of a draft before it is told. Each once as
//! far as anybody knows.
//!
//! Called by [`super::sender`] and `sync/drafts`. The server's word for each file is written down before the next one goes, so that
//! whoever is cut off goes on there. An answer that was lost costs a second copy on the server, which nothing holds and the server removes:
//! no second SMS.

use std::sync::Arc;

use deskline_domain::ids::{AttachmentId, FileId, WorkspaceId};

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

/// What came of one file.
#[derive(Debug)]
pub(crate) enum Given {
    /// The server has it.
    There {
        upload: FileId,
        /// Where. Not known of one that came from another desktop while there was no server.
        link: Option<String>,
    },
    /// Its content is not on this machine any more.
    Lost,
}

/// Gives the server what it does not have.
pub(super) async fn upload(core: &Arc<Core>, entry: &Entry) -> Result<Uploaded> {
    let (mut addresses, mut sent) = (Vec::new(), false);
    for file in &entry.files {
        if let Some(link) = file.link(core.now()) {
            addresses.push(link.to_owned());
            continue;
        }
        match give(core, entry.workspace_id, file.id).await {
            Ok(Given::There { link: Some(link), .. }) => {
                addresses.push(link);
                sent = true;
            }
            // The server says where once it is asked for drafts.
            Ok(Given::There { link: None, .. }) => {
                core.drafts.ask.notify_one();
                return Ok(Uploaded::Not(Decision::Retry { after: None, in_doubt: false }));
            }
            Ok(Given::Lost) => return Ok(Uploaded::Lost),
            Err(CallError::Local(error)) => return Err(error),
            Err(error) => return Ok(Uploaded::Not(decide_upload(error))),
        }
    }
    Ok(Uploaded::All { addresses, sent })
}

/// Gives the server one file, unless it has it. Whoever else gives the same one is waited for.
pub(crate) async fn give(core: &Arc<Core>, team: WorkspaceId, id: AttachmentId) -> Result<Given, CallError> {
    let _alone = core.giving.with(id).await;
    let outbox = core.inbox().outbox;
    // As it stands by now.
    let Some(file) = outbox.attachment(id).await? else { return Ok(Given::Lost) };
    let link = file.link(core.now()).map(str::to_owned);
    if let Some(upload) = file.upload
        && (link.is_some() || file.coming)
    {
        return Ok(Given::There { upload, link });
    }
    let Some(content) = outbox.files.get(file.id.0, &file.key).await? else { return Ok(Given::Lost) };
    let (upload, link) = send(core, team, &file, content).await?;
    outbox.mark_linked(file.id, upload, &link, core.now()).await?;
    Ok(Given::There { upload, link: Some(link) })
}

async fn send(
    core: &Arc<Core>,
    team: WorkspaceId,
    file: &Attachment,
    content: Vec<u8>,
) -> Result<(FileId, String), CallError> {
    let patience = core.options.patience.answer;
    let reply = core
        .call(|caller| {
            let (file, content) = (file.clone(), content.clone());
            async move { caller.upload(team, &file.content_type, file.name.as_deref(), content, patience).await }
        })
        .await?;
    Ok((reply.id, reply.url))
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
