//! Unread figures, straight from the rows: nothing is ever counted up or down.

use deskline_domain::ids::{ContactId, MessageId};
use sqlx::Row;

use super::Cache;
use crate::Result;

/// The statement for the sum. Its plan reads the index of unread contacts alone.
pub(crate) const TOTAL: &str = "select coalesce(sum(unread_count), 0) from contacts where unread_count > 0";

impl Cache {
    /// Unread texts of all contacts, as the server counts them.
    pub(crate) async fn unread_total(&self) -> Result<i64> {
        Ok(sqlx::query_scalar(TOTAL).fetch_one(&self.pool).await?)
    }

    /// The newest inbound text of a contact.
    pub(crate) async fn newest_inbound(&self, contact_id: ContactId) -> Result<Option<MessageId>> {
        let row = sqlx::query(
            "select id from messages where contact_id = ? and direction = 'inbound' \
             order by created_at desc, id desc limit 1",
        )
        .bind(contact_id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.and_then(|row| row.get::<&str, _>("id").parse().ok()))
    }

    /// How many inbound texts of a contact came after one of them; all, when that one is not here.
    pub(crate) async fn inbound_after(&self, contact_id: ContactId, up_to: Option<MessageId>) -> Result<i64> {
        Ok(sqlx::query_scalar(
            "select count(*) from messages where contact_id = ?1 and direction = 'inbound' and (created_at, id) > \
             (coalesce((select created_at from messages where id = ?2), -1), coalesce(?2, ''))",
        )
        .bind(contact_id.to_string())
        .bind(up_to.map(|id| id.to_string()))
        .fetch_one(&self.pool)
        .await?)
    }
}
