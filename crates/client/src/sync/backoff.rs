//! How long to wait before the next try: doubling, capped, with jitter, and from the start again after a success.
//!
//! Pure; the caller waits and rolls the dice.

use std::time::Duration;

use crate::options::{Dice, Patience};

/// The wait before try number `attempt` (1 is the first repetition), between half and all of the doubled time.
///
/// `chance` is any number; the jitter keeps a team's desktops from coming back at the same instant.
pub(crate) fn delay(patience: &Patience, attempt: u32, chance: u16) -> Duration {
    let doubled = patience.first_retry.saturating_mul(1_u32 << attempt.saturating_sub(1).min(20));
    let half = doubled.min(patience.longest_retry) / 2;
    half + half.mul_f64(f64::from(chance) / f64::from(u16::MAX))
}

/// [`delay`] with the chance rolled.
pub(crate) fn roll(patience: &Patience, attempt: u32, dice: &Dice) -> Duration {
    delay(patience, attempt, u16::from_ne_bytes(dice.bytes()))
}

/// Counts tries.
#[derive(Debug, Default)]
pub(crate) struct Tries(u32);

impl Tries {
    /// It worked: the next wait is the shortest again.
    pub(crate) const fn reset(&mut self) {
        self.0 = 0;
    }

    /// The wait before the next one.
    pub(crate) fn next(&mut self, patience: &Patience, dice: &Dice) -> Duration {
        self.0 = self.0.saturating_add(1);
        roll(patience, self.0, dice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        first_retry: Duration::from_secs(1),
        longest_retry: Duration::from_secs(30),
        poll_every: Duration::from_secs(30),
        answer: Duration::from_secs(45),
        socket: Duration::from_secs(10),
        twilio: Duration::ZERO,
        before_check: Duration::ZERO,
        between_looks: Duration::ZERO,
        before_backup: Duration::ZERO,
        catch_up: Duration::ZERO,
    };

    #[test]
    fn it_doubles_up_to_the_longest_and_never_overflows() {
        let longest = [1, 2, 3, 6, 100, u32::MAX].map(|attempt| delay(&PATIENCE, attempt, u16::MAX).as_secs());
        let shortest = [1, 2, 6].map(|attempt| delay(&PATIENCE, attempt, 0).as_millis());

        assert_eq!(longest, [1, 2, 4, 30, 30, 30]);
        assert_eq!(shortest, [500, 1_000, 15_000]);
    }

    #[test]
    fn a_success_makes_it_impatient_again() {
        let dice = Dice::new(|bytes| bytes.fill(0xff));
        let mut tries = Tries::default();

        let waits = [tries.next(&PATIENCE, &dice), tries.next(&PATIENCE, &dice)];
        tries.reset();

        assert_eq!(waits, [Duration::from_secs(1), Duration::from_secs(2)]);
        assert_eq!(tries.next(&PATIENCE, &dice), Duration::from_secs(1));
    }
}
