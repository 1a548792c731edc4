//! Texts that wait, to be shown, found and counted.
//!
//! Called by `inbox`, `search` and whoever tells how much waits. Changes nothing.

use std::collections::HashMap;

use deskline_domain::ids::{ContactId, MessageId};
use sqlx::Row;

use super::{Entry, select};
use crate::{Result, inbox::page::Place, outbox::Outbox};

impl Outbox {
    /// One text.
    pub(crate) async fn entry(&self, id: MessageId) -> Result<Option<Entry>> {
        Ok(sqlx::query_as(select!("where id = ?")).bind(id.to_string()).fetch_optional(&self.pool).await?)
    }

    /// A contact's texts older than `before`, newest first.
    pub(crate) async fn entries(&self, contact_id: ContactId, before: Option<Place>, limit: i64) -> Result<Vec<Entry>> {
        let before = before.unwrap_or(Place::NEWEST);
        Ok(sqlx::query_as(select!(
            "where contact_id = ? and (created_at, id) < (?, ?) order by created_at desc, id desc limit ?"
        ))
        .bind(contact_id.to_string())
        .bind(before.at)
        .bind(before.id.to_string())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }

    /// A contact's texts newer than `after`, oldest first.
    pub(crate) async fn entries_after(&self, contact_id: ContactId, after: Place, limit: i64) -> Result<Vec<Entry>> {
        Ok(sqlx::query_as(select!(
            "where contact_id = ? and (created_at, id) > (?, ?) order by created_at, id limit ?"
        ))
        .bind(contact_id.to_string())
        .bind(after.at)
        .bind(after.id.to_string())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }

    /// A contact's texts for later that the server does not have for all we know, the next one first.
    pub(crate) async fn later_entries(&self, contact_id: ContactId) -> Result<Vec<Entry>> {
        Ok(sqlx::query_as(select!("where contact_id = ? and send_at is not null order by send_at, id"))
            .bind(contact_id.to_string())
            .fetch_all(&self.pool)
            .await?)
    }

    /// All of them.
    pub(crate) async fn all_entries(&self) -> Result<Vec<Entry>> {
        Ok(sqlx::query_as(select!("order by seq")).fetch_all(&self.pool).await?)
    }

    /// Every id that is here, for the first look after the engine opened.
    pub(crate) async fn all_ids(&self) -> Result<Vec<MessageId>> {
        let rows: Vec<(String,)> = sqlx::query_as("select id from entries").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }

    /// The newest text of each contact that has any here.
    pub(crate) async fn newest_entries(&self) -> Result<HashMap<ContactId, Entry>> {
        let rows: Vec<Entry> = sqlx::query_as(select!(
            "where id in (select (select n.id from entries n where n.contact_id = c.contact_id \
             order by n.created_at desc, n.id desc limit 1) from (select distinct contact_id from entries) c)"
        ))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|entry| (entry.contact_id, entry)).collect())
    }

    /// Those of the contacts that have a parked text.
    pub(crate) async fn parked_contacts(&self) -> Result<Vec<ContactId>> {
        let rows: Vec<(String,)> = sqlx::query_as("select distinct contact_id from entries where state = 'parked'")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().filter_map(|(id,)| id.parse().ok()).collect())
    }

    /// Texts that the server does not have for all we know: queued and being sent.
    pub(crate) async fn waiting(&self) -> Result<u32> {
        Ok(sqlx::query_scalar("select count(*) from entries where state in ('queued', 'sending')")
            .fetch_one(&self.pool)
            .await?)
    }

    /// Texts that would be lost with this file: those that wait, and those that are parked.
    pub(crate) async fn unsent(&self) -> Result<u32> {
        Ok(sqlx::query_scalar("select count(*) from entries where state in ('queued', 'sending', 'parked')")
            .fetch_one(&self.pool)
            .await?)
    }

    /// When the contact's newest text here was written, in microseconds.
    pub(crate) async fn newest_entry_at(&self, contact_id: ContactId) -> Result<Option<i64>> {
        let row = sqlx::query("select max(created_at) as at from entries where contact_id = ?")
            .bind(contact_id.to_string())
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("at")?)
    }
}
