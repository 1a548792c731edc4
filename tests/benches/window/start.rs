//! From starting the program to text on the screen, taking turns with the empty window.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{
    cells, processes,
    screen::{Part, Screen},
    seat::{self, Seat},
};

const STARTS: usize = 15;
/// Where the fourth row of the list stands; and where the empty window has its words.
const ROW: Part = (250, 330, 330, 60);
const WORDS: Part = (0, 0, 400, 60);
const PATIENCE: Duration = Duration::from_secs(30);

/// Prints a table.
pub(crate) async fn run(seat: &Seat) {
    let screen = Screen::open();
    let (mut empty, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        empty.push(once(seat, &screen, &seat::empty(), WORDS).await);
        ours.push(once(seat, &screen, &seat::app(), ROW).await);
    }
    println!(
        "### From starting the program to text on the screen\n\n| | p50 ms | p95 | longest |\n| --- | --- | --- | --- |"
    );
    println!("| an empty window | {} |\n| the list | {} |", cells(&mut empty), cells(&mut ours));
    println!("\nRatio of the medians: {:.2}.\n", ours[STARTS / 2] / empty[STARTS / 2]);
}

/// In milliseconds.
async fn once(seat: &Seat, screen: &Screen, program: &Path, part: Part) -> f64 {
    assert!(!screen.has_text_in(part), "the window before is gone");
    let begin = Instant::now();
    let mut process = seat.start(program);
    while !screen.has_text_in(part) {
        assert!(begin.elapsed() < PATIENCE, "{} shows nothing where it should", program.display());
        sleep(Duration::from_millis(2)).await;
    }
    let took = begin.elapsed();
    processes::signal(process.id(), "TERM");
    process.wait().expect("the program ends");
    let gone = Instant::now();
    while screen.has_text_in(part) {
        assert!(gone.elapsed() < PATIENCE, "the window of {} stays", program.display());
        sleep(Duration::from_millis(2)).await;
    }
    took.as_secs_f64() * 1_000.0
}
