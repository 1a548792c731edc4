//! What a place that sends texts has to say: a server, or the desktop of one agent.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{ids::MessageId, message::MessageRow};
use deskline_store::{Accepted, Result, Send, Store};
use deskline_twilio::Client;
use url::Url;

/// How long things take and wait.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Twilio has this long to answer. After it the outcome is unknown.
    pub twilio_timeout: Duration,
    /// The first retry comes after this and up to twice as much; each later one doubles.
    pub retry_base: Duration,
    /// No retry waits longer than this.
    pub retry_cap: Duration,
    /// A sender whose queue at Twilio is full waits this long and up to twice as much; each time in a row doubles it.
    pub queue_full_base: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            twilio_timeout: Duration::from_secs(30),
            retry_base: Duration::from_secs(1),
            retry_cap: Duration::from_secs(60),
            queue_full_base: Duration::from_secs(5),
        }
    }
}

impl Pace {
    /// How long a claimed text belongs to whoever claimed it. Longer than Twilio may take, so that a text whose lease ran out was certainly
    /// dropped by a process that died.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.twilio_timeout + Duration::from_secs(10)
    }
}

/// Where texts are sent from.
pub trait Office: Sync {
    /// The team's database.
    fn store(&self) -> &Store;

    /// The time there: every office goes by one clock.
    fn now(&self) -> DateTime<Utc>;

    /// From 0 to 1.
    fn jitter(&self) -> f64;

    /// How long things take.
    fn pace(&self) -> Pace;

    /// The way to Twilio for this text.
    ///
    /// # Errors
    /// Why it cannot be sent from here, for people: it is left to another office.
    fn twilio(
        &self,
        send: &Send,
    ) -> impl Future<Output = std::result::Result<Client, &'static str>> + std::marker::Send;

    /// Where Twilio is to report what becomes of a text.
    fn status_callback(&self, id: MessageId) -> Option<Url>;

    /// Where Twilio finds a text's files.
    ///
    /// # Errors
    /// When the database fails.
    fn media_urls(&self, message: &MessageRow) -> impl Future<Output = Result<Vec<String>>> + std::marker::Send;

    /// Writes down that Twilio has a text.
    ///
    /// # Errors
    /// When the database fails.
    fn write_down(&self, accepted: Accepted) -> impl Future<Output = Result<MessageRow>> + std::marker::Send;

    /// Counts how attempts end.
    fn count(&self, outcome: &'static str);
}
