//! The contacts that texts come from, locked until the transaction ends: texts of one contact are stored one after the other.
//!
//! Called by `inbound` alone. Contacts are locked in the order of their ids, and new ones are made in the order of their numbers before
//! any is locked, so that two transactions with many texts do not wait for each other in a circle.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    str::FromStr,
};

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::{ConversationStatus, unknown_name},
    ids::{ContactId, WorkspaceId},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::NewInbound;
use crate::{
    Error, Result,
    contacts::merged_meanwhile,
    error::violates,
    rows::{storable, stored_at},
};

/// A contact, as far as its next text concerns it.
pub(super) struct Locked {
    pub(super) id: ContactId,
    status: ConversationStatus,
    blocked: bool,
    newest: Option<DateTime<Utc>>,
}

impl Locked {
    /// Whoever is blocked opens nothing.
    pub(super) const fn status_after(&self) -> ConversationStatus {
        if self.blocked { self.status } else { self.status.after_inbound() }
    }

    /// The time that the contact's next text is stored under.
    pub(super) fn next_time(&mut self, received_at: DateTime<Utc>) -> DateTime<Utc> {
        let at = stored_at(received_at, self.newest);
        self.newest = self.newest.max(Some(at));
        at
    }
}

/// The contacts of a transaction's texts, by workspace and sender.
#[derive(Default)]
pub(super) struct Contacts {
    by_id: HashMap<Uuid, Locked>,
    by_sender: HashMap<(WorkspaceId, String), Uuid>,
}

impl Contacts {
    /// The contact of a text.
    pub(super) fn of(&mut self, text: &NewInbound) -> Option<&mut Locked> {
        let id = self.by_sender.get(&sender_of(text))?;
        self.by_id.get_mut(id)
    }

    /// The texts without a contact.
    pub(super) fn missing<'a>(&self, texts: &[&'a NewInbound]) -> Vec<&'a NewInbound> {
        texts.iter().filter(|text| !self.by_sender.contains_key(&sender_of(text))).copied().collect()
    }
}

fn sender_of(text: &NewInbound) -> (WorkspaceId, String) {
    (text.workspace_id, text.from.as_str().to_owned())
}

/// A number may be one of somebody who was merged into another contact. The condition stands twice, since a contact may change while
/// we wait for its lock.
pub(super) async fn lock(tx: &mut PgConnection, texts: &[&NewInbound]) -> Result<Contacts> {
    let senders: BTreeSet<_> = texts.iter().map(|text| sender_of(text)).collect();
    let (workspaces, phones): (Vec<Uuid>, Vec<String>) =
        senders.into_iter().map(|(workspace, phone)| (workspace.0, phone)).unzip();
    let rows = sqlx::query!(
        r#"
        with wanted as (
          select k.workspace_id, k.phone, coalesce(
            (select c.id from contacts c where c.workspace_id = k.workspace_id and c.phone = k.phone),
            (select c.id from contacts c
             where c.workspace_id = k.workspace_id and c.other_phones <> '{}' and c.other_phones @> array[k.phone]
             order by c.created_at, c.id limit 1)
          ) as id
          from unnest($1::uuid[], $2::text[]) k (workspace_id, phone)
        )
        select w.workspace_id as "workspace_id!", w.phone as "phone!", c.id, c.conversation_status,
               c.blocked_at is not null as "blocked!", c.last_message_at
        from wanted w
        join contacts c on c.id = w.id and c.workspace_id = w.workspace_id and (c.phone = w.phone or c.other_phones @> array[w.phone])
        order by c.id
        for no key update of c
        "#,
        &workspaces,
        &phones,
    )
    .fetch_all(tx)
    .await?;
    let mut contacts = Contacts::default();
    for row in rows {
        let status = ConversationStatus::from_str(&row.conversation_status)
            .map_err(|_unknown| Error::BadCell { table: "contacts", column: "conversation_status" })?;
        contacts.by_sender.insert((WorkspaceId(row.workspace_id), row.phone), row.id);
        contacts.by_id.entry(row.id).or_insert(Locked {
            id: ContactId(row.id),
            status,
            blocked: row.blocked,
            newest: row.last_message_at,
        });
    }
    Ok(contacts)
}

/// Makes the contacts of texts that have none. Answers the SIDs of those texts that are there already: no contact comes of these.
/// `None` when one of the numbers has just come to somebody else: look again.
pub(super) async fn create(tx: &mut PgConnection, texts: &[&NewInbound]) -> Result<Option<HashSet<String>>> {
    let sids: Vec<String> = texts.iter().map(|text| storable(&text.twilio_sid)).collect();
    let known: HashSet<String> =
        sqlx::query_scalar!(r#"select twilio_sid as "sid!" from messages where twilio_sid = any($1)"#, &sids)
            .fetch_all(&mut *tx)
            .await?
            .into_iter()
            .collect();
    let mut senders = BTreeMap::new();
    for text in texts.iter().filter(|text| !known.contains(&storable(&text.twilio_sid))) {
        senders.entry(sender_of(text)).or_insert(text.contact_id.0);
    }
    let ids: Vec<Uuid> = senders.values().copied().collect();
    let workspaces: Vec<Uuid> = senders.keys().map(|(workspace, _)| workspace.0).collect();
    let names: Vec<String> = senders.keys().map(|(_, phone)| unknown_name(phone)).collect();
    let phones: Vec<String> = senders.keys().map(|(_, phone)| phone.clone()).collect();
    sqlx::query!(
        "insert into contacts (id, workspace_id, name, phone)
         select id, workspace_id, name, phone
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) k (id, workspace_id, name, phone)
         order by workspace_id, phone
         on conflict (workspace_id, phone) do nothing",
        &ids,
        &workspaces,
        &names,
        &phones,
    )
    .execute(&mut *tx)
    .await
    .map_err(|error| match error {
        error if violates(&error, "contacts_workspace_fkey") => Error::UnknownWorkspace,
        error => error.into(),
    })?;
    Ok((!merged_meanwhile(tx, &workspaces, &phones).await?).then_some(known))
}
