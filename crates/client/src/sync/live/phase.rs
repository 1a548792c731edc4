//! Where a socket stands, and what a signal means there: the whole state machine, apart from any I/O.
//!
//! Driven by [`super::Live`]. Knows nothing of the library or of the cache.

use deskline_domain::change::ChangePage;

/// What the socket's callbacks report.
#[derive(Debug, PartialEq)]
pub(crate) enum Signal {
    /// The server accepted the namespace.
    Accepted,
    /// An error, in the library's words.
    Error(String),
    /// The server said goodbye.
    Closed,
    /// A page.
    Page(Box<ChangePage>),
    /// A page that cannot be read, or for which there was no room.
    Missed,
}

/// Where a socket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Connected, and not accepted yet.
    Opening,
    /// Accepted.
    Open,
    /// Over; nothing it says counts any more.
    Over,
}

/// What a signal means in a phase.
#[derive(Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Nothing.
    Nothing,
    /// It can be used now.
    Ready,
    /// Another token may be accepted.
    TokenRefused,
    /// A page to apply.
    Page(Box<ChangePage>),
    /// Something changed: ask what.
    Look,
    /// It is over, and why.
    Lost(String),
}

/// What comes after `phase` when `signal` is heard, and what it means.
pub(crate) fn next(phase: Phase, signal: Signal) -> (Phase, Meaning) {
    match (phase, signal) {
        (Phase::Over, _) => (Phase::Over, Meaning::Nothing),
        (Phase::Opening, Signal::Accepted) => (Phase::Open, Meaning::Ready),
        (Phase::Opening, Signal::Error(text)) if text.contains("Authentication error") => {
            (Phase::Over, Meaning::TokenRefused)
        }
        (_, Signal::Error(text)) => (Phase::Over, Meaning::Lost(text)),
        (_, Signal::Closed) => (Phase::Over, Meaning::Lost("the server closed the connection".to_owned())),
        (Phase::Open, Signal::Page(page)) => (Phase::Open, Meaning::Page(page)),
        (Phase::Open, Signal::Missed) => (Phase::Open, Meaning::Look),
        // The first look after opening covers whatever came before it.
        (phase, Signal::Accepted | Signal::Page(_) | Signal::Missed) => (phase, Meaning::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use deskline_domain::ids::{FeedId, WorkspaceId};
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn page() -> Box<ChangePage> {
        Box::new(ChangePage {
            workspace_id: WorkspaceId(Uuid::nil()),
            feed: FeedId(Uuid::nil()),
            after: 1,
            up_to: 2,
            head: 2,
            changes: Vec::new(),
        })
    }

    fn error(text: &str) -> Signal {
        Signal::Error(text.to_owned())
    }

    fn lost(text: &str) -> Meaning {
        Meaning::Lost(text.to_owned())
    }

    const REFUSED: &str = r#"Received an ConnectError frame: {"message":"Authentication error: Invalid token"}"#;

    #[rstest]
    #[case::accepted(Phase::Opening, Signal::Accepted, Phase::Open, Meaning::Ready)]
    #[case::bad_token(Phase::Opening, error(REFUSED), Phase::Over, Meaning::TokenRefused)]
    #[case::no_server(Phase::Opening, error("EngineIO Error"), Phase::Over, lost("EngineIO Error"))]
    #[case::page_too_early(Phase::Opening, Signal::Page(page()), Phase::Opening, Meaning::Nothing)]
    #[case::page(Phase::Open, Signal::Page(page()), Phase::Open, Meaning::Page(page()))]
    #[case::page_that_cannot_be_read(Phase::Open, Signal::Missed, Phase::Open, Meaning::Look)]
    #[case::half_open(Phase::Open, error("EngineIO Error"), Phase::Over, lost("EngineIO Error"))]
    #[case::goodbye(Phase::Open, Signal::Closed, Phase::Over, lost("the server closed the connection"))]
    #[case::second_error(Phase::Over, error("EngineIO Error"), Phase::Over, Meaning::Nothing)]
    #[case::late_page(Phase::Over, Signal::Page(page()), Phase::Over, Meaning::Nothing)]
    fn a_socket_goes_from_phase_to_phase(
        #[case] phase: Phase,
        #[case] signal: Signal,
        #[case] expected: Phase,
        #[case] meaning: Meaning,
    ) {
        assert_eq!(next(phase, signal), (expected, meaning));
    }
}
