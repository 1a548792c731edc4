//! Who may be texted: the append-only ledger of what contacts, agents and Twilio decided.
//!
//! Written by `inbound` (a keyword came), by `status` (Twilio refused a text with 21610) and by an agent's hand. Each line is
//! about one sender of ours, as Twilio's own opt-outs are; `contacts.opted_out_at`, which the gate reads, is set for as long as
//! any of them is in force. What a contact said can be undone by the contact alone.

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ContactRow,
    gate::OPTED_OUT_CODE,
    ids::{ContactId, UserId, WorkspaceId},
    keyword::Keyword,
    message::MessageRow,
};
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    NewInbound, Result, Store, locks,
    rows::{self, storable},
    store::retry,
};

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// Our number, or the Messaging Service, that it is about; `None` is all of them.
    pub sender: Option<String>,
    /// `opted_out`, `opted_in` or `help`.
    pub decision: String,
    /// `contact`, `agent`, or `twilio` for an opt-out that we learned of when a text was refused.
    pub decided_by: String,
    /// The agent, where one decided.
    pub user_id: Option<Uuid>,
    /// The text that said it, or that was refused.
    pub message_id: Option<Uuid>,
    /// Why, in the agent's words.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A contact that may not be texted, and whose latest word that was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OptOut {
    /// Who.
    pub contact_id: Uuid,
    /// The contact's name, where it has one.
    pub name: Option<String>,
    /// The contact's number.
    pub phone: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// `contact`, `agent` or `twilio`; `None` for what another program wrote.
    pub decided_by: Option<String>,
    /// The agent, where one decided.
    pub user_id: Option<Uuid>,
    /// Why, in the agent's words.
    pub reason: Option<String>,
}

/// An agent's decision about a contact.
#[derive(Clone, Copy, Debug)]
pub struct ByHand<'a> {
    /// Whose contact.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub contact_id: ContactId,
    /// The agent.
    pub by: UserId,
    /// Why, 1 to [`LONGEST_REASON`] characters.
    pub reason: Option<&'a str>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// What became of an agent's wish to change an opt-out.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsentOutcome {
    /// The contact as it stands now; it may have stood so before.
    Done(Box<ContactRow>),
    /// The contact itself opted out: only the contact can opt in again.
    OnlyTheContact,
    /// No such contact in this workspace.
    ContactNotFound,
}

impl Store {
    /// An agent opts a contact out, of every sender of the workspace. Changes nothing for one who is opted out already.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn opt_out(&self, wish: ByHand<'_>) -> Result<ConsentOutcome> {
        retry(|| async {
            let mut tx = self.pool.begin().await?;
            let Some(found) = locks::contact(&mut tx, wish.workspace_id, wish.contact_id).await? else {
                return Ok(ConsentOutcome::ContactNotFound);
            };
            if found.opted_out_at.is_some() {
                return Ok(ConsentOutcome::Done(Box::new(found)));
            }
            decide(&mut tx, "opted_out", wish).await?;
            let found = show(&mut tx, wish.contact_id, None).await?;
            tx.commit().await?;
            Ok(ConsentOutcome::Done(Box::new(found)))
        })
        .await
    }

    /// An agent takes an agent's opt-out back.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn opt_in(&self, wish: ByHand<'_>) -> Result<ConsentOutcome> {
        retry(|| async {
            let mut tx = self.pool.begin().await?;
            let Some(found) = locks::contact(&mut tx, wish.workspace_id, wish.contact_id).await? else {
                return Ok(ConsentOutcome::ContactNotFound);
            };
            if found.opted_out_at.is_none() {
                return Ok(ConsentOutcome::Done(Box::new(found)));
            }
            // An opt-out without a line was written by another program, and counts as the contact's.
            let agents_alone = sqlx::query_scalar!(
                r#"select coalesce(bool_and(decided_by = 'agent'), false) as "agents_alone!" from opt_outs where contact_id = $1"#,
                wish.contact_id.0,
            )
            .fetch_one(&mut *tx)
            .await?;
            if !agents_alone {
                return Ok(ConsentOutcome::OnlyTheContact);
            }
            decide(&mut tx, "opted_in", wish).await?;
            let found = show(&mut tx, wish.contact_id, Some(wish.now)).await?;
            tx.commit().await?;
            Ok(ConsentOutcome::Done(Box::new(found)))
        })
        .await
    }

    /// A contact's lines, oldest first; `None` when there is no such contact in this workspace.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn consents(&self, workspace: WorkspaceId, contact: ContactId) -> Result<Option<Vec<Consent>>> {
        if self.contact(workspace, contact).await?.is_none() {
            return Ok(None);
        }
        let lines = sqlx::query_as!(
            Consent,
            "select sender, decision, decided_by, user_id, message_id, reason, at from consents
             where workspace_id = $1 and contact_id = $2 order by at, id",
            workspace.0,
            contact.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Some(lines))
    }

    /// The workspace's contacts that may not be texted, the latest first, at most `limit`; with `search`, those whose name has it, or whose
    /// number has its digits.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn opt_outs(&self, workspace: WorkspaceId, search: Option<&str>, limit: i64) -> Result<Vec<OptOut>> {
        // What no text can hold is looked for in vain.
        let search = search.map(storable);
        let digits: Option<String> =
            search.as_deref().map(|search| search.chars().filter(char::is_ascii_digit).collect());
        let found = sqlx::query_as!(
            OptOut,
            r#"select c.id as contact_id, c.name, c.phone, c.opted_out_at as "since!", said.decided_by as "decided_by?", said.user_id, said.reason
               from contacts c
               left join lateral (
                 select s.decided_by, s.user_id, s.reason from consents s
                 where s.contact_id = c.id and s.decision = 'opted_out' order by s.at desc, s.id desc limit 1
               ) said on true
               where c.workspace_id = $1 and c.opted_out_at is not null
                 and ($2::text is null or strpos(lower(c.name), lower($2)) > 0
                      or $3::text <> '' and strpos(regexp_replace(c.phone, '\D', '', 'g'), $3) > 0)
               order by c.opted_out_at desc, c.id
               limit $4"#,
            workspace.0,
            search,
            digits,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(found)
    }
}

