//! The words by which a contact opts out and in.
//!
//! Used by the store for each inbound text. Twilio matches the whole body, in any case, with white space around it ignored
//! (Twilio, "Support for opt-out keywords"); `OptOutType`, where Advanced Opt-Out sends it, wins over the body.

/// What a contact asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// Who is this?
    Help,
}

impl Keyword {
    /// Reads the keyword from `OptOutType` if it is one, and from the whole body otherwise.
    #[must_use]
    pub fn read(opt_out_type: Option<&str>, body: &str) -> Option<Self> {
        opt_out_type.and_then(Self::from_word).or_else(|| Self::from_word(body))
    }

    fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => Some(Self::Stop),
            "START" | "YES" | "UNSTOP" => Some(Self::Start),
            "HELP" | "INFO" => Some(Self::Help),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::any_case(None, " Stop\n", Some(Keyword::Stop))]
    #[case::only_the_whole_body(None, "please stop", None)]
    #[case::start(None, "UNSTOP", Some(Keyword::Start))]
    #[case::help(None, "info", Some(Keyword::Help))]
    #[case::twilio_knows_better(Some("STOP"), "arrêt", Some(Keyword::Stop))]
    #[case::unknown_type(Some("WHATEVER"), "quit", Some(Keyword::Stop))]
    fn a_keyword_is_read(#[case] kind: Option<&str>, #[case] body: &str, #[case] expected: Option<Keyword>) {
        assert_eq!(Keyword::read(kind, body), expected);
    }
}
