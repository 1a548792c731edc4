//! Writing down that Twilio took texts: SID, status, ledger and the place in the line, each with one statement for all where it can be.
//!
//! Called by `outcomes` alone, within its transaction.

use std::collections::{HashMap, HashSet};

use deskline_domain::{ids::MessageId, message::MessageRow};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Accepted;
use crate::{
    Error, Result, consent,
    ledger::{self, Entry, LedgerKind},
    rows, sends,
    status::{Progress, lock_sids},
};

/// What is known of a SID beforehand.
#[derive(Default)]
struct Known {
    /// A program that watches the same account has stored a row of its own under it; then that one keeps it.
    taken: bool,
    /// A callback was faster, said that this attempt failed, and somebody has asked for another one since.
    given_up: bool,
}

/// Each text once. Answers the texts as they stand, in the order of the slice.
pub(super) async fn all(tx: &mut PgConnection, accepted: &[&Accepted]) -> Result<Vec<MessageRow>> {
    let ids: Vec<Uuid> = accepted.iter().map(|one| one.id.0).collect();
    let sids: Vec<&str> = accepted.iter().map(|one| one.sid.as_str()).collect();
    lock_sids(tx, &sids).await?;
    let mut texts = lock(tx, &ids).await?;
    if accepted.iter().any(|one| !texts.contains_key(&one.id)) {
        return Err(Error::UnknownMessage);
    }
    let known = look(tx, &ids, &sids).await?;
    let entries: Vec<Entry<'_>> = accepted
        .iter()
        .map(|one| Entry {
            sid: Some(&one.sid),
            code: one.failure.as_ref().map(|(code, _)| *code),
            explanation: one.failure.as_ref().map(|(_, words)| words.as_str()),
            ..Entry::new(one.id, LedgerKind::Accepted, one.status, one.now)
        })
        .collect();
    ledger::append_all(tx, &entries).await?;

    let mut moving = HashMap::new();
    for one in accepted {
        let Some(message) = texts.get(&one.id).filter(|_| !known.get(&one.id).is_some_and(|known| known.given_up))
        else {
            continue;
        };
        let mut progress = Progress::of(message.clone());
        let failure = one.failure.as_ref();
        progress.report(one.status, failure.map(|(code, _)| *code), failure.map(|(_, words)| words.as_str()));
        moving.insert(one.id, progress);
    }
    let still: Vec<&Accepted> = accepted.iter().copied().filter(|one| moving.contains_key(&one.id)).collect();
    report_early_callbacks(tx, &still, &mut moving).await?;
    let taken: HashSet<MessageId> = known.iter().filter(|(_, known)| known.taken).map(|(id, _)| *id).collect();
    let saved = save(tx, &still, moving, &taken).await?;
    // A text leaves the line once it says what became of it, as everywhere.
    if let Some(now) = still.iter().map(|one| one.now).max() {
        let ids: Vec<Uuid> = still.iter().map(|one| one.id.0).collect();
        sends::leave_all(tx, &ids, now).await?;
    }
    for message in saved {
        // Locks the contact after the text: rare, and run again when it meets somebody who locks them in order.
        consent::learn(tx, &message).await?;
        texts.insert(message.id, message);
    }
    accepted.iter().map(|one| texts.remove(&one.id).ok_or(Error::UnknownMessage)).collect()
}

/// In the order of their ids.
async fn lock(tx: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<MessageId, MessageRow>> {
    let rows = sqlx::query_scalar!(
        r#"select to_jsonb(m) as "row!" from messages m where m.id = any($1) order by m.id for no key update"#,
        ids,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| rows::message(row).map(|message| (message.id, message))).collect()
}

async fn look(tx: &mut PgConnection, ids: &[Uuid], sids: &[&str]) -> Result<HashMap<MessageId, Known>> {
    let rows = sqlx::query!(
        r#"
        select k.id as "id!",
               k.id in (select sids_taken($1, $2)) as "taken!",
               exists (select from delivery_events e where e.message_sid = k.sid and e.kind = 'retried') as "given_up!"
        from unnest($1::uuid[], $2::text[]) k (id, sid)
        "#,
        ids,
        sids as &[&str],
    )
    .fetch_all(tx)
    .await?;
    for row in rows.iter().filter(|row| row.taken) {
        tracing::warn!(message = %row.id, "another row has this text's SID already");
    }
    Ok(rows.into_iter().map(|row| (MessageId(row.id), Known { taken: row.taken, given_up: row.given_up })).collect())
}

/// Takes the callbacks into account that came before anybody knew whose SIDs these are.
async fn report_early_callbacks(
    tx: &mut PgConnection,
    accepted: &[&Accepted],
    moving: &mut HashMap<MessageId, Progress>,
) -> Result<()> {
    let ids: Vec<Uuid> = accepted.iter().map(|one| one.id.0).collect();
    let sids: Vec<&str> = accepted.iter().map(|one| one.sid.as_str()).collect();
    let mut early = sqlx::query!(
        r#"
        select message_id as "message_id!", id as "id!", status as "status!", error_code, explanation
        from adopt_callbacks($1::uuid[], $2::text[])
        "#,
        &ids,
        &sids as &[&str],
    )
    .fetch_all(tx)
    .await?;
    early.sort_by_key(|event| event.id);
    for event in early {
        let status = event.status.parse().map_err(|_| Error::BadCell { table: "delivery_events", column: "status" })?;
        if let Some(progress) = moving.get_mut(&MessageId(event.message_id)) {
            progress.report(status, event.error_code, event.explanation.as_deref());
        }
    }
    Ok(())
}

async fn save(
    tx: &mut PgConnection,
    accepted: &[&Accepted],
    mut moving: HashMap<MessageId, Progress>,
    taken: &HashSet<MessageId>,
) -> Result<Vec<MessageRow>> {
    let moved: Vec<(&Accepted, MessageRow)> =
        accepted.iter().filter_map(|one| Some((*one, moving.remove(&one.id)?.into_message()))).collect();
    let ids: Vec<Uuid> = moved.iter().map(|(one, _)| one.id.0).collect();
    let statuses: Vec<&str> = moved.iter().map(|(_, message)| message.status.as_str()).collect();
    let codes: Vec<Option<i32>> = moved.iter().map(|(_, message)| message.error_code).collect();
    let errors: Vec<Option<&str>> = moved.iter().map(|(_, message)| message.error_message.as_deref()).collect();
    let sids: Vec<Option<&str>> =
        moved.iter().map(|(one, _)| (!taken.contains(&one.id)).then_some(one.sid.as_str())).collect();
    let rows = sqlx::query_scalar!(
        r#"
        update messages m
        set status = k.status, error_code = k.error_code, error_message = k.error_message,
            twilio_sid = coalesce(m.twilio_sid, k.sid), in_doubt = false
        from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[]) k (id, status, error_code, error_message, sid)
        where m.id = k.id
        returning to_jsonb(m) as "row!"
        "#,
        &ids,
        &statuses as &[&str],
        &codes as &[Option<i32>],
        &errors as &[Option<&str>],
        &sids as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(rows::message).collect()
}
