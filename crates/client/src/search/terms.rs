//! What is searched for, in tokens: once as an FTS5 expression, and once as a function on a text.
//!
//! `find` asks the index with the one and looks with the other at what the index found, to mark it and to weigh it. The
//! expression consists of tokens between quotation marks and of nothing that was typed; tokens hold no quotation mark.

use std::{fmt::Write, ops::Range};

use super::{
    query::Text,
    tokens::{Kind, Tokens},
};

/// Before digits in the index: a number in one piece, from one of its digits on. No text has this character as a token.
pub(crate) const NUMBER: char = '\u{e001}';

/// A number is found by its last digits, if they are so many.
const FEWEST_DIGITS: usize = 4;

/// Tokens that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Phrase {
    tokens: Vec<String>,
    /// Whether the last token may go on.
    begins: bool,
}

/// One of the things that must all be there: its phrases, or one of its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    phrases: Vec<Phrase>,
    /// Other ways to write the digits.
    digits: Vec<String>,
}

/// Everything that must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms(Vec<Term>);

/// How well a text fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fit {
    /// What to mark: bytes of the text, in order, apart from each other.
    pub(crate) places: Vec<Range<usize>>,
    /// Whether all words are there as they were typed, and none goes on.
    pub(crate) whole: bool,
    /// Whether all words are there side by side.
    pub(crate) together: bool,
}

impl Terms {
    /// Words shorter than `shortest` are not searched by their beginning: that would be nearly everything.
    pub(crate) fn new(texts: &[Text], shortest: usize) -> Self {
        let terms = texts.iter().map(|text| match text {
            Text::Begins(word) => {
                Term { phrases: phrase(word, Some(shortest)).into_iter().collect(), digits: Vec::new() }
            }
            Text::Exactly(words) => Term { phrases: phrase(words, None).into_iter().collect(), digits: Vec::new() },
            Text::Number { digits, words } => Term {
                phrases: words.iter().flat_map(|word| phrase(word, Some(shortest))).collect(),
                digits: notations(digits),
            },
        });
        Self(terms.filter(|term| !term.phrases.is_empty() || !term.digits.is_empty()).collect())
    }

    /// Whether nothing is searched for: only signs were typed, or operators.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The FTS5 expression for all of it; empty when [`Terms::is_empty`].
    pub(crate) fn expression(&self) -> String {
        let terms: Vec<String> = self.0.iter().map(Term::expression).collect();
        terms.join(" AND ")
    }

    /// Looks at a text; `None` when something is missing in it.
    pub(crate) fn fit(&self, text: &str) -> Option<Fit> {
        let tokens = Tokens::of(text);
        let mut fit = Fit { whole: true, ..Fit::default() };
        for term in &self.0 {
            term.find(text, &tokens, &mut fit)?;
        }
        fit.together = self.is_together(&tokens);
        fit.places.sort_by_key(|place| (place.start, place.end));
        fit.places.dedup_by(|next, last| {
            let overlaps = next.start < last.end;
            if overlaps {
                last.end = last.end.max(next.end);
            }
            overlaps
        });
        Some(fit)
    }

    fn is_together(&self, tokens: &Tokens) -> bool {
        let phrases: Vec<&Phrase> = self.0.iter().flat_map(|term| &term.phrases).collect();
        let length: usize = phrases.iter().map(|phrase| phrase.tokens.len()).sum();
        length > 1
            && (0..tokens.len()).any(|start| {
                let mut at = start;
                phrases.iter().all(|phrase| {
                    let here = phrase.is_at(tokens, at);
                    at += phrase.tokens.len();
                    here
                })
            })
    }
}

impl Term {
    fn expression(&self) -> String {
        let phrases: Vec<String> = self.phrases.iter().map(Phrase::expression).collect();
        let mut any: Vec<String> = Vec::new();
        if !phrases.is_empty() {
            any.push(format!("({})", phrases.join(" AND ")));
        }
        any.extend(self.digits.iter().map(|digits| format!("\"{NUMBER}{digits}\" *")));
        format!("({})", any.join(" OR "))
    }

    fn find(&self, text: &str, tokens: &Tokens, fit: &mut Fit) -> Option<()> {
        let mut found = false;
        for number in tokens.numbers(text) {
            let contains = |digits: &String| {
                number.digits.find(digits).is_some_and(|at| number.digits.len() - at >= FEWEST_DIGITS)
            };
            if self.digits.iter().any(contains) {
                fit.places.push(number.place);
                found = true;
            }
        }
        let places: Option<Vec<Occurrence>> = self.phrases.iter().map(|phrase| phrase.find(tokens)).collect();
        match places {
            Some(places) => {
                fit.whole &= places.iter().all(|occurrence| occurrence.whole);
                fit.places.extend(places.into_iter().flat_map(|occurrence| occurrence.places));
                Some(())
            }
            None => found.then_some(()),
        }
    }
}

struct Occurrence {
    places: Vec<Range<usize>>,
    whole: bool,
}

