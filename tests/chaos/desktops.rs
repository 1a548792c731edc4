//! Under fire: three desktops in processes of their own write 10,000 texts with their contacts, while everything breaks that can break.
//! Afterwards all desktops show what the server has, each Enter led to one SMS, and nothing that was accepted is missing.
//!
//! What breaks: desktops and servers are killed with `kill -9`, Postgres is stopped dead, networks are cut, stalled, half open, rough or
//! answer 500, disks are full, clocks jump, caches and outboxes are overwritten with noise, Twilio loses answers. Some desktops go straight to Postgres and
//! Twilio while servers are out of reach, through a network that breaks as well, and that is allowed and taken back meanwhile.
//!
//! `cargo xtask test --only chaos` runs it short, `cargo xtask chaos desktops` at full length; both bring a Postgres that may be stopped.
//! Settings: `DESKLINE_CHAOS_TEXTS`, `DESKLINE_CHAOS_MINUTES` (unset means a short run), `DESKLINE_SEED` (which dice). It needs Linux, for
//! small disks of its own.

mod agent;
mod check;
mod contacts;
mod disk;
mod plan;
mod seat;
mod world;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use self::{
    agent::{Agent, Promise},
    contacts::Received,
    plan::{Accident, DESKS, Plan},
    world::World,
};
use crate::{setting, tally::Count};

/// Of a short run.
const TEXTS: u32 = 360;
const TIME: Duration = Duration::from_secs(25);
const SEED: u64 = 20_261_126;
/// Between two lines that say how far a long run is.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How far a run is, and what happened, as figures. No check looks at it.
pub(crate) struct Progress {
    began: Instant,
    folder: PathBuf,
    steps: watch::Sender<u32>,
    pub(crate) kills: Count,
    pub(crate) restarts: Count,
    accidents: Mutex<BTreeMap<String, u32>>,
}

impl Progress {
    fn new(folder: PathBuf) -> Self {
        Self {
            began: Instant::now(),
            folder,
            steps: watch::Sender::new(0),
            kills: Count::default(),
            restarts: Count::default(),
            accidents: Mutex::default(),
        }
    }

    pub(crate) fn step(&self) {
        self.steps.send_modify(|steps| *steps += 1);
    }

    pub(crate) async fn reached(&self, steps: u32) {
        _ = self.steps.subscribe().wait_for(|done| *done >= steps).await;
    }

    /// Counts an accident, and writes down when it happened at which desk.
    pub(crate) fn note(&self, desk: u32, step: u32, accident: Accident) {
        let line =
            format!("{:8.3} s, desk {desk}, before text {step}: {accident:?}\n", self.began.elapsed().as_secs_f64());
        let log = File::options().create(true).append(true).open(self.folder.join("accidents.log"));
        log.and_then(|mut log| log.write_all(line.as_bytes())).expect("a log can be written");
        let name = match accident {
            Accident::KilledAfterEnter(_) => "desktop killed after Enter".to_owned(),
            Accident::Killed => "desktop killed".to_owned(),
            Accident::Weather(weather) => format!("network {weather:?}"),
            Accident::Noise { outbox: true, .. } => "outbox overwritten".to_owned(),
            Accident::Noise { outbox: false, .. } => "cache overwritten".to_owned(),
            Accident::FullDisk => "disk full".to_owned(),
            Accident::Clock(_) => "clock set".to_owned(),
            Accident::Direct(true) => "direct work allowed".to_owned(),
            Accident::Direct(false) => "direct work taken back".to_owned(),
        };
        *self.accidents.lock().unwrap().entry(name).or_default() += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_desktops_end_equal_to_the_server_and_each_enter_is_one_text_whatever_breaks() {
    let plan = Plan {
        seed: setting("DESKLINE_SEED").unwrap_or(SEED),
        texts: setting("DESKLINE_CHAOS_TEXTS").unwrap_or(TEXTS),
        time: setting("DESKLINE_CHAOS_MINUTES").map_or(TIME, |minutes: u64| Duration::from_secs(minutes * 60)),
    };
    println!("{} texts in {:?}, seed {} (DESKLINE_SEED={} repeats it)", plan.texts, plan.time, plan.seed, plan.seed);
    let world = World::start(plan).await;
    println!("logs in {}", world.folder.display());
    let progress = Arc::new(Progress::new(world.folder.clone()));
    let mut agents = Vec::new();
    for desk in 0..DESKS {
        agents.push(Agent::new(desk, Arc::clone(&world), Arc::clone(&progress)).await);
    }
    let began = Instant::now();

    let received = work(&world, &progress, &mut agents).await;
    let busy = began.elapsed();
    let findings = check::everything(&world, &mut agents, &received).await;

    println!("{}", table(&progress, &agents, &received, busy, began.elapsed()));
    assert!(
        findings.is_empty(),
        "{} things are wrong with seed {} (logs in {}):\n{}",
        findings.len(),
        plan.seed,
        world.folder.display(),
        findings.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
    );
}

/// From the first text to the last. Somebody who panics ends the run.
#[expect(clippy::print_stdout, reason = "a run of ten minutes shows that it goes on")]
async fn work(world: &Arc<World>, progress: &Arc<Progress>, agents: &mut [Agent]) -> Vec<Received> {
    let texting = contacts::text(Arc::clone(world), Arc::clone(progress));
    let disturbing = contacts::disturb(Arc::clone(world), Arc::clone(progress));
    let writing = futures_util::future::join_all(agents.iter_mut().map(Agent::work));
    let mut working = std::pin::pin!(async { tokio::join!(texting, disturbing, writing).0 });
    loop {
        if let Ok(received) = timeout(HEARTBEAT, &mut working).await {
            return received;
        }
        println!("… {} of {} steps", *progress.steps.borrow(), world.plan.steps());
    }
}

/// As the desktops' logs tell it.
fn went_directly(folder: &Path) -> usize {
    let log = |desk: u32| std::fs::read_to_string(folder.join(format!("desk-{desk}.log"))).unwrap_or_default();
    (0..DESKS).map(|desk| log(desk).matches("working directly meanwhile").count()).sum()
}

fn table(progress: &Progress, agents: &[Agent], received: &[Received], busy: Duration, whole: Duration) -> String {
    let enters =
        |promise: Promise| agents.iter().flat_map(|agent| &agent.written).filter(|enter| enter.2 == promise).count();
    let mut rows = vec![
        ("texts of contacts".to_owned(), received.len().to_string()),
        ("Enters that a desktop took".to_owned(), enters(Promise::Taken).to_string()),
        ("Enters at whose moment it was killed".to_owned(), enters(Promise::Unknown).to_string()),
        ("Enters that it could not take".to_owned(), enters(Promise::Refused).to_string()),
        ("servers killed and replaced".to_owned(), progress.kills.to_string()),
        ("Postgres stopped dead and started".to_owned(), progress.restarts.to_string()),
    ];
    rows.push(("times that a desktop went on directly".to_owned(), went_directly(&progress.folder).to_string()));
    let accidents = progress.accidents.lock().unwrap().clone();
    rows.extend(accidents.into_iter().map(|(what, times)| (what, times.to_string())));
    let times = format!("{:.1} s, with checks {:.1} s", busy.as_secs_f64(), whole.as_secs_f64());
    rows.push(("duration".to_owned(), times));
    rows.iter().map(|(what, figure)| format!("{what:<40}{figure}\n")).collect()
}
