//! The line of texts on their way out: taking a place in it, being handed out, and leaving it.
//!
//! Driven by the server's sender; how an attempt ended is in `outcomes`. A row exists from [`Store::record_outbound`] (or a retry,
//! or a set time that came) until Twilio took or refused the text. Only the oldest row of a contact is ever handed out, so texts
//! leave in the order in which they were written; the next one's turn starts when it has left, so that a contact with many texts
//! holds up nobody else's. Each hand-out has a number (`attempt`), and a verb that carries an old number changes nothing.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ContactRow,
    gate::{self, Outgoing, Refusal},
    ids::{ContactId, MessageId, WorkspaceId},
    message::MessageRow,
    segments,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Result, SendFrom, Store, TwilioAccount,
    claims::{Claim, is_decided},
    rows::{self, has_nul},
    senders,
};

/// A text that the caller has to see to, until its lease ends.
#[derive(Clone, Debug)]
pub struct Send {
    /// The stored text: `to_number`, `content` and `media` are what to send.
    pub message: MessageRow,
    /// What to send it from.
    pub from: SendFrom,
    /// The account to send it with.
    pub account: TwilioAccount,
    /// The number of this hand-out, from 1 on.
    pub attempt: i32,
    /// Until when it is the caller's. Whoever cannot be done with it by then asks [`Store::renew`] before asking Twilio.
    pub lease_until: DateTime<Utc>,
    /// Whether an earlier attempt may have reached Twilio. Then look it up first, and if it is not there ask
    /// [`Store::claim_again`] before sending.
    pub started_before: bool,
}

/// Whether a looked-up text may be sent again.
#[derive(Clone, Debug)]
pub enum Again {
    /// Send it now, under the new lease and number.
    Send(Box<Send>),
    /// The gate says no by now: it is stored as failed.
    Refused(Box<MessageRow>),
    /// Somebody else has it by now, or it is settled: do nothing.
    Gone,
}

