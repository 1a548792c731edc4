//! Everything that is stored about a conversation, or about a whole workspace, row by row.
//!
//! Called by `GET /contacts/{id}/export` and by the admin command. One statement, and so one moment: nothing is in it twice, and
//! nothing is torn. Never holds more than a few rows. Secrets (tokens, password hashes) are not in it,
//! and neither are drafts: what somebody has begun to write and told nobody is theirs alone.

use deskline_domain::ids::{ContactId, WorkspaceId};
use futures_util::{StreamExt, stream::BoxStream};
use serde::Serialize;
use serde_json::Value;

use crate::{Result, Store};

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exported {
    /// What it is: `workspace`, `member`, `number`, `label`, `canned_reply`, `contact`, `message`, `inbound_form`, `delivery_event`,
    /// `note` or `command`.
    pub kind: String,
    /// The table's row.
    pub row: Value,
}

impl Store {
    /// One conversation (its contact with its consent, texts, what Twilio said about them, notes), or everything when `contact`
    /// is `None`. Rows of a kind come in the order of their time.
    pub fn export(&self, workspace: WorkspaceId, contact: Option<ContactId>) -> BoxStream<'_, Result<Exported>> {
        // The order within a branch is kept, since branches are read one after the other; readers may not rely on more.
        sqlx::query_as!(
            Exported,
            r#"
            select e.kind as "kind!", e.row as "row!"
            from (
              select 'workspace' as kind, to_jsonb(w) as row from workspaces w where w.id = $1 and $2::uuid is null
              union all
              (select 'member', to_jsonb(m) || jsonb_build_object('email', a.email)
               from workspace_members m left join agents a on a.id = m.user_id
               where m.workspace_id = $1 and $2::uuid is null order by m.created_at)
              union all
              (select 'number', to_jsonb(n) from twilio_numbers n where n.workspace_id = $1 and $2::uuid is null order by n.position)
              union all
              (select 'label', to_jsonb(l) from labels l where l.workspace_id = $1 and $2::uuid is null order by l.created_at)
              union all
              (select 'canned_reply', to_jsonb(r) from canned_replies r
               where r.workspace_id = $1 and $2::uuid is null order by r.created_at)
              union all
              (select 'contact', to_jsonb(c) from contacts c
               where c.workspace_id = $1 and ($2::uuid is null or c.id = $2) order by c.created_at)
              union all
              (select 'message', to_jsonb(m) from messages m
               where m.workspace_id = $1 and ($2::uuid is null or m.contact_id = $2) order by m.created_at, m.id)
              union all
              (select 'inbound_form', to_jsonb(i) from inbound_raw i join messages m on m.id = i.message_id
               where m.workspace_id = $1 and ($2::uuid is null or m.contact_id = $2) order by i.received_at)
              union all
              (select 'delivery_event', to_jsonb(d) from delivery_events d join messages m on m.id = d.message_id
               where m.workspace_id = $1 and ($2::uuid is null or m.contact_id = $2) order by d.id)
              union all
              (select 'consent', to_jsonb(k) from consents k
               where k.workspace_id = $1 and ($2::uuid is null or k.contact_id = $2) order by k.at, k.id)
              union all
              (select 'note', to_jsonb(n) from notes n
               where n.workspace_id = $1 and ($2::uuid is null or n.contact_id = $2) order by n.created_at)
              union all
              (select 'command', to_jsonb(k) from commands k where k.workspace_id = $1 and $2::uuid is null order by k.executed_at)
            ) e
            "#,
            workspace.0,
            contact.map(|id| id.0),
        )
        .fetch(&self.pool)
        .map(|row| row.map_err(Into::into))
        .boxed()
    }
}
