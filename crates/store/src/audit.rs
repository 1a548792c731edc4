//! The comparison with Twilio's own list of texts: whose turn it is, what is missing here, and what it came to.
//!
//! Driven by the server's audit job and by `deskline-server audit`. Each account has one row with a lease, so that several server
//! processes compare it once; everything that an audit changes is idempotent all the same. Never asks Twilio.

mod missing;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::WorkspaceId;
use serde::Serialize;
use sqlx::PgConnection;

use crate::{Result, Store, rows::storable};

pub use missing::{Elsewhere, NewElsewhere, Stuck};

/// Hours older than this are forgotten.
const KEPT: TimeDelta = TimeDelta::days(35);

/// The right to compare one account until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditTurn {
    /// `AC…`
    pub account_sid: String,
    /// The end of the window that was last compared whole; `None` for the first time.
    pub compared_to: Option<DateTime<Utc>>,
    /// Since when a workspace has the account, to the second as Twilio tells times. What came before is none of ours.
    pub connected_at: Option<DateTime<Utc>>,
}

/// The texts of one number within one hour, by Twilio's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditedHour {
    /// Ours.
    pub number: String,
    /// Its beginning.
    pub hour: DateTime<Utc>,
    /// Texts that Twilio lists.
    pub twilio: i32,
    /// Those of them that are stored here.
    pub here: i32,
    /// Those of them that another program sent with the account to somebody whom the team does not know.
    pub elsewhere: i32,
}

/// What a comparison came to.
#[derive(Clone, Debug)]
pub struct NewAudit {
    /// `AC…`
    pub account_sid: String,
    /// From the beginning of an hour on.
    pub window_from: DateTime<Utc>,
    /// Until then.
    pub window_to: DateTime<Utc>,
    /// Every hour of every number in which there was a text.
    pub hours: Vec<AuditedHour>,
    /// Texts that were missing here and are there now.
    pub imported: i64,
    /// Statuses that had not been heard of.
    pub settled: i64,
    /// Texts that are stored here and that Twilio does not list (any more).
    pub only_here: i64,
}

/// The last comparison, as one workspace may see it: its own numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditResult {
    /// `AC…`
    pub account_sid: String,
    /// When; `None` before the first time.
    pub checked_at: Option<DateTime<Utc>>,
    /// The window.
    pub window_from: Option<DateTime<Utc>>,
    /// Its end.
    pub window_to: Option<DateTime<Utc>>,
    /// Of the whole account: what was missing here.
    pub imported: i64,
    /// Of the whole account: statuses that had not been heard of.
    pub settled: i64,
    /// Of the whole account: texts that Twilio does not list.
    pub only_here: i64,
    /// Why the newest try failed, if it did; the figures are of the one before.
    pub problem: Option<String>,
    /// The window's hours, newest first.
    pub hours: Vec<AuditedHour>,
}

/// The last comparisons of all accounts together, for machines that watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditTotals {
    /// Texts that Twilio lists.
    pub twilio: i64,
    /// Those that are stored here.
    pub here: i64,
    /// Those that are none of the teams' business.
    pub elsewhere: i64,
    /// Ever imported.
    pub imported: i64,
    /// Ever settled.
    pub settled: i64,
    /// Accounts whose newest try failed.
    pub failing: i64,
    /// When the account that waits longest was last compared; `None` when one never was.
    pub oldest: Option<DateTime<Utc>>,
    /// Dead letters that nobody has routed.
    pub dead_letters: i64,
}

