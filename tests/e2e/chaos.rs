//! `kill -9` at any point between Enter and delivered: never lost, never twice.
//!
//! A real process is killed, not a task: `src/bin/headless_desktop.rs` is the engine with standard input for a keyboard. It
//! says a text's id once the engine has taken it; from then on the text must leave exactly once.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use deskline_domain::ids::ContactId;
use deskline_e2e::{World, eventually, world::MARIA};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tempfile::TempDir;

const ROUNDS: usize = 100;

/// A desktop in a process of its own.
struct Process {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(world: &World, place: &TempDir, email: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_headless-desktop"))
            .args([place.path().to_str().unwrap(), &world.server_url(), email])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the headless desktop starts");
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").expect("the headless desktop listens");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the headless desktop answers");
        assert!(!line.is_empty(), "the headless desktop ended without an answer");
        line.trim().to_owned()
    }

    fn kill(mut self) {
        self.child.kill().expect("a process can be killed");
        self.child.wait().expect("a killed process ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_killed_a_hundred_times_loses_no_text_and_sends_none_twice() {
    let seed: u64 = std::env::var("DESKLINE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    let mut dice = StdRng::seed_from_u64(seed);
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "ready?").await;
    let maria: ContactId = ann.conversation("Maria's text", |row| row.phone == MARIA).await.contact_id;
    let agent = world.agent("victim").await;
    let place = TempDir::with_prefix("deskline-victim-").unwrap();
    let mut promised = Vec::new();
    let mut left_before_the_kill = 0;
    let mut way = Duration::from_millis(125);

    for round in 0..ROUNDS {
        let mut process = Process::start(&world, &place, &agent.email);
        if round == 0 {
            process.say("wait");
            assert_eq!(process.hear(), "live");
        }
        let text = format!("round {round}");
        process.say(&format!("send {maria} {text}"));
        assert_eq!(process.hear(), "queued", "seed {seed}, round {round}");
        promised.push(text);
        // Where the process is by then is what the test is about: anywhere between the outbox and the last tick. How long that way
        // is on this machine at this moment, the second start shows.
        match round {
            1 => {
                let since = Instant::now();
                let (world, text) = (&world, &promised[round]);
                eventually("the text left", || async move {
                    world.twilio.sent().iter().any(|sent| sent.body == *text).then_some(())
                })
                .await;
                way = since.elapsed();
            }
            _ => tokio::time::sleep(way.mul_f64(dice.random_range(0.0..2.0))).await,
        }
        process.kill();
        left_before_the_kill +=
            usize::from(world.twilio.sent().last().is_some_and(|sent| sent.body == promised[round]));
    }

    let mut process = Process::start(&world, &place, &agent.email);
    process.say("drain");
    assert_eq!(process.hear(), "empty");
    let world = &world;
    let expected = promised.len();
    eventually("every text reached Twilio", || async move { (world.twilio.sent().len() >= expected).then_some(()) })
        .await;
    world.twilio.settled().await;
    process.kill();

    assert!(
        (5..=ROUNDS - 5).contains(&left_before_the_kill),
        "{left_before_the_kill} of {ROUNDS} texts had left when the desktop was killed: the kills do not cover the whole way"
    );
    let mut counts: HashMap<String, usize> = HashMap::new();
    for sent in world.twilio.sent() {
        *counts.entry(sent.body).or_default() += 1;
    }
    for text in &promised {
        assert_eq!(
            counts.get(text),
            Some(&1),
            "\"{text}\" left so many times; seed {seed} (set DESKLINE_SEED to repeat)"
        );
    }
    let order: Vec<_> = world.twilio.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(order, promised, "and in the order in which they were written; seed {seed}");
}
