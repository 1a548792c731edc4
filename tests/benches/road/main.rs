//! How fast the whole road is, from a webhook to a desktop.
//!
//! Run by `cargo xtask bench road [latency|start|sync|direct]`, which brings Postgres. Prints a Markdown report to standard output; figures of one run are
//! compared with each other, never with a clock of another day.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot run has nothing to report")]

mod direct;
mod latency;
mod start;
mod sync;

use std::time::Duration;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    println!("Cores: {}. Build: {}.\n", cores(), if cfg!(debug_assertions) { "debug" } else { "release" });
    // Names of parts, besides the `--bench` that cargo adds. None of them: all.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    runtime.block_on(async {
        if wants("latency") {
            latency::run().await;
        }
        if wants("start") {
            start::run().await;
        }
        if wants("sync") {
            sync::run().await;
        }
        if wants("direct") {
            direct::run().await;
        }
    });
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
}

/// The value below which `share` of the measurements lie.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index between 0 and the length")]
    let index = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[index]
}

/// `median (p99)` in milliseconds.
pub(crate) fn summary(mut measured: Vec<Duration>) -> String {
    measured.sort_unstable();
    let milliseconds = |share| percentile(&measured, share).as_secs_f64() * 1_000.0;
    format!(
        "p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms ({} runs)",
        milliseconds(0.5),
        milliseconds(0.9),
        milliseconds(0.99),
        measured.len()
    )
}
