//! What the comparisons with Twilio's own list came to, as the feed told it.

use sqlx::Row;

use super::Cache;
use crate::{Result, database::from_micros, view::Audit};

impl Cache {
    /// All teams together; `None` before the first comparison.
    pub(crate) async fn audit(&self) -> Result<Option<Audit>> {
        let row =
            sqlx::query("select sum(twilio) as twilio, sum(here) as here, min(checked_at) as checked_at from audits")
                .fetch_one(&self.pool)
                .await?;
        let Some(checked_at) = row.try_get::<Option<i64>, _>("checked_at")? else { return Ok(None) };
        Ok(Some(Audit {
            twilio: row.try_get("twilio")?,
            here: row.try_get("here")?,
            checked_at: from_micros(checked_at),
        }))
    }
}
