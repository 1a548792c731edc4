//! The two ways side by side: through the server, and straight to Postgres and Twilio while no server runs. Same desktop, same Postgres, same
//! simulator; without TLS to Postgres, as to the server.

use std::time::{Duration, Instant};

use deskline_client::{
    ClientEvent,
    view::{Connection, MessageState},
};
use deskline_domain::ids::ContactId;
use deskline_e2e::{Desktop, World, desktop::Place, world::MARIA};

use crate::{start, summary};

const TEXTS: usize = 300;
const HISTORY: i64 = 20_000;

pub(crate) async fn run() {
    let mut world = World::start().await;
    start::fill(&world, HISTORY).await;
    let ann = world.desktop("ann").await;
    ann.client.work_directly(world.lets_work_directly("ann").await).await.expect("the agent may work directly");
    world.text(MARIA, "warm up").await;
    let maria = ann.conversation("the first text", |row| row.phone == MARIA).await.contact_id;

    let server = Way::measure(&world, &ann, maria).await;
    let (server_sync, place) = first_sync(ann, Connection::Live).await;
    world.kill_server();
    let ann = place.open().await;
    follows(&ann, Connection::Direct).await;
    let direct = Way::measure(&world, &ann, maria).await;
    let (direct_sync, place) = first_sync(ann, Connection::Direct).await;
    drop(place);

    println!("## Through the server, and directly\n");
    println!("| | through the server | directly |\n| --- | --- | --- |");
    println!(
        "| from Enter to the tick that Twilio has taken it | {} | {} |",
        summary(server.taken),
        summary(direct.taken)
    );
    println!(
        "| from another program's commit to the event in the desktop | {} | {} |",
        summary(server.heard),
        summary(direct.heard)
    );
    println!(
        "| a first sync of {HISTORY} texts, from starting the engine | {:.2} s | {:.2} s |\n",
        server_sync.as_secs_f64(),
        direct_sync.as_secs_f64()
    );
    world.restart_server().await;
    world.end().await;
}

struct Way {
    taken: Vec<Duration>,
    heard: Vec<Duration>,
}

impl Way {
    async fn measure(world: &World, ann: &Desktop, maria: ContactId) -> Self {
        let mut events = ann.client.events();
        let (mut taken, mut heard) = (Vec::new(), Vec::new());
        for number in 0..TEXTS {
            let begin = Instant::now();
            let text = ann.client.send_message(maria, format!("text {number}")).await.expect("a text can be written");
            loop {
                let state = ann.client.message(text.id).await.expect("it is here").state;
                if matches!(state, MessageState::Accepted | MessageState::Sent | MessageState::Delivered) {
                    break;
                }
                events.recv().await.expect("the engine runs");
            }
            taken.push(begin.elapsed());
        }
        for number in 0..TEXTS {
            sqlx::query(
                "insert into livechatmessages (workspace_id, contact_id, content, direction, status, message_type)
                 values ($1, $2, $3, 'inbound', 'delivered', 'text')",
            )
            .bind(world.workspace.0)
            .bind(maria.0)
            .bind(format!("heard {number}"))
            .execute(&world.foreign)
            .await
            .expect("another program may write texts");
            let begin = Instant::now();
            while !matches!(events.recv().await, Ok(ClientEvent::Received { .. })) {}
            heard.push(begin.elapsed());
        }
        Self { taken, heard }
    }
}

/// Throws the cache away while the desktop is off, and waits until all of it is back.
async fn first_sync(ann: Desktop, way: Connection) -> (Duration, Place) {
    let texts = ann.client.storage().await.expect("the cache can be counted").texts;
    let place = ann.close().await;
    for file in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        _ = std::fs::remove_file(place.folder().join(file));
    }
    let begin = Instant::now();
    let ann = place.open().await;
    while ann.client.storage().await.map_or(0, |storage| storage.texts) < texts {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = begin.elapsed();
    follows(&ann, way).await;
    (took, ann.close().await)
}

/// Longer than any test waits for anything.
async fn follows(ann: &Desktop, way: Connection) {
    while ann.client.connection() != way {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
