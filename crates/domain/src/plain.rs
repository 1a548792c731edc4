//! Characters that make a text dear, and their plain sisters: typographic quotes, dashes, spaces that no key makes.
//!
//! Asked by [`crate::outlook`]. Replaces nothing that would change what a text says: letters and emoji stay.

/// The plain sister of a character that GSM-7 does not know.
const fn sister(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' | '\u{b4}' | '`' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => "\"",
        '\u{2010}'..='\u{2014}' | '\u{2212}' | '\u{2022}' | '\u{b7}' => "-",
        '\u{2026}' => "...",
        '\u{a0}' | '\u{2009}' | '\u{202f}' | '\t' => " ",
        '\u{200b}' | '\u{feff}' => "",
        _ => return None,
    })
}

/// The text with every such character replaced; `None` where there is none.
#[must_use]
pub fn plain(text: &str) -> Option<String> {
    text.chars().any(|c| sister(c).is_some()).then(|| {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            match sister(c) {
                Some(sister) => plain.push_str(sister),
                None => plain.push(c),
            }
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::segments::measure;

    #[rstest]
    #[case::nothing_to_do("plain 'text'", None)]
    #[case::typography("“It’s” – fine…", Some("\"It's\" - fine..."))]
    #[case::emoji_and_letters_stay("да “👍”", Some("да \"👍\""))]
    #[case::spaces("a\u{a0}b\tc\u{200b}d", Some("a b cd"))]
    fn what_has_a_plain_sister_is_replaced(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(plain(text).as_deref(), expected);
    }

    proptest! {
        #[test]
        fn nothing_that_is_put_in_makes_a_text_dear(text in "[`´‘’‚“”„«»′″‐‑‒–—−…•·\u{a0}\u{2009}\u{202f}\u{200b}\u{feff}\ta-z ]{0,80}") {
            let written = plain(&text).unwrap_or(text);

            prop_assert!(measure(&written).forced_by.is_empty());
            prop_assert_eq!(plain(&written), None);
        }
    }
}
