//! The files of texts: fetched from Twilio, uploaded by agents, kept in the object store, handed out by signed links.
//!
//! [`fetch`] is the job, `http/media` the routes, [`links`] what makes a link good, [`deskline_domain::file`] what a file is
//! and whether it may go out or be shown, [`objects`] where the content lies, [`orphans`] what of it nobody knows. What is known of files is in the store. No content and no link is ever logged.

use std::sync::Arc;

use deskline_sending::Clock;
use deskline_store::Store;
use deskline_twilio::MediaFetcher;
use tokio::sync::Notify;

use self::{links::Links, objects::Objects};
use crate::{
    config::{Config, MediaSettings, Timers},
    metrics::Metrics,
};

pub mod fetch;
pub mod links;
pub mod objects;
mod orphans;

/// Everything that has to do with files.
pub struct Media {
    /// Where the content is.
    pub objects: Objects,
    /// Makes links, and tells good ones from bad ones.
    pub links: Links,
    store: Store,
    twilio: MediaFetcher,
    settings: MediaSettings,
    timers: Timers,
    metrics: Arc<Metrics>,
    clock: Arc<Clock>,
    /// Rung when a file may be due.
    due: Notify,
}

impl Media {
    /// Opens where files are kept. Connects to nothing yet.
    ///
    /// # Errors
    /// A folder that cannot be made, or settings of a bucket that make no sense, in plain words.
    pub fn new(store: Store, config: &Config, metrics: Arc<Metrics>, clock: Arc<Clock>) -> anyhow::Result<Self> {
        Ok(Self {
            objects: Objects::open(&config.media.place)?,
            links: Links::new(config)?,
            twilio: MediaFetcher::new(config.twilio_url.clone(), config.timers.media_timeout),
            settings: config.media.clone(),
            timers: config.timers,
            due: Notify::new(),
            store,
            metrics,
            clock,
        })
    }

    /// A text with files may have been stored: looks at once.
    pub fn ring(&self) {
        self.due.notify_one();
    }
}
