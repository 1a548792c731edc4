//! What all processes of the window hold together, beside the empty window: at rest, and after reading.

use std::{fs, time::Duration};

use tokio::time::sleep;

use crate::{
    driver::Driver,
    page, processes,
    seat::{self, Seat},
};

/// Until a window that was just started has done what it does by itself.
const REST: Duration = Duration::from_secs(20);

/// Prints a table.
pub(crate) async fn run(seat: &Seat) {
    let empty_mib = of_an_empty_window(seat).await;
    let driver = Driver::start(&seat.environment(), &[]).await;
    let at_rest = of(&driver).await;
    page::open_the_longest(driver.page()).await;
    for what in ["enter", "change", "thread", "list"] {
        page::ask(driver.page(), what, 50).await;
    }
    let after = of(&driver).await;

    println!("### Memory of all processes\n\n| | MiB | beside the empty window |\n| --- | --- | --- |");
    println!("| an empty window | {empty_mib:.0} | 1.00 |");
    println!("| at rest | {at_rest:.0} | {:.2} |", at_rest / empty_mib);
    println!("| after reading and scrolling in haste | {after:.0} | {:.2} |\n", after / empty_mib);
}

/// In MiB, once it does nothing any more.
pub(crate) async fn of_an_empty_window(seat: &Seat) -> f64 {
    let mut empty = seat.start(&seat::empty());
    sleep(REST).await;
    let mib = held(empty.id());
    processes::signal(empty.id(), "TERM");
    empty.wait().expect("the program ends");
    mib
}

/// In MiB, of the window and everything below it, once it does nothing any more.
pub(crate) async fn of(driver: &Driver) -> f64 {
    sleep(REST).await;
    held(driver.app())
}

/// In MiB; what several processes share counts once.
fn held(root: u32) -> f64 {
    let held = |pid: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:").map(str::to_owned));
        line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default()
    };
    processes::family(root).iter().map(held).sum::<f64>() / 1_024.0
}
