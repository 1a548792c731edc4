//! A text came in.
//!
//! Called by the webhook once signature and form are checked. One transaction, idempotent on Twilio's SID: when it returns,
//! the text is durable and Twilio may be told 200. Never decides whether a sender may write.

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::{ContactRow, ConversationStatus, unknown_name},
    ids::{ContactId, MessageId, WorkspaceId},
    keyword::Keyword,
    message::{Media, MessageRow},
    phone::Sender,
};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{
    Error, Result, Store, consent,
    error::violates,
    rows::{self, storable, storable_json, stored_at},
    store::retry,
};

/// A text from a contact, as the webhook read it.
#[derive(Clone, Debug)]
pub struct NewInbound {
    /// The message's id, if it is new.
    pub id: MessageId,
    /// The contact's id, if the contact is new.
    pub contact_id: ContactId,
    /// Whose number it came to.
    pub workspace_id: WorkspaceId,
    /// Who wrote it.
    pub from: Sender,
    /// Our number, or the Messaging Service (`MG…`) where Twilio named no number.
    pub to: String,
    /// The Messaging Service that the number belongs to, where Twilio names one: STOP is then said to all of it.
    pub service: Option<String>,
    /// `SM…` or `MM…`
    pub twilio_sid: String,
    /// The text; empty where an MMS has none.
    pub body: String,
    /// Every file, in Twilio's order.
    pub media: Vec<Media>,
    /// What [`Keyword::read`] found.
    pub keyword: Option<Keyword>,
    /// The form as it came, for the ledger.
    pub raw: Value,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What [`Store::record_inbound`] stored, or had stored before.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The text.
    pub message: MessageRow,
    /// Its contact, as it stands now.
    pub contact: ContactRow,
    /// False when this SID was stored before: nothing was stored or counted now.
    pub fresh: bool,
}

impl Store {
    /// Stores an inbound text, its contact if that is new, one more unread text, and what a keyword asks for.
    ///
    /// # Errors
    /// [`crate::Error::UnknownWorkspace`]; [`crate::Error::Database`]. Nothing is stored then.
    pub async fn record_inbound(&self, inbound: &NewInbound) -> Result<Recorded> {
        loop {
            if let Some(stored) = retry(|| self.store_inbound(inbound)).await? {
                return Ok(stored);
            }
            if let Some(known) = self.known_inbound(&inbound.twilio_sid).await? {
                return Ok(known);
            }
            // The text that had this SID was removed between the two looks: store it after all.
        }
    }

    /// `None`, and nothing stored, when the SID is taken.
    async fn store_inbound(&self, inbound: &NewInbound) -> Result<Option<Recorded>> {
        let mut tx = self.pool.begin().await?;
        let contact = lock_or_create_contact(&mut tx, inbound).await?;

        // One statement. The contact gets its last_message_at here, so that the trigger on messages has nothing left to do.
        let stored = sqlx::query!(
            r#"
            with counted as (
              update contacts c
              set unread_count = c.unread_count + (c.blocked_at is null)::int, conversation_status = $2,
                  last_message_at = greatest(c.last_message_at, $3)
              where c.id = $1
              returning c.workspace_id, c.id, to_jsonb(c) as row
            ), stored as (
              insert into messages as m (id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type,
                                         media, from_number, to_number, created_at)
              select $4, counted.workspace_id, counted.id, $5, 'inbound', 'delivered', $6,
                     case when $7::jsonb = '[]' then 'text' else 'media' end, $7, $8, $9, $3
              from counted
              on conflict (twilio_sid) do nothing
              returning m.id, to_jsonb(m) as row
            ), kept as (
              insert into inbound_raw (message_id, raw, received_at) select id, $10, $11 from stored
            )
            select stored.row as "message!", counted.row as "contact!" from stored, counted
            "#,
            contact.id.0,
            status_after(&contact).as_str(),
            stored_at(inbound.received_at, contact.last_message_at),
            inbound.id.0,
            storable(&inbound.body),
            storable(&inbound.twilio_sid),
            storable_json(&json!(inbound.media)),
            inbound.from.as_str(),
            storable(&inbound.to),
            storable_json(&inbound.raw),
            inbound.received_at,
        )
        .fetch_optional(&mut *tx)
        .await?;

        let Some(stored) = stored else {
            tx.rollback().await?;
            return Ok(None);
        };
        let message = rows::message(stored.message)?;
        let contact = consent::keyword(&mut tx, inbound, &rows::contact(stored.contact)?).await?;
        tx.commit().await?;
        Ok(Some(Recorded { message, contact, fresh: true }))
    }

    async fn known_inbound(&self, twilio_sid: &str) -> Result<Option<Recorded>> {
        let row = sqlx::query!(
            r#"select to_jsonb(m) as "message!", to_jsonb(c) as "contact!"
               from messages m join contacts c on c.id = m.contact_id where m.twilio_sid = $1"#,
            storable(twilio_sid),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Recorded { message: rows::message(row.message)?, contact: rows::contact(row.contact)?, fresh: false }))
    }
}

/// Whoever is blocked opens nothing.
fn status_after(contact: &ContactRow) -> ConversationStatus {
    match contact.blocked_at {
        None => contact.conversation_status.after_inbound(),
        Some(_) => contact.conversation_status,
    }
}

/// The sender's contact, locked until the transaction ends: texts of one contact are stored one after the other.
async fn lock_or_create_contact(tx: &mut PgConnection, inbound: &NewInbound) -> Result<ContactRow> {
    let phone = inbound.from.as_str();
    loop {
        let row = sqlx::query_scalar!(
            r#"select to_jsonb(c) as "row!" from contacts c where c.workspace_id = $1 and c.phone = $2 for no key update"#,
            inbound.workspace_id.0,
            phone,
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(row) = row {
            return rows::contact(row);
        }
        // A number of somebody who was merged into another contact.
        let row = sqlx::query_scalar!(
            r#"select to_jsonb(c) as "row!" from contacts c
               where c.workspace_id = $1 and c.other_phones <> '{}' and c.other_phones @> array[$2::text]
               order by c.created_at, c.id limit 1 for no key update"#,
            inbound.workspace_id.0,
            phone,
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(row) = row {
            return rows::contact(row);
        }
        sqlx::query!(
            "insert into contacts (id, workspace_id, name, phone) values ($1, $2, $3, $4)
             on conflict (workspace_id, phone) do nothing",
            inbound.contact_id.0,
            inbound.workspace_id.0,
            unknown_name(phone),
            phone,
        )
        .execute(&mut *tx)
        .await
        .map_err(|error| match error {
            error if violates(&error, "contacts_workspace_fkey") => Error::UnknownWorkspace,
            error => error.into(),
        })?;
    }
}
