//! What happens in a run: a pure function of the seed. So a run can be replayed as far as its decisions go, and what it must leave
//! behind is known without looking at what it did.
//!
//! Asked by the posters for each step, and by the checks for the same step again. Never remembers anything.

use std::time::Duration;

use deskline_domain::{delivery::DeliveryStatus, keyword::Keyword};
use deskline_simulator::Fault;
use rand::{
    RngExt, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, SliceRandom},
};

/// Teams, each with an account and two numbers of its own. The same people text all of them.
pub(crate) const TEAMS: usize = 4;
/// People who text.
pub(crate) const CONTACTS: u32 = 150;
/// Those whom the teams know before the first text; replies go to these.
pub(crate) const KNOWN: u32 = 40;
/// A third of all texts come from these.
const BUSY: u32 = 8;
/// Those who opt out and in again.
const FICKLE: std::ops::Range<u32> = 10..25;
/// After so many texts, somebody replies.
const TEXTS_A_REPLY: u32 = 20;
/// A late repetition comes within so many steps.
const LATEST: u32 = 2_000;

const WORDS: [&str; 12] = [
    "hello",
    "are you open?",
    "thank you",
    "é ü ñ",
    "👍🏽",
    "tomorrow at 9",
    "&=%+",
    "Grüße",
    "ok",
    "no",
    "the blue one",
    "\n",
];

/// One step of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A contact texts.
    Text(u32),
    /// An agent replies.
    Reply(u32),
}

/// Whose dice these are: one stream a purpose, so that none depends on how often another was rolled.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Text = 1,
    Reply,
    TextOnItsWay,
    RepetitionOnItsWay,
    ReplyOnItsWay,
    Reports,
    Kills,
    Dashboards,
}

/// Every decision of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Webhooks of texts; status callbacks and repetitions come on top.
    pub(crate) webhooks: u32,
}

/// What a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One to be stored.
    Good,
    /// To a number that nobody has: kept as a dead letter.
    Stray,
    /// With a character that cannot be stored: a dead letter, too.
    Unusable,
    /// Not signed by Twilio.
    Forged,
}

/// How often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Never,
    /// Twice at the same moment.
    AtOnce,
    /// Again after so many steps.
    Later(u32),
}

/// A text of a contact.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) sid: String,
    pub(crate) team: usize,
    pub(crate) contact: u32,
    /// Which of the team's numbers it is to.
    pub(crate) number: usize,
    pub(crate) body: String,
    pub(crate) files: Vec<(String, &'static str)>,
    pub(crate) kind: Kind,
    pub(crate) repeat: Repeat,
}

impl Text {
    /// What it says to the gate, if anything.
    pub(crate) fn keyword(&self) -> Option<Keyword> {
        Keyword::read(None, &self.body)
    }
}

/// A reply of an agent, and what Twilio will report of it.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) team: usize,
    pub(crate) contact: u32,
    pub(crate) body: String,
    /// What goes wrong at Twilio meanwhile.
    pub(crate) trouble: Option<Fault>,
    pub(crate) reports: Vec<Report>,
    /// Whether the reports come in any order and at the same time.
    pub(crate) disorder: bool,
}

/// A status callback.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) status: DeliveryStatus,
    pub(crate) code: Option<i32>,
    pub(crate) times: u32,
}

impl Reply {
    /// The status that must stand at the end, with its code.
    pub(crate) fn outcome(&self) -> (DeliveryStatus, Option<i32>) {
        let status = self.reports.iter().fold(DeliveryStatus::Queued, |shown, report| shown.advance(report.status));
        (status, self.reports.iter().find_map(|report| report.code))
    }
}

impl Plan {
    /// How many steps there are.
    pub(crate) const fn steps(self) -> u32 {
        self.webhooks + self.replies()
    }

    /// How many of them are replies.
    pub(crate) const fn replies(self) -> u32 {
        self.webhooks / TEXTS_A_REPLY
    }

    pub(crate) const fn step(number: u32) -> Step {
        let (round, place) = (number / (TEXTS_A_REPLY + 1), number % (TEXTS_A_REPLY + 1));
        if place == TEXTS_A_REPLY { Step::Reply(round) } else { Step::Text(round * TEXTS_A_REPLY + place) }
    }

    pub(crate) fn dice(self, stream: Stream, index: u32) -> StdRng {
        StdRng::seed_from_u64(self.seed ^ ((stream as u64) << 56) ^ (u64::from(index) << 8))
    }

