//! Carrying out what an agent did.
//!
//! Called by `POST /commands` (and by a desktop that works directly). Idempotent by the command's id. Asks for the user's
//! membership and role itself. The verbs are in files of their own under `execute/`; each looks for its rows in the command's
//! workspace and nowhere else.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use deskline_domain::{
    command::{Action, Command},
    ids::{ContactId, UserId, WorkspaceId},
    protocol::CommandOutcome,
};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{Result, Role, Store, TwilioAccount, rows::storable_json, store::retry};

mod canned;
mod contact;
mod conversation;
mod labels;
mod members;
mod merge;
mod notes;
mod reading;
mod texts;

/// Whether a command was carried out, and otherwise why it never will be, as the agent reads it.
type Verdict = Result<(), Cow<'static, str>>;

/// What a command is refused with when its contact is not there, or another workspace's.
const NO_CONTACT: &str = "This contact is no longer there.";
const ADMINS_ONLY: &str = "Only owners and admins of this workspace may do this.";

/// Who does it, where and when.
#[derive(Clone, Copy)]
struct Deed {
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    /// By the desktop's clock.
    at: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Store {
    /// Carries a command out, once.
    ///
    /// # Errors
    /// [`crate::Error::Database`]: try again. What will never succeed is [`CommandOutcome::Refused`].
    pub async fn execute(&self, user: UserId, command: &Command, now: DateTime<Utc>) -> Result<CommandOutcome> {
        let Some(role) = self.role_of(command.workspace_id, user).await? else {
            return Ok(refused("You are not a member of this workspace."));
        };
        // A desktop's clock is told, not trusted: what it says may lie outside of any calendar.
        let at = command.at.clamp(DateTime::UNIX_EPOCH, now.max(DateTime::UNIX_EPOCH));
        let deed = Deed { workspace: command.workspace_id, user, role, at, now };
        // A token that cannot be opened is told when the text is to be handed out.
        let account = match &command.action {
            Action::Resend { .. } => self.twilio_account(command.workspace_id).await.ok().flatten(),
            _ => None,
        };
        let account = account.as_ref().filter(|account| account.can_send());
        if let Some(refusal) = retry(|| self.execute_once(command, deed, account)).await? {
            return Ok(CommandOutcome::Refused { reason: refusal });
        }
        // Its own change has been numbered by now, at the head or below it.
        Ok(CommandOutcome::Done { seq: self.head(command.workspace_id).await?.seq, at: now })
    }

    /// The reason, if it is refused.
    async fn execute_once(
        &self,
        command: &Command,
        deed: Deed,
        account: Option<&TwilioAccount>,
    ) -> Result<Option<String>> {
        let mut tx = self.pool.begin().await?;
        // Whoever carries out the same command at this moment is waited for here.
        let first = sqlx::query!(
            "insert into commands (id, workspace_id, user_id, action, executed_at) values ($1, $2, $3, $4, $5)
             on conflict (id) do nothing",
            command.id.0,
            command.workspace_id.0,
            deed.user.0,
            for_the_record(&command.action),
            deed.now,
        )
        .execute(&mut *tx)
        .await?
        .rows_affected()
            > 0;
        if !first {
            return recall(&mut tx, deed.user, command).await;
        }

        let verdict = match permission(&command.action, deed.role) {
            Ok(()) => carry_out(&mut tx, deed, &command.action, account).await?,
            refusal => refusal,
        };
        let refusal = verdict.err();
        if refusal.is_some() {
            sqlx::query!("update commands set refused = $2 where id = $1", command.id.0, refusal.as_deref())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(refusal.map(Cow::into_owned))
    }
}

fn refused(reason: &str) -> CommandOutcome {
    CommandOutcome::Refused { reason: reason.to_owned() }
}

/// What the list of commands keeps: all but the text of notes and replies, since a deleted note is to be gone.
fn for_the_record(action: &Action) -> Value {
    let mut kept = storable_json(&json!(action));
    if let Some(fields) = kept.as_object_mut() {
        fields.remove("content");
    }
    kept
}

/// What can be said without looking at a row.
fn permission(action: &Action, role: Role) -> Verdict {
    if action.is_for_admins() && !role.is_admin() {
        return Err(ADMINS_ONLY.into());
    }
    action.check().map_err(|bad| bad.to_string().into())
}

/// Does it. A verb that refuses has written nothing.
async fn carry_out(
    tx: &mut PgConnection,
    deed: Deed,
    action: &Action,
    account: Option<&TwilioAccount>,
) -> Result<Verdict> {
    match action {
        Action::MarkRead { contact_id, up_to } => reading::mark_read(tx, deed, *contact_id, *up_to).await,
        Action::MarkUnread { contact_id } => reading::mark_unread(tx, deed, *contact_id).await,
        Action::Assign { contact_id, user_id } => conversation::assign(tx, deed, *contact_id, *user_id).await,
        Action::Unassign { contact_id } => conversation::unassign(tx, deed, *contact_id).await,
        Action::SetStatus { contact_id, status } => conversation::set_status(tx, deed, *contact_id, *status).await,
        Action::Close { contact_id, seen } => conversation::close(tx, deed, *contact_id, *seen).await,
        Action::Resend { contact_id, message_id, seen } => {
            texts::resend(tx, deed, *contact_id, *message_id, *seen, account).await
        }
        Action::Snooze { contact_id, until } => conversation::snooze(tx, deed, *contact_id, *until).await,
        Action::AddLabel { contact_id, label_id } => labels::add(tx, deed, *contact_id, *label_id).await,
        Action::RemoveLabel { contact_id, label_id } => labels::remove(tx, deed, *contact_id, *label_id).await,
        Action::CreateLabel { label_id, name, color } => labels::create(tx, deed, *label_id, name, color).await,
        Action::UpdateLabel { label_id, name, color } => labels::update(tx, deed, *label_id, name, color).await,
        Action::DeleteLabel { label_id } => labels::delete(tx, deed, *label_id).await,
        Action::AddNote { contact_id, note_id, content, mentions } => {
            notes::add(tx, deed, *contact_id, *note_id, content, mentions).await
        }
        Action::EditNote { note_id, content, mentions } => notes::edit(tx, deed, *note_id, content, mentions).await,
        Action::DeleteNote { note_id } => notes::delete(tx, deed, *note_id).await,
        Action::CreateCannedReply { canned_reply_id, name, content } => {
            canned::create(tx, deed, *canned_reply_id, name, content).await
        }
        Action::UpdateCannedReply { canned_reply_id, name, content } => {
            canned::update(tx, deed, *canned_reply_id, name, content).await
        }
        Action::DeleteCannedReply { canned_reply_id } => canned::delete(tx, deed, *canned_reply_id).await,
        Action::RenameContact { contact_id, name } => contact::rename(tx, deed, *contact_id, name).await,
        Action::SetAttribute { contact_id, name, value } => {
            contact::set_attribute(tx, deed, *contact_id, name, value).await
        }
        Action::RemoveAttribute { contact_id, name } => contact::remove_attribute(tx, deed, *contact_id, name).await,
        Action::MergeContacts { contact_id, from } => merge::merge(tx, deed, *contact_id, *from).await,
        Action::Block { contact_id } => contact::block(tx, deed, *contact_id).await,
        Action::Unblock { contact_id } => contact::unblock(tx, deed, *contact_id).await,
        Action::RenameMember { user_id, name } => members::rename(tx, deed, *user_id, name).await,
    }
}

/// What became of a command that was carried out before.
async fn recall(tx: &mut PgConnection, user: UserId, command: &Command) -> Result<Option<String>> {
    let before = sqlx::query!("select workspace_id, user_id, refused from commands where id = $1", command.id.0)
        .fetch_optional(tx)
        .await?;
    match before {
        Some(before) if (before.workspace_id, before.user_id) == (command.workspace_id.0, user.0) => Ok(before.refused),
        // Somebody else's, which a desktop that works directly does not even see.
        _ => Ok(Some("Another command has this id.".to_owned())),
    }
}

/// Locks a contact of the workspace until the transaction ends.
async fn lock_contact(tx: &mut PgConnection, deed: Deed, contact: ContactId) -> Result<Verdict> {
    let there = sqlx::query_scalar!(
        "select id from contacts where workspace_id = $1 and id = $2 for no key update",
        deed.workspace.0,
        contact.0,
    )
    .fetch_optional(tx)
    .await?;
    Ok(there.map(drop).ok_or(NO_CONTACT.into()))
}

/// Whether all of them are members. Whoever repeats a member says nothing new.
async fn are_members(tx: &mut PgConnection, deed: Deed, users: &[UserId]) -> Result<bool> {
    let users: Vec<_> = users.iter().map(|user| user.0).collect();
    Ok(sqlx::query_scalar!(
        r#"select not exists (
             select from unnest($2::uuid[]) u (id)
             where not exists (select from workspace_members m where m.workspace_id = $1 and m.user_id = u.id)
           ) as "all!""#,
        deed.workspace.0,
        &users,
    )
    .fetch_one(tx)
    .await?)
}

/// The verdict on a statement that names one row: it was there, or it was not.
fn if_there(rows_affected: u64, otherwise: &'static str) -> Result<Verdict> {
    Ok(if rows_affected > 0 { Ok(()) } else { Err(otherwise.into()) })
}
