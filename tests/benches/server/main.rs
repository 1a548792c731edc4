//! What one server process costs and carries, beside what this machine's Postgres does by itself.
//!
//! Run by `cargo xtask bench server [inbound|delivery|sends|sockets|soak]`, which builds the server in release (its path in
//! `DESKLINE_SERVER`) and brings Postgres and `pgbench` (its path in `PGBENCH`). The server is a process of its own, so that its processor time and
//! memory are its own; generator, Postgres and server share the machine. Prints Markdown. After each part the rows are counted: a
//! rate at which something gets lost is no rate.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot run has nothing to report")]

mod delivery;
mod inbound;
mod listener;
mod pgbench;
mod post;
mod process;
mod sends;
mod soak;
mod sockets;
mod stage;
mod twilio;

use std::time::Duration;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("Cores: {cores}, shared by generator, Postgres and server. Build: {}.\n", build());
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let named = |part: &str| wanted.iter().any(|name| name == part);
    let wants = |part: &str| wanted.is_empty() || named(part);
    runtime.block_on(async {
        let mut rate = None;
        if wants("inbound") {
            rate = Some(inbound::run().await);
        }
        if wants("delivery") {
            delivery::run(rate).await;
        }
        if wants("sends") {
            sends::run(rate.map(|(ours, _)| ours)).await;
        }
        if wants("sockets") {
            sockets::run().await;
        }
        // Takes as long as it is told to, an hour by default, and so only runs when it is asked for.
        if named("soak") {
            soak::run().await;
        }
    });
}

const fn build() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// The value below which `share` of the measurements lie, in milliseconds.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index between 0 and the length")]
    let index = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[index].as_secs_f64() * 1_000.0
}

/// A setting of the benchmark from the environment, such as `DESKLINE_BENCH_SECONDS=5`.
pub(crate) fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
