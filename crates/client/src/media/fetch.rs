//! Fetches one file of a text: asks the server for a link, and follows it without a token.

use std::sync::Arc;

use deskline_domain::message::MediaState;
use reqwest::StatusCode;

use crate::{
    Result,
    cache::media::FileAt,
    core::Core,
    error::Error,
    upstream::{answer::CallError, server},
    view::Session,
};

/// No file is larger, in bytes: servers keep none that is.
const LARGEST: usize = 32 * 1024 * 1024;

/// A file as the server keeps it.
pub(crate) struct Fetched {
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// Fetches it.
pub(crate) async fn fetch(core: &Arc<Core>, file: FileAt) -> Result<Fetched> {
    let cache = core.inbox().cache;
    let message = cache.message(file.message_id).await?.ok_or(Error::NotFound("file"))?;
    let place = usize::try_from(file.place).unwrap_or(usize::MAX);
    let media = message.media.get(place).ok_or(Error::NotFound("file"))?;
    if media.state != Some(MediaState::Stored) {
        let why = media.problem.clone();
        return Err(why.map_or(Error::NotFound("file"), Error::Server));
    }
    let contact = cache.contact(message.contact_id).await?.ok_or(Error::NotFound("contact"))?;
    let size = media.size.and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
    let patience = core.options.patience.answer + server::time_for(size);
    let fetched = async {
        let link = core
            .call(|caller| async move { caller.media_link(contact.workspace_id, file.message_id, file.place).await });
        let link = link.await?;
        let bytes = server::download(&core.http.client().await?, &link.url, patience, LARGEST).await?;
        Ok(Fetched { content_type: link.content_type, bytes })
    };
    fetched.await.map_err(|error: CallError| match error {
        CallError::Said { status, .. } if status == StatusCode::NOT_FOUND => Error::NotFound("file"),
        error => error.into_error(&address(core)),
    })
}

fn address(core: &Core) -> String {
    match core.session() {
        Session::SignedIn { server, .. } => server,
        Session::SignedOut { .. } => String::new(),
    }
}
