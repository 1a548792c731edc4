//! What the server counts, for Prometheus.
//!
//! Counted where things happen, read by `GET /metrics`. Labels are words from short lists: never a number, an id or a text.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use deskline_store::AuditTotals;
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

/// What becomes of webhooks, attempts, callbacks, and files.
const INBOUND: &[&str] = &["stored", "repeated", "dead_letter", "refused"];
const OUTBOUND: &[&str] = &["accepted", "refused", "rate_limited", "queue_full", "unreachable", "unknown", "found"];
const CALLBACKS: &[&str] = &["applied", "unchanged", "unknown_message", "refused"];
const MEDIA: &[&str] = &["stored", "retried", "given_up", "failed", "not_twilio"];

/// Every counter.
pub struct Metrics {
    registry: Registry,
    /// Answered requests.
    pub requests: Family<Request, Counter>,
    /// Webhooks: `stored`, `repeated`, `dead_letter`, `refused`.
    pub inbound: Family<Outcome, Counter>,
    /// Attempts to hand a text to Twilio: `accepted`, `refused`, `rate_limited`, `queue_full`, `unreachable`, `unknown`,
    /// `found`.
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
    /// Connections to the database, and those of them that nobody uses at the moment.
    pub pool_connections: Gauge,
    /// See `pool_connections`.
    pub pool_idle: Gauge,
    /// Workspaces whose changes cannot be read at the moment, so that their sockets lag behind.
    pub lanes_behind: Gauge,
    /// Texts that Twilio lists in the audits' windows.
    pub audit_at_twilio: Gauge,
    /// Those of them that are stored here.
    pub audit_here: Gauge,
    /// Those of them that other programs sent to strangers.
    pub audit_elsewhere: Gauge,
    /// Texts that an audit ever imported.
    pub audit_imported: Gauge,
    /// Statuses that an audit ever settled.
    pub audit_settled: Gauge,
    /// Accounts whose newest audit failed.
    pub audit_failing: Gauge,
    /// Seconds since the account that waits longest was audited; -1 when one never was.
    pub audit_age: Gauge,
    /// Dead letters that nobody has routed.
    pub dead_letters: Gauge,
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
            pool_connections: Gauge::default(),
            pool_idle: Gauge::default(),
            lanes_behind: Gauge::default(),
            audit_at_twilio: Gauge::default(),
            audit_here: Gauge::default(),
            audit_elsewhere: Gauge::default(),
            audit_imported: Gauge::default(),
            audit_settled: Gauge::default(),
            audit_failing: Gauge::default(),
            audit_age: Gauge::default(),
            dead_letters: Gauge::default(),
            fanout_seconds: Histogram::new([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5]),
        };
        // Each outcome is there from the start, so that the first one of its kind is seen as a rise.
        for (family, outcomes) in [
            (&metrics.inbound, INBOUND),
            (&metrics.outbound, OUTBOUND),
            (&metrics.callbacks, CALLBACKS),
            (&metrics.media, MEDIA),
        ] {
            for &outcome in outcomes {
                drop(family.get_or_create(&Outcome { outcome }));
            }
        }
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
        registry.register("database_connections", "Connections to Postgres", metrics.pool_connections.clone());
        registry.register("database_connections_idle", "Those that nobody uses", metrics.pool_idle.clone());
        registry.register(
            "feed_workspaces_behind",
            "Workspaces whose changes cannot be read",
            metrics.lanes_behind.clone(),
        );
        let audit = registry.sub_registry_with_prefix("audit");
        audit.register("texts_at_twilio", "Texts that Twilio lists", metrics.audit_at_twilio.clone());
        audit.register("texts_here", "Texts of these that are stored", metrics.audit_here.clone());
        audit.register("texts_elsewhere", "Texts of other programs", metrics.audit_elsewhere.clone());
        audit.register("imported", "Texts that were missing, ever", metrics.audit_imported.clone());
        audit.register("settled", "Statuses that nobody reported, ever", metrics.audit_settled.clone());
        audit.register("failing", "Accounts whose newest audit failed", metrics.audit_failing.clone());
        audit.register("age_seconds", "Since the oldest audit", metrics.audit_age.clone());
        registry.register("dead_letters", "Texts to be routed", metrics.dead_letters.clone());
        registry.register("fanout_seconds", "From a wake-up to its last event", metrics.fanout_seconds.clone());
        metrics
    }
}

impl Metrics {
    /// Counts one of a family.
    pub fn count(family: &Family<Outcome, Counter>, outcome: &'static str) {
        family.get_or_create(&Outcome { outcome }).inc();
    }

    /// Shows what the audits came to. Every process shows the same.
    pub fn show_audits(&self, totals: &AuditTotals, now: DateTime<Utc>) {
        self.audit_at_twilio.set(totals.twilio);
        self.audit_here.set(totals.here);
        self.audit_elsewhere.set(totals.elsewhere);
        self.audit_imported.set(totals.imported);
        self.audit_settled.set(totals.settled);
        self.audit_failing.set(totals.failing);
        self.audit_age.set(totals.oldest.map_or(-1, |at| (now - at).num_seconds()));
        self.dead_letters.set(totals.dead_letters);
    }

    /// Everything, as OpenMetrics has it.
    ///
    /// # Errors
    /// Never in practice: writing to a string.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Everything in Prometheus's own, older format: there the help and the type of a counter stand under the name of its samples.
    ///
    /// # Errors
    /// Never in practice.
    pub fn render_classic(&self) -> Result<String, std::fmt::Error> {
        let text = self.render()?;
        let counter = |line: &'_ str| Some(line.strip_prefix("# TYPE ")?.strip_suffix(" counter")?.to_owned());
        let counters: HashSet<String> = text.lines().filter_map(counter).collect();
        let lines = text.lines().map(|line| {
            let mut words = line.splitn(4, ' ');
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("#"), Some(what), Some(name), Some(rest)) if counters.contains(name) => {
                    format!("# {what} {name}_total {rest}\n")
                }
                _ => format!("{line}\n"),
            }
        });
        Ok(lines.collect())
    }
}
