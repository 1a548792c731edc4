//! Texts came in.
//!
//! Called by the webhook once signature and form are checked, by whoever routes a dead letter, and by the audit. Idempotent on
//! Twilio's SID: when it returns, the texts are durable and Twilio may be told 200. Any number of texts share one transaction,
//! since its commit costs as much for one as for many. Never decides whether a sender may write.

mod contacts;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ContactRow,
    ids::{ContactId, MessageId, WorkspaceId},
    keyword::Keyword,
    message::{Media, MessageRow},
    phone::Sender,
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use self::contacts::Contacts;
use crate::{
    Result, Store, consent,
    rows::{self, storable, storable_json},
    store::{all_or_each, retry},
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
            let fresh = self.store_inbound(std::slice::from_ref(inbound)).await?.contains(&true);
            if let Some((message, contact)) = self.known_inbound(&inbound.twilio_sid).await? {
                return Ok(Recorded { message, contact, fresh });
            }
            // The text that has this SID was removed between the two looks: store it after all.
        }
    }

    /// Stores any number of texts in one transaction, each as [`Store::record_inbound`] does and answered as if it had come alone:
    /// whether it is new. Texts of one contact are stored in the order of the slice.
    pub async fn record_inbound_all(&self, texts: &[NewInbound]) -> Vec<Result<bool>> {
        all_or_each(self, texts, |store, texts| store.store_inbound(texts).boxed()).await
    }

    async fn store_inbound(&self, texts: &[NewInbound]) -> Result<Vec<bool>> {
        let mut seen = HashSet::new();
        let firsts: Vec<&NewInbound> = texts.iter().filter(|text| seen.insert(text.twilio_sid.as_str())).collect();
        let stored = loop {
            if let Some(stored) = retry(|| store_all(&self.pool, &firsts)).await? {
                break stored;
            }
        };
        let mut fresh: HashSet<&str> = stored.into_iter().map(|index| firsts[index].twilio_sid.as_str()).collect();
        Ok(texts.iter().map(|text| fresh.remove(text.twilio_sid.as_str())).collect())
    }

    async fn known_inbound(&self, twilio_sid: &str) -> Result<Option<(MessageRow, ContactRow)>> {
        let row = sqlx::query!(
            r#"select to_jsonb(m) as "message!", to_jsonb(c) as "contact!"
               from messages m join contacts c on c.id = m.contact_id where m.twilio_sid = $1"#,
            storable(twilio_sid),
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((rows::message(row.message)?, rows::contact(row.contact)?))).transpose()
    }
}

/// Which of the texts were new. `None`, and nothing stored, when somebody was in the way: stored one of them at the same moment for
/// another contact, or took a contact away. The next look finds it.
async fn store_all(pool: &PgPool, texts: &[&NewInbound]) -> Result<Option<Vec<usize>>> {
    let mut tx = pool.begin().await?;
    let mut contacts = contacts::lock(&mut tx, texts).await?;
    let missing = contacts.missing(texts);
    if !missing.is_empty() {
        // New ones are made while no other is locked, by everybody: so nobody waits for each other in a circle.
        tx.rollback().await?;
        tx = pool.begin().await?;
        let Some(known) = contacts::create(&mut tx, &missing).await? else { return Ok(None) };
        contacts = contacts::lock(&mut tx, texts).await?;
        if contacts.missing(texts).iter().any(|text| !known.contains(&storable(&text.twilio_sid))) {
            return Ok(None);
        }
    }
    let Some(stored) = insert(&mut tx, texts, contacts).await? else { return Ok(None) };
    for (index, contact) in &stored {
        consent::keyword(&mut tx, texts[*index], *contact).await?;
    }
    tx.commit().await?;
    Ok(Some(stored.into_iter().map(|(index, _)| index).collect()))
}

