//! What an agent types, read: words, "phrases", numbers and operators.
//!
//! Pure and total: no input is an error, and what is no operator is text. Called by `find` with each key.

use chrono::{Days, NaiveDate};

use super::tokens::is_number_sign;

/// More than anybody types; what comes after it is not looked at.
const LONGEST: usize = 1_000;
/// Words, phrases and numbers together.
const MOST_TEXTS: usize = 24;
/// Digits that are searched as a number, whatever stands between them.
const NUMBER: std::ops::RangeInclusive<usize> = 4..=15;

/// A question, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// All of them must be in the text.
    pub(crate) texts: Vec<Text>,
    /// `from:`: who wrote it.
    pub(crate) from: Vec<String>,
    /// `in:`: whose conversation.
    pub(crate) within: Vec<String>,
    /// `label:`: a label of the conversation.
    pub(crate) labels: Vec<String>,
    /// `has:media`.
    pub(crate) media: bool,
    /// `is:unread`.
    pub(crate) unread: bool,
    /// `before:`: earlier than this day.
    pub(crate) before: Option<NaiveDate>,
    /// `after:`: this day or later.
    pub(crate) after: Option<NaiveDate>,
}

/// Something that is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// A word, or the beginning of one.
    Begins(String),
    /// Between quotation marks: these words, in this order.
    Exactly(String),
    /// Digits with whatever stood between them.
    Number {
        digits: String,
        /// The words that they were typed as.
        words: Vec<String>,
    },
}

impl Query {
    /// Reads what was typed. `today` is the agent's.
    pub(crate) fn parse(input: &str, today: NaiveDate) -> Self {
        let mut query = Self::default();
        let mut numbers: Vec<&str> = Vec::new();
        for piece in Pieces(cut(input)) {
            if let Piece::Word(word) = piece
                && is_number_like(word)
            {
                numbers.push(word);
                continue;
            }
            query.push_numbers(&std::mem::take(&mut numbers));
            match piece {
                Piece::Word(word) => query.texts.push(Text::Begins(word.to_owned())),
                Piece::Phrase(words) => query.texts.push(Text::Exactly(words.to_owned())),
                Piece::Operator { name, value, whole } => {
                    if !query.push_operator(name, value, today) {
                        query.texts.push(Text::Begins(whole.to_owned()));
                    }
                }
            }
        }
        query.push_numbers(&numbers);
        query.texts.truncate(MOST_TEXTS);
        query
    }

    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it asks for something that only a text has, and no contact.
    pub(crate) fn is_about_texts(&self) -> bool {
        self.media || self.before.is_some() || self.after.is_some() || !self.from.is_empty() || !self.within.is_empty()
    }

    /// Words next to each other that are made of digits are one number, if they are long enough to be one.
    fn push_numbers(&mut self, words: &[&str]) {
        let digits: String = words.iter().flat_map(|word| word.chars()).filter(char::is_ascii_digit).collect();
        let words = words.iter().map(|word| (*word).to_owned());
        if NUMBER.contains(&digits.len()) {
            self.texts.push(Text::Number { digits, words: words.collect() });
        } else {
            self.texts.extend(words.map(Text::Begins));
        }
    }

    fn push_operator(&mut self, name: Name, value: &str, today: NaiveDate) -> bool {
        let value = value.trim();
        match name {
            _ if value.is_empty() => return false,
            Name::From => self.from.push(value.to_owned()),
            Name::In => self.within.push(value.to_owned()),
            Name::Label => self.labels.push(value.to_owned()),
            Name::Has if value.eq_ignore_ascii_case("media") => self.media = true,
            Name::Is if value.eq_ignore_ascii_case("unread") => self.unread = true,
            Name::Before => match day(value, today) {
                Some(day) => self.before = Some(self.before.map_or(day, |other| other.min(day))),
                None => return false,
            },
            Name::After => match day(value, today) {
                Some(day) => self.after = Some(self.after.map_or(day, |other| other.max(day))),
                None => return false,
            },
            Name::Has | Name::Is => return false,
        }
        true
    }
}

#[derive(Clone, Copy, Debug)]
enum Name {
    From,
    In,
    Has,
    Before,
    After,
    Label,
    Is,
}

impl Name {
    fn read(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "from" => Self::From,
            "in" => Self::In,
            "has" => Self::Has,
            "before" => Self::Before,
            "after" => Self::After,
            "label" => Self::Label,
            "is" => Self::Is,
            _ => return None,
        })
    }
}

enum Piece<'a> {
    Word(&'a str),
    Phrase(&'a str),
    Operator { name: Name, value: &'a str, whole: &'a str },
}

/// What is left to read.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.0.trim_start();
        if start.is_empty() {
            return None;
        }
        if let Some((phrase, rest)) = quoted(start) {
            self.0 = rest;
            return Some(Piece::Phrase(phrase));
        }
        let (word, rest) = start.split_at(start.find(char::is_whitespace).unwrap_or(start.len()));
        self.0 = rest;
        let operator = word.split_once(':').and_then(|(name, value)| Some((name.len(), Name::read(name)?, value)));
        let Some((length, name, value)) = operator else { return Some(Piece::Word(word)) };
        // The value may hold spaces, between quotation marks.
        match quoted(&start[length + 1..]) {
            Some((value, rest)) => {
                self.0 = rest;
                Some(Piece::Operator { name, value, whole: &start[..start.len() - rest.len()] })
            }
            None => Some(Piece::Operator { name, value, whole: word }),
        }
    }
}

