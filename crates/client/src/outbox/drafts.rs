//! Texts that were begun and not sent, one a contact.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use deskline_domain::ids::ContactId;

use super::Outbox;
use crate::{Result, cache::json_ids, database::micros};

impl Outbox {
    /// Keeps the draft; a blank one takes it away. Answers whether anything changed.
    pub(crate) async fn save_draft(&self, contact_id: ContactId, content: &str, now: DateTime<Utc>) -> Result<bool> {
        let done = if content.trim().is_empty() {
            sqlx::query("delete from drafts where contact_id = ?")
                .bind(contact_id.to_string())
                .execute(&self.pool)
                .await?
        } else {
            sqlx::query(
                "insert into drafts (contact_id, content, updated_at) values (?, ?, ?) \
                 on conflict (contact_id) do update set content = excluded.content, updated_at = excluded.updated_at \
                 where content <> excluded.content",
            )
            .bind(contact_id.to_string())
            .bind(content)
            .bind(micros(now))
            .execute(&self.pool)
            .await?
        };
        Ok(done.rows_affected() > 0)
    }

    /// What was begun.
    pub(crate) async fn draft(&self, contact_id: ContactId) -> Result<Option<String>> {
        Ok(self.drafts(&[contact_id]).await?.remove(&contact_id))
    }

    /// What was begun, for each of the contacts.
    pub(crate) async fn drafts(&self, contacts: &[ContactId]) -> Result<HashMap<ContactId, String>> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "select contact_id, content from drafts where contact_id in (select value from json_each(?))",
        )
        .bind(json_ids(contacts))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().filter_map(|(id, content)| Some((id.parse().ok()?, content))).collect())
    }
}
