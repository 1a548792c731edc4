//! What the server counts, for Prometheus.
//!
//! Counted where things happen, read by `GET /metrics`. Labels are words from short lists: never a number, an id or a text.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// One answered request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Request {
    /// The route's pattern, or `other`.
    pub route: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The HTTP status.
    pub status: u16,
}

/// One thing that happened, by its result.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// What became of it.
    pub outcome: &'static str,
}

/// Every counter.
pub struct Metrics {
    registry: Registry,
    /// Answered requests.
    pub requests: Family<Request, Counter>,
    /// Webhooks: `stored`, `repeated`, `dead_letter`, `refused`.
    pub inbound: Family<Outcome, Counter>,
    /// Attempts to hand a text to Twilio: `accepted`, `refused`, `rate_limited`, `unreachable`, `unknown`, `found`.
    pub outbound: Family<Outcome, Counter>,
    /// Status callbacks: `applied`, `unchanged`, `unknown_message`, `refused`.
    pub callbacks: Family<Outcome, Counter>,
    /// Tries to fetch a file: `stored`, `retried`, `given_up`, `failed`, `not_twilio`.
    pub media: Family<Outcome, Counter>,
    /// Events put on the way to a socket.
    pub events: Counter,
    /// Sockets that fell too far behind and were let go.
    pub sockets_dropped: Counter,
    /// Sockets connected now.
    pub sockets: Gauge,
    /// Texts on their way out, as of the last look.
    pub sends_waiting: Gauge,
    /// From a wake-up to the last event of its changes put on the way, in seconds.
    pub fanout_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("deskline"),
            requests: Family::default(),
            inbound: Family::default(),
            outbound: Family::default(),
            callbacks: Family::default(),
            media: Family::default(),
            events: Counter::default(),
            sockets_dropped: Counter::default(),
            sockets: Gauge::default(),
            sends_waiting: Gauge::default(),
            fanout_seconds: Histogram::new([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5]),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Answered HTTP requests", metrics.requests.clone());
        registry.register("inbound_webhooks", "Inbound texts by what became of them", metrics.inbound.clone());
        registry.register("outbound_attempts", "Attempts to hand a text to Twilio", metrics.outbound.clone());
        registry.register("status_callbacks", "Delivery callbacks by what they did", metrics.callbacks.clone());
        registry.register("media_fetches", "Tries to fetch a file from Twilio", metrics.media.clone());
        registry.register("socket_events", "Events put on the way to a socket", metrics.events.clone());
        registry.register("sockets_dropped", "Sockets that fell too far behind", metrics.sockets_dropped.clone());
        registry.register("sockets_connected", "Sockets connected now", metrics.sockets.clone());
        registry.register("sends_waiting", "Texts on their way out", metrics.sends_waiting.clone());
        registry.register("fanout_seconds", "From a wake-up to its last event", metrics.fanout_seconds.clone());
        metrics
    }
}

impl Metrics {
    /// Counts one of a family.
    pub fn count(family: &Family<Outcome, Counter>, outcome: &'static str) {
        family.get_or_create(&Outcome { outcome }).inc();
    }

    /// Everything, as Prometheus reads it.
    ///
    /// # Errors
    /// Never in practice: writing to a string.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
