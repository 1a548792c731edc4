//! Texts sent a second through `POST /sms/send-sms`, with a Twilio that answers at once, as a share of the webhooks a second.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use crate::{post::flood, setting, stage::Stage};

const CONNECTIONS: usize = 32;
const MOST_A_SECOND: usize = 5_000;

pub(crate) async fn run(inbound: Option<f64>) {
    println!("## Sends a second, {CONNECTIONS} connections\n");
    println!(
        "| workspaces | sends | webhooks in the same run | ratio | server's CPU a text |\n| --- | --- | --- | --- | --- |"
    );
    for workspaces in [1, 10] {
        measure(workspaces, inbound).await;
    }
    println!();
}

async fn measure(workspaces: usize, inbound: Option<f64>) {
    let seconds = setting("DESKLINE_BENCH_SECONDS", 10);
    let stage = Stage::set(workspaces).await;
    let contacts: Vec<(Uuid, Uuid)> = sqlx::query_as("select workspace_id, id from contacts order by phone")
        .fetch_all(stage.store.pool())
        .await
        .expect("contacts can be read");
    let most = usize::try_from(seconds).unwrap_or(10) * MOST_A_SECOND;
    let requests = Arc::new((0..most).map(|index| stage.send(index, &contacts)).collect::<Vec<_>>());
    let began = stage.server.cpu();
    let (done, time) = flood(stage.address, CONNECTIONS, requests, Duration::from_secs(seconds)).await;
    assert!(done < most, "the generator ran out of requests: raise MOST_A_SECOND");
    let each = (stage.server.cpu() - began).as_secs_f64() * 1_000.0 / done as f64;
    let rate = done as f64 / time.as_secs_f64();
    let sent = stage.number("select count(*) from messages where status = 'queued' and twilio_sid is not null").await;
    assert_eq!(usize::try_from(sent).ok(), Some(done), "every answered text is stored, with its SID");
    assert_eq!(stage.number("select count(*) from sends").await, 0, "nothing waits");
    let (webhooks, ratio) = inbound
        .map_or(("–".to_owned(), "–".to_owned()), |one| (format!("{one:.0}/s"), format!("{:.2}", rate / one)));
    println!("| {workspaces} | {rate:.0}/s | {webhooks} | {ratio} | {each:.3} ms |");
    stage.strike().await;
}
