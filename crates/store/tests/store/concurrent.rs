//! Many writers at once, ours and foreign ones, against readers who must miss nothing, hear nothing twice and nothing out of order.

use std::{
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use deskline_domain::{delivery::DeliveryStatus, ids::WorkspaceId};
use deskline_store::{Outbound, StatusReport, Store, Wake};
use futures_util::future::join_all;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{
    replica::Replica,
    world::{ACCOUNT, World, at, fresh, inbound, outbound, uuid},
};

const WRITERS: u64 = 10;
const ROUNDS: usize = 30;
const PEOPLE: u32 = 6;

fn phone(n: u32) -> String {
    format!("+1555{n:07}")
}

/// One writer: a seed decides what it does. Every write must succeed: none of these may ever end in a deadlock.
struct Writer {
    store: Store,
    teams: [WorkspaceId; 2],
    rng: StdRng,
}

impl Writer {
    async fn run(mut self) {
        for _ in 0..ROUNDS {
            match self.rng.random_range(0..11) {
                0..=2 => self.text_comes_in().await,
                3 | 4 => self.text_goes_out().await,
                5 => self.foreign_many_rows().await,
                6 => self.foreign_both_workspaces("commit").await,
                7 => self.foreign_both_workspaces("rollback").await,
                8 => self.foreign("update contacts set unread_count = 0, name = name || '.' where id = (select id from contacts where workspace_id = $1 and phone = $2)").await,
                9 => self.foreign("delete from messages where id = (select m.id from messages m join contacts c on c.id = m.contact_id where m.workspace_id = $1 and c.phone = $2 order by random() limit 1)").await,
                _ => self.foreign_at_repeatable_read().await,
            }
        }
    }

    fn team(&mut self) -> WorkspaceId {
        self.teams[self.rng.random_range(0..2)]
    }

    fn person(&mut self) -> String {
        phone(self.rng.random_range(0..PEOPLE))
    }

    async fn text_comes_in(&mut self) {
        let text = inbound(self.team(), &self.person(), "Hello");
        self.store.record_inbound(&text).await.unwrap();
    }

    async fn text_goes_out(&mut self) {
        let (team, person) = (self.teams[0], self.person());
        let contact = inbound(team, &person, "First of all");
        let contact = self.store.record_inbound(&contact).await.unwrap().contact.id;
        let Outbound::Claimed(send) = self.store.record_outbound(&outbound(team, contact, "Hi")).await.unwrap() else {
            return;
        };
        let sid = format!("SM{:032}", fresh());
        let report = StatusReport {
            account_sid: ACCOUNT.into(),
            message_sid: sid.clone(),
            message_id: Some(send.message.id),
            status: DeliveryStatus::Delivered,
            error_code: None,
            explanation: None,
            raw: json!({}),
            received_at: at(1),
        };
        let accepted = self.store.record_accepted(send.message.id, &sid, DeliveryStatus::Queued, None, at(1));
        let (accepted, reported) = tokio::join!(accepted, self.store.record_status(&report));
        // Another writer may have removed the text meanwhile, as foreign programs do.
        assert!(matches!(accepted, Ok(_) | Err(deskline_store::Error::UnknownMessage)), "{accepted:?}");
        reported.unwrap();
    }

    /// Rows of many contacts in one statement, in an order that differs from writer to writer.
    async fn foreign_many_rows(&mut self) {
        let mut people: Vec<String> = (0..PEOPLE).map(phone).collect();
        people.shuffle(&mut self.rng);
        sqlx::query(
            "insert into livechatmessages (workspace_id, contact_id, content, direction, created_at)
             select c.workspace_id, c.id, 'Many', 'inbound', clock_timestamp()
             from unnest($2::text[]) with ordinality p (phone, n) join contacts c on c.phone = p.phone and c.workspace_id = $1,
                  generate_series(1, 5)
             order by n",
        )
        .bind(self.team().0)
        .bind(&people)
        .execute(self.store.pool())
        .await
        .unwrap();
    }

    async fn foreign_both_workspaces(&mut self, end: &'static str) {
        self.teams.shuffle(&mut self.rng);
        let mut connection = self.store.pool().acquire().await.unwrap();
        let mut sql = "begin;".to_owned();
        for team in self.teams {
            sql +=
                &format!("insert into contacts (workspace_id, phone, name) values ('{team}', 'p{}', 'New');", fresh());
        }
        sql += end;
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
        self.teams.sort_unstable();
    }

    async fn foreign(&mut self, sql: &'static str) {
        sqlx::query(sql).bind(self.team().0).bind(self.person()).execute(self.store.pool()).await.unwrap();
    }

    /// New rows alone: what another transaction changed meanwhile is nobody's business at this level.
    async fn foreign_at_repeatable_read(&mut self) {
        let team = self.team();
        let mut tx = self.store.pool().begin_with("begin isolation level repeatable read").await.unwrap();
        for _ in 0..3 {
            sqlx::query("insert into contacts (workspace_id, phone) values ($1, $2)")
                .bind(team.0)
                .bind(format!("r{}", fresh()))
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// Reads as fast as it can until told that nobody writes any more, and then to the end.
fn reader(store: &Store, team: WorkspaceId, limit: i64, writing: &Arc<AtomicUsize>) -> JoinHandle<Replica> {
    let (mut replica, writing) = (Replica::of(store, team), Arc::clone(writing));
    tokio::spawn(async move {
        loop {
            let over = writing.load(Ordering::SeqCst) == 0;
            let more = replica.pull(limit).await;
            if over && !more {
                return replica;
            }
            tokio::task::yield_now().await;
        }
    })
}

/// Reads only when it is woken, and must end complete all the same.
fn sleeper(store: &Store, team: WorkspaceId, until: Uuid) -> JoinHandle<Replica> {
    let (mut replica, mut listener, store) = (Replica::of(store, team), store.listen(), store.clone());
    tokio::spawn(async move {
        loop {
            let wake = tokio::time::timeout(Duration::from_secs(60), listener.next())
                .await
                .expect("the last change woke nobody");
            if wake == Wake::All || wake == Wake::Workspace(team) {
                replica.catch_up().await;
            }
            if store.contact(team, until.into()).await.unwrap().is_some() {
                replica.catch_up().await;
                return replica;
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_ever_misses_repeats_or_reorders_a_change() {
    let world = World::start().await;
    let mut teams = [world.team, world.second_team().await];
    teams.sort_unstable();
    world.sql(&format!("update workspace_twilio_config set account_sid = '{ACCOUNT}'")).await;
    let last = teams.map(|_| uuid());
    let writing = Arc::new(AtomicUsize::new(1));

    let readers: Vec<_> = teams
        .into_iter()
        .zip(last)
        .flat_map(|(team, last)| {
            [
                reader(&world.store, team, 1_000, &writing),
                reader(&world.store, team, 3, &writing),
                sleeper(&world.store, team, last),
            ]
        })
        .collect();
    let writers = (0..WRITERS).map(|seed| {
        let writer = Writer { store: world.store.clone(), teams, rng: StdRng::seed_from_u64(seed) };
        tokio::spawn(writer.run())
    });
    join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
    for (team, last) in teams.into_iter().zip(last) {
        sqlx::query("insert into contacts (id, workspace_id, phone) values ($1, $2, 'the last one')")
            .bind(last)
            .bind(team.0)
            .execute(world.pool())
            .await
            .unwrap();
    }
    writing.store(0, Ordering::SeqCst);

    for replica in join_all(readers).await {
        replica.unwrap().assert_equals_tables().await;
    }
}
