//! From the moment a text was to be posted to the event in each of 50 sockets, at half of the rate that the server takes, and at half of
//! what `pgbench` makes of the same statements.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    listener::Listener,
    percentile, pgbench,
    post::{Lane, flood},
    setting,
    stage::Stage,
};

const SOCKETS: usize = 50;
const CONNECTIONS: usize = 32;

pub(crate) async fn run(rate: Option<(f64, f64)>) {
    println!("## From a webhook to {SOCKETS} sockets, at half of our rate and at half of pgbench's\n");
    println!(
        "| sockets | texts a second | p50 | p90 | p99 | server's CPU a text |\n| --- | --- | --- | --- | --- | --- |"
    );
    let (ours, bare) = match rate {
        Some(rates) => rates,
        None => find_rates().await,
    };
    for rate in [ours / 2.0, bare / 2.0] {
        for follow in [false, true] {
            measure(rate, follow).await;
        }
    }
    println!();
}

async fn measure(rate: f64, follow: bool) {
    let stage = Stage::set(1).await;
    let seconds = setting("DESKLINE_BENCH_SECONDS", 10);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few ten thousand")]
    let count = (rate * seconds as f64) as usize;
    let (token, workspace) = (stage.token(), stage.teams[0].workspace.0);
    let mut listeners = Vec::new();
    for _ in 0..SOCKETS {
        listeners.push(Listener::join(stage.address, &token, workspace, follow).await);
    }
    let ears: Vec<_> =
        listeners.into_iter().map(|mut listener| tokio::spawn(async move { listener.hear(count).await })).collect();

    let requests = Arc::new((0..count).map(|index| stage.webhook(index)).collect::<Vec<_>>());
    let began = stage.server.cpu();
    let start = Instant::now() + Duration::from_millis(100);
    let planned = move |index: usize| start + Duration::from_secs_f64(index as f64 / rate);
    let mut lanes = Vec::new();
    for lane in 0..CONNECTIONS {
        let mut connection = Lane::open(stage.address).await;
        let requests = requests.clone();
        lanes.push(tokio::spawn(async move {
            for index in (lane..requests.len()).step_by(CONNECTIONS) {
                tokio::time::sleep_until(planned(index).into()).await;
                connection.post(&requests[index]).await;
            }
        }));
    }
    for lane in lanes {
        lane.await.expect("a lane ends well");
    }
    let mut delays = Vec::with_capacity(count * SOCKETS);
    for ear in ears {
        let mut heard = ear.await.expect("a listener ends well");
        delays.extend(heard.iter().map(|(number, at)| at.saturating_duration_since(planned(*number))));
        heard.sort_unstable();
        let numbers: Vec<usize> = heard.into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, (0..count).collect::<Vec<_>>(), "every socket hears every text once");
    }
    let each = (stage.server.cpu() - began).as_secs_f64() * 1_000.0 / count as f64;
    delays.sort_unstable();
    let who = if follow { "desktops (pages of the feed)" } else { "dashboards (rows)" };
    let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| percentile(&delays, share));
    println!("| {SOCKETS} {who} | {rate:.0} | {p50:.1} ms | {p90:.1} ms | {p99:.1} ms | {each:.3} ms |");
    stage.strike().await;
}

/// For a part that runs alone: webhooks and transactions a second.
async fn find_rates() -> (f64, f64) {
    let stage = Stage::set(1).await;
    let bare = pgbench::inbound(&stage, CONNECTIONS, 5);
    let requests = Arc::new((0..30_000).map(|index| stage.webhook(index)).collect::<Vec<_>>());
    let (done, time) = flood(stage.address, CONNECTIONS, requests, Duration::from_secs(5)).await;
    stage.strike().await;
    (done as f64 / time.as_secs_f64(), bare)
}
