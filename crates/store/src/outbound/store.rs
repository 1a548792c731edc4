//! Storing texts that are about to go out: who may be texted, from where, and the rows, each with one statement for all.
//!
//! Called by `outbound` alone, within its transaction. A text that is refused has written nothing.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use deskline_domain::{
    gate::{self, Outgoing, Refusal},
    ids::{ContactId, MessageId, WorkspaceId},
    message::{Media, MessageRow},
};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{NewOutbound, Outbound, OutboundError, can_wait_until};
use crate::{
    Error, Result, Send, SendFrom, TwilioAccount, files,
    rows::{self, has_nul, stored_at},
    scheduled,
    senders::choose_all,
    sends::{Place, segments_of, take_all},
};

const MAX_CLIENT_ID: usize = 200;

/// A locked contact.
struct Contact {
    phone: String,
    opted_out: bool,
    newest: Option<DateTime<Utc>>,
}

/// A text that may be stored.
struct New<'a> {
    index: usize,
    text: &'a NewOutbound,
    account: &'a TwilioAccount,
    from: SendFrom,
    to: String,
    media: Vec<Media>,
    created_at: DateTime<Utc>,
}

/// Stores texts of which none repeats another one.
pub(super) async fn all(
    tx: &mut PgConnection,
    texts: &[&NewOutbound],
    accounts: &HashMap<WorkspaceId, TwilioAccount>,
) -> Result<Vec<Result<Outbound, OutboundError>>> {
    let mut contacts = lock_contacts(tx, texts).await?;
    // Looked for under the contacts' locks: whoever stored the same text a moment ago has let go of it.
    let mut known = repeats(tx, texts).await?;
    let services = |text: &NewOutbound| accounts.get(&text.workspace_id)?.messaging_service_sid.as_deref();
    let asked: Vec<_> = texts.iter().map(|text| (text.workspace_id, text.contact_id, services(text))).collect();
    let mut senders = choose_all(tx, &asked).await?;

    let mut outcomes: Vec<Option<Result<Outbound, OutboundError>>> = texts.iter().map(|_| None).collect();
    let mut new = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let contact = contacts.get_mut(&(text.workspace_id, text.contact_id));
        let outcome = match (check(text), contact, known[index].take()) {
            (Err(error), ..) => Err(error),
            // Its contact may have been merged into another one since: the same text again is the same text all the same.
            (Ok(()), _, Some(known)) => Ok(Outbound::Repeat(Box::new(known))),
            (Ok(()), None, None) => Err(OutboundError::ContactNotFound),
            (Ok(()), Some(contact), None) => {
                let account = accounts.get(&text.workspace_id).filter(|account| account.can_send());
                match may_go(tx, text, contact, account, senders[index].take()).await? {
                    Ok((account, from, media)) => {
                        let created_at = stored_at(text.now, contact.newest);
                        contact.newest = contact.newest.max(Some(created_at));
                        let to = contact.phone.clone();
                        new.push(New { index, text, account, from, to, media, created_at });
                        continue;
                    }
                    Err(error) => Err(error),
                }
            }
        };
        outcomes[index] = Some(outcome);
    }
    // Senders with a limit are locked in this order, by everybody. Texts to one contact go out from one sender and keep theirs.
    new.sort_by(|a, b| (&a.account.account_sid, a.from.as_str()).cmp(&(&b.account.account_sid, b.from.as_str())));
    let rows = insert(tx, &new).await?;
    let mut stored = Vec::with_capacity(new.len());
    for (new, row) in new.into_iter().zip(rows) {
        match row {
            Some(message) => stored.push((new, message)),
            // The same client id, for another contact, at the same moment.
            None => match repeats(tx, &[new.text]).await?.pop().flatten() {
                Some(known) => outcomes[new.index] = Some(Ok(Outbound::Repeat(Box::new(known)))),
                None => return Err(Error::IdTaken),
            },
        }
    }
    for (index, outcome) in line_up(tx, stored).await? {
        outcomes[index] = Some(Ok(outcome));
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// What can be said by looking at the text alone.
fn check(text: &NewOutbound) -> Result<(), OutboundError> {
    if let Some(id) = &text.client_id
        && (id.is_empty() || has_nul(id) || id.chars().count() > MAX_CLIENT_ID)
    {
        return Err(OutboundError::BadClientId);
    }
    if text.media_urls.iter().any(|url| has_nul(url)) {
        return Err(Refusal::Unsendable.into());
    }
    Ok(())
}

/// Whether the text may go to this contact, and what it goes out with.
async fn may_go<'a>(
    tx: &mut PgConnection,
    text: &NewOutbound,
    contact: &Contact,
    account: Option<&'a TwilioAccount>,
    from: Option<SendFrom>,
) -> Result<Result<(&'a TwilioAccount, SendFrom, Vec<Media>), OutboundError>> {
    let Some(account) = account else { return Ok(Err(OutboundError::NotConfigured)) };
    let Some(from) = from else { return Ok(Err(OutboundError::NoNumbers)) };
    let outgoing = Outgoing {
        to: &contact.phone,
        content: &text.content,
        media: text.media_urls.len(),
        opted_out: contact.opted_out,
    };
    if let Err(refusal) = gate::check(outgoing) {
        return Ok(Err(refusal.into()));
    }
    if text.later.is_some_and(|later| !can_wait_until(later.send_at, text.now)) {
        return Ok(Err(OutboundError::BadTime));
    }
    let media = files::attached(tx, text.workspace_id, &text.media_urls).await?;
    if let Err(refusal) = gate::check_files(media.iter().filter_map(|file| file.size).map(u64::from).sum()) {
        return Ok(Err(refusal.into()));
    }
    Ok(Ok((account, from, media)))
}

