//! What is written down: to the terminal and to `logs/deskline.log` in the data folder, which is turned over when it is full.
//!
//! Our own events hold no secret and no text of a conversation. Those of libraries may (a socket's frames, a query's
//! values), so nothing of theirs below a warning is let through, whatever `DESKLINE_LOG` says.

mod recent;

use std::{fs, path::Path};

use anyhow::Context;
use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::{Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub(crate) use recent::{Recent, Trouble};

/// The folder below the data folder.
const FOLDER: &str = "logs";
const FILE: &str = "deskline.log";

/// A file of so many bytes is turned over.
const FULL: usize = 4 * 1_024 * 1_024;

/// How many of them are kept beside the one that is written.
const KEPT: usize = 4;

/// Starts writing. The guard writes what is left when it is dropped; the other half is what went wrong of late.
pub(crate) fn start(data_dir: &Path) -> anyhow::Result<(WorkerGuard, Recent)> {
    let folder = data_dir.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be used", folder.display()))?;
    let (file, guard) = tracing_appender::non_blocking(turning(&folder, FULL));

    let recent = Recent::default();
    let ours = level(std::env::var("DESKLINE_LOG").ok().as_deref());
    tracing_subscriber::registry()
        .with(fmt::layer().with_ansi(false).with_writer(file).with_filter(filter_fn(move |m| is_wanted(m, ours))))
        .with(fmt::layer().with_writer(std::io::stderr).with_filter(filter_fn(move |m| is_wanted(m, ours))))
        .with(recent.clone().with_filter(LevelFilter::WARN))
        .try_init()
        .context("logging was started twice")?;
    Ok((guard, recent))
}

fn turning(folder: &Path, full: usize) -> FileRotate<AppendCount> {
    let limit = ContentLimit::BytesSurpassed(full);
    FileRotate::new(folder.join(FILE), AppendCount::new(KEPT), limit, Compression::None, None)
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
    use std::io::Write as _;

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

    #[test]
    fn a_full_file_is_turned_over_and_only_so_many_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = turning(folder.path(), 1_000);

        for line in 0..1_000 {
            // A line at a time, as events are written.
            log.write_all(format!("line {line:03} {}\n", "x".repeat(90)).as_bytes()).unwrap();
        }

        let files: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        assert_eq!(files.len(), KEPT + 1);
        assert!(files.iter().all(|file| file.len() <= 1_100), "each is turned over with the line that fills it");
        assert!(
            files.iter().any(|file| file.contains("line 999")) && !files.iter().any(|file| file.contains("line 000"))
        );
    }
}