impl Phrase {
    fn expression(&self) -> String {
        let mut expression = format!("\"{}\"", self.tokens.join(" "));
        if self.begins {
            _ = write!(expression, " *");
        }
        expression
    }

    fn is_at(&self, tokens: &Tokens, start: usize) -> bool {
        let last = self.tokens.len() - 1;
        start + last < tokens.len()
            && self.tokens.iter().enumerate().all(|(at, wanted)| {
                let token = tokens.get(start + at);
                token == wanted || (self.begins && at == last && token.starts_with(wanted.as_str()))
            })
    }

    fn find(&self, tokens: &Tokens) -> Option<Occurrence> {
        let last = self.tokens.len() - 1;
        let starts: Vec<usize> = (0..tokens.len()).filter(|start| self.is_at(tokens, *start)).collect();
        if starts.is_empty() {
            return None;
        }
        Some(Occurrence {
            whole: starts.iter().any(|start| tokens.get(start + last) == self.tokens[last]),
            places: starts.iter().map(|start| tokens.place(*start).start..tokens.place(start + last).end).collect(),
        })
    }
}

/// The phrase that a piece of text is; none if there is no token in it.
fn phrase(text: &str, shortest: Option<usize>) -> Option<Phrase> {
    let tokens = Tokens::of(text);
    let last = tokens.len().checked_sub(1)?;
    let begins = shortest
        .is_some_and(|shortest| tokens.kind(last) == Kind::Word && tokens.get(last).chars().count() >= shortest);
    Some(Phrase { tokens: (0..tokens.len()).map(|at| tokens.get(at).to_owned()).collect(), begins })
}

/// With and without the zeros that stand before a number in its own country.
fn notations(digits: &str) -> Vec<String> {
    let bare = digits.trim_start_matches('0');
    let mut notations = vec![digits.to_owned()];
    if bare != digits && bare.len() >= FEWEST_DIGITS {
        notations.push(bare.to_owned());
    }
    notations
}

/// What the index holds of a text, besides its tokens: its numbers, from each of their digits on.
pub(crate) fn number_tokens(digits: &str) -> impl Iterator<Item = &str> {
    let last = digits.len().saturating_sub(FEWEST_DIGITS);
    (0..=last).map(move |start| &digits[start..])
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rstest::rstest;

    use super::{super::query::Query, *};

    fn terms(input: &str) -> Terms {
        Terms::new(&Query::parse(input, NaiveDate::default()).texts, 2)
    }

    fn marked(input: &str, text: &str) -> Option<Vec<String>> {
        let fit = terms(input).fit(text)?;
        Some(fit.places.into_iter().map(|place| text[place].to_owned()).collect())
    }

    #[rstest]
    #[case::the_beginning_of_a_word("inv", "The Invoice", &["Invoice"])]
    #[case::accents("creme", "Crème brûlée", &["Crème"])]
    #[case::a_phrase("\"see you\"", "I see. See you!", &["See you"])]
    #[case::chinese("明天", "我们明天见", &["明天"])]
    #[case::one_character("见", "我们明天见", &["见"])]
    #[case::emoji("👍", "ok 👍🏽!", &["👍🏽"])]
    #[case::korean_inside_a_word("국", "한국어", &["국"])]
    #[case::a_number("555 000 0001", "call +1 (555) 000-0001", &["1 (555) 000-0001"])]
    #[case::last_digits("0001", "call +1 (555) 000-0001", &["1 (555) 000-0001"])]
    #[case::overlapping("see seen", "seen", &["seen"])]
    fn what_is_found_is_marked(#[case] input: &str, #[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(
            marked(input, text).as_deref(),
            Some(&expected.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>()[..])
        );
    }

    #[rstest]
    #[case::a_word_is_missing("see you", "see me")]
    #[case::a_quoted_word_does_not_go_on("\"inv\"", "invoice")]
    #[case::a_single_letter_does_not_go_on("i", "invoice")]
    #[case::order("\"you see\"", "see you")]
    #[case::chinese_in_another_order("天明", "我们明天见")]
    #[case::other_digits("555 000 0002", "call +1 (555) 000-0001")]
    fn what_is_not_there_is_not_found(#[case] input: &str, #[case] text: &str) {
        assert_eq!(marked(input, text), None);
    }

    #[test]
    fn an_expression_holds_nothing_that_was_typed_but_tokens() {
        let input = "a\" OR b* NEAR(x y) {col}: ^z -not col:\"x\" +1 (555) 000-0001";

        let expression = terms(input).expression();

        let outside: String = expression.split('"').step_by(2).collect();
        let rest = outside.replace("AND", "").replace("OR", "").replace(['(', ')', '*', ' '], "");
        assert_eq!(rest, "", "{expression}");
        assert!(expression.contains("\"near x\"") && expression.contains("(\"or\" *)"), "{expression}");
    }

    #[test]
    fn signs_alone_ask_for_nothing() {
        assert!(terms("?! --- \"\" *").is_empty());
    }
}
