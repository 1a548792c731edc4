//! A first sync of a whole history over the real server, beside the raw pipeline: the same rows, copied out of the same Postgres into one plain
//! table of plain SQLite, in this process and one transaction.

use std::time::{Duration, Instant};

use deskline_client::view::Connection;
use deskline_e2e::{Desktop, World};
use futures_util::TryStreamExt;
use sqlx::{Connection as _, SqliteConnection, postgres::PgPoolCopyExt, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::start;

const COLUMNS: &str = "id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media, from_number, to_number, \
                       error_code, error_message, sent_by, created_at, updated_at";
/// Rows of one statement.
const ROWS: usize = 500;

pub(crate) async fn run() {
    let messages = size();
    let world = World::start().await;
    start::fill(&world, messages).await;
    let agent = world.agent("ann").await;
    let desktop = Desktop::new().await;
    let begin = Instant::now();
    desktop.client.sign_in(agent).await.expect("the agent can sign in");
    desktop.conversation("the first page of the list", |_| true).await;
    let usable = begin.elapsed();
    while desktop.client.connection() != Connection::Live {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ours = begin.elapsed();
    desktop.close().await;
    let raw = raw(&world).await;

    let rate = |took: Duration| messages as f64 / took.as_secs_f64();
    println!("## A first sync of {messages} texts\n\n| | s | texts a second |\n| --- | --- | --- |");
    println!("| to the first row of the list | {:.2} | |", usable.as_secs_f64());
    println!("| ours: server, HTTP, encrypted cache | {:.2} | {:.0} |", ours.as_secs_f64(), rate(ours));
    println!("| raw: `COPY` into a plain table | {:.2} | {:.0} |", raw.as_secs_f64(), rate(raw));
    println!("\nRatio: {:.2}.\n", rate(ours) / rate(raw));
    world.end().await;
}

fn size() -> i64 {
    std::env::var("DESKLINE_BENCH_SYNC").map_or(100_000, |size| size.parse().expect("DESKLINE_BENCH_SYNC is a number"))
}

async fn raw(world: &World) -> Duration {
    let folder = TempDir::new().expect("a folder can be made");
    let options = SqliteConnectOptions::new().filename(folder.path().join("raw.db")).create_if_missing(true);
    let mut plain = SqliteConnection::connect_with(&options).await.expect("SQLite opens a file");
    sqlx::query("create table messages (id text primary key, rest text) without rowid")
        .execute(&mut plain)
        .await
        .expect("a table can be made");
    let begin = Instant::now();
    let statement = format!("copy (select {COLUMNS} from messages) to stdout");
    let mut chunks = world.foreign.copy_out_raw(&statement).await.expect("rows can be copied");
    let mut tx = plain.begin().await.expect("a transaction can begin");
    let mut lines: Vec<String> = Vec::new();
    let mut rest = Vec::new();
    while let Some(chunk) = chunks.try_next().await.expect("rows can be copied") {
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            lines.push(String::from_utf8_lossy(&line).into_owned());
        }
        if lines.len() >= ROWS {
            write(&mut tx, &mut lines).await;
        }
    }
    write(&mut tx, &mut lines).await;
    tx.commit().await.expect("rows are written");
    begin.elapsed()
}

async fn write(plain: &mut SqliteConnection, lines: &mut Vec<String>) {
    let rows = serde_json::Value::from_iter(std::mem::take(lines)).to_string();
    sqlx::query("insert into messages (id, rest) select substr(value, 1, 36), substr(value, 38) from json_each(?)")
        .bind(rows)
        .execute(plain)
        .await
        .expect("rows can be written");
}
