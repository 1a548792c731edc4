//! Texts for later: kept here and not at Twilio, so that the gate is asked again when their time comes.
//!
//! Added by `outbound`; listed and changed by members, and called off through `cancel`; moved into the line by the server's worker when it is time. A
//! contact that writes first calls off what should be (the trigger `scheduled_replied`, whoever stores the text). Whoever takes a
//! row out of `scheduled` under its contact's lock decides about the text: several processes send it once. Never asks Twilio.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    contact::ContactRow,
    delivery::DeliveryStatus,
    gate::{self, Outgoing},
    ids::{ContactId, MessageId, WorkspaceId},
    message::{Direction, MessageRow},
};
use sqlx::PgConnection;

use crate::{
    Later, OutboundError, Result, SendFrom, Store, TwilioAccount,
    ledger::{Entry, LedgerKind},
    locks,
    outbound::can_wait_until,
    rows::{self, stored_at},
    senders::choose,
    sends::{Place, ask_gate, segments_of},
    status::Progress,
    store::retry,
};

/// How many texts whose time has come are looked at in one go.
const AT_ONCE: i64 = 200;

/// A text for later.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    /// The text; `send_at` is its time.
    pub message: MessageRow,
    /// Whether it is called off when the contact writes first.
    pub cancel_on_reply: bool,
}