impl Store {
    /// Hands out texts that are due, at most one a contact, and of a sender with a limit or that comes back from a hold at most one a
    /// call: those to be sent, and those to be looked up. Call it until it hands out nothing. A text whose lease ended comes back as one
    /// to be looked up. Texts whose contact opted out meanwhile are stored as failed and not handed out; so are texts in doubt whose
    /// account was replaced.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_due(&self, now: DateTime<Utc>, lease: Duration, limit: i64) -> Result<Vec<Send>> {
        loop {
            // A workspace without a working account keeps its texts until it has one. A sender's pace is taken from its row in
            // the same statement, so that two processes never take the same place in it.
            let claims = sqlx::query!(
                r#"
                with line as (
                  select l.message_id, l.account_sid, l.sender, l.segments, l.paced, l.paced or l.one_by_one as in_turn,
                         row_number() over (partition by l.account_sid, l.sender, l.state order by l.next_at, l.position) as turn
                  from sends_in_line l
                  where l.due_at <= $1
                ), due as (
                  select s.message_id
                  from sends s join line on line.message_id = s.message_id
                  where (not line.in_turn or line.turn = 1) and s.next_at <= $1 and (s.lease_until is null or s.lease_until <= $1)
                  order by s.next_at, s.position
                  limit $3
                  for update of s skip locked
                ), paced as (
                  update senders p
                  set free_at = greatest(p.free_at, $1 - interval '200 ms') + make_interval(secs => line.segments / p.segments_per_second)
                  from due join line on line.message_id = due.message_id
                  where line.paced and p.account_sid = line.account_sid and p.sender = line.sender and p.free_at <= $1
                  returning due.message_id
                )
                update sends s
                set attempt = s.attempt + 1, lease_until = $2, state = case s.state when 'queued' then 'sending' else 'unknown' end,
                    account_sid = case s.state when 'queued' then line.account_sid else s.account_sid end
                from due join line on line.message_id = due.message_id
                where s.message_id = due.message_id
                  and (not line.paced or exists (select from paced where paced.message_id = due.message_id))
                returning s.message_id, s.attempt, s.account_sid, s.state = 'unknown' as "started_before!"
                "#,
                now,
                now + lease,
                limit,
            )
            .fetch_all(&self.pool)
            .await?;

            let nothing_is_due = claims.is_empty();
            let mut sends = Vec::with_capacity(claims.len());
            for claim in claims {
                let claim = Claim {
                    id: MessageId(claim.message_id),
                    attempt: claim.attempt,
                    lease_until: now + lease,
                    started_before: claim.started_before,
                    looked_up: false,
                    account_sid: claim.account_sid,
                };
                sends.extend(self.complete(claim, now).await?);
            }
            if nothing_is_due || !sends.is_empty() {
                return Ok(sends);
            }
        }
    }

    /// When somebody will next have something to do: [`Store::claim_due`], or [`Store::start_scheduled`]. `None` when nothing waits.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(sqlx::query_scalar!(
            "select least((select min(due_at) from sends_in_line), (select min(send_at) from scheduled))"
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The text was looked up and Twilio does not have it: may it be sent now? Asks the gate again.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_again(&self, id: MessageId, attempt: i32, now: DateTime<Utc>, lease: Duration) -> Result<Again> {
        let Some((message, contact)) = self.message_and_contact(id).await? else { return Ok(Again::Gone) };
        if is_decided(&message) {
            self.let_go(id, attempt, now).await?;
            return Ok(Again::Gone);
        }
        if let Err(refusal) = ask_gate(&message, &contact) {
            let message = self.refuse(id, attempt, refusal, now).await?;
            return Ok(if message.status.is_failure() { Again::Refused(Box::new(message)) } else { Again::Gone });
        }
        let mut tx = self.pool.begin().await?;
        show_doubt(&mut tx, id, attempt, false).await?;
        let again = sqlx::query!(
            "update sends set attempt = attempt + 1, state = 'sending', lease_until = $3
             where message_id = $1 and attempt = $2
             returning attempt, account_sid",
            id.0,
            attempt,
            now + lease,
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        let Some(again) = again else { return Ok(Again::Gone) };
        let claim = Claim {
            id,
            attempt: again.attempt,
            lease_until: now + lease,
            started_before: false,
            looked_up: true,
            account_sid: again.account_sid,
        };
        let send = self.hand_out(message, claim, now).await?;
        Ok(send.map_or(Again::Gone, |send| Again::Send(Box::new(send))))
    }

    /// Which of these SIDs belong to a stored text, or did before it was retried. A text that is looked up is never taken for one
    /// that is known already.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn known_sids(&self, sids: &[String]) -> Result<HashSet<String>> {
        let sids: Vec<String> = sids.iter().filter(|sid| !has_nul(sid)).cloned().collect();
        let known = sqlx::query_scalar!(r#"select sid as "sid!" from sids_known($1) sid"#, &sids,)
            .fetch_all(&self.pool)
            .await?;
        Ok(known.into_iter().collect())
    }

    /// How many texts are on their way out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn sends_waiting(&self) -> Result<i64> {
        Ok(sqlx::query_scalar!(r#"select count(*) as "waiting!" from sends"#).fetch_one(&self.pool).await?)
    }

    pub(crate) async fn message_and_contact(&self, id: MessageId) -> Result<Option<(MessageRow, ContactRow)>> {
        let row = sqlx::query!(
            r#"select to_jsonb(m) as "message!", to_jsonb(c) as "contact!"
               from messages m join contacts c on c.id = m.contact_id where m.id = $1"#,
            id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((rows::message(row.message)?, rows::contact(row.contact)?))).transpose()
    }

    pub(crate) async fn refuse(
        &self,
        id: MessageId,
        attempt: i32,
        refusal: Refusal,
        now: DateTime<Utc>,
    ) -> Result<MessageRow> {
        self.record_refused(id, attempt, refusal.twilio_code(), &refusal.to_string(), now).await
    }
}

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

/// Takes a text out of the line, whatever became of it. Its sender is no longer in trouble, and the contact's next text comes up
/// now, behind whoever has waited longer.
pub(crate) async fn leave(tx: &mut PgConnection, id: MessageId, now: DateTime<Utc>) -> Result<()> {
    leave_all(tx, &[id.0], now).await
}

/// The same for several texts.
pub(crate) async fn leave_all(tx: &mut PgConnection, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        r#"
        with gone as (
          delete from sends where message_id = any($1) returning workspace_id, contact_id, sender
        ), relieved as (
          update senders p set holds = 0
          from gone join workspace_twilio_config c on c.workspace_id = gone.workspace_id
          where p.account_sid = c.account_sid and p.sender = gone.sender and p.holds > 0
        )
        update sends s set next_at = greatest(s.next_at, $2)
        where s.message_id in (
          select distinct on (next.contact_id) next.message_id
          from sends next
          where next.contact_id in (select contact_id from gone) and next.message_id <> all($1)
          order by next.contact_id, next.position
        )
        "#,
        ids,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How much of its sender's pace a text takes: its segments, and one for a text with files.
pub(crate) fn segments_of(content: &str, media: usize) -> i32 {
    let count = if media > 0 { 1 } else { segments::measure(content).count.max(1) };
    i32::try_from(count).unwrap_or(i32::MAX)
}

pub(crate) fn ask_gate(message: &MessageRow, contact: &ContactRow) -> Result<(), Refusal> {
    gate::check(Outgoing {
        to: &contact.phone,
        content: &message.content,
        media: message.media.len(),
        opted_out: contact.opted_out_at.is_some(),
    })
}

/// Gives a text that was handed out its place back, to come up again at a time: to be sent, or in doubt and to be looked up. False,
/// and nothing changed, when the attempt is out of date.
pub(crate) async fn postpone(
    tx: &mut PgConnection,
    id: MessageId,
    attempt: i32,
    again_at: DateTime<Utc>,
    in_doubt: bool,
) -> Result<bool> {
    // The text before its place in the line: everybody locks them in this order.
    show_doubt(tx, id, attempt, in_doubt).await?;
    let done = sqlx::query!(
        "update sends set state = case when $4 then 'unknown' else 'queued' end, next_at = $3, lease_until = null
         where message_id = $1 and attempt = $2",
        id.0,
        attempt,
        again_at,
        in_doubt,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Tells every desktop whether a text is in doubt, as long as the attempt that found out is the latest.
async fn show_doubt(tx: &mut PgConnection, id: MessageId, attempt: i32, in_doubt: bool) -> Result<()> {
    sqlx::query!(
        "update messages m set in_doubt = $3
         where m.id = $1 and m.in_doubt <> $3 and m.twilio_sid is null
           and exists (select from sends s where s.message_id = m.id and s.attempt = $2)",
        id.0,
        attempt,
        in_doubt,
    )
    .execute(tx)
    .await?;
    Ok(())
}