/// The texts' columns, each a list, as `unnest` wants them.
#[derive(Default)]
struct Columns {
    index: Vec<i32>,
    id: Vec<Uuid>,
    contact: Vec<Uuid>,
    status: Vec<String>,
    created_at: Vec<DateTime<Utc>>,
    content: Vec<String>,
    twilio_sid: Vec<String>,
    media: Vec<Value>,
    from: Vec<String>,
    to: Vec<String>,
    raw: Vec<Value>,
    received_at: Vec<DateTime<Utc>>,
}

/// One statement for all of them. Contacts change before their texts appear, so that whoever hears of a text can know its contact;
/// they get their `last_message_at` here, so that the trigger on messages has nothing left to do.
async fn insert(
    tx: &mut PgConnection,
    texts: &[&NewInbound],
    mut contacts: Contacts,
) -> Result<Option<Vec<(usize, ContactId)>>> {
    let mut all = Columns::default();
    let mut contact_of = HashMap::new();
    for (index, text) in texts.iter().enumerate() {
        let Some(contact) = contacts.of(text) else { continue };
        contact_of.insert(index, contact.id);
        all.index.push(i32::try_from(index).unwrap_or(i32::MAX));
        all.id.push(text.id.0);
        all.contact.push(contact.id.0);
        all.status.push(contact.status_after().as_str().to_owned());
        all.created_at.push(contact.next_time(text.received_at));
        all.content.push(storable(&text.body));
        all.twilio_sid.push(storable(&text.twilio_sid));
        all.media.push(storable_json(&json!(text.media)));
        all.from.push(text.from.as_str().to_owned());
        all.to.push(storable(&text.to));
        all.raw.push(storable_json(&text.raw));
        all.received_at.push(text.received_at);
    }
    if all.index.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let rows = sqlx::query!(
        r#"
        with text as (
          select t.*
          from unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::jsonb[],
                      $9::text[], $10::text[], $11::jsonb[], $12::timestamptz[])
            as t (index, id, contact_id, conversation_status, created_at, content, twilio_sid, media, from_number, to_number,
                  raw, received_at)
          where not exists (select from messages m where m.twilio_sid = t.twilio_sid)
        ), counted as (
          update contacts c
          set unread_count = c.unread_count + case when c.blocked_at is null then n.texts else 0 end,
              conversation_status = n.conversation_status, last_message_at = greatest(c.last_message_at, n.newest)
          from (
            select contact_id, count(*)::int as texts, max(created_at) as newest, min(conversation_status) as conversation_status
            from text group by contact_id order by contact_id
          ) n
          where c.id = n.contact_id
          returning c.workspace_id, c.id
        ), stored as (
          insert into messages (id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media,
                                from_number, to_number, created_at)
          select text.id, counted.workspace_id, counted.id, text.content, 'inbound', 'delivered', text.twilio_sid,
                 case when text.media = '[]' then 'text' else 'media' end, text.media, text.from_number, text.to_number,
                 text.created_at
          from text join counted on counted.id = text.contact_id
          order by text.index
          on conflict (twilio_sid) do nothing
          returning id
        ), kept as (
          insert into inbound_raw (message_id, raw, received_at)
          select text.id, text.raw, text.received_at from text join stored on stored.id = text.id
        )
        select text.index as "index!", stored.id is not null as "stored!"
        from text left join stored on stored.id = text.id
        order by text.index
        "#,
        &all.index,
        &all.id,
        &all.contact,
        &all.status,
        &all.created_at,
        &all.content,
        &all.twilio_sid,
        &all.media,
        &all.from,
        &all.to,
        &all.raw,
        &all.received_at,
    )
    .fetch_all(&mut *tx)
    .await?;
    if rows.iter().any(|row| !row.stored) {
        return Ok(None);
    }
    let index = |row: i32| usize::try_from(row).unwrap_or_default();
    Ok(Some(rows.iter().filter_map(|row| Some((index(row.index), *contact_of.get(&index(row.index))?))).collect()))
}