/// Gives stored texts their places: in the line, or on the list of those that are to leave later.
async fn line_up(tx: &mut PgConnection, stored: Vec<(New<'_>, MessageRow)>) -> Result<Vec<(usize, Outbound)>> {
    for (new, message) in &stored {
        files::attach(&mut *tx, message.id, &new.media).await?;
        if let Some(later) = &new.text.later {
            scheduled::add(&mut *tx, message, later).await?;
        }
    }
    let leaving: Vec<&(New<'_>, MessageRow)> = stored.iter().filter(|(new, _)| new.text.later.is_none()).collect();
    let places: Vec<Place<'_>> = leaving.iter().map(|(new, message)| place_of(new, message)).collect();
    let taken: HashSet<MessageId> = leaving
        .iter()
        .zip(take_all(tx, &places).await?)
        .filter_map(|((_, message), mine)| mine.then_some(message.id))
        .collect();
    let outcome = |(new, message): (New<'_>, MessageRow)| {
        let outcome = if new.text.later.is_some() {
            Outbound::Scheduled(Box::new(message))
        } else if taken.contains(&message.id) {
            Outbound::Claimed(Box::new(Send {
                message,
                from: new.from,
                account: new.account.clone(),
                attempt: 1,
                lease_until: new.text.now + new.text.lease,
                started_before: false,
            }))
        } else {
            Outbound::Behind(Box::new(message))
        };
        (new.index, outcome)
    };
    Ok(stored.into_iter().map(outcome).collect())
}

fn place_of<'a>(new: &'a New<'_>, message: &MessageRow) -> Place<'a> {
    Place {
        id: message.id,
        workspace: new.text.workspace_id,
        contact: new.text.contact_id,
        account_sid: &new.account.account_sid,
        from: &new.from,
        segments: segments_of(&new.text.content, new.text.media_urls.len()),
        attempts: 0,
        now: new.text.now,
        lease: Some(new.text.lease),
    }
}

/// In the order of their ids, as everybody does it.
async fn lock_contacts(
    tx: &mut PgConnection,
    texts: &[&NewOutbound],
) -> Result<HashMap<(WorkspaceId, ContactId), Contact>> {
    let (workspaces, contacts): (Vec<Uuid>, Vec<Uuid>) =
        texts.iter().map(|text| (text.workspace_id.0, text.contact_id.0)).unzip();
    let rows = sqlx::query!(
        r#"select c.workspace_id, c.id, c.phone, c.opted_out_at is not null as "opted_out!", c.last_message_at
           from contacts c
           where (c.workspace_id, c.id) in (select * from unnest($1::uuid[], $2::uuid[]))
           order by c.id
           for no key update"#,
        &workspaces,
        &contacts,
    )
    .fetch_all(tx)
    .await?;
    let by_id = rows.into_iter().map(|row| {
        let contact = Contact { phone: row.phone, opted_out: row.opted_out, newest: row.last_message_at };
        ((WorkspaceId(row.workspace_id), ContactId(row.id)), contact)
    });
    Ok(by_id.collect())
}

/// The text that each of these repeats: by its client id, or for a text without one by its own id.
async fn repeats(tx: &mut PgConnection, texts: &[&NewOutbound]) -> Result<Vec<Option<MessageRow>>> {
    let index: Vec<i32> = (0..).take(texts.len()).collect();
    let workspaces: Vec<Uuid> = texts.iter().map(|text| text.workspace_id.0).collect();
    let usable = |id: &String| !has_nul(id);
    let clients: Vec<Option<String>> = texts.iter().map(|text| text.client_id.clone().filter(usable)).collect();
    let ids: Vec<Uuid> = texts.iter().map(|text| text.id.0).collect();
    let rows = sqlx::query!(
        r#"
        select k.index as "index!", to_jsonb(m) as "row!"
        from unnest($1::int[], $2::uuid[], $3::text[], $4::uuid[]) k (index, workspace_id, client_id, id)
        join messages m on m.workspace_id = k.workspace_id and m.client_id = k.client_id
        union all
        select k.index, to_jsonb(m)
        from unnest($1::int[], $2::uuid[], $3::text[], $4::uuid[]) k (index, workspace_id, client_id, id)
        join messages m on m.id = k.id and m.workspace_id = k.workspace_id and m.direction = 'outbound'
        where k.client_id is null
        "#,
        &index,
        &workspaces,
        &clients as &[Option<String>],
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let mut known: Vec<Option<MessageRow>> = texts.iter().map(|_| None).collect();
    for row in rows {
        if let Some(place) = usize::try_from(row.index).ok().and_then(|index| known.get_mut(index)) {
            *place = Some(rows::message(row.row)?);
        }
    }
    Ok(known)
}

/// Stores each row under the id that its writer gave it, or under our own where that one is not free. `None` where the client id is
/// taken.
async fn insert(tx: &mut PgConnection, new: &[New<'_>]) -> Result<Vec<Option<MessageRow>>> {
    let wished = |new: &New<'_>| new.text.client_id.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let mut stored: Vec<Option<MessageRow>> = new.iter().map(|_| None).collect();
    let first: Vec<(usize, Uuid)> =
        new.iter().enumerate().map(|(at, new)| (at, wished(new).unwrap_or(new.text.id.0))).collect();
    insert_as(tx, new, &first, &mut stored).await?;
    let second: Vec<(usize, Uuid)> = new
        .iter()
        .enumerate()
        .filter(|(at, new)| stored[*at].is_none() && wished(new).is_some())
        .map(|(at, new)| (at, new.text.id.0))
        .collect();
    insert_as(tx, new, &second, &mut stored).await?;
    Ok(stored)
}

async fn insert_as(
    tx: &mut PgConnection,
    new: &[New<'_>],
    ids: &[(usize, Uuid)],
    stored: &mut [Option<MessageRow>],
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let each = || ids.iter().map(|(at, _)| &new[*at]);
    let id: Vec<Uuid> = ids.iter().map(|(_, id)| *id).collect();
    let workspace: Vec<Uuid> = each().map(|new| new.text.workspace_id.0).collect();
    let contact: Vec<Uuid> = each().map(|new| new.text.contact_id.0).collect();
    let content: Vec<String> = each().map(|new| new.text.content.clone()).collect();
    let media: Vec<Value> = each().map(|new| json!(new.media)).collect();
    let from: Vec<String> = each().map(|new| new.from.as_str().to_owned()).collect();
    let to: Vec<String> = each().map(|new| new.to.clone()).collect();
    let sent_by: Vec<Option<Uuid>> = each().map(|new| new.text.sent_by.map(|user| user.0)).collect();
    let client: Vec<Option<String>> = each().map(|new| new.text.client_id.clone()).collect();
    let created_at: Vec<DateTime<Utc>> = each().map(|new| new.created_at).collect();
    let send_at: Vec<Option<DateTime<Utc>>> = each().map(|new| new.text.later.map(|later| later.send_at)).collect();
    let rows = sqlx::query!(
        r#"
        insert into messages as m (id, workspace_id, contact_id, content, direction, status, message_type, media,
                                   from_number, to_number, sent_by, client_id, created_at, send_at)
        select t.id, t.workspace_id, t.contact_id, t.content, 'outbound', case when t.send_at is null then 'queued' else 'scheduled' end,
               case when t.media = '[]' then 'text' else 'media' end, t.media, t.from_number, t.to_number, t.sent_by, t.client_id,
               t.created_at, t.send_at
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::jsonb[], $6::text[], $7::text[], $8::uuid[], $9::text[],
                    $10::timestamptz[], $11::timestamptz[])
          with ordinality as t (id, workspace_id, contact_id, content, media, from_number, to_number, sent_by, client_id, created_at,
                                send_at, place)
        order by t.place
        on conflict do nothing
        returning m.id, to_jsonb(m) as "row!"
        "#,
        &id,
        &workspace,
        &contact,
        &content,
        &media,
        &from,
        &to,
        &sent_by as &[Option<Uuid>],
        &client as &[Option<String>],
        &created_at,
        &send_at as &[Option<DateTime<Utc>>],
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        if let Some((at, _)) = ids.iter().find(|(_, id)| *id == row.id) {
            stored[*at] = Some(rows::message(row.row)?);
        }
    }
    Ok(())
}
