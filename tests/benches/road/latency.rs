//! From a signed webhook to the event in a desktop.

use std::time::{Duration, Instant};

use deskline_client::ClientEvent;
use deskline_e2e::{World, world::MARIA};

use crate::summary;

const TEXTS: usize = 500;

pub(crate) async fn run() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "warm up").await;
    ann.conversation("the first text", |row| row.phone == MARIA).await;
    let mut events = ann.client.events();

    let (mut arrived, mut answered) = (Vec::new(), Vec::new());
    for number in 0..TEXTS {
        let text = format!("text {number}");
        let start = Instant::now();
        let webhook = async {
            world.text(MARIA, &text).await;
            start.elapsed()
        };
        let event = async {
            loop {
                if matches!(events.recv().await, Ok(ClientEvent::Received { .. })) {
                    return start.elapsed();
                }
            }
        };
        let (answer, arrival): (Duration, Duration) = tokio::join!(webhook, event);
        answered.push(answer);
        arrived.push(arrival);
    }

    println!("## From a signed webhook to a desktop\n");
    println!("| from the simulator's request to | |\n| --- | --- |");
    println!("| the server's 200 (the text is durable) | {} |", summary(answered));
    println!("| the event in a desktop (it is in the desktop's cache) | {} |\n", summary(arrived));
    world.end().await;
}
