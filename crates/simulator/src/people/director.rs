//! Decides who says what next. Knows no time and no network: with the same randomness it decides the same way again.

use std::collections::HashMap;

use rand::{RngExt, rngs::StdRng};

use super::cast::{CAST, Habit, Persona};

/// Where somebody is in their script.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    openings: usize,
    answers: usize,
    stopped: bool,
    /// Whether they stopped once; they do it once only.
    has_stopped: bool,
}

/// Who says what next.
#[derive(Debug)]
pub struct Director {
    rng: StdRng,
    places: HashMap<&'static str, Place>,
}

impl Director {
    /// A director who knows nobody's mood yet.
    #[must_use]
    pub fn new(rng: StdRng) -> Self {
        Self { rng, places: HashMap::new() }
    }

    /// Somebody texts by themselves.
    pub fn next_text(&mut self) -> Option<(&'static Persona, &'static str)> {
        let willing: Vec<&'static Persona> = CAST.iter().filter(|persona| self.is_willing(persona)).collect();
        if willing.is_empty() {
            return None;
        }
        let persona = willing[self.rng.random_range(0..willing.len())];
        let place = self.places.entry(persona.number).or_default();
        if place.stopped {
            place.stopped = false;
            return Some((persona, "START"));
        }
        let text = *persona.openings.get(place.openings % persona.openings.len().max(1))?;
        place.openings += 1;
        // Whoever has said everything starts over when they start to talk again.
        if place.answers >= persona.answers.len() {
            place.answers = 0;
        }
        Some((persona, text))
    }

    /// Somebody read a text of ours, and perhaps answers.
    pub fn answer(&mut self, number: &str) -> Option<(&'static Persona, &'static str)> {
        let persona = super::persona(number)?;
        let place = self.places.entry(persona.number).or_default();
        match persona.habit {
            Habit::NeverAnswers | Habit::Unreachable(_) => None,
            Habit::Stops if place.stopped => None,
            Habit::Stops if place.answers > 0 && !place.has_stopped => {
                (place.stopped, place.has_stopped) = (true, true);
                Some((persona, "STOP"))
            }
            Habit::Chatty | Habit::Answers | Habit::Stops => {
                let text = *persona.answers.get(place.answers)?;
                place.answers += 1;
                Some((persona, text))
            }
        }
    }

    fn is_willing(&self, persona: &Persona) -> bool {
        let place = self.places.get(persona.number).copied().unwrap_or_default();
        match persona.habit {
            Habit::Answers => place.openings == 0,
            Habit::Chatty | Habit::NeverAnswers | Habit::Stops | Habit::Unreachable(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn director() -> Director {
        Director::new(StdRng::seed_from_u64(7))
    }

    fn someone(habit: Habit) -> &'static Persona {
        CAST.iter().find(|persona| persona.habit == habit).unwrap()
    }

    #[test]
    fn with_the_same_seed_the_same_people_say_the_same() {
        let (mut one, mut other) = (director(), director());

        for _ in 0..200 {
            let (a, b) = (one.next_text().unwrap(), other.next_text().unwrap());
            assert_eq!((a.0.number, a.1), (b.0.number, b.1));
        }
    }

    #[test]
    fn whoever_stops_says_so_once_is_silent_and_starts_again_later() {
        let mut director = director();
        let stopper = someone(Habit::Stops);

        let answers: Vec<_> = (0..4).map(|_| director.answer(stopper.number).map(|(_, text)| text)).collect();
        assert_eq!(answers[1..], [Some("STOP"), None, None]);

        let next = std::iter::from_fn(|| director.next_text()).find(|(persona, _)| persona.number == stopper.number);
        assert_eq!(next.unwrap().1, "START");
        assert!(director.answer(stopper.number).is_some_and(|(_, text)| text != "STOP"));
    }

    #[test]
    fn whoever_never_answers_never_answers() {
        let mut director = director();

        assert!((0..9).all(|_| director.answer(someone(Habit::NeverAnswers).number).is_none()));
        assert!(director.answer("+15550009999").is_none(), "a number that nobody has");
    }

    #[test]
    fn answers_follow_the_script_and_end_with_it() {
        let mut director = director();
        let persona = someone(Habit::Answers);

        let said: Vec<_> = std::iter::from_fn(|| director.answer(persona.number)).map(|(_, text)| text).collect();

        assert_eq!(said, persona.answers);
    }
}
