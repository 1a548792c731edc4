//! The piece of a text that a search shows, with what was found marked by offset.

use std::ops::Range;

use crate::view::search::{Excerpt, Utf16Range};

/// Characters of a text that are shown.
const LONGEST: usize = 160;
/// Characters before the first mark, in a text that is cut there: a row of the results shows some forty.
const BEFORE: usize = 16;

/// Cuts a text around the first of the places (bytes of the text, in order). Line breaks become spaces.
pub(crate) fn excerpt(text: &str, places: &[Range<usize>]) -> Excerpt {
    let first = places.first().map_or(0, |place| place.start);
    let start = start(text, first);
    let end = text[start..].char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| start + at);

    let mut shown = String::with_capacity(end - start + 6);
    if start > 0 {
        shown.push('…');
    }
    let cut = units(&shown);
    // One for one, so that no offset moves.
    shown.extend(text[start..end].chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
    if end < text.len() {
        shown.push('…');
    }
    let unit = |at: usize| cut + units(&text[start..at.clamp(start, end)]);
    let marks = places
        .iter()
        .filter(|place| place.start < end)
        .map(|place| Utf16Range { start: unit(place.start), end: unit(place.end) })
        .collect();
    Excerpt { text: shown, marks }
}

/// A little before the first mark, where a word begins.
fn start(text: &str, first: usize) -> usize {
    let before = &text[..first];
    let Some((back, _)) = before.char_indices().rev().nth(BEFORE) else { return 0 };
    match before[back..].find(char::is_whitespace) {
        Some(space) => {
            let space = back + space;
            space + before[space..].chars().next().map_or(0, char::len_utf8)
        }
        None => back,
    }
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What JavaScript's `slice` answers for the marks.
    fn marked(excerpt: &Excerpt) -> Vec<String> {
        let units: Vec<u16> = excerpt.text.encode_utf16().collect();
        let slice = |mark: &Utf16Range| &units[mark.start as usize..mark.end as usize];
        excerpt.marks.iter().map(|mark| String::from_utf16(slice(mark)).unwrap()).collect()
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_mark_and_offsets_count_as_javascript_does() {
        let text = format!("{} 👍🏽 the\nINVOICE is late {}", "x ".repeat(100), "y ".repeat(100));
        let at = text.find("INVOICE").unwrap();

        let excerpt = excerpt(&text, std::slice::from_ref(&(at..at + 7)));

        assert_eq!(marked(&excerpt), ["INVOICE"]);
        assert!(excerpt.text.starts_with('…') && excerpt.text.ends_with('…'), "{}", excerpt.text);
        assert!(excerpt.text.contains("👍🏽 the INVOICE is"), "{}", excerpt.text);
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        assert_eq!(excerpt("see you", &[]), Excerpt { text: "see you".to_owned(), marks: Vec::new() });
    }

    proptest! {
        #[test]
        fn whatever_is_marked_is_what_was_found(before in "\\PC{0,120}", found in "[a-z👍한]{1,9}", after in "\\PC{0,300}") {
            let text = format!("{before}{found}{after}");

            let excerpt = excerpt(&text, std::slice::from_ref(&(before.len()..before.len() + found.len())));

            prop_assert_eq!(marked(&excerpt), [found]);
        }
    }
}
