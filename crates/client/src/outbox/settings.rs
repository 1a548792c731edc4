//! What an agent set for this desktop, kept beside the texts that it is about.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{ContactId, WorkspaceId},
    outlook::Ours,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Outbox, hold::HoldConditions};
use crate::{Result, cache::json_ids, database::micros, notify::settings::NotificationSettings};

const HOLD: &str = "hold";
const NOTIFICATIONS: &str = "notifications";

fn numbers_of(workspace_id: WorkspaceId) -> String {
    format!("numbers:{workspace_id}")
}

impl Outbox {
    /// When to ask before a text leaves late. What cannot be read counts as never set.
    pub(crate) async fn hold_conditions(&self) -> Result<HoldConditions> {
        self.setting(HOLD).await
    }

    pub(crate) async fn set_hold_conditions(&self, conditions: &HoldConditions) -> Result<()> {
        self.set(HOLD, conditions).await
    }

    /// When to notify, and how.
    pub(crate) async fn notification_settings(&self) -> Result<NotificationSettings> {
        self.setting(NOTIFICATIONS).await
    }

    pub(crate) async fn set_notification_settings(&self, settings: &NotificationSettings) -> Result<()> {
        self.set(NOTIFICATIONS, settings).await
    }

    /// What a team sends from, as the server told it last; `None` before that.
    pub(crate) async fn ours(&self, workspace_id: WorkspaceId) -> Result<Option<Ours>> {
        self.setting(&numbers_of(workspace_id)).await
    }

    /// Answers whether that is something new.
    pub(crate) async fn set_ours(&self, workspace_id: WorkspaceId, ours: &Ours) -> Result<bool> {
        if self.ours(workspace_id).await?.as_ref() == Some(ours) {
            return Ok(false);
        }
        self.set(&numbers_of(workspace_id), ours).await?;
        Ok(true)
    }

    /// Those of the contacts that the agent muted.
    pub(crate) async fn muted(&self, contacts: &[ContactId]) -> Result<HashSet<ContactId>> {
        let rows: Vec<String> =
            sqlx::query_scalar("select contact_id from muted where contact_id in (select value from json_each(?))")
                .bind(json_ids(contacts))
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.iter().filter_map(|id| id.parse().ok()).collect())
    }

    pub(crate) async fn set_muted(&self, contact_id: ContactId, muted: bool, now: DateTime<Utc>) -> Result<()> {
        let sql = if muted {
            "insert or ignore into muted (contact_id, since) values (?1, ?2)"
        } else {
            "delete from muted where contact_id = ?1 and ?2 is not null"
        };
        sqlx::query(sql).bind(contact_id.to_string()).bind(micros(now)).execute(&self.pool).await?;
        Ok(())
    }

    async fn setting<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T> {
        let json: Option<String> = sqlx::query_scalar("select value from settings where name = ?")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    async fn set<T: Serialize + Sync>(&self, name: &str, value: &T) -> Result<()> {
        let json = serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        sqlx::query(
            "insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
        )
        .bind(name)
        .bind(json)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