impl Store {
    /// Claims an account whose turn it is. An account that is new gets its first turn after `every`; what was published for a
    /// workspace that no longer has the account is taken back.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn due_audit(&self, now: DateTime<Utc>, every: Duration, lease: Duration) -> Result<Option<AuditTurn>> {
        sqlx::query!(
            "insert into audits (account_sid, next_at)
             select distinct c.account_sid, $1::timestamptz
             from workspace_twilio_config c
             where c.is_configured and c.account_sid <> ''
               and not exists (select from audits a where a.account_sid = c.account_sid)
             on conflict (account_sid) do nothing",
            now + every,
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "delete from workspace_audits p
             where not exists (
               select from workspace_twilio_config c
               where c.workspace_id = p.workspace_id and c.account_sid = p.account_sid and c.is_configured)"
        )
        .execute(&self.pool)
        .await?;
        Ok(sqlx::query_as!(
            AuditTurn,
            "update audits a set lease_until = $2
             where account_sid = (
               select due.account_sid from audits due
               where due.next_at <= $1 and (due.lease_until is null or due.lease_until <= $1)
                 and exists (select from workspace_twilio_config c where c.account_sid = due.account_sid and c.is_configured)
               order by due.next_at
               limit 1
               for update skip locked
             )
             returning account_sid, window_to as compared_to,
               (select date_trunc('second', min(c.created_at)) from workspace_twilio_config c
                where c.account_sid = a.account_sid) as connected_at",
            now,
            now + lease,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Claims an account out of turn; `None` while somebody else compares it.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn claim_audit(
        &self,
        account_sid: &str,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<AuditTurn>> {
        Ok(sqlx::query_as!(
            AuditTurn,
            "insert into audits as a (account_sid, next_at, lease_until) values ($1, $2, $3)
             on conflict (account_sid) do update set lease_until = excluded.lease_until
             where a.lease_until is null or a.lease_until <= $2
             returning account_sid, window_to as compared_to,
               (select date_trunc('second', min(c.created_at)) from workspace_twilio_config c
                where c.account_sid = a.account_sid) as connected_at",
            account_sid,
            now,
            now + lease,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Publishes a comparison, and gives the turn back until `next_at`.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_audit(&self, audit: &NewAudit, now: DateTime<Utc>, next_at: DateTime<Utc>) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "update audits
             set next_at = $2, lease_until = null, checked_at = $3, window_from = $4, window_to = $5, imported = $6, settled = $7,
                 only_here = $8, imported_ever = imported_ever + $6, settled_ever = settled_ever + $7, problem = null
             where account_sid = $1",
            audit.account_sid,
            next_at,
            now,
            audit.window_from,
            audit.window_to,
            audit.imported,
            audit.settled,
            audit.only_here,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "delete from audit_hours where account_sid = $1 and (hour >= date_trunc('hour', $2::timestamptz) or hour < $3)",
            audit.account_sid,
            audit.window_from,
            now - KEPT,
        )
        .execute(&mut *tx)
        .await?;
        for hour in &audit.hours {
            sqlx::query!(
                "insert into audit_hours (account_sid, number, hour, twilio, here, elsewhere) values ($1, $2, $3, $4, $5, $6)",
                audit.account_sid,
                storable(&hour.number),
                hour.hour,
                hour.twilio,
                hour.here,
                hour.elsewhere,
            )
            .execute(&mut *tx)
            .await?;
        }
        publish(&mut tx, &audit.account_sid, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives a turn back that came to nothing.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn record_audit_failed(&self, account_sid: &str, problem: &str, next_at: DateTime<Utc>) -> Result<()> {
        sqlx::query!(
            "update audits set next_at = $2, lease_until = null, problem = $3 where account_sid = $1",
            account_sid,
            next_at,
            problem,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The last comparison of the workspace's account, with the hours of the workspace's own numbers; `None` without an account.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn audit_of(&self, workspace: WorkspaceId) -> Result<Option<AuditResult>> {
        let found = sqlx::query!(
            r#"select c.account_sid as "account_sid!", a.checked_at as "checked_at?", a.window_from as "window_from?",
                      a.window_to as "window_to?", a.imported as "imported?", a.settled as "settled?",
                      a.only_here as "only_here?", a.problem as "problem?"
               from workspace_twilio_config c left join audits a on a.account_sid = c.account_sid
               where c.workspace_id = $1 and c.account_sid <> ''"#,
            workspace.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(found) = found else { return Ok(None) };
        let hours = sqlx::query_as!(
            AuditedHour,
            r#"select number as "number!", hour as "hour!", twilio as "twilio!", here as "here!", elsewhere as "elsewhere!"
               from workspace_audit_hours where workspace_id = $1 order by hour desc, number"#,
            workspace.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Some(AuditResult {
            account_sid: found.account_sid,
            checked_at: found.checked_at,
            window_from: found.window_from,
            window_to: found.window_to,
            imported: found.imported.unwrap_or(0),
            settled: found.settled.unwrap_or(0),
            only_here: found.only_here.unwrap_or(0),
            problem: found.problem,
            hours,
        }))
    }

    /// The last comparisons together.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn audit_totals(&self) -> Result<AuditTotals> {
        let row = sqlx::query!(
            r#"
            select coalesce(sum(a.imported_ever), 0)::bigint as "imported!", coalesce(sum(a.settled_ever), 0)::bigint as "settled!",
                   count(a.problem) as "failing!",
                   case when count(*) = count(a.checked_at) then min(a.checked_at) end as oldest,
                   (select count(*) from dead_letters where routed_at is null) as "dead_letters!"
            from audits a
            "#
        )
        .fetch_one(&self.pool)
        .await?;
        let texts = sqlx::query!(
            r#"
            select coalesce(sum(h.twilio), 0)::bigint as "twilio!", coalesce(sum(h.here), 0)::bigint as "here!",
                   coalesce(sum(h.elsewhere), 0)::bigint as "elsewhere!"
            from audits a join audit_hours h on h.account_sid = a.account_sid and h.hour >= date_trunc('hour', a.window_from)
            "#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(AuditTotals {
            twilio: texts.twilio,
            here: texts.here,
            elsewhere: texts.elsewhere,
            imported: row.imported,
            settled: row.settled,
            failing: row.failing,
            oldest: row.oldest,
            dead_letters: row.dead_letters,
        })
    }

    /// Every account that some workspace may send with.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn configured_accounts(&self) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!(
            r#"select distinct account_sid as "sid!" from workspace_twilio_config
               where is_configured and account_sid <> '' order by 1"#
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

/// Tells the desktops of each workspace with the account what its own numbers came to. The same figures again are told once a
/// minute at most, which is as exactly as anybody reads how long ago that was.
async fn publish(tx: &mut PgConnection, account_sid: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into workspace_audits as told (workspace_id, account_sid, twilio, here, checked_at)
         select c.workspace_id, c.account_sid, coalesce(sum(h.twilio - h.elsewhere), 0), coalesce(sum(h.here), 0), $2
         from workspace_twilio_config c
         left join workspace_audit_hours h on h.workspace_id = c.workspace_id
         where c.account_sid = $1 and c.is_configured
         group by c.workspace_id
         order by c.workspace_id
         on conflict (workspace_id) do update
         set account_sid = excluded.account_sid, twilio = excluded.twilio, here = excluded.here, checked_at = excluded.checked_at
         where (told.account_sid, told.twilio, told.here) is distinct from (excluded.account_sid, excluded.twilio, excluded.here)
            or excluded.checked_at >= told.checked_at + interval '1 minute'",
        account_sid,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
