//! Making the index in the background, and what it costs whoever writes.

use std::time::Instant;

use deskline_client::Client;
use deskline_e2e::history::{History, TEAM};
use sqlx::{AssertSqlSafe, Connection, SqlSafeStr, SqliteConnection};

use crate::plain::figure;

/// Rows of the writing test, and of one of its transactions.
const ROWS: i64 = 10_000;
const PAGE: i64 = 500;

/// Opens the engine, and waits until it has indexed everything.
pub(crate) async fn run(history: &History, report: bool) -> Client {
    let before = history.bytes();
    let begin = Instant::now();
    let client = history.open().await;
    history.until_indexed().await;
    let took = begin.elapsed().as_secs_f64();
    let mut cache = history.cache().await;
    let texts = figure(&mut cache, "select count(*) from search_docs").await;
    figure(&mut cache, "pragma wal_checkpoint(passive)").await;
    if report {
        println!("### The index\n");
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
        let a_row = took * 1e6 / texts as f64;
        println!(
            "Made in the background in {took:.1} s ({a_row:.1} µs a text); the file grew by {} MiB.\n",
            (history.bytes() - before) >> 20
        );
    }
    cache.close().await.expect("the cache closes");
    client
}

/// A first sync's statement in transactions of its own, with and without the triggers that note what is missing. Comes last: it
/// leaves texts behind that no other part expects.
pub(crate) async fn write(history: &History) {
    let mut cache = history.cache().await;
    println!("### Writing\n\n| {ROWS} new texts in transactions of {PAGE} | µs a row |\n| --- | --- |");
    let triggers: Vec<(String, String)> =
        sqlx::query_as("select name, sql from sqlite_schema where type = 'trigger' and tbl_name = 'messages'")
            .fetch_all(&mut cache)
            .await
            .expect("the schema can be read");
    for round in 0..6 {
        let (start, with) = (round * ROWS, round % 2 == 0);
        for (name, create) in &triggers {
            let statement = if with { create.clone() } else { format!("drop trigger {name}") };
            if round > 0 {
                sqlx::query(AssertSqlSafe(statement).into_sql_str())
                    .execute(&mut cache)
                    .await
                    .expect("triggers can be changed");
            }
        }
        let name = if with { "with the index's triggers" } else { "without them" };
        let begin = Instant::now();
        for page in 0..ROWS / PAGE {
            let mut tx = cache.begin_with("begin immediate").await.expect("the cache can be written");
            write_page(&mut tx, start + page * PAGE).await;
            tx.commit().await.expect("a page is written");
        }
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let a_row = begin.elapsed().as_secs_f64() * 1e6 / ROWS as f64;
        println!("| {name} | {a_row:.1} |");
    }
    println!();
    cache.close().await.expect("the cache closes");
}

async fn write_page(cache: &mut SqliteConnection, start: i64) {
    sqlx::query(
        "with recursive n(n) as (select ?1 union all select n + 1 from n where n < ?2 - 1) \
         insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, created_at, updated_at) \
         select printf('%08x-0000-7000-8000-%012x', (n * 2654435761) & 0xffffffff, n), ?3, printf('00000000-0000-0000-0000-00c0%08x', n % 100), \
         'a text of an ordinary length that says that somebody comes tomorrow, number ' || n, 'inbound', 'delivered', 1, 0, '[]', \
         1795694400000000 + n * 1000000, 0 from n where true \
         on conflict (id) do update set content = excluded.content",
    )
    .bind(start)
    .bind(start + PAGE)
    .bind(TEAM.to_string())
    .execute(cache)
    .await
    .expect("texts can be written");
}
