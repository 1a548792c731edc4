//! How much memory a process with the engine takes: open, after pages of list and threads, and after searches.
//!
//! A process of its own, since the benchmark's holds other things: this program once more, which finds the folder in its environment.

use std::process::Command;

use deskline_client::{
    Client,
    view::{ConversationFilter, ConversationQuery, MessageQuery, search::SearchQuery},
};
use deskline_domain::ids::ContactId;
use deskline_e2e::history::History;

/// Tells the process that it is the one to be measured: the folder, and what is in the keychain.
const FOLDER: &str = "DESKLINE_BENCH_FOLDER";
const KEYCHAIN: &str = "DESKLINE_BENCH_KEYCHAIN";
const QUESTIONS: [&str; 8] = ["t", "th", "than", "the", "the you", "order from:an", "is:unread the", "has:media"];

/// Measures, and prints a table.
pub(crate) fn run(history: &History) {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    let ran = command.env(FOLDER, history.folder()).env(KEYCHAIN, history.keychain_item()).output();
    let ran = ran.expect("this program can be run once more");
    assert!(ran.status.success(), "measuring memory failed: {}", String::from_utf8_lossy(&ran.stderr));
    println!("### Memory of a process with the engine\n\n| | now MiB | most |\n| --- | --- | --- |");
    println!("{}", String::from_utf8_lossy(&ran.stdout));
}

/// In the process that is measured: does what agents do, and says what it takes. Answers whether this is that process.
pub(crate) async fn be_measured() -> bool {
    let (Some(folder), Ok(item)) = (std::env::var_os(FOLDER), std::env::var(KEYCHAIN)) else { return false };
    println!("| before | {} |", resident());
    let client = History::open_in(folder.as_ref(), item).await;
    println!("| open | {} |", resident());
    read(&client).await;
    println!("| after 100 pages of list and threads | {} |", resident());
    for _ in 0..5 {
        for text in QUESTIONS {
            for end in 1..=text.len() {
                let query = SearchQuery { text: text[..end].to_owned(), limit: 40, ..SearchQuery::default() };
                client.search(query).await.expect("it can be searched");
            }
        }
    }
    println!("| after searches, key by key | {} |", resident());
    client.shutdown().await;
    true
}

async fn read(client: &Client) {
    let mut page = None;
    for place in 0..50 {
        let query =
            ConversationQuery { filter: ConversationFilter::All, page, limit: 50, ..ConversationQuery::default() };
        page = client.conversations(query).await.expect("the list can be read").next;
        let query = MessageQuery { contact_id: ContactId(History::contact(place)), page: None, limit: 60 };
        client.messages(query).await.expect("a thread can be read");
    }
}

/// In MiB, now and at most: `VmRSS` and `VmHWM`.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let figure = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib: Option<f64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        kib.map_or("unknown".to_owned(), |kib| format!("{:.1}", kib / 1_024.0))
    };
    format!("{} | {}", figure("VmRSS:"), figure("VmHWM:"))
}
