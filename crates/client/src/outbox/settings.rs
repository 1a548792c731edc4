//! What an agent set for this desktop, kept beside the texts that it is about.

use super::{Outbox, hold::HoldConditions};
use crate::Result;

const HOLD: &str = "hold";

impl Outbox {
    /// When to ask before a text leaves late. What cannot be read counts as never set.
    pub(crate) async fn hold_conditions(&self) -> Result<HoldConditions> {
        let json: Option<String> = sqlx::query_scalar("select value from settings where name = ?")
            .bind(HOLD)
            .fetch_optional(&self.pool)
            .await?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    pub(crate) async fn set_hold_conditions(&self, conditions: &HoldConditions) -> Result<()> {
        let json = serde_json::to_string(conditions).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query(
            "insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
        )
        .bind(HOLD)
        .bind(json)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
