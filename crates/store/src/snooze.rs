//! Opening again what was snoozed until now.
//!
//! Called by a small loop of every server process. What opens a conversation earlier (the contact writes, somebody sets another
//! status) forgets the time by itself: a trigger sees to that, whoever did it.

use chrono::{DateTime, Utc};

use crate::{Result, Store};

impl Store {
    /// Opens at most `limit` conversations whose time has come, and answers how many. Processes that do so at the same time
    /// never wait for each other and open each conversation once.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn wake_snoozed(&self, now: DateTime<Utc>, limit: i64) -> Result<u64> {
        let done = sqlx::query!(
            "update contacts set conversation_status = 'Open'
             where id in (
               select id from contacts where snoozed_until <= $1 order by snoozed_until limit $2 for no key update skip locked
             )",
            now,
            limit,
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
