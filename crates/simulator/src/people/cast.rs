//! Who there is. Thirty people who text with a bicycle shop; their numbers are of ranges that no carrier gives to anybody.

use std::sync::LazyLock;

use super::{afternoon::AFTERNOON, evening::EVENING, morning::MORNING};

/// How somebody behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Texts by themselves, and answers.
    Chatty,
    /// Texts once, then only answers.
    Answers,
    /// Texts, and never answers.
    NeverAnswers,
    /// Answers once, then texts STOP, and START a while later.
    Stops,
    /// Texts, but our texts to them come back undelivered with this code.
    Unreachable(i32),
}

/// One line of an old conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// They wrote it.
    Them(&'static str),
    /// We wrote it.
    Us(&'static str),
}

/// A person.
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    /// As the team would call them.
    pub name: &'static str,
    /// E.164.
    pub number: &'static str,
    /// How they behave.
    pub habit: Habit,
    /// What was said before today, oldest first.
    pub history: &'static [Line],
    /// What they write by themselves, in this order; after the last they start over.
    pub openings: &'static [&'static str],
    /// What they answer, in this order; after the last they have nothing more to say until they have texted again.
    pub answers: &'static [&'static str],
}

/// Everybody, the most talkative first.
pub static CAST: LazyLock<Vec<Persona>> = LazyLock::new(|| [MORNING, AFTERNOON, EVENING].concat());

/// The person with a number.
#[must_use]
pub fn persona(number: &str) -> Option<&'static Persona> {
    CAST.iter().find(|persona| persona.number == number)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use deskline_domain::{gate::MAX_CHARACTERS, phone::PhoneNumber};

    use super::*;

    #[test]
    fn there_are_thirty_people_with_a_number_each_that_is_one() {
        let numbers: HashSet<_> = CAST.iter().map(|persona| PhoneNumber::parse(persona.number).unwrap()).collect();

        assert_eq!((CAST.len(), numbers.len()), (30, 30));
    }

    #[test]
    fn everybody_has_something_to_say_and_a_past_and_nobody_says_too_much() {
        for persona in CAST.iter() {
            assert!(!persona.openings.is_empty() && persona.history.len() >= 2, "{} is a stranger", persona.name);
            let texts = persona.openings.iter().chain(persona.answers);
            assert!(texts.clone().all(|text| !text.trim().is_empty() && text.chars().count() <= MAX_CHARACTERS));
        }
    }

    #[test]
    fn somebody_stops_and_several_never_answer() {
        let count = |wanted: fn(&Habit) -> bool| CAST.iter().filter(|persona| wanted(&persona.habit)).count();

        assert!(count(|habit| *habit == Habit::Stops) >= 1);
        assert!(count(|habit| *habit == Habit::NeverAnswers) >= 3);
        assert!(count(|habit| matches!(habit, Habit::Unreachable(_))) >= 1);
    }

    #[test]
    fn there_are_emoji_right_to_left_texts_and_long_ones() {
        let texts: Vec<_> = CAST.iter().flat_map(|persona| persona.openings.iter().chain(persona.answers)).collect();

        assert!(texts.iter().any(|text| text.contains('🚲')));
        assert!(texts.iter().any(|text| text.chars().any(|c| ('\u{5d0}'..='\u{5ea}').contains(&c))), "no Hebrew");
        assert!(texts.iter().any(|text| text.chars().any(|c| ('\u{620}'..='\u{64a}').contains(&c))), "no Arabic");
        assert!(texts.iter().any(|text| text.chars().count() > 600), "nobody writes a long text");
    }
}