/// Adds an agent's line, about every sender.
async fn decide(tx: &mut PgConnection, decision: &str, wish: ByHand<'_>) -> Result<()> {
    sqlx::query!(
        "insert into consents (workspace_id, contact_id, decision, decided_by, user_id, reason, at)
         values ($1, $2, $3, 'agent', $4, $5, $6)",
        wish.workspace_id.0,
        wish.contact_id.0,
        decision,
        wish.by.0,
        wish.reason.map(storable),
        wish.now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a keyword down, for a contact that is locked. A keyword that arrives late
/// (a dead letter, an import) is put where it belongs: what the contact said afterwards stays in force.
pub(crate) async fn keyword(tx: &mut PgConnection, inbound: &NewInbound, contact: ContactId) -> Result<()> {
    let Some(keyword) = inbound.keyword else { return Ok(()) };
    let sender = storable(inbound.service.as_deref().unwrap_or(&inbound.to));
    let (decision, also_to) = match keyword {
        Keyword::Stop => ("opted_out", None),
        Keyword::Start => ("opted_in", Some(storable(&inbound.to))),
        Keyword::Help => ("help", None),
    };
    // START also ends what an agent set, what was said to the number before it joined the service (or the other way round), and
    // what was said to senders that the team has no more and that could never be texted START.
    sqlx::query!(
        r#"
        insert into consents (workspace_id, contact_id, sender, decision, decided_by, message_id, at)
        select $1, $2, said.sender, $4, 'contact', $5, $6
        from (
          select $3::text as sender
          union
          select o.sender from opt_outs o
          where o.contact_id = $2 and $7::text is not null
            and (o.sender is null or o.sender = $7
                 or not exists (select from twilio_numbers n where n.workspace_id = $1 and n.phone_number = o.sender)
                    and not exists (select from workspace_twilio_config c
                                    where c.workspace_id = $1 and c.messaging_service_sid = o.sender))
        ) said
        "#,
        inbound.workspace_id.0,
        contact.0,
        sender,
        decision,
        inbound.id.0,
        inbound.received_at,
        also_to,
    )
    .execute(&mut *tx)
    .await?;
    show(tx, contact, also_to.map(|_| inbound.received_at)).await?;
    Ok(())
}

/// Learns from a text that Twilio refused because the contact has opted out at Twilio. What the contact said after the text was
/// written counts for more, so an old callback that comes again opts nobody out.
pub(crate) async fn learn(tx: &mut PgConnection, message: &MessageRow) -> Result<()> {
    if message.error_code != Some(OPTED_OUT_CODE) || !message.status.is_failure() {
        return Ok(());
    }
    // A trigger shows it: `opted_out_at` is nothing that a desktop which works directly may write.
    sqlx::query!(
        "insert into consents (workspace_id, contact_id, sender, decision, decided_by, message_id, at)
         select c.workspace_id, c.id, $2, 'opted_out', 'twilio', $3, $4
         from contacts c
         where c.id = $1 and c.opted_out_at is null
           and not exists (select from consents s where s.contact_id = c.id and s.decision <> 'help' and s.at > $5)
         for no key update of c",
        message.contact_id.0,
        message.from_number,
        message.id.0,
        message.updated_at,
        message.created_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes `opted_out_at` what the ledger says: the time of the first opt-out in force. One that another program wrote, and that the
/// ledger knows nothing of, ends only with an opt-in that came after it. Under the contact's lock.
async fn show(tx: &mut PgConnection, contact: ContactId, opted_in_at: Option<DateTime<Utc>>) -> Result<ContactRow> {
    let row = sqlx::query_scalar!(
        r#"
        update contacts c
        set opted_out_at = case when o.since is not null then least(c.opted_out_at, o.since)
                                when c.opted_out_at <= $2 then null
                                else c.opted_out_at end
        from (select min(at) as since from opt_outs where contact_id = $1) o
        where c.id = $1
        returning to_jsonb(c) as "row!"
        "#,
        contact.0,
        opted_in_at,
    )
    .fetch_one(tx)
    .await?;
    rows::contact(row)
}
