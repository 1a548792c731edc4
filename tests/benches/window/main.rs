//! What the real window costs beside an empty window of Tauri's: starting it, typing, switching, scrolling, memory.
//!
//! Run by `cargo xtask bench window [start|page|memory|traffic]`, which builds both in the release profile and brings a display, a session bus and a
//! keychain. The window stands on a cache with as many texts as `DESKLINE_BENCH_MESSAGES` says, a million by default, and its server does
//! not answer: what is measured is this machine alone; but for `traffic`, which brings a server of its own. Linux only, as the display is. Prints Markdown.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot run has nothing to report")]

#[path = "../../desktop/driver.rs"]
mod driver;
mod memory;
mod page;
#[path = "../../desktop/processes.rs"]
#[expect(dead_code, reason = "the tests of the window need more of it")]
mod processes;
mod screen;
mod seat;
mod start;
mod traffic;

/// What [`driver`] asks for.
mod stage {
    pub(crate) use crate::seat::app;
}

use deskline_e2e::history::{History, Size};

use seat::Seat;

const SEED: u64 = 11;

#[tokio::main]
async fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = &|part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    driver::check();
    if ["start", "page", "memory"].into_iter().any(wants) {
        at_a_history(wants).await;
    }
    if wants("traffic") {
        traffic::run().await;
    }
}

/// The parts that need a cache with many texts, and no server.
async fn at_a_history(wants: impl Fn(&str) -> bool) {
    let messages = std::env::var("DESKLINE_BENCH_MESSAGES")
        .map_or(1_000_000, |number| number.trim().parse().expect("DESKLINE_BENCH_MESSAGES is a number"));
    let contacts = (messages / 100).max(10);
    let history = History::make(SEED, Size { messages, contacts }).await;
    println!("## The window, with {messages} texts in {contacts} conversations\n");
    let seat = Seat::with(&history);
    // The index is not part of any of this, and is made once.
    let client = history.open().await;
    history.until_indexed().await;
    client.shutdown().await;
    if wants("start") {
        start::run(&seat).await;
    }
    if wants("page") {
        page::run(&seat).await;
    }
    if wants("memory") {
        memory::run(&seat).await;
    }
}

/// A row of a table: median, 95th percentile and the longest, in milliseconds.
fn cells(times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!("{:.1} | {:.1} | {:.1}", at(50), at(95), at(100))
}
