//! Two contacts are one person.
//!
//! What was said with one moves to the other, and the number of the one that goes is kept beside it: `record_inbound` finds the
//! contact by it. Texts go out to the number of the one that stays. What one of them wished holds for the person: an opt-out of
//! either is an opt-out, until a START.

use std::collections::HashMap;

use deskline_domain::{contact::ContactRow, ids::ContactId};
use sqlx::PgConnection;

use super::{Deed, NO_CONTACT, Verdict};
use crate::{Result, rows};

pub(super) async fn merge(tx: &mut PgConnection, deed: Deed, stays: ContactId, goes: ContactId) -> Result<Verdict> {
    let found = sqlx::query_scalar!(
        r#"select to_jsonb(c) as "row!" from contacts c where c.workspace_id = $1 and c.id = any($2) order by c.id for update"#,
        deed.workspace.0,
        &[stays.0, goes.0],
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut found: HashMap<ContactId, ContactRow> =
        found.into_iter().map(|row| rows::contact(row).map(|row| (row.id, row))).collect::<Result<_>>()?;
    let (Some(kept), Some(gone)) = (found.remove(&stays), found.remove(&goes)) else {
        return Ok(Err(NO_CONTACT.into()));
    };
    if kept.blocked_at.is_some() != gone.blocked_at.is_some() {
        return Ok(Err(
            "One of these contacts is blocked and the other is not. Block or unblock one of them first.".into()
        ));
    }
    if has_texts_to_send(tx, goes).await? {
        // It goes to the number that it was written for, and in its own order.
        return Ok(Err(
            "A text to this contact has not left yet. Wait until it has, or cancel it, and merge again.".into()
        ));
    }

    move_conversation(tx, stays, goes).await?;
    sqlx::query!("delete from contacts where id = $1", goes.0).execute(&mut *tx).await?;
    take_over(tx, &kept, &gone).await?;
    Ok(Ok(()))
}

async fn has_texts_to_send(tx: &mut PgConnection, contact: ContactId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sends where contact_id = $1)
               or exists (select from scheduled s join messages m on m.id = s.message_id
                          where s.contact_id = $1 and m.status = 'scheduled') as "any!""#,
        contact.0,
    )
    .fetch_one(tx)
    .await?)
}

async fn move_conversation(tx: &mut PgConnection, stays: ContactId, goes: ContactId) -> Result<()> {
    sqlx::query!("update messages set contact_id = $1 where contact_id = $2", stays.0, goes.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("update consents set contact_id = $1 where contact_id = $2", stays.0, goes.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("update notes set contact_id = $1 where contact_id = $2", stays.0, goes.0).execute(&mut *tx).await?;
    // Who has begun a text to both keeps the one to the contact that stays. A note or a setting alone is no text: it goes on beside the other.
    sqlx::query!(
        "update drafts g set reply = s.reply from drafts s
         where s.contact_id = $1 and g.contact_id = $2 and g.user_id = s.user_id
           and s.content is null and s.files = '[]' and s.reply <> '{}'",
        stays.0,
        goes.0,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from drafts s where s.contact_id = $1 and s.content is null and s.files = '[]'
           and (s.reply = '{}' or exists (select from drafts g where g.contact_id = $2 and g.user_id = s.user_id))",
        stays.0,
        goes.0,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update drafts d set contact_id = $1
         where d.contact_id = $2 and not exists (select from drafts o where o.user_id = d.user_id and o.contact_id = $1)",
        stays.0,
        goes.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The one that stays keeps its name and number; what it does not know it learns from the other. The conversation is open if
/// either was.
async fn take_over(tx: &mut PgConnection, kept: &ContactRow, gone: &ContactRow) -> Result<()> {
    sqlx::query!(
        "update contacts c
         set unread_count = c.unread_count + $2,
             conversation_status = case when $3 = 'Open' then 'Open' else c.conversation_status end,
             opted_out_at = least(c.opted_out_at, $4),
             last_message_at = greatest(c.last_message_at, $5),
             assigned_to = coalesce(c.assigned_to, $6),
             labels = c.labels || array(select l from unnest($7::uuid[]) with ordinality u (l, n) where not c.labels @> array[l] order by n),
             attributes = $8::jsonb || c.attributes,
             other_phones = array(select distinct p from unnest(c.other_phones || $9::text[] || $10::text) p where p <> c.phone order by p)
         where c.id = $1",
        kept.id.0,
        gone.unread_count,
        gone.conversation_status.as_str(),
        gone.opted_out_at,
        gone.last_message_at,
        gone.assigned_to.map(|user| user.0),
        &gone.labels.iter().map(|label| label.0).collect::<Vec<_>>(),
        serde_json::json!(gone.attributes),
        &gone.other_phones,
        gone.phone,
    )
    .execute(tx)
    .await?;
    Ok(())
}
