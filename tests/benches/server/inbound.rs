//! Signed webhooks a second, as a share of what `pgbench` gets out of the same statements, and the server's processor time for each.

use std::{sync::Arc, time::Duration};

use crate::{pgbench, post::flood, setting, stage::Stage};

/// Written beforehand; more than any machine of this kind takes in the time.
const MOST_A_SECOND: usize = 6_000;

/// Answers the rates with 32 connections and one workspace: ours and that of `pgbench`.
pub(crate) async fn run() -> (f64, f64) {
    println!("## Webhooks a second\n");
    println!("| workspaces | connections | signed webhooks | pgbench, same statements | ratio | server's CPU a text |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut rate = (0.0, 0.0);
    for (workspaces, connections) in [(1, 1), (1, 8), (1, 32), (10, 32)] {
        let ours = measure(workspaces, connections).await;
        if (workspaces, connections) == (1, 32) {
            rate = ours;
        }
    }
    println!();
    rate
}

async fn measure(workspaces: usize, connections: usize) -> (f64, f64) {
    let seconds = setting("DESKLINE_BENCH_SECONDS", 10);
    let stage = Stage::set(workspaces).await;
    let mut posted = 0;
    let (mut took, mut cpu, mut bare) = (Duration::ZERO, Duration::ZERO, 0.0);
    let rounds = 2;
    let mut accepted = 0;
    let mut pgbenched = 0;
    // Turn about, so that a slow spell of the machine hits both.
    for _ in 0..rounds {
        let before = stage.number("select count(*) from messages").await;
        bare += pgbench::inbound(&stage, connections, seconds) / f64::from(rounds);
        pgbenched += stage.number("select count(*) from messages").await - before;

        let most = usize::try_from(seconds).unwrap_or(10) * MOST_A_SECOND;
        let requests = Arc::new((posted..posted + most).map(|index| stage.webhook(index)).collect::<Vec<_>>());
        posted += most;
        let began = stage.server.cpu();
        let (done, time) = flood(stage.address, connections, requests, Duration::from_secs(seconds)).await;
        assert!(done < most, "the generator ran out of requests: raise MOST_A_SECOND");
        cpu += stage.server.cpu() - began;
        took += time;
        accepted += done;
    }
    count(&stage, i64::try_from(accepted).unwrap_or_default(), pgbenched).await;
    let ours = accepted as f64 / took.as_secs_f64();
    let each = cpu.as_secs_f64() * 1_000.0 / accepted as f64;
    println!("| {workspaces} | {connections} | {ours:.0}/s | {bare:.0}/s | {:.2} | {each:.3} ms |", ours / bare);
    stage.strike().await;
    (ours, bare)
}

/// Each accepted text is there once, counted once, and once in the feed.
async fn count(stage: &Stage, accepted: i64, pgbenched: i64) {
    let all = accepted + pgbenched;
    let found = [
        ("texts", stage.number("select count(*) from messages").await),
        ("unread texts", stage.number("select sum(unread_count)::bigint from contacts").await),
        ("changes", stage.number("select count(*) from changes where entity = 'message'").await),
    ];
    for (what, found) in found {
        assert_eq!(found, all, "the number of {what} is not the number of accepted texts");
    }
}