/// A change of a text for later. What is `None` stays as it is.
#[derive(Clone, Debug)]
pub struct Reschedule {
    /// Whose.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub id: MessageId,
    /// Another time.
    pub send_at: Option<DateTime<Utc>>,
    /// Another text.
    pub content: Option<String>,
    /// Whether it is called off when the contact writes first.
    pub cancel_on_reply: Option<bool>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Keeps a text for later.
pub(crate) async fn add(tx: &mut PgConnection, message: &MessageRow, later: &Later) -> Result<()> {
    sqlx::query!(
        "insert into scheduled (message_id, workspace_id, contact_id, send_at, cancel_on_reply) values ($1, $2, $3, $4, $5)",
        message.id.0,
        message.workspace_id.0,
        message.contact_id.0,
        later.send_at,
        later.cancel_on_reply,
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// The texts for later of a workspace, or of one contact of it, the next one first.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn scheduled(&self, workspace: WorkspaceId, contact: Option<ContactId>) -> Result<Vec<Scheduled>> {
        let found = sqlx::query!(
            r#"select to_jsonb(m) as "row!", s.cancel_on_reply
               from scheduled s join messages m on m.id = s.message_id
               where s.workspace_id = $1 and m.status = 'scheduled' and ($2::uuid is null or s.contact_id = $2)
               order by s.send_at, s.message_id"#,
            workspace.0,
            contact.map(|contact| contact.0),
        )
        .fetch_all(&self.pool)
        .await?;
        found
            .into_iter()
            .map(|found| Ok(Scheduled { message: rows::message(found.row)?, cancel_on_reply: found.cancel_on_reply }))
            .collect()
    }

    /// Changes a text that has not left. A new text passes the gate.
    ///
    /// # Errors
    /// [`OutboundError::WrongState`] for a text that is not scheduled, or no longer; [`OutboundError::BadTime`],
    /// [`OutboundError::Refused`], [`OutboundError::MessageNotFound`], [`OutboundError::Store`]. Nothing is changed then.
    pub async fn reschedule(&self, change: &Reschedule) -> Result<Scheduled, OutboundError> {
        if change.send_at.is_some_and(|at| !can_wait_until(at, change.now)) {
            return Err(OutboundError::BadTime);
        }
        retry(|| self.store_reschedule(change)).await?
    }

    async fn store_reschedule(&self, change: &Reschedule) -> Result<Result<Scheduled, OutboundError>> {
        let mut tx = self.pool.begin().await?;
        let Some((contact, message)) = locks::text(&mut tx, change.workspace_id, change.id).await? else {
            return Ok(Err(OutboundError::MessageNotFound));
        };
        if message.status != DeliveryStatus::Scheduled {
            return Ok(Err(OutboundError::WrongState(why_not(&message))));
        }
        if let Some(content) = &change.content {
            let outgoing = Outgoing {
                to: &contact.phone,
                content,
                media: message.media.len(),
                opted_out: contact.opted_out_at.is_some(),
            };
            if let Err(refusal) = gate::check(outgoing) {
                return Ok(Err(refusal.into()));
            }
        }
        let changed = sqlx::query_scalar!(
            "update scheduled set send_at = coalesce($2, send_at), cancel_on_reply = coalesce($3, cancel_on_reply)
             where message_id = $1 returning cancel_on_reply",
            change.id.0,
            change.send_at,
            change.cancel_on_reply,
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(cancel_on_reply) = changed else { return Ok(Err(OutboundError::WrongState(NOT_OURS))) };
        let row = sqlx::query_scalar!(
            r#"update messages m set send_at = coalesce($2, m.send_at), content = coalesce($3, m.content)
               where m.id = $1 returning to_jsonb(m) as "row!""#,
            change.id.0,
            change.send_at,
            change.content,
        )
        .fetch_one(&mut *tx)
        .await?;
        let message = rows::message(row)?;
        tx.commit().await?;
        Ok(Ok(Scheduled { message, cancel_on_reply }))
    }

    /// Moves every text whose time has come into the line, or fails it: when the gate says no by now, or when it is later than
    /// `grace` because no server was running. Several processes may do so at the same time. Answers how many it looked at; a full
    /// load may have left some.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when the database cannot be reached. A text that cannot be moved for another reason is logged.
    pub async fn start_scheduled(&self, now: DateTime<Utc>, grace: TimeDelta) -> Result<usize> {
        let due = sqlx::query!(
            "select message_id, workspace_id from scheduled where send_at <= $1 order by send_at, message_id limit $2",
            now,
            AT_ONCE
        )
        .fetch_all(&self.pool)
        .await?;
        let count = due.len();
        for text in due {
            let (id, workspace) = (MessageId(text.message_id), WorkspaceId(text.workspace_id));
            match retry(|| self.start_one(workspace, id, now, grace)).await {
                Ok(()) => {}
                Err(error) if error.is_unavailable() => return Err(error),
                Err(error) => {
                    tracing::error!(message = %id, %error, "a text whose time has come cannot be put into the line");
                }
            }
        }
        Ok(count)
    }

    async fn start_one(
        &self,
        workspace: WorkspaceId,
        id: MessageId,
        now: DateTime<Utc>,
        grace: TimeDelta,
    ) -> Result<()> {
        // A token that cannot be opened is met again, and told, when the text is to be handed out.
        let account = self.twilio_account(workspace).await.ok().flatten();
        let mut tx = self.pool.begin().await?;
        let Some((contact, message)) = locks::text(&mut tx, workspace, id).await? else { return Ok(()) };
        if !take_out(&mut tx, id, Some(now)).await? {
            // Another process was faster, or somebody has just called it off or given it another time.
            return Ok(());
        }
        // What another program called off stays off.
        if message.status == DeliveryStatus::Scheduled {
            match decide(&mut tx, &contact, &message, account.as_ref(), now, grace).await? {
                Ok(from) => take_place(&mut tx, &contact, &message, &from, account.as_ref(), now).await?,
                Err(failure) => {
                    let entry = Entry {
                        code: failure.code,
                        explanation: Some(&failure.explanation),
                        ..Entry::new(id, failure.kind, DeliveryStatus::Failed, now)
                    };
                    let mut progress = Progress::of(message);
                    progress.ended(&mut tx, entry).await?;
                    progress.save(&mut tx, None, now).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Takes the text's row out, if it is still there and, where a time is given, still due.
pub(crate) async fn take_out(tx: &mut PgConnection, id: MessageId, due: Option<DateTime<Utc>>) -> Result<bool> {
    let done = sqlx::query!(
        "delete from scheduled where message_id = $1 and ($2::timestamptz is null or send_at <= $2)",
        id.0,
        due
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Why a text whose time has come does not leave.
struct Failure {
    kind: LedgerKind,
    code: Option<i32>,
    explanation: String,
}

/// May it leave now, and from what?
async fn decide(
    tx: &mut PgConnection,
    contact: &ContactRow,
    message: &MessageRow,
    account: Option<&TwilioAccount>,
    now: DateTime<Utc>,
    grace: TimeDelta,
) -> Result<Result<SendFrom, Failure>> {
    if let Err(refusal) = ask_gate(message, contact) {
        let (code, explanation) = (refusal.twilio_code(), refusal.to_string());
        return Ok(Err(Failure { kind: LedgerKind::Refused, code, explanation }));
    }
    if message.send_at.is_some_and(|send_at| now - send_at > grace) {
        let explanation = format!(
            "No server was running when this text was due, and now it is more than {} minutes late. Send it again if it still fits.",
            grace.num_minutes()
        );
        return Ok(Err(Failure { kind: LedgerKind::Expired, code: None, explanation }));
    }
    let service = account.and_then(|account| account.messaging_service_sid.as_deref());
    let from = choose(tx, message.workspace_id, message.contact_id, service).await?;
    Ok(from.ok_or_else(|| Failure {
        kind: LedgerKind::Refused,
        code: None,
        explanation: OutboundError::NoNumbers.to_string(),
    }))
}

/// Puts it into the line as if it had been written now, which is also where it stands in the thread.
async fn take_place(
    tx: &mut PgConnection,
    contact: &ContactRow,
    message: &MessageRow,
    from: &SendFrom,
    account: Option<&TwilioAccount>,
    now: DateTime<Utc>,
) -> Result<()> {
    let created_at = stored_at(now, contact.last_message_at);
    sqlx::query!(
        "update contacts set last_message_at = greatest(last_message_at, $2) where id = $1",
        contact.id.0,
        created_at
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update messages set status = 'queued', from_number = $2, to_number = $3, created_at = $4 where id = $1",
        message.id.0,
        from.as_str(),
        contact.phone,
        created_at,
    )
    .execute(&mut *tx)
    .await?;
    let place = Place {
        id: message.id,
        workspace: message.workspace_id,
        contact: message.contact_id,
        account_sid: account.map_or("", |account| &account.account_sid),
        from,
        segments: segments_of(&message.content, message.media.len()),
        attempts: 0,
        now,
        lease: None,
    };
    place.take(tx).await?;
    Ok(())
}

pub(crate) const NOT_OURS: &str = "Another program stored this text, and Deskline does not send it.";

/// Why a text for later cannot be changed.
const fn why_not(message: &MessageRow) -> &'static str {
    if matches!(message.direction, Direction::Inbound) {
        return "The contact sent this text. Only scheduled texts of the team can be changed.";
    }
    match message.status {
        DeliveryStatus::Canceled => "This text was called off. Write it again to send it.",
        DeliveryStatus::Undelivered | DeliveryStatus::Failed => {
            "This text has failed. It can be sent again, but not changed."
        }
        _ => "This text is not waiting for its time any more: it has left, or is about to.",
    }
}
