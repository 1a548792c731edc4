//! Twilio's error codes in plain words: what happened, what to do, and who can do it.
//!
//! Shown under a bubble, in the answer to `send-sms` and stored with a status. A code that is not in [`TABLE`] falls back to its
//! class, so there is always something to say.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhoCanFix {
    /// Whoever wrote the text.
    Agent,
    /// Whoever owns the Twilio account or runs Deskline.
    Admin,
    /// The mobile network of the recipient.
    Carrier,
    /// The recipient.
    Contact,
    /// Twilio itself: waiting is all one can do.
    Twilio,
}

/// A code in plain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// One or two sentences for an agent.
    pub text: &'static str,
    /// Who can do something about it.
    pub who: WhoCanFix,
}

use WhoCanFix::{Admin, Agent, Carrier, Contact, Twilio};

/// What is known, in order of codes.
const TABLE: &[(i32, WhoCanFix, &str)] = &[
    (10_001, Admin, "The Twilio account is not active. An admin must look into it in the Twilio console."),
    (11_200, Admin, "Twilio could not reach this Deskline server. An admin must check the server's public address."),
    (11_751, Agent, "The files are larger than Twilio or the recipient's network takes. Send smaller ones."),
    (12_300, Agent, "Twilio does not take a file of this type. Send a JPEG, PNG or GIF instead."),
    (14_107, Twilio, "Too many texts went out in a short time. Twilio takes more in a moment."),
    (20_003, Admin, "Twilio does not accept the stored credentials. An admin must connect the Twilio account again."),
    (20_005, Admin, "The Twilio account is not active. An admin must look into it in the Twilio console."),
    (
        20_008,
        Admin,
        "These are Twilio's test credentials, which cannot send real texts. An admin must connect the live ones.",
    ),
    (20_404, Admin, "Twilio does not know what was asked for. It may have been deleted in the Twilio console."),
    (20_429, Twilio, "Twilio asks us to slow down. The text goes out by itself in a moment."),
    (20_500, Twilio, "Twilio has a problem of its own. Try again later."),
    (20_503, Twilio, "Twilio is not available at the moment. Try again later."),
    (21_211, Agent, "This is not a valid phone number. Check the contact's number, with its country code."),
    (21_212, Admin, "The number this was sent from is not valid. An admin must check the workspace's numbers."),
    (21_217, Agent, "This phone number does not look right. Check the contact's number, with its country code."),
    (21_266, Agent, "The contact has the same number as this workspace. A text cannot go from a number to itself."),
    (
        21_408,
        Admin,
        "The Twilio account may not text to this country. An admin can allow it under Geo Permissions in the console.",
    ),
    (21_601, Admin, "The number this was sent from cannot text. An admin must choose another one."),
    (21_602, Agent, "There was nothing to send. Write a text or attach a file."),
    (21_603, Admin, "No number to send from was given. An admin must check the workspace's numbers."),
    (21_604, Agent, "No number to send to was given. Check the contact's number."),
    (
        21_606,
        Admin,
        "The number this was sent from does not belong to the Twilio account, or cannot text. An admin must check the workspace's numbers.",
    ),
    (
        21_608,
        Admin,
        "A trial account of Twilio can only text to verified numbers. An admin can verify this one or upgrade the account.",
    ),
    (
        21_609,
        Admin,
        "Twilio does not accept this server's public address for delivery reports. An admin must check it.",
    ),
    (21_610, Contact, "This contact has opted out by texting STOP. They can opt in again by texting START."),
    (
        21_611,
        Twilio,
        "Too many texts are waiting to leave from this number. Wait until some have left, then send again.",
    ),
    (21_612, Admin, "Twilio has no way from this number to the contact's. An admin can try another number."),
    (21_614, Agent, "This number cannot receive texts; it may be a landline. Check the contact's number."),
    (21_617, Agent, "The text is longer than the 1,600 characters that Twilio takes. Shorten it or send it in parts."),
    (21_619, Agent, "There was nothing to send. Write a text or attach a file."),
    (21_620, Agent, "Twilio cannot use the address of a file. Attach it again."),
    (21_623, Agent, "A text can carry ten files at most. Remove some and send again."),
    (21_656, Admin, "Twilio did not accept the variables of this template. An admin must check it."),
    (
        21_659,
        Admin,
        "The number this was sent from does not belong to the Twilio account. An admin must check the workspace's numbers.",
    ),
    (
        21_660,
        Admin,
        "The number this was sent from belongs to another Twilio account. An admin must check the workspace's numbers.",
    ),
    (21_703, Admin, "The Messaging Service has no number that can text this contact. An admin must add one."),
    (21_705, Admin, "The Messaging Service does not exist. An admin must check the workspace's settings."),
    (30_001, Twilio, "Too many texts were waiting and this one waited too long. Send it again."),
    (
        30_002,
        Admin,
        "The Twilio account was suspended before the text left. An admin must look into it in the Twilio console.",
    ),
    (
        30_003,
        Contact,
        "The phone could not be reached. It may be switched off, without signal, or unable to receive texts. Try again later.",
    ),
    (
        30_004,
        Contact,
        "The text was blocked. The contact's phone, plan or carrier does not take texts from this number.",
    ),
    (30_005, Agent, "This number is unknown or no longer in use. Check the contact's number."),
    (
        30_006,
        Agent,
        "This number cannot receive texts: it is a landline, or its carrier is out of reach. Try another number.",
    ),
    (
        30_007,
        Carrier,
        "The carrier took this text for spam and stopped it. Rephrase it without links and send again; if it keeps happening, an admin must talk to Twilio.",
    ),
    (30_008, Carrier, "The carrier did not deliver the text and does not say why. Try again later."),
    (30_009, Twilio, "Part of a long text was lost on its way. Send it again."),
    (30_010, Admin, "The text would have cost more than the price limit that the account has set."),
    (30_011, Contact, "The contact's carrier does not take pictures from this number. Send the text without the file."),
    (30_017, Carrier, "The carrier's network is congested. Try again later."),
    (30_019, Agent, "The file is too large for the contact's carrier. Send a smaller one."),
    (30_022, Admin, "The daily limit of the campaign is used up. Texts go out again tomorrow."),
    (30_023, Admin, "The carrier's daily limit for this brand is used up. Texts go out again tomorrow."),
    (30_024, Admin, "The short code or sender is not set up for this carrier. An admin must ask Twilio."),
    (
        30_032,
        Admin,
        "This toll-free number is not verified yet, so carriers block its texts. An admin must verify it with Twilio.",
    ),
    (
        30_034,
        Admin,
        "This number is not registered for business texts in the United States (A2P 10DLC). An admin must register it with Twilio.",
    ),
    (
        30_035,
        Admin,
        "This number's registration is not finished yet. An admin can see in the Twilio console what is missing.",
    ),
    (30_036, Twilio, "The text waited longer than it was allowed to and was not sent. Send it again."),
    (30_410, Carrier, "The carrier did not answer in time. Try again later."),
    (30_450, Twilio, "Twilio held this text back to protect the contact from a flood of texts. Try again later."),
    (30_453, Twilio, "Twilio could not hand the text over. Try again later."),
    (30_455, Admin, "The content of this text is not allowed on this number. An admin must look into it."),
    (63_038, Admin, "The account's daily limit of texts is used up. Texts go out again tomorrow."),
];

