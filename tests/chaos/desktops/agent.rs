//! An agent at a desk: writes the texts of the plan, while at the desk everything goes wrong that the plan says.
//!
//! Started by a run, one each. Notes what the desktop promised: a text that it took must leave, whatever happens afterwards.

use std::{sync::Arc, time::Duration};

use deskline_domain::ids::ContactId;
use deskline_e2e::flaky::Weather;
use tokio::time::{Instant, sleep_until};

use super::{
    Progress,
    plan::{Accident, Aside, CAREFUL, DeskStep},
    seat::Seat,
    world::World,
};

/// What became of an Enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// The desktop took the text.
    Taken,
    /// It was killed before it said anything.
    Unknown,
    /// It said that it cannot take it now.
    Refused,
}

/// See the module.
pub(crate) struct Agent {
    pub(crate) desk: u32,
    pub(crate) seat: Seat,
    pub(crate) written: Vec<(ContactId, String, Promise)>,
    world: Arc<World>,
    progress: Arc<Progress>,
    /// The steps at which what goes wrong is over.
    calm_at: u32,
    room_at: u32,
}

impl Agent {
    pub(crate) async fn new(desk: u32, world: Arc<World>, progress: Arc<Progress>) -> Self {
        let seed = world.plan.seed ^ u64::from(desk);
        let mut seat = Seat::new(&world.folder, world.addresses, World::email(desk), seed).await;
        if desk != CAREFUL {
            assert_eq!(seat.act("hold off").await, "done");
        }
        Self { desk, seat, written: Vec::new(), world, progress, calm_at: u32::MAX, room_at: u32::MAX }
    }

    /// From the first text to the last. Everything is well again afterwards, but nothing need have left yet.
    pub(crate) async fn work(&mut self) {
        let plan = self.world.plan;
        let (began, pace) = (Instant::now(), plan.time / plan.enters().max(1));
        for step in 0..plan.enters() {
            sleep_until(began + pace * step).await;
            self.get_over(step);
            let todo = plan.desk(self.desk, step, &self.world.names);
            let kill = match todo.accident {
                Some((accident, lasts)) => self.befalls(accident, step, lasts).await,
                None => None,
            };
            if let Some(aside) = &todo.aside {
                self.do_aside(aside, &todo).await;
            }
            self.write(&todo, kill).await;
            self.progress.step();
        }
        self.get_over(u32::MAX);
        self.seat.set_clock(0).await;
    }

    fn contact(&self, step: &DeskStep) -> ContactId {
        self.world.names.contacts[step.contact as usize]
    }

    async fn write(&mut self, step: &DeskStep, kill: Option<Duration>) {
        let contact = self.contact(step);
        let line = format!("send {contact} {}", step.body);
        let answer = match kill {
            Some(pause) => {
                let answer = self.seat.kill_after(&line, pause).await;
                self.seat.start();
                answer
            }
            None => Some(self.seat.act(&line).await),
        };
        let promise = match answer.as_deref() {
            Some("queued") => Promise::Taken,
            Some(_) => Promise::Refused,
            None => Promise::Unknown,
        };
        self.written.push((contact, step.body.clone(), promise));
    }

    async fn do_aside(&mut self, aside: &Aside, step: &DeskStep) {
        let contact = self.contact(step);
        let line = match aside {
            Aside::Read => format!("read {contact}"),
            Aside::Note(text) => format!("note {contact} {text}"),
            Aside::Do(action) => format!("do {}", serde_json::to_string(action).expect("an action can be told")),
        };
        // Refused when the disk is full, or when the cache was thrown away and the contact is not back yet.
        self.seat.act(&line).await;
    }

    /// Whatever lasted until now is over.
    fn get_over(&mut self, step: u32) {
        if step >= self.calm_at {
            self.calm_at = u32::MAX;
            self.seat.network.set(Weather::Calm);
        }
        if step >= self.room_at {
            self.room_at = u32::MAX;
            self.seat.disk.make_room();
        }
    }

    /// Lets it happen. Answers how long after the next Enter the desktop is to be killed, if it is.
    async fn befalls(&mut self, accident: Accident, step: u32, lasts: u32) -> Option<Duration> {
        self.progress.note(self.desk, step, accident);
        match accident {
            Accident::Killed => {
                self.seat.kill().await;
                self.seat.start();
            }
            Accident::KilledAfterEnter(pause) => return Some(pause),
            Accident::Weather(weather) => {
                self.seat.network.set(weather);
                self.calm_at = step + lasts;
            }
            Accident::FullDisk => {
                self.seat.disk.fill();
                self.room_at = step + lasts;
            }
            Accident::Clock(wrong_by) => self.seat.set_clock(wrong_by).await,
            Accident::Direct(allowed) => self.world.lets_work_directly(self.desk, allowed).await,
            Accident::Noise { outbox, running, whole } => {
                let seed = self.world.plan.seed ^ u64::from(step);
                if outbox {
                    self.spoil_the_outbox(running, whole, seed).await;
                } else {
                    if !running {
                        self.seat.kill().await;
                    }
                    self.seat.overwrite("cache.db", whole, seed);
                    if !running {
                        self.seat.start();
                    }
                }
            }
        }
        None
    }

    /// The outbox and its backup are never damaged both: that is what the second one is for.
    async fn spoil_the_outbox(&mut self, running: bool, whole: bool, seed: u64) {
        self.seat.disk.make_room();
        let contact = self.world.names.contacts[0];
        let draft = format!("begun before {seed}");
        // A disk that was full a moment ago is noticed to have room within seconds.
        let kept = self.seat.act(&format!("draft {contact} {draft}")).await;
        assert_eq!(kept, "done", "desk {}: there is room, and a draft is not kept", self.desk);
        self.seat.backed_up().await;
        if !running {
            self.seat.kill().await;
        }
        let damaged = self.seat.inode("outbox.db");
        self.seat.overwrite("outbox.db", whole, seed);
        if running {
            // What is written into a file between the noise and the moment when it is noticed is on no other page. It is noticed with the
            // backup that follows a change.
            if whole {
                self.seat.act(&format!("draft {contact} {draft}")).await;
                self.seat.replaced("outbox.db", damaged).await;
            }
        } else {
            self.seat.start();
            let found = self.seat.act(&format!("drafted {contact}")).await;
            assert_eq!(found, draft, "desk {}: what was in the backup is not back", self.desk);
        }
    }
}
