//! The last warnings and errors, as far as they may be shown to anybody: the sentence that stands in the code, and figures.
//!
//! Filled by the log, read for the diagnostics. Fields that are no figures (an address, a path, an id, an error's words) are left
//! out, and so is whatever a sentence was given to say that looks like one of them.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// How many are kept.
const MOST: usize = 20;

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) at: DateTime<Utc>,
    pub(crate) level: Level,
    /// The part of the program.
    pub(crate) target: &'static str,
    pub(crate) words: String,
    /// How often in a row.
    pub(crate) times: u32,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent(Arc<Mutex<VecDeque<Trouble>>>);

impl Recent {
    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn note(&self, trouble: Trouble) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = all.back_mut()
            && (last.target, last.words.as_str()) == (trouble.target, trouble.words.as_str())
        {
            *last = Trouble { times: last.times + 1, ..trouble };
            return;
        }
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back(trouble);
    }
}

impl<S: Subscriber> Layer<S> for Recent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        self.note(Trouble {
            at: now(),
            level: *event.metadata().level(),
            target: event.metadata().target(),
            words: format!("{}{}", harmless(&said.sentence), said.figures),
            times: 1,
        });
    }
}

#[expect(clippy::disallowed_methods, reason = "a log has the system's time")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[derive(Default)]
struct Said {
    sentence: String,
    figures: String,
}

impl Said {
    fn figure(&mut self, field: &Field, value: impl std::fmt::Display) {
        // Writing to a string does not fail.
        _ = write!(self.figures, " {}={value}", field.name());
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.sentence = format!("{value:?}");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.figure(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.figure(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.figure(field, value);
    }
}

/// The words of a sentence without those that only a person, a machine or a conversation can have put there.
fn harmless(sentence: &str) -> String {
    let words = sentence.split_whitespace().map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let tells = digits > 3 || word.contains(['@', '/', '\\']) || word.len() > 30;
        if tells { "…" } else { word }
    });
    words.take(40).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn words(say: impl FnOnce()) -> Vec<(String, u32)> {
        let recent = Recent::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(recent.clone()), say);
        recent.all().into_iter().map(|trouble| (trouble.words, trouble.times)).collect()
    }

    #[test]
    fn only_the_sentence_and_its_figures_are_kept() {
        let said = words(|| {
            let (name, path) = ("Wilhelmina", "/home/wilhelmina/x.db");
            tracing::warn!(attempt = 3, name, path, error = %"+15550100001 is busy", "It does not answer");
        });

        assert_eq!(said, [("It does not answer attempt=3".to_owned(), 1)]);
    }

    #[test]
    fn what_a_sentence_was_given_to_say_is_left_out_where_it_tells_who_or_where() {
        let said = words(|| {
            for who in ["ann@example.com", "+15550100001", "https://desk.example.com", "C:\\Users\\ann"] {
                tracing::error!("Nothing of {who} can be read");
            }
        });

        assert_eq!(said, [("Nothing of … can be read".to_owned(), 4)], "and the same again is counted");
    }

    #[test]
    fn the_newest_are_kept() {
        let said = words(|| {
            for n in 0..100 {
                tracing::warn!(n, "again");
            }
        });

        assert_eq!(said.len(), MOST);
        assert_eq!(said.last().unwrap().0, "again n=99");
    }
}
