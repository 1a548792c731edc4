//! What texts go out from: the workspace's numbers or its Messaging Service, which of them a text takes, and how fast.
//!
//! Asked by every verb that puts a text into the line; told by the server's sender when Twilio asks to wait, and by an admin's
//! settings. A hold is for one sender of one account: the others go on. Never sends.

use std::{collections::HashSet, time::Duration};

use chrono::{DateTime, Utc};
use deskline_domain::ids::{ContactId, MessageId, WorkspaceId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, Store, rows::has_nul};

/// What a text is sent from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendFrom {
    /// One of our numbers.
    Number(String),
    /// `MG…`
    MessagingService(String),
}

impl SendFrom {
    /// As `messages.from_number` keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(text) | Self::MessagingService(text) => text,
        }
    }

    pub(crate) fn from_column(text: String) -> Self {
        if text.starts_with("MG") { Self::MessagingService(text) } else { Self::Number(text) }
    }
}

/// How a workspace's texts go out, as its admins set it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SendingSettings {
    /// For contacts that have not seen a number yet. May be one that the workspace no longer has; then it counts for nothing.
    pub default_number: Option<String>,
    /// `MG…`; every text goes out through it.
    pub messaging_service_sid: Option<String>,
    /// The workspace's numbers, then its Messaging Service.
    pub senders: Vec<SenderState>,
}

/// One sender, as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SenderState {
    /// E.164, or `MG…`.
    pub sender: String,
    /// The limit that an admin has set; `None`: as fast as Twilio takes them.
    pub segments_per_second: Option<f64>,
    /// Until when nothing leaves because Twilio asked to wait; `None` when that is over.
    pub held_until: Option<DateTime<Utc>>,
    /// Texts that wait in the line.
    pub waiting: i64,
}

/// A change of [`SendingSettings`]. `None` leaves a setting as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SendingChange {
    /// One of the workspace's numbers.
    pub default_number: Option<Option<String>>,
    /// `MG…`
    pub messaging_service_sid: Option<Option<String>>,
    /// Segments a second, more than 0, for one of the workspace's numbers or its Messaging Service.
    pub rates: Vec<(String, Option<f64>)>,
}

impl SendingChange {
    /// What can be said against it without looking at the workspace.
    fn check(&self) -> Result<(), SendingError> {
        if let Some(Some(sid)) = &self.messaging_service_sid
            && (!sid.starts_with("MG") || has_nul(sid))
        {
            return Err(SendingError::BadService);
        }
        if self.rates.iter().any(|(_, rate)| rate.is_some_and(|rate| !(rate > 0.0 && rate <= 10_000.0))) {
            return Err(SendingError::BadRate);
        }
        let named = self.rates.iter().map(|(sender, _)| sender);
        if named.chain(self.default_number.iter().flatten()).any(|sender| has_nul(sender)) {
            return Err(SendingError::NotOurs);
        }
        Ok(())
    }
}

/// Why a change of the settings was not made.
#[derive(Debug, thiserror::Error)]
pub enum SendingError {
    /// The workspace never had an account.
    #[error("Twilio not configured for this workspace")]
    NotConfigured,
    /// Neither one of its numbers nor its Messaging Service.
    #[error("This number does not belong to the workspace")]
    NotOurs,
    /// Not more than 0.
    #[error("A rate must be a number of segments a second, more than 0 and at most 10,000")]
    BadRate,
    /// Something else than `MG…`.
    #[error("A Messaging Service is named by its SID, which starts with MG")]
    BadService,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] crate::Error),
}

impl From<sqlx::Error> for SendingError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Twilio asks a sender to wait.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a> {
    /// Whose number it is.
    pub account_sid: &'a str,
    /// The number, or the Messaging Service.
    pub sender: &'a str,
    /// As long as this where Twilio says it.
    pub retry_after: Option<Duration>,
    /// Otherwise this long, and twice as long each time in a row …
    pub base: Duration,
    /// … up to this, …
    pub cap: Duration,
    /// … and longer by up to as much again: from 0 to 1.
    pub jitter: f64,
    /// The time.
    pub now: DateTime<Utc>,
}

