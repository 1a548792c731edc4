//! Under fire: while 32 posters deliver webhooks, real servers are killed with `kill -9` and Postgres is stopped dead, and afterwards
//! not one row, count, opt-out, status or event is missing, doubled or wrong. A 2xx was never given for a text that is not there.
//!
//! `cargo xtask test --only chaos` runs it short, `cargo xtask chaos server` at full length; both bring a Postgres that may be
//! stopped. The desktops under fire are [`desktops`], a run of its own. Settings: `DESKLINE_CHAOS_WEBHOOKS` (how many; unset means a short run), `DESKLINE_SEED` (which dice).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "that is how a test fails, in its functions too")]

mod check;
mod courier;
mod crew;
mod dashboard;
#[cfg(target_os = "linux")]
mod desktops;
mod disturber;
mod plan;
mod servers;
mod tally;
mod world;

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deskline_e2e::{Desktop, eventually_within};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use crate::{
    courier::Courier,
    crew::{Crew, POSTERS},
    dashboard::Dashboard,
    disturber::Disturber,
    plan::{Plan, TEAMS},
    tally::Tally,
    world::World,
};

/// Of a short run.
const WEBHOOKS: u32 = 3_000;
const SEED: u64 = 20_261_126;
/// Between two lines that say how far a long run is.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// A text that a server had claimed when it died: its lease of 40 seconds, and a look-up.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_or_wrong_while_servers_are_killed_and_postgres_is_stopped_dead() {
    let length: Option<u32> = setting("DESKLINE_CHAOS_WEBHOOKS");
    let plan = Plan { seed: setting("DESKLINE_SEED").unwrap_or(SEED), webhooks: length.unwrap_or(WEBHOOKS) };
    println!("{} webhooks, seed {} (DESKLINE_SEED={} repeats it)", plan.webhooks, plan.seed, plan.seed);
    let world = World::start(plan).await;
    println!("logs in {}", world.folder.display());
    let tally = Arc::new(Tally::default());
    let mut run = Run::start(&world, &tally, length.is_none()).await;
    let began = Instant::now();
    let busy = {
        let mut work = std::pin::pin!(run.work());
        loop {
            tokio::select! {
                () = &mut work => break began.elapsed(),
                () = tokio::time::sleep(HEARTBEAT) => {
                    println!("… {} of {} webhooks after {:.0} s", tally.texts, plan.webhooks, began.elapsed().as_secs_f64());
                }
            }
        }
    };
    let findings = check::everything(&mut run).await;

    println!("{}", tally.table(busy, began.elapsed()));
    assert!(
        findings.is_empty(),
        "{} things are wrong with seed {} (logs in {}):\n{}",
        findings.len(),
        plan.seed,
        world.folder.display(),
        findings.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
    );
}

pub(crate) fn setting<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, which is no number")))
}

/// Everybody who takes part.
pub(crate) struct Run {
    pub(crate) world: Arc<World>,
    pub(crate) crew: Arc<Crew>,
    pub(crate) dashboards: Vec<Arc<Dashboard>>,
    pub(crate) desktops: Vec<Desktop>,
    disturber: Arc<Disturber>,
    /// Dashboards, and whoever watches what leaves through Twilio.
    background: JoinSet<()>,
    departures: Option<mpsc::UnboundedSender<deskline_simulator::Sent>>,
}

impl Run {
    async fn start(world: &Arc<World>, tally: &Arc<Tally>, short: bool) -> Self {
        let (departures, callbacks) = mpsc::unbounded_channel();
        let crew = Arc::new(Crew::new(Courier::new(world.clone(), tally.clone()), callbacks));
        let mut background = JoinSet::new();
        let dashboards: Vec<_> = (0..TEAMS).map(|team| Dashboard::new(world.clone(), tally.clone(), team)).collect();
        for dashboard in &dashboards {
            background.spawn(dashboard.clone().watch());
        }
        let mut desktops = Vec::new();
        for (team, dashboard) in dashboards.iter().enumerate() {
            let desktop = Desktop::new().await;
            desktop.sign_in(world.sign_in(team)).await;
            desktops.push(desktop);
            dashboard.joined().await;
        }
        let disturber =
            Arc::new(Disturber { crew: crew.clone(), spares_replies: short, restarts: if short { 1 } else { 2 } });
        Self { world: world.clone(), crew, dashboards, desktops, disturber, background, departures: Some(departures) }
    }

    /// From the first webhook to the last callback. A task that panics ends the run.
    async fn work(&mut self) {
        let (departures, departed) = (self.departures.take().expect("the work is done once"), Arc::default());
        let watching = tokio::spawn(watch_departures(self.world.clone(), departures.clone(), Arc::clone(&departed)));
        let mut posters = JoinSet::new();
        for _ in 0..POSTERS {
            posters.spawn(self.crew.clone().post());
        }
        posters.spawn(self.disturber.clone().kill_servers());
        posters.spawn(self.disturber.clone().restart_postgres());
        self.see_through(&mut posters).await;

        for _ in 0..POSTERS {
            posters.spawn(self.crew.clone().post_callbacks());
        }
        let world = self.world.clone();
        posters.spawn(async move {
            nothing_waits_to_be_sent(&world).await;
            watching.abort();
            let _ = watching.await;
            for sent in world.twilio.sent().into_iter().skip(departed.load(Ordering::Relaxed)) {
                departures.send(sent).expect("the crew outlives this");
            }
        });
        self.see_through(&mut posters).await;
    }

    async fn see_through(&mut self, posters: &mut JoinSet<()>) {
        loop {
            tokio::select! {
                ended = posters.join_next() => match ended {
                    Some(ended) => ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())),
                    None => return,
                },
                Some(ended) = self.background.join_next() => {
                    ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                }
            }
        }
    }
}

/// Tells the posters of each text as soon as Twilio has it.
async fn watch_departures(
    world: Arc<World>,
    departures: mpsc::UnboundedSender<deskline_simulator::Sent>,
    departed: Arc<AtomicUsize>,
) {
    loop {
        for sent in world.twilio.sent_after(departed.load(Ordering::Relaxed)).await {
            departed.fetch_add(1, Ordering::Relaxed);
            if departures.send(sent).is_err() {
                return;
            }
        }
    }
}

/// Whatever a server that died had begun is looked up by the other one, once its lease is over.
async fn nothing_waits_to_be_sent(world: &World) {
    let what = "no text waits to be sent any more";
    eventually_within(TAKEN_OVER_WITHIN, what, || async {
        let waiting: i64 = world
            .ask(
                what,
                |database| async move { sqlx::query_scalar("select count(*) from sends").fetch_one(&database).await },
            )
            .await;
        (waiting == 0).then_some(())
    })
    .await;
}
