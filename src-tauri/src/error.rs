//! What a command answers when it fails: a code that the window reacts to, and a sentence that it shows.

use deskline_client::{Error, ErrorCode};
use serde::Serialize;
use ts_rs::TS;

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommandError {
    /// What the window may react to.
    pub code: ErrorCode,
    /// A plain sentence for the agent.
    pub message: String,
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        if error.code() == ErrorCode::Internal {
            tracing::error!(error = &error as &dyn std::error::Error, "A command failed");
        }
        Self { code: error.code(), message: error.to_string() }
    }
}

/// What every command answers.
pub(crate) type Result<T> = std::result::Result<T, CommandError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_gets_the_code_in_the_spelling_of_its_types() {
        let error = CommandError::from(Error::BadCredentials);

        assert_eq!(
            serde_json::to_value(error).unwrap(),
            serde_json::json!({ "code": "badCredentials", "message": "The e-mail address or the password is wrong." })
        );
    }
}
