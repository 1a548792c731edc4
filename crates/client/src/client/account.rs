//! What an agent changes about their own account. Asked of the server, and kept nowhere.

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::Client;
use crate::{Result, error::Error, upstream::answer::CallError};

impl Client {
    /// Another password for the agent; wherever else they are signed in, the session ends. Waits for the server.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] when the present password is wrong or was tried too often, [`Error::CannotChange`] with the server's reason,
    /// [`Error::Unreachable`], [`Error::SignedOut`].
    pub async fn change_password(&self, current: &SecretString, next: &SecretString) -> Result<()> {
        let core = self.core();
        core.me()?;
        let body = &json!({ "currentPassword": current.expose_secret(), "password": next.expose_secret() });
        let answer = core.call(|caller| async move { caller.tell::<Value>("/auth/password", body).await }).await;
        answer.map(drop).map_err(|error| match error {
            CallError::Said { body, .. } if body.code.as_ref().is_some_and(|code| code == "invalid_credentials") => {
                Error::NotAllowed("That is not your present password.")
            }
            CallError::Said { status: StatusCode::TOO_MANY_REQUESTS, .. } => {
                Error::NotAllowed("That was wrong too often. Wait for five minutes, and try again.")
            }
            CallError::Said { status: StatusCode::BAD_REQUEST, body, .. } => Error::CannotChange(body.error),
            error => error.into_error(&core.server()),
        })
    }
}
