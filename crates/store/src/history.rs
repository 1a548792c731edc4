//! What became of a conversation: who it was assigned to, who closed or snoozed it, who opted its contact out.
//!
//! Read from what was carried out (`commands`) and from the ledger of consents; written by neither. Called by `http::history`. As long
//! as the workspace keeps what was done.

use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    protocol::HistoryEntry,
};

use crate::{Consent, Result, Store};

/// How many lines are told, the newest ones.
const MOST: usize = 200;

impl Store {
    /// The newest lines, oldest first; `None` without such a contact in this workspace.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn history(&self, workspace: WorkspaceId, contact: ContactId) -> Result<Option<Vec<HistoryEntry>>> {
        let Some(consents) = self.consents(workspace, contact).await? else { return Ok(None) };
        let mut lines = self.done_with(workspace, contact).await?;
        lines.extend(consents.into_iter().filter_map(decided));
        lines.sort_by_key(|line| line.at);
        // An opt-out of each sender is a line of the ledger, and one thing that happened.
        lines.dedup();
        lines.drain(..lines.len().saturating_sub(MOST));
        Ok(Some(lines))
    }

    /// What agents did with it.
    async fn done_with(&self, workspace: WorkspaceId, contact: ContactId) -> Result<Vec<HistoryEntry>> {
        // The conditions are those of the index, word for word.
        let rows = sqlx::query!(
            r#"
            select executed_at, user_id, action ->> 'type' as "kind!", action ->> 'status' as status,
                   action ->> 'userId' as assignee, action ->> 'until' as until
            from commands
            where workspace_id = $1 and action ->> 'contactId' = $2::text and refused is null
              and action ->> 'type' in ('assign', 'unassign', 'setStatus', 'close', 'snooze', 'block', 'unblock', 'mergeContacts')
            order by executed_at desc
            limit $3
            "#,
            workspace.0,
            contact.to_string(),
            i64::try_from(MOST).unwrap_or(i64::MAX),
        )
        .fetch_all(&self.pool)
        .await?;
        let lines = rows.into_iter().filter_map(|row| {
            Some(HistoryEntry {
                at: row.executed_at,
                kind: named(&row.kind, row.status.as_deref())?.to_owned(),
                decided_by: "agent".to_owned(),
                by: Some(UserId(row.user_id)),
                assignee: row.assignee.and_then(|id| id.parse().ok()),
                until: row.until.and_then(|at| at.parse().ok()),
            })
        });
        Ok(lines.collect())
    }
}

/// What a command is called in a history.
fn named(kind: &str, status: Option<&str>) -> Option<&'static str> {
    Some(match (kind, status) {
        ("assign", _) => "assigned",
        ("unassign", _) => "unassigned",
        ("close", _) | ("setStatus", Some("Closed")) => "closed",
        ("setStatus", Some("Open")) => "opened",
        ("setStatus", Some("Pending")) => "pending",
        ("snooze", _) => "snoozed",
        ("block", _) => "blocked",
        ("unblock", _) => "unblocked",
        ("mergeContacts", _) => "merged",
        _ => return None,
    })
}

/// Somebody asked for help decided nothing.
fn decided(consent: Consent) -> Option<HistoryEntry> {
    let Consent { decision, decided_by, user_id, at, .. } = consent;
    let by = user_id.map(UserId);
    (decision != "help").then_some(HistoryEntry { at, kind: decision, decided_by, by, assignee: None, until: None })
}
