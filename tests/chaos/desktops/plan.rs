//! What happens in a run of the desktops: a pure function of the seed. Where everybody is by then is up to the moment, as it is in life.
//!
//! Asked by the agents, the contacts and the disturber for each of their steps. Never remembers anything.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use deskline_domain::{
    command::Action,
    contact::ConversationStatus,
    ids::{ContactId, LabelId, UserId},
};
use deskline_e2e::flaky::Weather;
use deskline_simulator::Fault;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};

/// Agents, each at a desktop.
pub(crate) const DESKS: u32 = 3;
/// People whom the team knows from the start. Everybody writes to these.
pub(crate) const CONTACTS: u32 = 24;
/// This one asks before a late text leaves; the others send whatever was written.
pub(crate) const CAREFUL: u32 = 2;
/// One in so many texts of contacts comes from somebody whom nobody knows.
const STRANGERS: u32 = 25;
/// About so long after one accident, the next one happens at the same desk.
const BETWEEN_ACCIDENTS: Duration = Duration::from_secs(7);
/// And after so many steps at the least.
const FEWEST_STEPS: u32 = 4;
/// Kinds of accidents, the more frequent ones several times.
const CARDS: usize = 15;
/// How often a server is killed in a run, at the least.
pub(crate) const KILLS: u32 = 3;

/// Every decision of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Texts, in both directions together.
    pub(crate) texts: u32,
    /// How long they take.
    pub(crate) time: Duration,
}

/// Whose dice these are: one stream a purpose, so that none depends on how often another was rolled.
#[derive(Clone, Copy)]
enum Stream {
    Desk = 1,
    Accidents,
    Accident,
    Contacts,
    Servers,
    Door,
    Ways,
}

/// What goes wrong at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accident {
    /// `kill -9` while it is idle, or at whatever it does by itself.
    Killed,
    /// `kill -9` so long after Enter was pressed.
    KilledAfterEnter(Duration),
    /// Until a later step.
    Weather(Weather),
    /// A file is overwritten, with the program running or not.
    Noise { outbox: bool, running: bool, whole: bool },
    /// Until a later step.
    FullDisk,
    /// The clock is set to another time, by so many seconds. It stays wrong until the next such accident.
    Clock(i64),
    /// An admin lets the agent work without the servers, or takes that back. It stays so until the next such decision.
    Direct(bool),
}

/// An agent's next step.
#[derive(Debug)]
pub(crate) struct DeskStep {
    /// Whom the text is to.
    pub(crate) contact: u32,
    pub(crate) body: String,
    /// What happens before it is written, and after how many steps it is over.
    pub(crate) accident: Option<(Accident, u32)>,
    /// What else is done.
    pub(crate) aside: Option<Aside>,
}

/// What an agent does besides writing texts.
#[derive(Debug)]
pub(crate) enum Aside {
    Read,
    Note(String),
    Do(Box<Action>),
}

/// A contact's next step.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) from: String,
    pub(crate) body: String,
    /// What goes wrong at Twilio with the next text that leaves.
    pub(crate) trouble: Option<Fault>,
    /// What a dashboard does meanwhile.
    pub(crate) outsider: Option<(u32, &'static str)>,
}

/// What the plan needs to know of the world to name things in it.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) contacts: Vec<ContactId>,
    pub(crate) agents: Vec<UserId>,
    pub(crate) label: LabelId,
}

impl Plan {
    /// How many texts each agent writes.
    pub(crate) const fn enters(self) -> u32 {
        self.texts / 2 / DESKS
    }

    /// How many texts contacts write.
    pub(crate) const fn inbound(self) -> u32 {
        self.texts - self.enters() * DESKS
    }

    /// How many steps there are.
    pub(crate) const fn steps(self) -> u32 {
        self.enters() * DESKS + self.inbound()
    }

    fn dice(self, stream: Stream, index: u32) -> StdRng {
        StdRng::seed_from_u64(self.seed ^ ((stream as u64) << 56) ^ (u64::from(index) << 8))
    }

    /// Which server is killed, the nth time.
    pub(crate) fn victim(self, nth: u32) -> usize {
        self.dice(Stream::Servers, nth).random_range(0..2)
    }

    /// What becomes of connections to Postgres between the nth death of a server and the next one.
    pub(crate) fn door(self, nth: u32) -> Weather {
        let weathers = [Weather::Calm, Weather::Calm, Weather::Away, Weather::Stalled, Weather::OneWay, Weather::Rough];
        weathers[self.dice(Stream::Door, nth).random_range(0..weathers.len())]
    }

    /// Whether the agent may work directly from the start. One of them may, and one may not, whatever the dice say.
    pub(crate) fn begins_directly(self, desk: u32) -> bool {
        match desk {
            0 => true,
            1 => false,
            _ => self.dice(Stream::Ways, desk).random(),
        }
    }

    /// How many steps lie between two accidents at a desk.
    fn between_accidents(self) -> u32 {
        let accidents = (self.time.as_secs() / BETWEEN_ACCIDENTS.as_secs()).max(1);
        (self.enters() / u32::try_from(accidents).unwrap_or(u32::MAX)).max(FEWEST_STEPS)
    }