/// A code in plain words.
#[must_use]
pub fn explain(code: i32) -> Explanation {
    match TABLE.binary_search_by_key(&code, |(known, ..)| *known) {
        Ok(index) => {
            let (_, who, text) = TABLE[index];
            Explanation { text, who }
        }
        Err(_) => class_of(code),
    }
}

/// What the first digits of a code say (Twilio, "Error and Warning Dictionary").
const fn class_of(code: i32) -> Explanation {
    match code {
        10_000..=19_999 => Explanation {
            text: "Something is wrong with the Twilio account or its settings. An admin must look into it in the Twilio console.",
            who: Admin,
        },
        20_000..=20_499 => Explanation {
            text: "Twilio did not accept the request. An admin must check the connection to Twilio.",
            who: Admin,
        },
        20_500..=20_999 => Explanation { text: "Twilio has a problem of its own. Try again later.", who: Twilio },
        21_000..=21_999 => Explanation {
            text: "Twilio did not accept this text. Check the number and the text, then send again.",
            who: Agent,
        },
        30_000..=39_999 => {
            Explanation { text: "The text left, but the carrier did not deliver it. Try again later.", who: Carrier }
        }
        60_000..=69_999 => Explanation {
            text: "A service of Twilio that this number uses did not take the text. An admin must look into it in the console.",
            who: Admin,
        },
        _ => Explanation {
            text: "Twilio could not send this text and gave a reason that Deskline does not know.",
            who: Admin,
        },
    }
}

/// An error for which Twilio gave no code.
pub(crate) const fn without_code(error: &Error) -> Explanation {
    match error {
        Error::NotReached(_) => {
            Explanation { text: "Twilio cannot be reached. The text goes out by itself once it can be.", who: Twilio }
        }
        Error::NoAnswer(_) => Explanation {
            text: "Twilio did not answer. Deskline looks whether it has the text before sending it again.",
            who: Twilio,
        },
        Error::Setup(_) => Explanation {
            text: "This machine cannot make secure connections. An admin must check its certificates.",
            who: Admin,
        },
        Error::Refused { status: 401 | 403, .. } => Explanation {
            text: "Twilio does not accept the stored credentials. An admin must connect the Twilio account again.",
            who: Admin,
        },
        Error::Refused { .. } => Explanation {
            text: "Twilio did not accept this text. Check the number and the text, then send again.",
            who: Agent,
        },
        Error::RateLimited { .. } => {
            Explanation { text: "Twilio asks us to slow down. The text goes out by itself in a moment.", who: Twilio }
        }
        Error::Unavailable { .. } => Explanation {
            text: "Twilio has a problem of its own. Deskline looks whether it has the text before sending it again.",
            who: Twilio,
        },
        Error::NotTwilio { .. } => Explanation {
            text: "Something other than Twilio answered, perhaps a proxy or a sign-in page of the network. An admin must check the server's way to the internet.",
            who: Admin,
        },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_every_code_once() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[rstest]
    fn the_codes_that_agents_meet_are_explained_by_themselves(
        #[values(
            20_003, 20_429, 21_211, 21_408, 21_610, 21_611, 21_614, 30_001, 30_003, 30_004, 30_005, 30_006, 30_007,
            30_008, 30_011, 30_032, 30_034
        )]
        code: i32,
    ) {
        assert_ne!(explain(code).text, class_of(code).text);
    }

    #[rstest]
    #[case(21_999, Agent)]
    #[case(30_999, Carrier)]
    #[case(20_999, Twilio)]
    #[case(12_345, Admin)]
    #[case(i32::MIN, Admin)]
    #[case(i32::MAX, Admin)]
    fn an_unknown_code_falls_back_to_its_class(#[case] code: i32, #[case] who: WhoCanFix) {
        assert_eq!(explain(code).who, who);
    }

    #[test]
    fn every_explanation_is_a_plain_sentence() {
        for (code, _, text) in TABLE {
            assert!(text.ends_with('.') && !text.contains("  "), "{code}: {text}");
        }
    }
}
