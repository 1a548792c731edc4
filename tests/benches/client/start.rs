//! From starting the engine to the first page of the list: what an agent waits for in the morning.

use std::time::Instant;

use deskline_client::view::{ConversationFilter, ConversationQuery};
use deskline_e2e::history::History;

use crate::cells;

const STARTS: usize = 40;

/// Each time in the same process, with the files in the system's cache; nothing of the engine is left from the time before.
pub(crate) async fn run(history: &History) {
    let (mut opened, mut shown) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begin = Instant::now();
        let client = history.open().await;
        opened.push(begin.elapsed());
        let query = ConversationQuery { filter: ConversationFilter::Open, limit: 50, ..ConversationQuery::default() };
        let page = client.conversations(query).await.expect("the list can be read");
        shown.push(begin.elapsed());
        assert!(!page.conversations.is_empty(), "there is something to show");
        client.shutdown().await;
    }
    println!("### From starting the engine\n\n| to | p50 ms | p95 | p99 | longest |\n| --- | --- | --- | --- | --- |");
    println!("| open | {} |\n| the first page of the list | {} |\n", cells(&mut opened), cells(&mut shown));
}
