//! The made-up team of the demonstration: agents, contacts, and what they texted in the last weeks (`xtask/data/histories.json`).
//!
//! Names and numbers are those of the simulator's cast (`crates/simulator/src/people`), so that whoever texts is somebody known.

use anyhow::{Context, Result};
use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
pub(super) struct Histories {
    /// What the team is called.
    pub(super) workspace: String,
    /// Its Twilio number.
    pub(super) number: String,
    /// Who works there. The first owns the workspace.
    pub(super) agents: Vec<Agent>,
    /// Whom they text with.
    pub(super) contacts: Vec<Contact>,
}

/// Somebody who signs in.
#[derive(Clone, Deserialize)]
pub(super) struct Agent {
    /// The word that threads name them by.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: String,
}

/// Somebody who texts.
#[derive(Deserialize)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) phone: String,
    #[serde(default)]
    pub(super) unread: i32,
    pub(super) status: Option<String>,
    pub(super) thread: Vec<Text>,
}

/// One text.
#[derive(Deserialize)]
pub(super) struct Text {
    /// How long ago: `12d 09:14` is that time of day, twelve days back; `-35m` and `-3h` are counted from now.
    pub(super) at: String,
    /// `them`, or an agent's key.
    pub(super) from: String,
    pub(super) text: String,
    /// What became of it, where that is not `delivered`.
    pub(super) status: Option<String>,
    /// Twilio's code, and the same in plain words, where it failed.
    pub(super) code: Option<i32>,
    pub(super) why: Option<String>,
}

impl Histories {
    /// Reads the file that was compiled in.
    pub(super) fn load() -> Result<Self> {
        serde_json::from_str(include_str!("../../data/histories.json")).context("xtask/data/histories.json is broken")
    }

    /// The contact that an onlooker means: the start of a name, in any case.
    pub(super) fn contact(&self, word: &str) -> Option<&Contact> {
        let word = word.to_lowercase();
        self.contacts.iter().find(|contact| contact.name.to_lowercase().starts_with(&word))
    }
}

/// [`Text::at`] as a Postgres expression's parts: `(days, "09:14")` back, or `(minutes)` ago.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum When {
    /// That time of day, so many days back.
    Day { days: i32, time: String },
    /// So many minutes ago.
    Minutes(i32),
}

impl When {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(ago) = text.strip_prefix('-') {
            let number: i32 = ago.get(..ago.len().checked_sub(1)?)?.parse().ok()?;
            return match ago.chars().last()? {
                'm' => Some(Self::Minutes(number)),
                'h' => Some(Self::Minutes(number * 60)),
                _ => None,
            };
        }
        let (days, time) = text.split_once("d ")?;
        let (hour, minute) = time.split_once(':')?;
        let fits =
            hour.parse::<u8>().is_ok_and(|hour| hour < 24) && minute.parse::<u8>().is_ok_and(|minute| minute < 60);
        fits.then_some(Self::Day { days: days.parse().ok()?, time: time.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_agents_and_thirty_contacts_with_a_number_each() {
        let histories = Histories::load().unwrap();
        let mut phones: Vec<&str> = histories.contacts.iter().map(|contact| contact.phone.as_str()).collect();
        phones.sort_unstable();
        phones.dedup();

        assert_eq!(histories.agents.len(), 3);
        assert_eq!(phones.len(), 30);
    }

    #[test]
    fn every_text_has_a_time_that_can_be_read_an_author_who_exists_and_a_place_in_order() {
        let histories = Histories::load().unwrap();
        let minutes = |at: &str| match When::parse(at).unwrap_or_else(|| panic!("\"{at}\" is no time")) {
            When::Minutes(minutes) => i64::from(minutes),
            When::Day { days, time } => {
                let (hour, minute) = time.split_once(':').unwrap();
                i64::from(days + 1) * 1440 - hour.parse::<i64>().unwrap() * 60 - minute.parse::<i64>().unwrap()
            }
        };

        for contact in &histories.contacts {
            let mut last = i64::MAX;
            for text in &contact.thread {
                let known = text.from == "them" || histories.agents.iter().any(|agent| agent.key == text.from);
                assert!(known, "{} is no agent", text.from);
                let ago = minutes(&text.at);
                assert!(ago <= last, "{}: \"{}\" comes before the text above it", contact.name, text.at);
                last = ago;
            }
        }
    }

    #[test]
    fn a_contact_is_found_by_the_start_of_the_name() {
        let histories = Histories::load().unwrap();

        assert_eq!(histories.contact("grace").unwrap().name, "Grace Kim");
        assert!(histories.contact("nobody").is_none());
    }
}