impl Store {
    /// Lets a sender wait. Several requests that were told so at once count as one. Answers until when.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn hold_sender(&self, hold: &Hold<'_>) -> Result<DateTime<Utc>> {
        Ok(sqlx::query_scalar!(
            r#"
            insert into senders as s (account_sid, sender, held_until, holds)
            values ($1, $2, $3::timestamptz + make_interval(secs => coalesce($4, least($5::float8, $6) * (1 + $7::float8))), 1)
            on conflict (account_sid, sender) do update
            set holds = case when s.held_until > $3 then s.holds else s.holds + 1 end,
                held_until = case
                  when $4 is null and s.held_until > $3 then s.held_until
                  else greatest(s.held_until, $3 + make_interval(secs => coalesce(
                    $4, least($5 * 2 ^ least(s.holds, 16), $6) * (1 + $7))))
                end
            returning held_until as "held_until!"
            "#,
            hold.account_sid,
            hold.sender,
            hold.now,
            hold.retry_after.map(|wait| wait.as_secs_f64()),
            hold.base.as_secs_f64(),
            hold.cap.as_secs_f64(),
            hold.jitter,
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// How a workspace's texts go out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn sending_settings(&self, workspace: WorkspaceId) -> Result<SendingSettings> {
        let Some(account) = sqlx::query!(
            "select default_number, messaging_service_sid from workspace_twilio_config where workspace_id = $1",
            workspace.0
        )
        .fetch_optional(&self.pool)
        .await?
        else {
            return Ok(SendingSettings::default());
        };
        let senders = sqlx::query_as!(
            SenderState,
            r#"
            select o.sender as "sender!", p.segments_per_second,
                   case when p.held_until > clock_timestamp() then p.held_until end as held_until,
                   (select count(*) from sends s where s.workspace_id = $1 and s.sender = o.sender) as "waiting!"
            from workspace_twilio_config c
            cross join lateral (
              select n.phone_number as sender, n.position from twilio_numbers n where n.workspace_id = c.workspace_id
              union all
              select c.messaging_service_sid, null where c.messaging_service_sid <> ''
            ) o
            left join senders p on p.account_sid = c.account_sid and p.sender = o.sender
            where c.workspace_id = $1
            order by o.position
            "#,
            workspace.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(SendingSettings {
            default_number: account.default_number,
            messaging_service_sid: account.messaging_service_sid,
            senders,
        })
    }

    /// Changes how a workspace's texts go out: all of it, or nothing.
    ///
    /// # Errors
    /// See [`SendingError`].
    pub async fn change_sending(&self, workspace: WorkspaceId, change: &SendingChange) -> Result<(), SendingError> {
        change.check()?;
        let mut tx = self.pool.begin().await?;
        let account = sqlx::query!(
            "update workspace_twilio_config c
             set default_number = case when $2 then $3 else c.default_number end,
                 messaging_service_sid = case when $4 then $5 else c.messaging_service_sid end
             where c.workspace_id = $1
             returning c.account_sid, c.default_number, c.messaging_service_sid",
            workspace.0,
            change.default_number.is_some(),
            change.default_number.clone().flatten(),
            change.messaging_service_sid.is_some(),
            change.messaging_service_sid.clone().flatten(),
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(account) = account else { return Err(SendingError::NotConfigured) };

        let is_ours = |number: &str| {
            sqlx::query_scalar!(
                r#"select exists (select from twilio_numbers where workspace_id = $1 and phone_number = $2) as "ours!""#,
                workspace.0,
                number,
            )
        };
        if let Some(Some(number)) = &change.default_number
            && !is_ours(number).fetch_one(&mut *tx).await?
        {
            return Err(SendingError::NotOurs);
        }
        for (sender, rate) in &change.rates {
            let ours =
                account.messaging_service_sid.as_ref() == Some(sender) || is_ours(sender).fetch_one(&mut *tx).await?;
            if !ours {
                return Err(SendingError::NotOurs);
            }
            sqlx::query!(
                "insert into senders (account_sid, sender, segments_per_second) values (coalesce($1, ''), $2, $3)
                 on conflict (account_sid, sender) do update set segments_per_second = excluded.segments_per_second",
                account.account_sid,
                sender,
                *rate,
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Which of these senders of accounts have a row: a limit, or a hold in their past.
pub(crate) async fn known<'a>(
    tx: &mut PgConnection,
    asked: &[(&'a str, &'a str)],
) -> Result<HashSet<(&'a str, &'a str)>> {
    let (accounts, senders): (Vec<&str>, Vec<&str>) = asked.iter().copied().unzip();
    let rows = sqlx::query!(
        "select account_sid, sender from senders where (account_sid, sender) in (select * from unnest($1::text[], $2::text[]))",
        &accounts as &[&str],
        &senders as &[&str],
    )
    .fetch_all(tx)
    .await?;
    let is_there =
        |(account, sender): &(&str, &str)| rows.iter().any(|row| row.account_sid == *account && row.sender == *sender);
    Ok(asked.iter().copied().filter(is_there).collect())
}

/// What a text to this contact goes out from: the workspace's Messaging Service where it has one, which keeps a contact's number by
/// itself; else the number that the contact last saw, if it is still ours; else the workspace's default; else the first. One that is
/// for calls alone comes last.
pub(crate) async fn choose(
    tx: &mut PgConnection,
    workspace: WorkspaceId,
    contact: ContactId,
    messaging_service: Option<&str>,
) -> Result<Option<SendFrom>> {
    Ok(choose_all(tx, &[(workspace, contact, messaging_service)]).await?.pop().flatten())
}

/// The same for several texts.
pub(crate) async fn choose_all(
    tx: &mut PgConnection,
    asked: &[(WorkspaceId, ContactId, Option<&str>)],
) -> Result<Vec<Option<SendFrom>>> {
    let mut chosen: Vec<Option<SendFrom>> = asked
        .iter()
        .map(|(_, _, service)| {
            service.filter(|sid| !sid.is_empty()).map(|sid| SendFrom::MessagingService(sid.to_owned()))
        })
        .collect();
    let open = || asked.iter().zip(&chosen).enumerate().filter(|(_, (_, chosen))| chosen.is_none());
    let places: Vec<i32> = open().filter_map(|(place, _)| i32::try_from(place).ok()).collect();
    if places.is_empty() {
        return Ok(chosen);
    }
    let (workspaces, contacts): (Vec<Uuid>, Vec<Uuid>) =
        open().map(|(_, ((workspace, contact, _), _))| (workspace.0, contact.0)).unzip();
    // A contact has not seen the number of a text that waits for its time, was called off or did not arrive.
    let numbers = sqlx::query!(
        r#"
        select k.place as "place!", best.phone_number as "phone_number!"
        from unnest($1::int[], $2::uuid[], $3::uuid[]) k (place, workspace_id, contact_id)
        cross join lateral (
          select n.phone_number
          from twilio_numbers n
          left join workspace_twilio_config c on c.workspace_id = n.workspace_id
          where n.workspace_id = k.workspace_id
          order by n.capabilities ->> 'sms' is not distinct from 'false', n.phone_number is not distinct from (
              select seen.number
              from messages m
              cross join lateral (select case m.direction when 'inbound' then m.to_number else m.from_number end as number) seen
              where m.contact_id = k.contact_id and seen.number not like 'MG%'
                and m.status not in ('scheduled', 'canceled', 'undelivered', 'failed')
              order by m.created_at desc, m.id desc
              limit 1
            ) desc, n.phone_number is not distinct from c.default_number desc, n.position
          limit 1
        ) best
        "#,
        &places,
        &workspaces,
        &contacts,
    )
    .fetch_all(tx)
    .await?;
    for number in numbers {
        if let Some(place) = usize::try_from(number.place).ok().and_then(|place| chosen.get_mut(place)) {
            *place = Some(SendFrom::Number(number.phone_number));
        }
    }
    Ok(chosen)
}

/// What a text in the line is to go out from, chosen anew when what it was given is no longer the workspace's.
pub(crate) async fn choose_again(
    tx: &mut PgConnection,
    id: MessageId,
    chosen: Option<SendFrom>,
    messaging_service: Option<&str>,
) -> Result<Option<SendFrom>> {
    let Some(place) = sqlx::query!(
        r#"select m.workspace_id, m.contact_id,
                  exists (select from twilio_numbers n where n.workspace_id = m.workspace_id and n.phone_number = m.from_number) as "ours!"
           from messages m where m.id = $1 for no key update of m"#,
        id.0,
    )
    .fetch_optional(&mut *tx)
    .await?
    else {
        return Ok(None);
    };
    let still_good = match &chosen {
        Some(SendFrom::Number(_)) => place.ours,
        Some(SendFrom::MessagingService(sid)) => messaging_service == Some(sid),
        None => false,
    };
    if still_good {
        return Ok(chosen);
    }
    let from = choose(tx, WorkspaceId(place.workspace_id), ContactId(place.contact_id), messaging_service).await?;
    if let Some(from) = &from {
        sqlx::query!("update messages set from_number = $2 where id = $1", id.0, from.as_str())
            .execute(&mut *tx)
            .await?;
        sqlx::query!("update sends set sender = $2 where message_id = $1", id.0, from.as_str()).execute(tx).await?;
    }
    Ok(from)
}
