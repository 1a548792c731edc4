//! Files over the wire: what goes wrong when ours are fetched, what was fetched, and fetching those of texts that the API takes.
//!
//! Tests queue [`MediaFault`]s as they queue other faults. Fetching the files of outbound texts is off until
//! [`crate::Simulator::fetch_outbound_media`] turns it on, since most tests name files that are nowhere.

use std::{collections::VecDeque, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    inner::Inner,
    state::{MediaContent, State},
};

/// What Twilio takes with one text, in bytes, all files together.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Something that goes wrong, once, with a file of an inbound text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum MediaFault {
    /// The API answers with this status instead of a redirect: 401, 404, 410, 500, …
    Refuse {
        /// The HTTP status.
        status: u16,
    },
    /// The API redirects to another address.
    RedirectTo {
        /// Where to.
        url: String,
    },
    /// The other host answers with this status.
    HostRefuse {
        /// The HTTP status.
        status: u16,
    },
    /// The other host does not answer until the faults are cleared.
    Hang,
    /// The other host breaks off in the middle of the file.
    Cut,
    /// The other host sends so many bytes, without saying before how many.
    Oversize {
        /// How many.
        bytes: usize,
    },
    /// The other host answers 200 with a web page, as a proxy or a Wi-Fi sign-in would.
    WebPage,
}

impl MediaFault {
    const fn is_of_the_api(&self) -> bool {
        matches!(self, Self::Refuse { .. } | Self::RedirectTo { .. })
    }
}

/// Faults that wait for their request.
#[derive(Debug, Default)]
pub(crate) struct MediaFaults(pub(crate) VecDeque<MediaFault>);

impl MediaFaults {
    /// The first fault that hits this host.
    pub(crate) fn take(&mut self, by_api: bool) -> Option<MediaFault> {
        let index = self.0.iter().position(|fault| fault.is_of_the_api() == by_api)?;
        self.0.remove(index)
    }
}

/// A request for a file to the host that Twilio redirects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// With its query.
    pub path: String,
    /// Whether it came with credentials, which that host must never see.
    pub had_credentials: bool,
}

/// A file of an outbound text, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where.
    pub url: String,
    /// The `Content-Type`, exactly as it came.
    pub content_type: Option<String>,
    /// In bytes.
    pub size: usize,
    /// Twilio's code, where it is of no use: 11200, 11751 or 12300.
    pub error_code: Option<i32>,
}

/// Fetches the files of a text that was just taken, if that is wanted. Answers the code that the text fails with.
pub(crate) async fn fetch_all(inner: &Arc<Inner>, message_sid: &str) -> Option<i32> {
    let urls = inner.state().files_to_fetch(message_sid);
    let mut room = MOST_BYTES;
    let mut problem = None;
    for (media_sid, url) in urls {
        let (content_type, found) = fetch(inner, &url).await;
        let size = found.as_ref().map_or(0, Vec::len);
        let error_code = match (&found, &content_type) {
            (None, _) => Some(11_200),
            (_, kind) if !kind.as_deref().is_some_and(is_taken) => Some(12_300),
            _ if size > room => Some(11_751),
            _ => None,
        };
        room = room.saturating_sub(size);
        problem = problem.or(error_code);
        let mut state = inner.state();
        if let (Some(bytes), Some(kind), None) = (found, &content_type, error_code)
            && let Some(file) = state.media.get_mut(&media_sid)
        {
            file.content_type.clone_from(kind);
            file.content = MediaContent::Bytes(bytes);
        }
        state.fetched.push(Fetched { url, content_type, size, error_code });
    }
    inner.changed();
    problem
}

async fn fetch(inner: &Inner, url: &str) -> (Option<String>, Option<Vec<u8>>) {
    let Ok(response) = inner.http.get(url).send().await else { return (None, None) };
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    if response.status() != 200 {
        return (kind, None);
    }
    let bytes = response.bytes().await.ok().map(|bytes| bytes.to_vec());
    (kind, bytes)
}

/// Types that Twilio takes; of text and programs only a few.
fn is_taken(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some(("image" | "audio" | "video", kind)) => kind != "svg+xml",
        Some(("text", kind)) => {
            matches!(kind, "plain" | "vcard" | "x-vcard" | "csv" | "calendar" | "rtf" | "directory")
        }
        Some(("application", kind)) => matches!(kind, "pdf" | "vcard" | "vnd.apple.pkpass"),
        _ => false,
    }
}

impl State {
    /// The files of a text that are elsewhere: (SID, address). None as long as nobody wants them.
    fn files_to_fetch(&self, message_sid: &str) -> Vec<(String, String)> {
        let text = self.messages.iter().find(|text| self.fetch_media && text.text.sid == message_sid);
        let files = text.into_iter().flat_map(|text| &text.media);
        let elsewhere = |sid: &String| match &self.media.get(sid)?.content {
            MediaContent::Elsewhere(url) => Some((sid.clone(), url.clone())),
            MediaContent::Bytes(_) => None,
        };
        files.filter_map(elsewhere).collect()
    }
}
