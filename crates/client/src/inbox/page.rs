//! Places between rows: where a page ends and the next one begins, the same in both files.

use std::str::FromStr;

use uuid::Uuid;

use crate::view::Message;

/// Before a page that goes the other way.
const NEWER: char = '>';

/// A row's place in an order by time and id. Later is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Microseconds since 1970.
    pub(crate) at: i64,
    pub(crate) id: Uuid,
}

impl Place {
    /// Later than every row.
    pub(crate) const NEWEST: Self = Self { at: i64::MAX, id: Uuid::max() };

    /// Reads what [`Place::to_string`] wrote. Anything else is the newest page: the text comes from a window, and a
    /// window that mixes up its pages shows too much rather than nothing.
    pub(crate) fn read(page: Option<&str>) -> Option<Self> {
        let (at, id) = page?.split_once('.')?;
        Some(Self { at: i64::from_str(at).ok()?, id: Uuid::parse_str(id).ok()? })
    }

    /// Where a text stands in its thread.
    pub(crate) fn of(message: &Message) -> Self {
        Self { at: message.created_at.timestamp_micros(), id: message.id.0 }
    }

    /// As a page of what comes after it.
    pub(crate) fn newer(&self) -> String {
        format!("{NEWER}{self}")
    }

    /// Reads what [`Place::newer`] wrote.
    pub(crate) fn read_newer(page: Option<&str>) -> Option<Self> {
        Self::read(Some(page?.strip_prefix(NEWER)?))
    }
}

/// The rows on one side of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Those before it; without a place, all of them, from the newest on.
    Before(Option<Place>),
    /// Those after it.
    After(Place),
}

impl Side {
    /// Whether a row of this place is among them.
    pub(crate) fn has(self, place: Place) -> bool {
        match self {
            Self::Before(before) => before.is_none_or(|before| place < before),
            Self::After(after) => place > after,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

/// How many rows a page has at most, whatever a window asks for.
pub(crate) fn limit(asked: u32) -> usize {
    usize::try_from(asked.clamp(1, 500)).unwrap_or(500)
}

/// Puts two stretches, each newest first, together: newest first, at most `limit`, and where the next page begins.
///
/// Each stretch must hold `limit + 1` rows, unless it ends before.
pub(crate) fn merge<T>(
    one: Vec<T>,
    other: Vec<T>,
    limit: usize,
    place: impl Fn(&T) -> Place,
) -> (Vec<T>, Option<String>) {
    let mut rows = one;
    rows.extend(other);
    rows.sort_by_key(|row| std::cmp::Reverse(place(row)));
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| place(last).to_string());
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: i64) -> Place {
        Place { at, id: Uuid::from_u128(1) }
    }

    #[test]
    fn a_place_reads_back_and_nonsense_is_the_newest_page() {
        assert_eq!(Place::read(Some(&place(17).to_string())), Some(place(17)));
        assert_eq!(Place::read(Some("over the hills")), None);
        assert_eq!(Place::read(None), None);
        assert_eq!(Place::read_newer(Some(&place(17).newer())), Some(place(17)));
        assert_eq!(
            (Place::read_newer(Some(&place(17).to_string())), Place::read(Some(&place(17).newer()))),
            (None, None)
        );
    }

    #[test]
    fn two_stretches_make_one_and_say_where_the_next_page_begins() {
        let (rows, next) = merge(vec![9, 5, 1], vec![7, 3], 4, |at| place(*at));

        assert_eq!(rows, [9, 7, 5, 3]);
        assert_eq!(Place::read(next.as_deref()), Some(place(3)));
        assert_eq!(merge(vec![9], vec![7], 4, |at| place(*at)).1, None);
    }
}
