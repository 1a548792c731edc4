//! What members do right now (presence, viewing, typing), from one server process to all of them.
//!
//! Called by the socket. Goes through a notification and through no table: who is not listening misses it, and it is said again
//! soon. Heard by [`crate::Listener`].

use deskline_domain::protocol::ActivityTold;

use crate::{Result, Store, listener::ACTIVITY_CHANNEL};

impl Store {
    /// Tells every server process. False, and nothing told, when the user is no member of the workspace or the contact is not its own.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn tell_activity(&self, told: &ActivityTold) -> Result<bool> {
        let payload = serde_json::to_string(told).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let done = sqlx::query_scalar!(
            r#"select pg_notify($4 || (select whisper from feeds), $5)::text as "done"
               from workspace_members m
               where m.workspace_id = $1 and m.user_id = $2
                 and ($3::uuid is null or exists (select from contacts c where c.workspace_id = $1 and c.id = $3))"#,
            told.workspace_id.0,
            told.user_id.0,
            told.activity.contact_id().map(|id| id.0),
            ACTIVITY_CHANNEL,
            payload,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(done.is_some())
    }
}
