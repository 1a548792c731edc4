//! What 10,000 connected sockets cost: the server's memory with and without them, and that each of them hears.

use std::time::{Duration, Instant};

use crate::{listener::Listener, post::Lane, setting, stage::Stage};

pub(crate) async fn run() {
    let wanted = usize::try_from(setting("DESKLINE_BENCH_SOCKETS", 10_000)).unwrap_or(10_000);
    let stage = Stage::set(10).await;
    let token = stage.token();
    let before = stage.server.memory();
    let mut listeners = Vec::with_capacity(wanted);
    let began = Instant::now();
    for index in 0..wanted {
        let workspace = stage.teams[index % stage.teams.len()].workspace.0;
        let mut listener = Listener::join(stage.address, &token, workspace, index % 2 == 0).await;
        // Each answers its pings from now on.
        listeners.push(tokio::spawn(async move {
            let heard = listener.hear(1).await;
            (listener, heard)
        }));
    }
    let connected = began.elapsed();
    let with = stage.server.memory();

    let mut lane = Lane::open(stage.address).await;
    let start = Instant::now();
    for index in 0..stage.teams.len() {
        lane.post(&stage.webhook(index)).await;
    }
    let mut slowest = Duration::ZERO;
    let mut connected_still = Vec::with_capacity(wanted);
    for listener in listeners {
        let (listener, heard) = listener.await.expect("a listener ends well");
        for (_, at) in heard {
            slowest = slowest.max(at.saturating_duration_since(start));
        }
        connected_still.push(listener);
    }
    let after = stage.server.memory();
    println!("## {wanted} sockets\n");
    println!("| | |\n| --- | --- |");
    println!("| server's memory before | {before:.0} MiB |");
    println!("| with all of them connected and joined | {with:.0} MiB |");
    println!("| after a text to each of them | {after:.0} MiB |");
    println!("| joined a second | {:.0} |", wanted as f64 / connected.as_secs_f64());
    println!("| from the first of {} texts to the last socket | {:.2} s |\n", stage.teams.len(), slowest.as_secs_f64());
    drop(connected_still);
    stage.strike().await;
}