/// What stands between quotation marks at the start, and what comes after it. Marks that are not closed yet reach to the end.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let is_mark = |c| matches!(c, '"' | '“' | '”' | '„');
    let inside = text.strip_prefix(is_mark)?;
    Some(match inside.find(is_mark) {
        Some(end) => {
            let rest = &inside[end..];
            (&inside[..end], rest.strip_prefix(is_mark).unwrap_or(rest))
        }
        None => (inside, ""),
    })
}

fn cut(input: &str) -> &str {
    &input[..input.floor_char_boundary(LONGEST)]
}

fn is_number_like(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || is_number_sign(c))
}

/// `today`, `yesterday`, `2026`, `2026-11` or `2026-11-26`: the first day of it.
fn day(value: &str, today: NaiveDate) -> Option<NaiveDate> {
    if value.eq_ignore_ascii_case("today") {
        return Some(today);
    }
    if value.eq_ignore_ascii_case("yesterday") {
        return today.checked_sub_days(Days::new(1));
    }
    let mut parts = value.split('-').map(|part| part.parse::<u16>().ok().filter(|_| part.len() <= 4));
    let year = parts.next()??;
    let month = parts.next().map_or(Some(1), |month| month)?;
    let day = parts.next().map_or(Some(1), |day| day)?;
    if parts.next().is_some() || !(1_970..=9_999).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn today() -> NaiveDate {
        date(2026, 11, 26)
    }

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn parse(input: &str) -> Query {
        Query::parse(input, today())
    }

    fn begins(word: &str) -> Text {
        Text::Begins(word.to_owned())
    }

    fn texts(input: &str) -> Vec<Text> {
        let query = parse(input);
        let texts = query.texts.clone();
        assert_eq!(query, Query { texts: texts.clone(), ..Query::default() }, "text alone");
        texts
    }

    #[test]
    fn words_phrases_and_operators_are_told_apart() {
        let query = parse(
            r#"late "next tuesday" FROM:Ann in:"Bob Miller" has:media is:unread label:vip after:2026-11 before:today invoice"#,
        );

        assert_eq!(
            query,
            Query {
                texts: vec![begins("late"), Text::Exactly("next tuesday".to_owned()), begins("invoice")],
                from: vec!["Ann".to_owned()],
                within: vec!["Bob Miller".to_owned()],
                labels: vec!["vip".to_owned()],
                media: true,
                unread: true,
                before: Some(today()),
                after: Some(date(2026, 11, 1)),
            }
        );
    }

    #[rstest]
    #[case::nothing_after_the_colon("from:")]
    #[case::an_empty_value("in:\"\"")]
    #[case::no_such_thing("has:wheels")]
    #[case::no_such_state("is:late")]
    #[case::no_day("before:tuesday")]
    #[case::no_such_day("after:2026-02-31")]
    #[case::no_operator("https://example.com")]
    fn what_is_no_operator_is_text(#[case] input: &str) {
        assert_eq!(texts(input), [begins(input)]);
    }

    #[test]
    fn a_phrase_that_is_not_closed_yet_reaches_to_the_end() {
        assert_eq!(texts("\"see you on"), [Text::Exactly("see you on".to_owned())]);
        assert_eq!(texts("“see you” soon"), [Text::Exactly("see you".to_owned()), begins("soon")]);
    }

    #[rstest]
    #[case("+1 (555) 000-0001", "15550000001")]
    #[case("555 000 0001", "5550000001")]
    #[case("0001", "0001")]
    fn digits_are_a_number_in_any_notation(#[case] input: &str, #[case] number: &str) {
        let [Text::Number { digits, .. }] = &texts(input)[..] else { panic!("{:?}", texts(input)) };

        assert_eq!(digits, number);
    }

    #[test]
    fn few_digits_and_very_many_are_words() {
        assert_eq!(texts("room 12"), [begins("room"), begins("12")]);
        assert_eq!(texts("1234567890123456"), [begins("1234567890123456")]);
    }

    #[rstest]
    #[case("2026", Some(date(2026, 1, 1)))]
    #[case("2026-2", Some(date(2026, 2, 1)))]
    #[case("2026-02-03", Some(date(2026, 2, 3)))]
    #[case("yesterday", Some(date(2026, 11, 25)))]
    #[case("26", None)]
    #[case("2026-13", None)]
    #[case("2026-1-1-1", None)]
    fn a_day_is_written_from_the_year_on(#[case] value: &str, #[case] expected: Option<NaiveDate>) {
        assert_eq!(day(value, today()), expected);
    }

    proptest! {
        #[test]
        fn no_input_is_an_error(input in "(\\PC|from:|in:|is:|has:|before:|\"|“|\\s|[0-9+-])*") {
            let query = parse(&input);

            prop_assert!(query.texts.len() <= MOST_TEXTS);
        }

        #[test]
        fn words_without_a_colon_are_all_searched_for(words in prop::collection::vec("[a-zé한]{1,8}", 0..MOST_TEXTS)) {
            let expected: Vec<Text> = words.iter().map(|word| begins(word)).collect();

            prop_assert_eq!(texts(&words.join(" ")), expected);
        }
    }
}
