//! What is written down: to the terminal and to `logs/` in the data folder, a file a day, seven of them kept.
//!
//! Our own events hold no secret and no text of a conversation. Those of libraries may (a socket's frames, a query's
//! values), so nothing of theirs below a warning is let through, whatever `DESKLINE_LOG` says.

use std::{fs, path::Path};

use anyhow::Context;
use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// The folder below the data folder.
const FOLDER: &str = "logs";

/// Starts writing. The guard writes what is left when it is dropped.
pub(crate) fn start(data_dir: &Path) -> anyhow::Result<WorkerGuard> {
    let folder = data_dir.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be used", folder.display()))?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("deskline")
        .filename_suffix("log")
        .max_log_files(7)
        .build(&folder)
        .with_context(|| format!("no log can be written in {}", folder.display()))?;
    let (file, guard) = tracing_appender::non_blocking(file);

    let ours = level(std::env::var("DESKLINE_LOG").ok().as_deref());
    tracing_subscriber::registry()
        .with(fmt::layer().with_ansi(false).with_writer(file).with_filter(filter_fn(move |m| is_wanted(m, ours))))
        .with(fmt::layer().with_writer(std::io::stderr).with_filter(filter_fn(move |m| is_wanted(m, ours))))
        .try_init()
        .context("logging was started twice")?;
    Ok(guard)
}

/// `DESKLINE_LOG` is one level for our own events: error, warn, info (the default), debug or trace.
fn level(wish: Option<&str>) -> LevelFilter {
    wish.and_then(|wish| wish.trim().parse().ok()).unwrap_or(LevelFilter::INFO)
}

fn is_wanted(metadata: &Metadata<'_>, ours: LevelFilter) -> bool {
    is_let_through(metadata.target(), *metadata.level(), ours)
}

fn is_let_through(target: &str, level: Level, ours: LevelFilter) -> bool {
    let krate = target.split("::").next().unwrap_or_default();
    let most = if krate == "deskline" || krate.starts_with("deskline_") { ours } else { LevelFilter::WARN };
    level <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_say_nothing_below_a_warning_however_much_is_asked_for() {
        let all = level(Some("trace"));

        assert!(is_let_through("deskline_client::sync", Level::TRACE, all));
        assert!(is_let_through("sqlx::query", Level::WARN, all));
        assert!(!is_let_through("sqlx::query", Level::INFO, all));
        assert!(!is_let_through("tungstenite::protocol", Level::TRACE, all));
        assert!(!is_let_through("desklinear", Level::INFO, all));
    }

    #[test]
    fn a_wish_that_is_no_level_is_the_default() {
        assert_eq!(level(Some("hyper=trace")), LevelFilter::INFO);
        assert_eq!(level(None), LevelFilter::INFO);
        assert_eq!(level(Some(" debug ")), LevelFilter::DEBUG);
    }
}
