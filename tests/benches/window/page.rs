//! Enter to bubble, switching to the longest conversation, and scrolling: measured in the page itself, by the page's own clock.

use deskline_e2e::history::History;
use fantoccini::Client;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::{cells, driver::Driver, seat::Seat};

const PROBE: &str = include_str!("probe.js");
const TIMES: u32 = 60;
const FRAMES: u32 = 400;
const PATIENCE: Duration = Duration::from_secs(60);

/// Prints tables.
pub(crate) async fn run(seat: &Seat) {
    let environment = seat.environment();
    let driver = Driver::start(&environment, &[]).await;
    let page = driver.page();
    open_the_longest(page).await;

    println!("### In the page\n\n| | p50 ms | p95 | longest |\n| --- | --- | --- | --- |");
    for (what, name) in [("enter", "Enter to bubble"), ("change", "click to the longest conversation")] {
        let done = ask(page, what, TIMES).await;
        println!("| {name}: in the page | {} |", cells(&mut column(&done, 0)));
        println!("| {name}: in the frame that shows it | {} |", cells(&mut column(&done, 1)));
    }
    let mut blank = Vec::new();
    for (what, name) in
        [("thread", "a frame of scrolling the longest conversation"), ("list", "a frame of scrolling the list")]
    {
        let done = ask(page, what, FRAMES).await;
        println!("| {name} | {} |", cells(&mut column(&done["frames"], 0)));
        blank.push(done["blank"].as_u64().expect("it is counted"));
    }
    println!("\nBlank frames of {FRAMES}: {} in the conversation, {} in the list.\n", blank[0], blank[1]);
}

/// Has the first conversation of the history open: a tenth of all texts are in it.
pub(crate) async fn open_the_longest(page: &Client) {
    let longest = History::contact(0);
    let open = format!(
        "window.longest = '{longest}';
         if (!window.everything) {{
           window.everything = document.querySelector('[data-testid=filter-all]');
           window.everything?.click();
           return false;
         }}
         const row = document.querySelector('[data-testid=conversation][data-contact-id=\"{longest}\"]');
         const list = document.querySelector('[data-testid=conversation-list]');
         const there = document.querySelector('[data-testid=conversation]') !== null;
         // Until there are rows, nothing can be scrolled past; and it may have been scrolled past while they came.
         window.steps = there ? (window.steps ?? 0) + 1 : 0;
         if (row) row.click();
         else if (there) list.scrollTop = (window.steps % 60) * (list.clientHeight / 2);
         return document.querySelector('[data-testid=thread][data-contact-id=\"{longest}\"] [data-testid=message]') !== null;"
    );
    let deadline = Instant::now() + PATIENCE;
    while page.execute(&open, Vec::new()).await.ok() != Some(json!(true)) {
        assert!(Instant::now() < deadline, "the longest conversation is not in the list");
        sleep(Duration::from_millis(100)).await;
    }
}

pub(crate) async fn ask(page: &Client, what: &str, times: u32) -> Value {
    let answer = page.execute_async(PROBE, vec![json!(what), json!(times)]).await.expect("the page answers");
    assert!(answer.get("error").is_none(), "{what}: {answer}");
    answer
}

fn column(rows: &Value, place: usize) -> Vec<f64> {
    let rows = rows.as_array().expect("the page answers with a list");
    rows.iter().map(|row| row[place].as_f64().expect("a time is a number")).collect()
}
