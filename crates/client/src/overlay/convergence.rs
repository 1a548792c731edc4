//! Two desktops, a server and whatever may happen between them, without any input or output: thousands of seeds.
//!
//! The overlay, the order in which commands are told and the rule by which they are forgotten are the engine's own. The server is
//! a model of `store::execute`, written a second time, and so are the cache and the feed. What the engine does with real files and
//! a real server is tested in `tests/e2e/convergence.rs`.

mod model;

use chrono::{DateTime, TimeDelta};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use model::{Desk, Fate, Server};

const SEEDS: u64 = 4_000;
const STEPS: usize = 120;

/// One run. Panics with the seed in the message.
fn run(seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut server = Server::new();
    let mut desks = [Desk::new(0), Desk::new(1)];

    for step in 0..STEPS {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(step).unwrap());
        let desk = &mut desks[dice.random_range(0..2)];
        let what = format!("seed {seed}, step {step}");
        match dice.random_range(0..12) {
            0..4 => desk.act(&mut dice, now, &what),
            4 => server.change_from_outside(&mut dice),
            5..8 => {
                let fate = match dice.random_range(0..6) {
                    0 => Fate::RequestLost,
                    1 => Fate::AnswerLost,
                    2 => Fate::Stumbles,
                    _ => Fate::Answered,
                };
                desk.tell(&mut server, &mut dice, now, fate, &what);
            }
            // A page arrives whole or not at all; one may be old by the time it does.
            8 => desk.receive(&server, &mut dice),
            9 => desk.apply_received(),
            10 => desk.ask(&server, &mut dice),
            // What `announce` does after a page, and `start_up` after the program was killed before it could.
            _ => desk.forget(&server, &what),
        }
    }

    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
    let mut rounds = 0;
    while desks.iter().any(|desk| desk.waiting() > 0 || !desk.has_all(&server)) {
        now += TimeDelta::days(1);
        rounds += 1;
        assert!(rounds < 300, "seed {seed}: something waits although nothing goes wrong any more");
        for desk in &mut desks {
            desk.tell(&mut server, &mut dice, now, Fate::Answered, "the end");
            desk.ask(&server, &mut dice);
            desk.forget(&server, &format!("seed {seed}, at the end"));
        }
    }
    for desk in &desks {
        desk.assert_shows(&server, seed);
    }
}

#[test]
fn whatever_happens_both_desktops_end_equal_to_the_server_and_nothing_waits() {
    let only: Option<u64> = std::env::var("DESKLINE_SEED").ok().and_then(|seed| seed.parse().ok());
    match only {
        Some(seed) => run(seed),
        None => (0..SEEDS).for_each(run),
    }
}
