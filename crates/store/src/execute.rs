//! Carrying out what an agent did.
//!
//! Called by `POST /commands` (and by a desktop that works directly). Idempotent by the command's id. Asks for the user's
//! membership itself.

use chrono::{DateTime, Utc};
use deskline_domain::{command::Command, ids::UserId, protocol::CommandOutcome};

use crate::{Result, Store};

impl Store {
    /// Carries a command out, once.
    ///
    /// # Errors
    /// [`crate::Error::Database`]: try again. What will never succeed is [`CommandOutcome::Refused`].
    pub async fn execute(&self, user: UserId, command: &Command, now: DateTime<Utc>) -> Result<CommandOutcome> {
        todo!()
    }
}
