//! How many SMS segments a text takes, and which characters make it dear.
//!
//! Asked by the composer at every key and by the store when a text is sent. GSM 03.38 (3GPP TS 23.038, sections 6.2.1 and
//! 6.2.1.1): 160 septets in one segment and 153 in each of several; UCS-2: 70 and 67 code units. A character of the
//! extension table takes two septets, and none is ever split over two segments.

use serde::{Deserialize, Serialize};

/// How the characters travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export)]
pub enum Encoding {
    /// Seven bits a character.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// Sixteen bits a code unit; one character outside GSM-7 is enough for it.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

/// What a text costs to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Segments {
    /// How it will be encoded.
    pub encoding: Encoding,
    /// How many segments: 0 for an empty text.
    pub count: u32,
    /// Units used: septets or UTF-16 code units, those that were padded at the end of a segment not counted.
    pub units: u32,
    /// Units that still fit into the last segment.
    pub remaining: u32,
    /// The distinct characters that force UCS-2, in order of appearance.
    pub forced_by: Vec<char>,
}

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Septets that a character takes, or `None` when GSM-7 does not know it.
fn septets(c: char) -> Option<u32> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// Measures a text.
#[must_use]
pub fn measure(text: &str) -> Segments {
    let mut forced_by = Vec::new();
    for c in text.chars().filter(|c| septets(*c).is_none()) {
        if !forced_by.contains(&c) {
            forced_by.push(c);
        }
    }
    let (encoding, single, multi) =
        if forced_by.is_empty() { (Encoding::Gsm7, 160, 153) } else { (Encoding::Ucs2, 70, 67) };
    let width = |c: char| match encoding {
        Encoding::Gsm7 => septets(c).unwrap_or(1),
        Encoding::Ucs2 => {
            if c.len_utf16() == 2 {
                2
            } else {
                1
            }
        }
    };

    let units = text.chars().map(width).sum();
    let (count, remaining) = if units <= single {
        (u32::from(units > 0), single - units)
    } else {
        let mut count = 1;
        let mut used = 0;
        for c in text.chars() {
            if used + width(c) > multi {
                count += 1;
                used = 0;
            }
            used += width(c);
        }
        (count, multi - used)
    };
    Segments { encoding, count, units, remaining, forced_by }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::empty("", Encoding::Gsm7, 0, 160)]
    #[case::one_full(&"a".repeat(160), Encoding::Gsm7, 1, 0)]
    #[case::one_over(&"a".repeat(161), Encoding::Gsm7, 2, 145)]
    #[case::extension_takes_two(&"€".repeat(80), Encoding::Gsm7, 1, 0)]
    #[case::extension_is_not_split(&format!("{}€{}", "a".repeat(152), "a".repeat(10)), Encoding::Gsm7, 2, 141)]
    #[case::ucs2_full(&"я".repeat(70), Encoding::Ucs2, 1, 0)]
    #[case::ucs2_over(&"я".repeat(71), Encoding::Ucs2, 2, 63)]
    #[case::emoji_is_two_units(&"😀".repeat(35), Encoding::Ucs2, 1, 0)]
    fn a_text_is_measured_as_a_handset_counts(
        #[case] text: &str,
        #[case] encoding: Encoding,
        #[case] count: u32,
        #[case] remaining: u32,
    ) {
        let segments = measure(text);

        assert_eq!((segments.encoding, segments.count, segments.remaining), (encoding, count, remaining));
    }

    #[test]
    fn the_characters_that_force_ucs2_are_named_once() {
        assert_eq!(measure("it’s “so” good’").forced_by, ['’', '“', '”']);
    }

    proptest! {
        #[test]
        fn a_longer_text_never_takes_fewer_segments(text in "\\PC{0,400}", more in "\\PC{1,20}") {
            let longer = format!("{text}{more}");

            prop_assert!(measure(&longer).count >= measure(&text).count);
        }
    }
}
