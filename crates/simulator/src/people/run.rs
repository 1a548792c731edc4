//! Gives the director time: people text now and then, read what reaches them, and answer after a while.

use std::{collections::HashMap, ops::RangeInclusive, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{CAST, Director, Habit};
use crate::{CallbackPlan, Simulator, inner::Arrival};

/// How people behave in time.
#[derive(Clone, Debug)]
pub struct People {
    /// How long until somebody texts by themselves.
    pub every: RangeInclusive<Duration>,
    /// How long somebody takes to answer.
    pub answer_after: RangeInclusive<Duration>,
    /// How many texts they write by themselves; without a number, they go on until they are stopped. Answers do not count.
    pub at_most: Option<usize>,
    /// Makes it repeatable.
    pub seed: u64,
}

impl Default for People {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(8)..=Duration::from_secs(25),
            answer_after: Duration::from_secs(3)..=Duration::from_secs(12),
            at_most: None,
            seed: 7,
        }
    }
}

/// How much people have said since they were started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Texts that they wrote by themselves.
    pub texts: usize,
    /// Answers.
    pub answers: usize,
}

/// People who are at it.
pub(crate) struct PeopleTask {
    stop: CancellationToken,
    task: JoinHandle<Option<()>>,
    said: watch::Receiver<Said>,
}

impl Simulator {
    /// People start to text. Those who were at it before stop.
    pub async fn start_people(&self, people: People) {
        let mut slot = self.inner.people.lock().await;
        if let Some(before) = slot.take() {
            before.end().await;
        }
        for persona in CAST.iter() {
            if let Habit::Unreachable(code) = persona.habit {
                self.plan_for(persona.number, CallbackPlan::failing(code));
            }
        }
        let stop = self.inner.shutdown.child_token();
        let (tell, said) = watch::channel(Said::default());
        let crowd = Crowd::new(self.own(), people, tell);
        let task = tokio::spawn(stop.clone().run_until_cancelled_owned(crowd.run()));
        *slot = Some(PeopleTask { stop, task, said });
    }

    /// People stop, in the middle of a text if need be.
    pub async fn stop_people(&self) {
        let task = self.inner.people.lock().await.take();
        if let Some(task) = task {
            task.end().await;
        }
    }

    /// Waits until people have said enough, each text's webhook answered or given up.
    ///
    /// # Errors
    /// What they have said until then, when they stop or the time is up first.
    pub async fn wait_for_people(&self, is_enough: impl Fn(Said) -> bool, within: Duration) -> Result<Said, Said> {
        let said = self.inner.people.lock().await.as_ref().map(|task| task.said.clone());
        let Some(mut said) = said else { return Err(Said::default()) };
        let waited = async { said.wait_for(|said| is_enough(*said)).await.ok().map(|said| *said) };
        let enough = tokio::time::timeout(within, waited).await;
        enough.ok().flatten().ok_or_else(|| *said.borrow())
    }
}

impl PeopleTask {
    async fn end(self) {
        self.stop.cancel();
        // It ends by itself; a panic in it was reported by the runtime.
        let _ = self.task.await;
    }
}

/// Somebody is about to write.
struct Due {
    at: Instant,
    arrival: Arrival,
}

struct Crowd {
    simulator: Simulator,
    people: People,
    director: Director,
    rng: StdRng,
    /// The number of ours that somebody last had to do with.
    ours: HashMap<String, String>,
    numbers: Vec<String>,
    due: Vec<Due>,
    said: watch::Sender<Said>,
}

impl Crowd {
    fn new(simulator: Simulator, people: People, said: watch::Sender<Said>) -> Self {
        let mut rng = StdRng::seed_from_u64(people.seed);
        let director = Director::new(StdRng::seed_from_u64(rng.random()));
        let numbers = simulator.numbers();
        Self { simulator, people, director, rng, ours: HashMap::new(), numbers, due: Vec::new(), said }
    }

    async fn run(mut self) {
        let mut arrivals = self.simulator.inner.listen_to_arrivals();
        let mut next = Some(Instant::now() + self.between(self.people.every.clone()));
        loop {
            let due = self.due.iter().map(|due| due.at).min();
            tokio::select! {
                Some(arrival) = arrivals.recv() => {
                    let at = Instant::now() + self.between(self.people.answer_after.clone());
                    self.due.push(Due { at, arrival });
                }
                () = sleep_until(due) => self.answer().await,
                () = sleep_until(next) => {
                    let wrote = self.write().await;
                    let enough = self.people.at_most.is_some_and(|most| self.said.borrow().texts >= most);
                    next = (wrote && !enough).then(|| Instant::now() + self.between(self.people.every.clone()));
                }
            }
        }
    }

    /// Somebody texts by themselves. False when nobody wants to any more.
    async fn write(&mut self) -> bool {
        let enough = self.people.at_most.is_some_and(|most| self.said.borrow().texts >= most);
        let Some((persona, text)) = (if enough { None } else { self.director.next_text() }) else { return false };
        let ours = self.ours_for(persona.number);
        self.simulator.receive_sms(persona.number, &ours, text).await;
        self.said.send_modify(|said| said.texts += 1);
        true
    }

    /// Whoever has waited longest answers, if there is anything to say.
    async fn answer(&mut self) {
        let Some((index, _)) = self.due.iter().enumerate().min_by_key(|(_, due)| due.at) else { return };
        let Arrival { to: theirs, from: ours } = self.due.swap_remove(index).arrival;
        self.ours.insert(theirs.clone(), ours.clone());
        if let Some((_, text)) = self.director.answer(&theirs) {
            self.simulator.receive_sms(&theirs, &ours, text).await;
            self.said.send_modify(|said| said.answers += 1);
        }
    }

    /// The number that somebody texts: the one they last heard from, or else always the same one.
    fn ours_for(&self, theirs: &str) -> String {
        let at = CAST.iter().position(|persona| persona.number == theirs).unwrap_or(0);
        self.ours.get(theirs).or_else(|| self.numbers.get(at % self.numbers.len().max(1))).cloned().unwrap_or_default()
    }

    fn between(&mut self, span: RangeInclusive<Duration>) -> Duration {
        if span.start() >= span.end() { *span.start() } else { self.rng.random_range(span) }
    }
}

/// Waits for a time; forever for none.
async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}
