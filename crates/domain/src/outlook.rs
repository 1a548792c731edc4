//! What would become of a text if it was sent now: the line under the composer.
//!
//! Asked by the engine at every key, and by the server for whoever wants to know beforehand. One implementation of cost, gate, hour and
//! number for all of them; the parts have modules of their own. Pure: the contact, the team's numbers and the time come in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    gate::{self, Outgoing, Refusal},
    plain::plain,
    segments::{Encoding, Segments, measure},
    zone::{LocalTime, local_time},
};

/// What it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The text and whom it would go to.
    pub outgoing: Outgoing<'a>,
    /// Bytes of all files together.
    pub media_bytes: u64,
    /// What the contact last saw of the team.
    pub last_seen: &'a LastSeen,
    /// What the team sends from; `None` where that is not known yet.
    pub ours: Option<&'a Ours>,
    /// The time.
    pub at: DateTime<Utc>,
}

/// What a team sends from, as its admins set it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ours {
    /// The team's numbers, in their order.
    pub numbers: Vec<String>,
    /// For contacts that have seen none of them.
    pub default_number: Option<String>,
    /// Whether a Messaging Service of Twilio's picks the number.
    pub service: bool,
}

/// Which of the team's numbers a contact saw last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LastSeen {
    /// None.
    #[default]
    Nothing,
    /// This one.
    Number(String),
    /// The one that the contact wrote to; which, this machine does not know.
    WroteTo,
}

/// What a text would go out from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum GoesOutFrom {
    /// Not known yet.
    Unknown,
    /// The team has no number: nothing can leave until an admin connects one.
    Nothing,
    /// Twilio's Messaging Service picks the number, and keeps it for this contact.
    Service,
    /// The number that the contact wrote to.
    WroteTo,
    /// This one.
    Number {
        /// E.164
        number: String,
        /// Whether the contact has never seen it.
        is_new: bool,
    },
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Outlook {
    /// What it costs.
    pub segments: Segments,
    /// The text without what makes it dear and has a plain sister; `None` where nothing would be saved.
    pub plain: Option<String>,
    /// Why it may not be sent.
    pub refusal: Option<Refusal>,
    /// What time it is where the contact's number belongs; `None` where nobody can tell.
    pub local_time: Option<LocalTime>,
    /// What it goes out from.
    pub from: GoesOutFrom,
}

/// Looks.
#[must_use]
pub fn outlook(draft: Draft<'_>) -> Outlook {
    let Outgoing { to, content, .. } = draft.outgoing;
    let segments = measure(content);
    let plain = if segments.encoding == Encoding::Ucs2 { plain(content) } else { None };
    Outlook {
        plain,
        segments,
        refusal: gate::check(draft.outgoing).and_then(|()| gate::check_files(draft.media_bytes)).err(),
        local_time: local_time(to, draft.at),
        from: goes_out_from(draft.last_seen, draft.ours),
    }
}