    pub(crate) fn text(self, index: u32) -> Text {
        let mut dice = self.dice(Stream::Text, index);
        let kind = match dice.random_range(0..1_000) {
            0..5 => Kind::Stray,
            5..10 => Kind::Unusable,
            10..15 => Kind::Forged,
            _ => Kind::Good,
        };
        let contact = if dice.random_ratio(1, 3) { dice.random_range(0..BUSY) } else { dice.random_range(0..CONTACTS) };
        let files = if dice.random_ratio(1, 20) { dice.random_range(1..=3) } else { 0 };
        let sid = format!("{}{:016x}{index:016x}", if files > 0 { "MM" } else { "SM" }, self.seed);
        let keyword = FICKLE.contains(&contact) && dice.random_ratio(1, 3);
        let mut body = match dice.random_range(0..20) {
            _ if keyword => {
                (*["STOP", " stop", "Unsubscribe", "START", "yes", "HELP"].choose(&mut dice).unwrap()).to_owned()
            }
            0 if files > 0 => String::new(),
            1 => format!("text {index} {}", "and so on ".repeat(150)),
            _ => {
                let words: Vec<&str> =
                    (0..dice.random_range(1..6)).map(|_| *WORDS.choose(&mut dice).unwrap()).collect();
                format!("text {index} {}", words.join(" "))
            }
        };
        if kind == Kind::Unusable {
            body = format!("text {index} \0");
        }
        let repeat = match dice.random_range(0..10) {
            0 => Repeat::AtOnce,
            1 => Repeat::Later(dice.random_range(1..LATEST)),
            _ => Repeat::Never,
        };
        Text {
            team: dice.random_range(0..TEAMS),
            number: dice.random_range(0..2),
            // Not at Twilio, so that nobody fetches them: their text stays as it was stored.
            files: (0..files).map(|place| (format!("https://files.example/{sid}/{place}"), "image/jpeg")).collect(),
            sid,
            contact,
            body,
            kind,
            repeat,
        }
    }

    /// Which text a SID belongs to; `None` when it is none of this run's.
    pub(crate) fn index_of(self, sid: &str) -> Option<u32> {
        let (seed, index) = sid.get(2..)?.split_at_checked(16)?;
        let ours = u64::from_str_radix(seed, 16) == Ok(self.seed);
        u32::try_from(u64::from_str_radix(index, 16).ok()?).ok().filter(|index| ours && *index < self.webhooks)
    }

    pub(crate) fn reply(self, index: u32) -> Reply {
        let mut dice = self.dice(Stream::Reply, index);
        let trouble = match dice.random_range(0..100) {
            0..3 => Some(Fault::AcceptAndDropAnswer { times: 1 }),
            3..5 => Some(Fault::ServerError { times: 1 }),
            5..7 => Some(Fault::Drop { times: 1 }),
            7..8 => Some(Fault::RateLimit { retry_after: Some(Duration::from_secs(1)), times: 1 }),
            8..12 => Some(Fault::Delay { by: Duration::from_millis(300), times: 1 }),
            _ => None,
        };
        let (statuses, code): (&[DeliveryStatus], _) = {
            use DeliveryStatus::{Delivered, Failed, Queued, Read, Sending, Sent, Undelivered};
            match dice.random_range(0..20) {
                0..2 => (&[Queued, Sent, Undelivered], Some(30_003)),
                2 => (&[Queued, Sending, Sent, Delivered, Undelivered], Some(30_007)),
                3 => (&[Queued, Failed], Some(30_008)),
                4 => (&[Queued, Sent], None),
                5 => (&[Queued, Sending, Sent, Delivered, Read], None),
                _ => (&[Queued, Sent, Delivered], None),
            }
        };
        let mut reports: Vec<Report> = statuses
            .iter()
            .map(|status| Report {
                status: *status,
                code: code.filter(|_| status.is_failure()),
                times: if dice.random_ratio(1, 10) { 2 } else { 1 },
            })
            .collect();
        let disorder = dice.random_ratio(1, 10);
        if disorder {
            reports.shuffle(&mut dice);
        }
        Reply {
            team: dice.random_range(0..TEAMS),
            contact: dice.random_range(0..KNOWN),
            body: format!("reply {index} {}", WORDS.choose(&mut dice).unwrap()),
            trouble,
            reports,
            disorder,
        }
    }

    /// Which reply a text that left says that it is.
    pub(crate) fn reply_of(body: &str) -> Option<u32> {
        body.strip_prefix("reply ")?.split(' ').next()?.parse().ok()
    }
}

/// How a contact is spelled: most have a number, a few are short codes or words.
pub(crate) fn phone(contact: u32) -> String {
    match contact {
        contact if contact < KNOWN || contact % 50 < 48 => format!("+1557{contact:07}"),
        contact if contact % 50 == 48 => format!("SHOP {contact}"),
        contact => format!("7{contact:04}"),
    }
}

/// What the team calls a contact that it knows.
pub(crate) fn name(contact: u32) -> String {
    format!("Contact {contact}")
}

/// A number of a team.
pub(crate) fn number(team: usize, place: usize) -> String {
    format!("+1556000{team:02}{place:02}")
}
