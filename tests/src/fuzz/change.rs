//! Changing one character of something that is good: the least that a forger can do.

/// What a character becomes: the first of these that it is not, in either case of a letter.
const OTHERS: [char; 2] = ['0', 'a'];

/// `text` with one character changed; `spot` says where. `None` for a text without characters.
#[must_use]
pub fn one(text: &str, spot: usize) -> Option<String> {
    let place = spot.checked_rem(text.chars().count())?;
    let other = |c: char| OTHERS.into_iter().find(|other| !other.eq_ignore_ascii_case(&c)).unwrap_or(c);
    Some(text.chars().enumerate().map(|(at, c)| if at == place { other(c) } else { c }).collect())
}

/// A number that any change of the input changes: where to change something, without asking for randomness (FNV-1a).
#[must_use]
pub fn spot(input: &[u8]) -> usize {
    let hash = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    usize::try_from(hash >> 33).unwrap_or_default()
}