    pub(crate) fn desk(self, desk: u32, step: u32, names: &Names) -> DeskStep {
        let mut dice = self.dice(Stream::Desk, desk * 1_000_000 + step);
        let contact = dice.random_range(0..CONTACTS);
        DeskStep {
            contact,
            body: format!("desk {desk} text {step}"),
            accident: self.accident(desk, step),
            aside: dice.random_ratio(1, 3).then(|| aside(names, &mut dice)),
        }
    }

    /// Accidents are dealt like cards, so that even a short run sees each kind of them at one of the desks.
    fn accident(self, desk: u32, step: u32) -> Option<(Accident, u32)> {
        let every = self.between_accidents();
        if step == 0 || !step.is_multiple_of(every) {
            return None;
        }
        let nth = step / every - 1;
        let mut deck: [u32; CARDS] = std::array::from_fn(|card| u32::try_from(card).unwrap_or_default());
        let place = nth + desk * 5;
        deck.shuffle(&mut self.dice(Stream::Accidents, nth / 15));
        let card = deck[place as usize % CARDS];
        let mut dice = self.dice(Stream::Accident, desk * 1_000_000 + step);
        let lasts = dice.random_range(1..=every * 2);
        let day = 24 * 3_600;
        let accident = match card {
            0 => Accident::Killed,
            1 | 2 => Accident::KilledAfterEnter(Duration::from_micros(dice.random_range(0..100_000))),
            3 => Accident::Weather(Weather::Away),
            4 => Accident::Weather(Weather::Stalled),
            5 => Accident::Weather(Weather::OneWay),
            6 => Accident::Weather(Weather::Rough),
            7 => Accident::Weather(Weather::Failing),
            8 => Accident::Noise { outbox: false, running: dice.random(), whole: dice.random() },
            9 => Accident::Noise { outbox: true, running: dice.random(), whole: dice.random() },
            10 => Accident::FullDisk,
            11 | 12 => Accident::Direct(dice.random()),
            // With credentials of its own, this desk goes on without the servers.
            13 => Accident::Weather(Weather::Away),
            _ => {
                let jumps = [-400 * day, -2 * day, -3_600, -90, 0, 90, 3_600, 2 * day, 400 * day];
                Accident::Clock(jumps[dice.random_range(0..jumps.len())])
            }
        };
        Some((accident, lasts))
    }

    pub(crate) fn text(self, index: u32) -> Text {
        let mut dice = self.dice(Stream::Contacts, index);
        let stranger = dice.random_ratio(1, STRANGERS);
        let from = if stranger { CONTACTS + dice.random_range(0..20) } else { dice.random_range(0..CONTACTS) };
        let trouble = match dice.random_range(0..60) {
            0 => Some(Fault::AcceptAndDropAnswer { times: 1 }),
            1 => Some(Fault::ServerError { times: 1 }),
            2 => Some(Fault::Drop { times: 1 }),
            3 => Some(Fault::RateLimit { retry_after: Some(Duration::from_secs(1)), times: 1 }),
            4 => Some(Fault::Delay { by: Duration::from_millis(300), times: 1 }),
            _ => None,
        };
        let does = [
            "update contacts set unread_count = 0 where workspace_id = $1 and id = $2",
            "update contacts set name = 'as others say' where workspace_id = $1 and id = $2",
            "update contacts set assigned_to = null where workspace_id = $1 and id = $2",
        ];
        let outsider =
            dice.random_ratio(1, 8).then(|| (dice.random_range(0..CONTACTS), does[dice.random_range(0..does.len())]));
        Text { from: phone(from), body: format!("text {index} 👍🏽"), trouble, outsider }
    }
}

fn aside(names: &Names, dice: &mut StdRng) -> Aside {
    let contact_id = names.contacts[dice.random_range(0..names.contacts.len())];
    let label_id = names.label;
    let word = format!("word {}", dice.random_range(0..1_000));
    let action = match dice.random_range(0..13) {
        0..3 => return Aside::Read,
        3 => return Aside::Note(word),
        4 => Action::Assign { contact_id, user_id: names.agents[dice.random_range(0..names.agents.len())] },
        5 => Action::Unassign { contact_id },
        6 => Action::SetStatus { contact_id, status: ConversationStatus::Closed },
        7 => Action::SetStatus { contact_id, status: ConversationStatus::Open },
        8 => Action::Snooze {
            contact_id,
            until: DateTime::UNIX_EPOCH + TimeDelta::days(dice.random_range(30_000..31_000)),
        },
        9 => Action::AddLabel { contact_id, label_id },
        10 => Action::RemoveLabel { contact_id, label_id },
        11 => Action::SetAttribute { contact_id, name: "bike".to_owned(), value: word },
        _ => Action::RenameContact { contact_id, name: word },
    };
    Aside::Do(Box::new(action))
}

/// A contact's number.
pub(crate) fn phone(contact: u32) -> String {
    format!("+1557{contact:07}")
}

/// Which desk wrote a text that left, and in which step.
pub(crate) fn written_by(body: &str) -> Option<(u32, u32)> {
    let (desk, step) = body.strip_prefix("desk ")?.split_once(" text ")?;
    Some((desk.parse().ok()?, step.parse().ok()?))
}
