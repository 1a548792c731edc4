//! The ledger: everything that is known to have happened to an outbound text, in `delivery_events`.
//!
//! Written by every verb that hears of something (status, outcomes, resend, scheduled), read by `GET /messages/{id}/ledger`.
//! Rows are only ever added; a callback that came before anybody knew whose it is gets its text later. The status that a text
//! shows is what [`deskline_domain::delivery::DeliveryStatus::advance`] makes of its rows since the last retry.

use chrono::{DateTime, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{MessageId, UserId},
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Error, Result, Store,
    rows::{storable, storable_json},
};

/// What a row of the ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerKind {
    /// Twilio reported a status.
    Callback,
    /// An attempt: Twilio took the text.
    Accepted,
    /// An attempt: Twilio, or the gate, said no for good.
    Refused,
    /// An attempt: too many requests; certainly not taken.
    RateLimited,
    /// An attempt: too many texts wait at Twilio to leave from this sender; certainly not taken.
    QueueFull,
    /// An attempt: nobody was there; certainly not taken.
    Unreachable,
    /// An attempt: nobody can say whether the text was taken.
    Unknown,
    /// Somebody asked for another attempt at a text that had failed.
    Retried,
    /// A text for later was called off.
    Canceled,
    /// A text for later came up too late to be sent.
    Expired,
}

impl LedgerKind {
    const ALL: [Self; 10] = [
        Self::Callback,
        Self::Accepted,
        Self::Refused,
        Self::RateLimited,
        Self::QueueFull,
        Self::Unreachable,
        Self::Unknown,
        Self::Retried,
        Self::Canceled,
        Self::Expired,
    ];

    /// As `delivery_events.kind` has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::RateLimited => "rate_limited",
            Self::QueueFull => "queue_full",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
            Self::Retried => "retried",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }
}

/// One row, as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// What it is.
    pub kind: LedgerKind,
    /// Which attempt it belongs to, where that is known.
    pub attempt: Option<i32>,
    /// The status that it reports.
    pub status: DeliveryStatus,
    /// Twilio's id of the attempt.
    pub twilio_sid: Option<String>,
    /// Twilio's code.
    pub error_code: Option<i32>,
    /// The same in plain words, as they were when it happened.
    pub explanation: Option<String>,
    /// The member who decided it.
    pub by: Option<UserId>,
    /// When we heard of it.
    pub at: DateTime<Utc>,
}

impl Store {
    /// Everything about a text, in the order in which it was heard.
    ///
    /// # Errors
    /// [`crate::Error::BadCell`] for a word that a newer program wrote; [`crate::Error::Database`].
    pub async fn ledger(&self, id: MessageId) -> Result<Vec<LedgerRow>> {
        let rows = sqlx::query!(
            "select kind, attempt, status, message_sid, error_code, explanation, by_user, received_at
             from delivery_events where message_id = $1 order by id",
            id.0,
        )
        .fetch_all(&self.pool)
        .await?;
        let bad = |column| Error::BadCell { table: "delivery_events", column };
        rows.into_iter()
            .map(|row| {
                Ok(LedgerRow {
                    kind: LedgerKind::ALL
                        .into_iter()
                        .find(|kind| kind.as_str() == row.kind)
                        .ok_or_else(|| bad("kind"))?,
                    attempt: row.attempt,
                    status: row.status.parse().map_err(|_| bad("status"))?,
                    twilio_sid: row.message_sid,
                    error_code: row.error_code,
                    explanation: row.explanation,
                    by: row.by_user.map(UserId),
                    at: row.received_at,
                })
            })
            .collect()
    }
}

/// One row, as it is written.
pub(crate) struct Entry<'a> {
    /// The text, if anybody knows whose it is.
    pub(crate) message: Option<MessageId>,
    /// The account, where it was not the one of the text's workspace that was asked.
    pub(crate) account_sid: Option<&'a str>,
    pub(crate) kind: LedgerKind,
    pub(crate) status: DeliveryStatus,
    pub(crate) sid: Option<&'a str>,
    pub(crate) code: Option<i32>,
    pub(crate) explanation: Option<&'a str>,
    pub(crate) by: Option<UserId>,
    /// The form as it came, of a callback.
    pub(crate) raw: Option<&'a Value>,
    pub(crate) at: DateTime<Utc>,
}

impl Entry<'_> {
    /// A row about a text that says nothing but this.
    pub(crate) const fn new(message: MessageId, kind: LedgerKind, status: DeliveryStatus, at: DateTime<Utc>) -> Self {
        Self {
            message: Some(message),
            account_sid: None,
            kind,
            status,
            sid: None,
            code: None,
            explanation: None,
            by: None,
            raw: None,
            at,
        }
    }

    /// Adds it, with the attempt that its SID belongs to, or else the one that is under way: before the text leaves the line, where
    /// that number is.
    pub(crate) async fn append(self, tx: &mut PgConnection) -> Result<()> {
        append_all(tx, &[self]).await
    }
}

/// Adds several, each as [`Entry::append`] does.
pub(crate) async fn append_all(tx: &mut PgConnection, entries: &[Entry<'_>]) -> Result<()> {
    let messages: Vec<Option<Uuid>> = entries.iter().map(|entry| entry.message.map(|id| id.0)).collect();
    let accounts: Vec<Option<&str>> = entries.iter().map(|entry| entry.account_sid).collect();
    let sids: Vec<Option<&str>> = entries.iter().map(|entry| entry.sid).collect();
    let statuses: Vec<&str> = entries.iter().map(|entry| entry.status.as_str()).collect();
    let codes: Vec<Option<i32>> = entries.iter().map(|entry| entry.code).collect();
    let explanations: Vec<Option<String>> = entries.iter().map(|entry| entry.explanation.map(storable)).collect();
    let raws: Vec<Option<Value>> = entries.iter().map(|entry| entry.raw.map(storable_json)).collect();
    let times: Vec<DateTime<Utc>> = entries.iter().map(|entry| entry.at).collect();
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    let users: Vec<Option<Uuid>> = entries.iter().map(|entry| entry.by.map(|user| user.0)).collect();
    sqlx::query!(
        "insert into delivery_events (message_id, account_sid, message_sid, status, error_code, explanation, raw, received_at,
                                      kind, attempt, by_user)
         select k.message_id,
                coalesce(k.account_sid, (select c.account_sid from messages m join workspace_twilio_config c on c.workspace_id = m.workspace_id
                                         where m.id = k.message_id), ''),
                k.sid, k.status, k.error_code, k.explanation, k.raw, k.at, k.kind,
                coalesce((select max(e.attempt) from delivery_events e where e.message_sid = k.sid and e.message_id = k.message_id),
                         (select s.attempt from sends s where s.message_id = k.message_id)), k.by_user
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::jsonb[], $8::timestamptz[], $9::text[],
                     $10::uuid[])
           with ordinality as k (message_id, account_sid, sid, status, error_code, explanation, raw, at, kind, by_user, place)
         order by k.place",
        &messages as &[Option<Uuid>],
        &accounts as &[Option<&str>],
        &sids as &[Option<&str>],
        &statuses as &[&str],
        &codes as &[Option<i32>],
        &explanations as &[Option<String>],
        &raws as &[Option<Value>],
        &times,
        &kinds as &[&str],
        &users as &[Option<Uuid>],
    )
    .execute(tx)
    .await?;
    Ok(())
}
