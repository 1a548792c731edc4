//! Is somebody else at it? The one rule about two agents who answer at once, without any I/O.
//!
//! Asked while an agent writes, with facts of the cache and of what colleagues said. It never stops a text: the second one is told
//! before sending, and decides.

use chrono::{DateTime, Utc};
use deskline_domain::ids::UserId;

use crate::{inbox::page::Place, view::Claim};

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The newest message of the thread when the agent began to write; `None` when nothing was begun.
    pub(crate) began: Option<Place>,
    /// The newest text to the contact that is not the agent's own.
    pub(crate) answer: Option<Answer>,
    /// A colleague who writes to the contact at this moment.
    pub(crate) typing: Option<UserId>,
}

/// A text of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) place: Place,
    pub(crate) user_id: Option<UserId>,
    pub(crate) text: String,
    pub(crate) at: DateTime<Utc>,
}

/// Decides: `None` lets the agent send unasked. An answer that is there says more than one that may come.
pub(crate) fn claim(facts: Facts) -> Option<Claim> {
    let Facts { began, answer, typing } = facts;
    match (began, answer) {
        (Some(began), Some(Answer { place, user_id, text, at })) if place > began => {
            Some(Claim::Answered { user_id, text, at })
        }
        _ => typing.map(|user_id| Claim::Typing { user_id }),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const MIA: UserId = UserId(Uuid::from_u128(1));
    const LEO: UserId = UserId(Uuid::from_u128(2));
    const QUIET: Facts = Facts { began: Some(place(10)), answer: None, typing: None };

    const fn place(at: i64) -> Place {
        Place { at, id: Uuid::nil() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is the fact as it stands in the table")]
    fn answered(at: i64, user_id: Option<UserId>) -> Option<Answer> {
        Some(Answer { place: place(at), user_id, text: "Come by".to_owned(), at: DateTime::UNIX_EPOCH })
    }

    fn told(user_id: Option<UserId>) -> Option<Claim> {
        Some(Claim::Answered { user_id, text: "Come by".to_owned(), at: DateTime::UNIX_EPOCH })
    }

    #[rstest]
    #[case::nobody_else(QUIET, None)]
    #[case::a_colleague_writes(Facts { typing: Some(MIA), ..QUIET }, Some(Claim::Typing { user_id: MIA }))]
    #[case::a_colleague_answered_meanwhile(Facts { answer: answered(11, Some(MIA)), ..QUIET }, told(Some(MIA)))]
    #[case::another_program_answered_meanwhile(Facts { answer: answered(11, None), ..QUIET }, told(None))]
    #[case::a_colleague_had_answered_before(Facts { answer: answered(9, Some(MIA)), ..QUIET }, None)]
    #[case::the_answer_was_there_when_the_agent_began(Facts { answer: answered(10, Some(MIA)), ..QUIET }, None)]
    #[case::one_answered_and_one_writes(Facts { answer: answered(11, Some(MIA)), typing: Some(LEO), ..QUIET }, told(Some(MIA)))]
    #[case::nothing_begun(Facts { began: None, answer: answered(11, Some(MIA)), typing: None }, None)]
    #[case::nothing_begun_and_one_writes(Facts { began: None, answer: None, typing: Some(LEO) }, Some(Claim::Typing { user_id: LEO }))]
    fn the_second_is_told(#[case] facts: Facts, #[case] expected: Option<Claim>) {
        assert_eq!(claim(facts), expected);
    }
}