/// As the server chooses (`store/src/senders.rs`): the Messaging Service; else the number that the contact last saw, if it is still the
/// team's; else the default; else the first.
fn goes_out_from(last_seen: &LastSeen, ours: Option<&Ours>) -> GoesOutFrom {
    let known = |number: &String| GoesOutFrom::Number { number: number.clone(), is_new: false };
    let Some(ours) = ours else {
        return match last_seen {
            LastSeen::Nothing => GoesOutFrom::Unknown,
            LastSeen::WroteTo => GoesOutFrom::WroteTo,
            LastSeen::Number(number) => known(number),
        };
    };
    if ours.service {
        return GoesOutFrom::Service;
    }
    match (last_seen, ours.numbers.as_slice()) {
        (_, []) => GoesOutFrom::Nothing,
        (LastSeen::Number(number), numbers) if numbers.contains(number) => known(number),
        (LastSeen::WroteTo, [only]) => known(only),
        (LastSeen::WroteTo, _) => GoesOutFrom::WroteTo,
        (_, [first, ..]) => {
            let default = ours.default_number.as_ref().filter(|number| ours.numbers.contains(number));
            GoesOutFrom::Number { number: default.unwrap_or(first).clone(), is_new: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ONE: &str = "+12065550100";
    const TWO: &str = "+12065550200";

    fn ours(numbers: &[&str], default: Option<&str>) -> Ours {
        Ours {
            numbers: numbers.iter().map(|&number| number.to_owned()).collect(),
            default_number: default.map(str::to_owned),
            service: false,
        }
    }

    fn from(number: &str, is_new: bool) -> GoesOutFrom {
        GoesOutFrom::Number { number: number.to_owned(), is_new }
    }

    #[rstest]
    #[case::nobody_knows(LastSeen::Nothing, None, GoesOutFrom::Unknown)]
    #[case::it_was_this_one(LastSeen::Number(ONE.to_owned()), None, from(ONE, false))]
    #[case::no_number(LastSeen::WroteTo, Some(ours(&[], None)), GoesOutFrom::Nothing)]
    #[case::still_ours(LastSeen::Number(TWO.to_owned()), Some(ours(&[ONE, TWO], Some(ONE))), from(TWO, false))]
    #[case::no_longer_ours(LastSeen::Number(TWO.to_owned()), Some(ours(&[ONE], None)), from(ONE, true))]
    #[case::the_default(LastSeen::Nothing, Some(ours(&[ONE, TWO], Some(TWO))), from(TWO, true))]
    #[case::a_default_that_is_gone(LastSeen::Nothing, Some(ours(&[ONE], Some(TWO))), from(ONE, true))]
    #[case::one_of_several(LastSeen::WroteTo, Some(ours(&[ONE, TWO], None)), GoesOutFrom::WroteTo)]
    #[case::the_only_one(LastSeen::WroteTo, Some(ours(&[ONE], None)), from(ONE, false))]
    #[case::a_service(LastSeen::Number(ONE.to_owned()), Some(Ours { service: true, ..ours(&[ONE], None) }), GoesOutFrom::Service)]
    fn the_number_is_the_one_that_the_server_takes(
        #[case] last_seen: LastSeen,
        #[case] ours: Option<Ours>,
        #[case] expected: GoesOutFrom,
    ) {
        assert_eq!(goes_out_from(&last_seen, ours.as_ref()), expected);
    }

    /// The browser build of the window has a twin of this in TypeScript: `ui/src/backend/fake/outlook.test.ts` reads the same file.
    #[test]
    fn the_twin_in_the_window_is_held_to_the_same_answers() {
        let mut file: Vec<serde_json::Value> = serde_json::from_str(include_str!("../data/outlook.json")).unwrap();
        let before = file.clone();
        let ours = ours(&[ONE, TWO], None);
        let last_seen = LastSeen::Number(TWO.to_owned());

        for vector in &mut file {
            let outgoing = Outgoing {
                to: vector["to"].as_str().unwrap(),
                content: vector["text"].as_str().unwrap(),
                media: usize::try_from(vector["files"].as_u64().unwrap()).unwrap(),
                opted_out: vector["optedOut"].as_bool().unwrap(),
            };
            let at = vector["at"].as_str().unwrap().parse().unwrap();
            let told = outlook(Draft { outgoing, media_bytes: 0, last_seen: &last_seen, ours: Some(&ours), at });
            vector["outlook"] = serde_json::to_value(told).unwrap();
        }

        let written = std::env::temp_dir().join("deskline-outlook.json");
        std::fs::write(&written, serde_json::to_string_pretty(&file).unwrap()).unwrap();
        assert!(file.len() > 15, "the file holds {} vectors only", file.len());
        assert!(
            file == before,
            "crates/domain/data/outlook.json says something else than this crate. If the crate is right, copy {} over it, and \
             let the twin follow.",
            written.display()
        );
    }
}
