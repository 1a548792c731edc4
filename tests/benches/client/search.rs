//! Searching as one types: a question for each key.

use std::time::Duration;

use deskline_client::{Client, view::search::SearchQuery};
use deskline_e2e::history::History;
use rand::{SeedableRng, rngs::StdRng};

use crate::{cells, plain, time};

/// Questions that are typed, key by key.
const TYPED: usize = 60;
const REPETITIONS: usize = 15;

/// What makes a question hard: many texts fit, or few of very many do.
const KINDS: [(&str, &str); 16] = [
    ("one letter", "t"),
    ("two letters", "th"),
    ("three letters", "the"),
    ("four letters", "than"),
    ("the most frequent word", "\"the\""),
    ("two frequent words", "the you"),
    ("a frequent phrase", "\"to you\""),
    ("a phrase that is rare", "\"invoice appointment delivery\""),
    ("a character of Chinese", "见"),
    ("a word of Korean", "도착"),
    ("an emoji", "👍"),
    ("last digits", "4242"),
    ("a word in the longest conversation", "delivery in:15551000000"),
    ("a word from many contacts", "order from:an"),
    ("files before a day", "has:media before:2025-01-01"),
    ("a word in unread conversations", "is:unread invoice"),
];

pub(crate) async fn run(history: &History, client: &Client) {
    let mut plain = history.plain().await;
    let typed = typed(history);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for question in &typed {
        ours.push(ask(client, question).await);
        // As the engine asks: words of one letter are no beginnings.
        let words = question
            .split_whitespace()
            .map(|word| if word.len() > 1 { format!("(\"{word}\" *)") } else { format!("(\"{word}\")") });
        let expression = words.collect::<Vec<_>>().join(" AND ");
        theirs.push(time(plain::search(&mut plain, &expression)).await.0);
    }

    println!("### Search\n");
    println!("| | p50 ms | p95 | p99 | longest |\n| --- | --- | --- | --- | --- |");
    println!("| as typed: {} questions | {} |", typed.len(), cells(&mut ours));
    println!("| plain SQLite, the same questions, texts alone | {} |", cells(&mut theirs));
    for (name, question) in KINDS {
        let mut measured = Vec::new();
        for _ in 0..REPETITIONS {
            measured.push(ask(client, question).await);
        }
        println!("| {name}: `{question}` | {} |", cells(&mut measured));
    }
    println!();
}

/// What is in the field after each key.
fn typed(history: &History) -> Vec<String> {
    let mut dice = StdRng::seed_from_u64(7);
    let mut typed = Vec::new();
    for number in 0..TYPED {
        let words: Vec<&str> = (0..=number % 3).map(|_| history.words.word(&mut dice)).collect();
        let whole = words.join(" ");
        typed.extend((1..=whole.len()).map(|end| whole[..end].to_owned()).filter(|text| !text.ends_with(' ')));
    }
    typed
}

async fn ask(client: &Client, question: &str) -> Duration {
    let query = SearchQuery { text: question.to_owned(), limit: 40, ..SearchQuery::default() };
    let (took, page) = time(client.search(query)).await;
    page.expect("a search is answered");
    took
}
