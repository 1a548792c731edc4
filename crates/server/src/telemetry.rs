//! Logging: lines on standard error, chosen with `RUST_LOG` (default `info`); one JSON object each with `DESKLINE_LOG_FORMAT=json`.
//!
//! Called once by `main`. Whatever is asked for, libraries that print what they carry (texts, tokens) stay quiet below `INFO`.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

/// These write payloads, SQL or headers into their debug lines.
const TALKATIVE: &[&str] = &[
    "socketioxide",
    "engineioxide",
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "hyper_util",
    "h2",
    "reqwest",
    "sqlx",
    "tower_http",
];

/// Starts logging.
pub fn init() {
    let chosen = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr);
    let lines = if std::env::var("DESKLINE_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("json")) {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.boxed()
    };
    let lines = lines.with_filter(filter_fn(keeps_secrets));
    tracing_subscriber::registry().with(chosen).with(lines).init();
}

fn keeps_secrets(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    // What a trigger of another program raises may be a text.
    if metadata.target() == "sqlx::postgres::notice" {
        return false;
    }
    *metadata.level() <= Level::INFO || !TALKATIVE.contains(&library)
}
