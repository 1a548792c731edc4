//! How fast the engine answers from its encrypted cache, beside plain SQLite that runs the same statements on a plain copy of the same rows.
//!
//! Run by `cargo xtask bench client [index|start|search|list|thread|badge|memory|write|feed]`. Needs no server and no Postgres. `DESKLINE_BENCH_MESSAGES` names the sizes,
//! `10000,100000,1000000` by default, so that one sees whether cost grows with the history; there are a hundredth as many contacts, and the first of
//! them has a tenth of the texts. Prints Markdown.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot run has nothing to report")]

mod feed;
mod index;
mod memory;
mod plain;
mod read;
mod search;
mod start;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use deskline_e2e::history::{History, Size};

const SEED: u64 = 11;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    runtime.block_on(async {
        if memory::be_measured().await {
            return;
        }
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        println!(
            "Cores: {cores}. Build: {}. Seed: {SEED}.\n",
            if cfg!(debug_assertions) { "debug" } else { "release" }
        );
        for messages in sizes() {
            let begin = Instant::now();
            let history = History::make(SEED, Size { messages, contacts: (messages / 100).max(10) }).await;
            println!("## {messages} texts in {} conversations\n", (messages / 100).max(10));
            println!(
                "Made in {:.1} s; {} MiB before the index.\n",
                begin.elapsed().as_secs_f64(),
                history.bytes() >> 20
            );
            let client = index::run(&history, wants("index")).await;
            if wants("search") {
                search::run(&history, &client).await;
            }
            if wants("list") {
                read::list(&history, &client).await;
            }
            if wants("thread") {
                read::thread(&history, &client).await;
            }
            if wants("badge") {
                read::badge(&history, &client).await;
            }
            client.shutdown().await;
            if wants("start") {
                start::run(&history).await;
            }
            if wants("memory") {
                memory::run(&history);
            }
            if wants("feed") {
                feed::run(&history).await;
            }
            if wants("write") {
                index::write(&history).await;
            }
        }
    });
}

fn sizes() -> Vec<u32> {
    let sizes = std::env::var("DESKLINE_BENCH_MESSAGES").unwrap_or_else(|_| "10000,100000,1000000".to_owned());
    sizes.split(',').map(|size| size.trim().parse().expect("DESKLINE_BENCH_MESSAGES holds numbers")).collect()
}

/// How long something takes.
pub(crate) async fn time<T>(what: impl Future<Output = T>) -> (Duration, T) {
    let begin = Instant::now();
    let answer = what.await;
    (begin.elapsed(), answer)
}

/// `p50 | p95 | p99 | longest`, in milliseconds, as cells of a table.
pub(crate) fn cells(measured: &mut [Duration]) -> String {
    measured.sort_unstable();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index between 0 and the length"
        )]
        let index = ((measured.len() - 1) as f64 * share).round() as usize;
        measured[index].as_secs_f64() * 1_000.0
    };
    format!("{:.2} | {:.2} | {:.2} | {:.2}", at(0.5), at(0.95), at(0.99), at(1.0))
}
