//! This server as a place that texts leave from: the accounts' own tokens, links to the files that it keeps, and third steps that many share.
//!
//! What [`deskline_sending`] asks of it.

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::MessageId,
    message::{Media, MessageRow},
};
use deskline_sending::{Office, Pace};
use deskline_store::{Accepted, Result, Send, Store};
use deskline_twilio::Client;
use url::Url;

use super::Sender;
use crate::{edge, metrics::Metrics, together::Panicked};

impl Office for Sender {
    fn store(&self) -> &Store {
        &self.store
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn jitter(&self) -> f64 {
        edge::fraction()
    }

    fn pace(&self) -> Pace {
        self.timers.pace()
    }

    async fn twilio(&self, send: &Send) -> std::result::Result<Client, &'static str> {
        Ok(self.clients.of(&send.account))
    }

    fn status_callback(&self, id: MessageId) -> Option<Url> {
        Url::parse(&format!("{}/twilio/status?message={id}", self.public_url)).ok()
    }

    /// A link to a file of ours may be over by now, and is made anew for the files that this text holds.
    async fn media_urls(&self, message: &MessageRow) -> Result<Vec<String>> {
        let ours = if message.media.iter().any(|file| self.links.leads_here(&file.url)) {
            self.store.files_of_message(message.id).await?
        } else {
            Vec::new()
        };
        let url = |(position, file): (i32, &Media)| match ours.iter().find(|(place, _)| *place == position) {
            Some((_, id)) if self.links.leads_here(&file.url) => self.links.for_twilio(*id, edge::now()).url,
            _ => file.url.clone(),
        };
        Ok((0..).zip(&message.media).map(url).collect())
    }

    async fn write_down(&self, accepted: Accepted) -> Result<MessageRow> {
        match self.accepted.ask(accepted.clone()).await {
            Ok(written) => written,
            // Another text's fault, perhaps: once more without the others.
            Err(Panicked) => self.store.record_accepted_all(&[accepted]).await.remove(0),
        }
    }

    fn count(&self, outcome: &'static str) {
        Metrics::count(&self.metrics.outbound, outcome);
    }
}
