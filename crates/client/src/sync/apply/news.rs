//! What the notification policy wants to know about the texts of a page.
//!
//! Called by [`super`] within the transaction that stores them, so that names and counts are those of the page. Decides nothing: that is
//! `notify::policy`.

use std::collections::BTreeMap;

use deskline_domain::{ids::ContactId, message::MessageRow};
use sqlx::{Row, SqliteConnection};

use crate::{Result, inbox::display_name, notify::policy::News};

/// What the notification policy wants to know, one entry a contact, in the order of the newest text.
pub(super) async fn news(tx: &mut SqliteConnection, fresh: &[&MessageRow]) -> Result<Vec<News>> {
    let mut newest: BTreeMap<ContactId, (&MessageRow, u32)> = BTreeMap::new();
    for row in fresh {
        newest
            .entry(row.contact_id)
            .and_modify(|(last, count)| {
                *count += 1;
                if (last.created_at, last.id) < (row.created_at, row.id) {
                    *last = row;
                }
            })
            .or_insert((row, 1));
    }
    let mut ordered: Vec<_> = newest.into_values().collect();
    ordered.sort_by_key(|(row, _)| (row.created_at, row.id));

    let mut news = Vec::new();
    for (row, count) in ordered {
        let contact =
            sqlx::query("select name, phone, unread_count, blocked_at, assigned_to from contacts where id = ?")
                .bind(row.contact_id.to_string())
                .fetch_optional(&mut *tx)
                .await?;
        let sender = row.from_number.as_deref().unwrap_or("a contact");
        let assigned_to = contact
            .as_ref()
            .and_then(|contact| contact.get::<Option<&str>, _>("assigned_to"))
            .and_then(|member| member.parse().ok());
        let (name, unread) = match contact {
            // The team does not want to be told.
            Some(contact) if contact.get::<Option<i64>, _>("blocked_at").is_some() => continue,
            Some(contact) => (display_name(contact.get("name"), contact.get("phone")), contact.get("unread_count")),
            // Its row comes with a later page.
            None => (display_name(None, sender), i64::from(count)),
        };
        news.push(News {
            contact_id: row.contact_id,
            name,
            newest: row.content.clone(),
            newest_id: row.id,
            count,
            unread,
            assigned_to,
            // What this machine knows, `announce` adds.
            team: None,
            muted: false,
        });
    }
    Ok(news)
}
