//! What all processes of the window hold after an hour of traffic, beside the empty window: a real server, a text each second, and an agent who
//! answers one in ten. The hour is played as fast as it goes.

use std::path::Path;

use deskline_e2e::World;
use tempfile::TempDir;

use crate::{driver::Driver, memory, page, seat::Seat};

const TEXTS: usize = 3_600;
const CONTACTS: usize = 300;
/// Every so many texts, one is answered.
const ANSWERED: usize = 10;

/// Prints a table.
pub(crate) async fn run() {
    let world = World::start().await;
    let folder = TempDir::with_prefix("deskline-bench-traffic-").expect("a folder can be made");
    let seat = Seat::beside(Path::join(folder.path(), "desk"));
    seat.sign_in(&world.agent("ann").await);
    let empty_mib = memory::of_an_empty_window(&seat).await;

    let driver = Driver::start(&seat.environment(), &[]).await;
    for number in 0..TEXTS {
        let phone = format!("+1555{:07}", number * 7 % CONTACTS);
        world
            .text(&phone, &format!("Is order {number} on its way? It was promised for today, and nobody called."))
            .await;
        if number % ANSWERED == 0 {
            page::ask(driver.page(), "answer", 1).await;
        }
    }
    let mib = memory::of(&driver).await;
    // The rest is in the line: a number sends one text a second, and the hour was shorter.
    let left = world.twilio.sent().len();
    assert!(left > 0, "no answer has left: the window and its server do not know each other");

    println!("### After an hour of traffic\n\n| | MiB | beside the empty window |\n| --- | --- | --- |");
    println!("| an empty window | {empty_mib:.0} | 1.00 |");
    println!(
        "| {TEXTS} texts, {} answers of which {left} have left | {mib:.0} | {:.2} |\n",
        TEXTS / ANSWERED,
        mib / empty_mib
    );
    drop(driver);
    world.end().await;
}
