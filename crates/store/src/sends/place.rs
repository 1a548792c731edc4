//! Taking a place in the line, alone or many at once, and being handed out at once where nobody is before.
//!
//! Called by whatever lets a text leave: `outbound`, `resend`, `scheduled`. Asks no gate: whoever takes a place has asked it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{ContactId, MessageId, WorkspaceId},
    segments,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, SendFrom, senders};

/// A place in the line.
pub(crate) struct Place<'a> {
    pub(crate) id: MessageId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) contact: ContactId,
    pub(crate) account_sid: &'a str,
    pub(crate) from: &'a SendFrom,
    pub(crate) segments: i32,
    /// How many attempts there were before, of an earlier time in the line.
    pub(crate) attempts: i32,
    pub(crate) now: DateTime<Utc>,
    /// How long the caller needs for an attempt, if it would make one right away.
    pub(crate) lease: Option<Duration>,
}

impl Place<'_> {
    /// Takes the place, under the contact's lock. True when the text is handed out to the caller at once: nobody of its contact
    /// is before it, and its sender has neither been told to wait since Twilio last took a text of it nor, where it has a limit,
    /// texts that wait for it.
    pub(crate) async fn take(&self, tx: &mut PgConnection) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"
            with sender as (
              select p.* from senders p where p.account_sid = $8 and p.sender = $6
            ), line as (
              select $5::timestamptz is not null
                     and not exists (select from sends where contact_id = $3)
                     and not exists (select from sender p where p.held_until > $4 or p.holds > 0)
                     and not exists (select from sender p where p.segments_per_second is not null
                                     and exists (select from sends s where s.sender = $6 and s.state = 'queued')) as free
            ), paced as (
              update senders p
              set free_at = greatest(p.free_at, $4 - interval '200 ms') + make_interval(secs => $7::int / p.segments_per_second)
              from line
              where line.free and p.account_sid = $8 and p.sender = $6 and p.segments_per_second is not null and p.free_at <= $4
              returning p.sender
            ), turn as (
              select line.free and (exists (select from paced)
                                    or not exists (select from sender p where p.segments_per_second is not null)) as mine
              from line
            )
            insert into sends (message_id, workspace_id, contact_id, sender, segments, next_at, state, attempt, lease_until, account_sid)
            select $1, $2, $3, $6, $7, $4,
                   case when mine then 'sending' else 'queued' end,
                   $9::int + case when mine then 1 else 0 end,
                   case when mine then $5 end,
                   case when mine then $8 end
            from turn
            returning state = 'sending' as "mine!"
            "#,
            self.id.0,
            self.workspace.0,
            self.contact.0,
            self.now,
            self.lease.map(|lease| self.now + lease),
            self.from.as_str(),
            self.segments,
            self.account_sid,
            self.attempts,
        )
        .fetch_one(tx)
        .await?)
    }
}

/// Takes places in the order of the slice, each as [`Place::take`] does.
pub(crate) async fn take_all(tx: &mut PgConnection, places: &[Place<'_>]) -> Result<Vec<bool>> {
    let senders: Vec<(&str, &str)> = places.iter().map(|place| (place.account_sid, place.from.as_str())).collect();
    let known = senders::known(tx, &senders).await?;
    // A sender that was never told to wait and has no limit has no pace to keep.
    let mut mine = vec![false; places.len()];
    let plain: Vec<usize> = (0..places.len()).filter(|index| !known.contains(&senders[*index])).collect();
    take_plain(tx, places, &plain, &mut mine).await?;
    for (index, place) in places.iter().enumerate().filter(|(index, _)| known.contains(&senders[*index])) {
        mine[index] = place.take(tx).await?;
    }
    Ok(mine)
}

/// For senders without a row: only the contact's own texts are asked about.
async fn take_plain(tx: &mut PgConnection, places: &[Place<'_>], which: &[usize], mine: &mut [bool]) -> Result<()> {
    if which.is_empty() {
        return Ok(());
    }
    let each = || which.iter().map(|index| &places[*index]);
    let ids: Vec<Uuid> = each().map(|place| place.id.0).collect();
    let workspaces: Vec<Uuid> = each().map(|place| place.workspace.0).collect();
    let contacts: Vec<Uuid> = each().map(|place| place.contact.0).collect();
    let times: Vec<DateTime<Utc>> = each().map(|place| place.now).collect();
    let leases: Vec<Option<DateTime<Utc>>> = each().map(|place| place.lease.map(|lease| place.now + lease)).collect();
    let senders: Vec<&str> = each().map(|place| place.from.as_str()).collect();
    let segments: Vec<i32> = each().map(|place| place.segments).collect();
    let accounts: Vec<&str> = each().map(|place| place.account_sid).collect();
    let attempts: Vec<i32> = each().map(|place| place.attempts).collect();
    let taken = sqlx::query!(
        r#"
        insert into sends (message_id, workspace_id, contact_id, sender, segments, next_at, state, attempt, lease_until, account_sid)
        select t.id, t.workspace_id, t.contact_id, t.sender, t.segments, t.now,
               case when t.mine then 'sending' else 'queued' end, t.attempts + t.mine::int,
               case when t.mine then t.lease_until end, case when t.mine then t.account_sid end
        from (
          select k.*,
                 k.lease_until is not null and not exists (select from sends s where s.contact_id = k.contact_id)
                 and row_number() over (partition by k.contact_id order by k.place) = 1 as mine
          from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::int[], $8::text[], $9::int[])
            with ordinality as k (id, workspace_id, contact_id, now, lease_until, sender, segments, account_sid, attempts, place)
        ) t
        order by t.place
        returning message_id, state = 'sending' as "mine!"
        "#,
        &ids,
        &workspaces,
        &contacts,
        &times,
        &leases as &[Option<DateTime<Utc>>],
        &senders as &[&str],
        &segments,
        &accounts as &[&str],
        &attempts,
    )
    .fetch_all(tx)
    .await?;
    for row in taken {
        if let Some(index) = which.iter().find(|index| places[**index].id.0 == row.message_id) {
            mine[*index] = row.mine;
        }
    }
    Ok(())
}

/// How much of its sender's pace a text takes: its segments, and one for a text with files.
pub(crate) fn segments_of(content: &str, media: usize) -> i32 {
    let count = if media > 0 { 1 } else { segments::measure(content).count.max(1) };
    i32::try_from(count).unwrap_or(i32::MAX)
}
