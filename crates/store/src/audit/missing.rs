//! What a comparison with Twilio's own list finds: texts that are missing here, texts that Twilio does not have, and statuses
//! that have stopped moving.
//!
//! Called by the server's audit for each turn that it holds. Everything here may be repeated at will. Never asks Twilio.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{MessageId, WorkspaceId},
    message::{Media, MessageRow},
};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Error, Result, Store,
    rows::{self, storable, storable_json},
};

/// Clocks differ, and a text at the edge of the window may be on one side here and on the other at Twilio.
const EDGE: TimeDelta = TimeDelta::minutes(10);

/// A text that Twilio lists as sent, and that is not stored here.
#[derive(Clone, Debug)]
pub struct NewElsewhere {
    /// The id it gets.
    pub id: MessageId,
    /// Whose number it was sent from.
    pub workspace_id: WorkspaceId,
    /// Ours.
    pub from: String,
    /// The contact's.
    pub to: String,
    /// `SM…` or `MM…`
    pub twilio_sid: String,
    /// The text.
    pub body: String,
    /// Its files.
    pub media: Vec<Media>,
    /// How far it is.
    pub status: DeliveryStatus,
    /// Twilio's code, if something went wrong, and the same in plain words.
    pub error: Option<(i32, String)>,
    /// When Twilio took it.
    pub created_at: DateTime<Utc>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Elsewhere {
    /// It is in its contact's thread now.
    Stored(Box<MessageRow>),
    /// It was there already.
    Known,
    /// A text of ours to this contact is on its way, and this may be it: the sender looks it up, and nobody else may.
    Pending,
    /// The team does not know whom it went to: another program's business.
    NoContact,
}

/// A text whose status has not moved for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Ours.
    pub id: MessageId,
    /// Twilio's.
    pub twilio_sid: String,
}

impl Store {
    /// Which of these SIDs are stored here: a sent text with its status, a received one (or a dead letter) without.
    ///
    /// # Errors
    /// [`crate::Error::Database`]; [`crate::Error::BadCell`].
    pub async fn kept(&self, sids: &[String]) -> Result<HashMap<String, Option<DeliveryStatus>>> {
        let rows = sqlx::query!(
            r#"select twilio_sid as "sid!", case direction when 'outbound' then status end as status
               from messages where twilio_sid = any ($1)
               union all
               select twilio_sid, null from dead_letters d
               where d.twilio_sid = any ($1) and not exists (select from messages m where m.twilio_sid = d.twilio_sid)
               union all
               -- Attempts that somebody retried: the text goes by its newest SID.
               select distinct e.message_sid, null from delivery_events e
               where e.message_sid = any ($1) and e.kind = 'retried'"#,
            sids,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let status = row.status.map(|word| word.parse()).transpose();
                Ok((row.sid, status.map_err(|_| Error::BadCell { table: "messages", column: "status" })?))
            })
            .collect()
    }

    /// Puts a text that another program sent with the account into its contact's thread.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_elsewhere(&self, text: &NewElsewhere) -> Result<Elsewhere> {
        let mut tx = self.pool.begin().await?;
        let contact = lock_contact(&mut tx, text.workspace_id, &storable(&text.to)).await?;
        let Some(contact) = contact else { return Ok(Elsewhere::NoContact) };
        // Under the contact's lock, which whoever stores a text to be sent takes too. Another team with the same account may have one
        // on its way to the same number: its place in the line was there before Twilio was asked, and goes when its SID is stored.
        let pending = sqlx::query_scalar!(
            r#"
            select exists (select from sends where contact_id = $1)
                or exists (
                  select from sends s
                  join workspace_twilio_config c on c.account_sid = s.account_sid and c.workspace_id = $2
                  join messages m on m.id = s.message_id
                  where m.to_number = $3
                ) as "pending!"
            "#,
            contact,
            text.workspace_id.0,
            storable(&text.to),
        )
        .fetch_one(&mut *tx)
        .await?;
        if pending {
            return Ok(Elsewhere::Pending);
        }
        let row = sqlx::query_scalar!(
            r#"
            insert into messages as m (id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media,
                                       from_number, to_number, error_code, error_message, created_at)
            values ($1, $2, $3, $4, 'outbound', $5, $6, $7, $8, $9, $10, $11, $12, $13)
            on conflict (twilio_sid) do nothing
            returning to_jsonb(m) as "row!"
            "#,
            text.id.0,
            text.workspace_id.0,
            contact,
            storable(&text.body),
            text.status.as_str(),
            storable(&text.twilio_sid),
            if text.media.is_empty() { "text" } else { "media" },
            storable_json(&json!(text.media)),
            storable(&text.from),
            storable(&text.to),
            text.error.as_ref().map(|(code, _)| *code),
            text.error.as_ref().map(|(_, words)| words.as_str()),
            text.created_at,
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(match row {
            Some(row) => Elsewhere::Stored(Box::new(rows::message(row)?)),
            None => Elsewhere::Known,
        })
    }

    /// Sent texts of an account from between two times that nobody has heard the end of, oldest first, and that were not asked
    /// about since `asked_before`.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn stuck(
        &self,
        account_sid: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        asked_before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<Stuck>> {
        let rows = sqlx::query!(
            r#"
            select m.id, m.twilio_sid as "sid!"
            from messages m
            join workspace_twilio_config c on c.workspace_id = m.workspace_id and c.account_sid = $1
            where m.direction = 'outbound' and m.twilio_sid is not null
              and m.status in ('queued', 'accepted', 'sending', 'sent')
              and m.created_at >= $2 and m.created_at < $3
              and not exists (select from status_lookups l where l.message_id = m.id and l.looked_at > $4)
            order by m.created_at, m.id
            limit $5
            "#,
            account_sid,
            from,
            to,
            asked_before,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| Stuck { id: MessageId(row.id), twilio_sid: row.sid }).collect())
    }

    /// Remembers that Twilio was asked about a text.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn note_lookup(&self, id: MessageId, now: DateTime<Utc>) -> Result<()> {
        sqlx::query!(
            "insert into status_lookups (message_id, looked_at) select id, $2 from messages where id = $1
             on conflict (message_id) do update set looked_at = excluded.looked_at",
            id.0,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How many texts of an account's workspaces within the window Twilio does not list.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn only_here(
        &self,
        account_sid: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        listed: &[String],
    ) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"
            select count(*) as "only_here!"
            from messages m
            join workspace_twilio_config c on c.workspace_id = m.workspace_id and c.account_sid = $1
            where m.twilio_sid is not null and m.created_at >= $2 and m.created_at < $3
              and not exists (select from unnest($4::text[]) listed (sid) where listed.sid = m.twilio_sid)
            "#,
            account_sid,
            from + EDGE,
            to - EDGE,
            listed,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

/// Locks the contact with this number, or the one that somebody with this number was merged into.
async fn lock_contact(tx: &mut PgConnection, workspace: WorkspaceId, phone: &str) -> Result<Option<Uuid>> {
    let with_number = sqlx::query_scalar!(
        "select id from contacts where workspace_id = $1 and phone = $2 for no key update",
        workspace.0,
        phone,
    )
    .fetch_optional(&mut *tx)
    .await?;
    if with_number.is_some() {
        return Ok(with_number);
    }
    Ok(sqlx::query_scalar!(
        "select id from contacts where workspace_id = $1 and other_phones <> '{}' and other_phones @> array[$2::text]
         order by created_at, id limit 1 for no key update",
        workspace.0,
        phone,
    )
    .fetch_optional(tx)
    .await?)
}
