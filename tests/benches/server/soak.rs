//! The server's memory over a long time of load: texts come in, texts go out, sockets come and go.
//!
//! `DESKLINE_BENCH_MINUTES` (60) minutes at `DESKLINE_BENCH_RATE` (200) texts a second; a line a minute.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use uuid::Uuid;

use crate::{listener::Listener, post::Lane, setting, stage::Stage};

const LANES: u32 = 8;
/// Sockets that stay for ten seconds each.
const VISITORS: usize = 10;

pub(crate) async fn run() {
    let (minutes, rate) = (setting("DESKLINE_BENCH_MINUTES", 60), setting("DESKLINE_BENCH_RATE", 200));
    let stage = Arc::new(Stage::set(10).await);
    let contacts: Arc<Vec<(Uuid, Uuid)>> = Arc::new(
        sqlx::query_as("select workspace_id, id from contacts order by phone")
            .fetch_all(stage.store.pool())
            .await
            .expect("contacts can be read"),
    );
    let end = Instant::now() + Duration::from_secs(minutes * 60);
    let mut tasks = Vec::new();
    for lane in 0..LANES {
        let (stage, contacts) = (stage.clone(), contacts.clone());
        tasks.push(tokio::spawn(async move {
            let mut connection = Lane::open(stage.address).await;
            #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
            let mut tick = tokio::time::interval(Duration::from_secs_f64(f64::from(LANES) / rate as f64));
            let mut index = usize::try_from(lane).unwrap_or_default();
            while Instant::now() < end {
                tick.tick().await;
                // One text in four goes out.
                let out = (index / LANES as usize).is_multiple_of(4);
                let request = if out { stage.send(index, &contacts) } else { stage.webhook(index) };
                connection.post(&request).await;
                index += LANES as usize;
            }
        }));
    }
    for visitor in 0..VISITORS {
        let stage = stage.clone();
        tasks.push(tokio::spawn(async move {
            while Instant::now() < end {
                let workspace = stage.teams[visitor % stage.teams.len()].workspace.0;
                let mut listener = Listener::join(stage.address, &stage.token(), workspace, visitor % 2 == 0).await;
                let stay = async {
                    loop {
                        listener.next().await;
                    }
                };
                let _ = tokio::time::timeout(Duration::from_secs(10), stay).await;
            }
        }));
    }
    println!("## {minutes} minutes at {rate} texts a second\n");
    println!("| minute | server's memory | texts |\n| --- | --- | --- |");
    for minute in 0..=minutes {
        let texts = stage.number("select count(*) from messages").await;
        println!("| {minute} | {:.1} MiB | {texts} |", stage.server.memory());
        if minute < minutes {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    }
    println!();
    for task in tasks {
        task.await.expect("the load ends well");
    }
    if let Ok(stage) = Arc::try_unwrap(stage) {
        stage.strike().await;
    }
}
