//! The only writer of synced rows: a page of the feed or of a snapshot, with the cursor, in one transaction.
//!
//! Called by [`super::pull`] and by [`super::run`]. A row that cannot be read is set aside and reported, and the rest of
//! the page goes on. A page that does not begin at the cursor changes nothing.

mod news;
mod sort;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use deskline_domain::{
    change::{BadRow, ChangePage},
    ids::{ContactId, MessageId, NoteId, WorkspaceId},
    message::{Direction, MessageRow},
    protocol::SnapshotPage,
};
use sqlx::{Row, SqliteConnection};
use tracing::warn;
use uuid::Uuid;

use super::{rows, team};
use crate::{
    Result,
    cache::{Cache, json_ids},
    database::micros,
    notify::policy::News,
    search::index::index_now,
};

use news::news;
use sort::{Sorted, sort, sort_snapshot};

/// A page with so many texts is news, and can be searched with the transaction that brings it. Larger ones are indexed in the background.
const LIVE: usize = 50;

/// What a page did to the cache.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Applied {
    /// Rows of the list that may look different now.
    pub(crate) contacts: BTreeSet<ContactId>,
    /// Bubbles that may look different now.
    pub(crate) messages: BTreeMap<ContactId, Vec<MessageId>>,
    /// Every message of the page, gone ones included: the outbox need not show them any more.
    pub(crate) settled: Vec<MessageId>,
    /// Inbound texts that the cache did not have, newest contact last.
    pub(crate) news: Vec<News>,
    /// Their ids.
    pub(crate) received: BTreeMap<ContactId, Vec<MessageId>>,
    /// Contacts without unread texts now, that had some before.
    pub(crate) read: Vec<ContactId>,
    /// Notes that may look different now.
    pub(crate) notes: BTreeMap<ContactId, Vec<NoteId>>,
    /// Whether labels, canned replies or members are other ones now.
    pub(crate) team: bool,
    /// Whether the comparison with Twilio says something else now.
    pub(crate) audit: bool,
}

/// Applies a page of the feed. `None` when it does not begin at the cursor: the caller asks for what lies between.
pub(crate) async fn changes(cache: &Cache, page: &ChangePage, now: DateTime<Utc>) -> Result<Option<Applied>> {
    let sorted = sort(&page.changes);
    let mut tx = cache.writer.begin_with("begin immediate").await?;
    let moved = sqlx::query(
        "update cursors set seq = ?1, whole_seq = iif(?5, ?1, whole_seq) where workspace_id = ?2 and feed = ?3 and seq = ?4",
    )
    .bind(page.up_to)
    .bind(page.workspace_id.to_string())
    .bind(page.feed.to_string())
    .bind(page.after)
    .bind(!page.has_more())
    .execute(&mut *tx)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(None);
    }
    let applied = store(&mut tx, page.workspace_id, &sorted, now).await?;
    if sorted.messages.len() <= LIVE {
        let texts = sorted.messages.iter().map(|row| (micros(row.created_at), row.id.to_string()));
        index_now(&mut tx, texts).await?;
    }
    tx.commit().await?;
    cache.index.wake.notify_one();
    Ok(Some(applied))
}

/// Applies a page of a snapshot. The `first` one takes the place of everything that the team had in the cache, and sets the
/// cursor; each later one continues where `next` of the one before pointed.
pub(crate) async fn snapshot(cache: &Cache, page: &SnapshotPage, first: bool, now: DateTime<Utc>) -> Result<Applied> {
    let sorted = sort_snapshot(page);
    // As the server counts them in `total`.
    let rows = i64::try_from(page.contacts.len() + page.messages.len() + page.notes.len()).unwrap_or(i64::MAX);
    let workspace_id = page.workspace_id.to_string();
    let mut tx = cache.writer.begin_with("begin immediate").await?;
    if first {
        for sql in [
            "delete from messages where workspace_id = ?",
            "delete from contact_labels where contact_id in (select id from contacts where workspace_id = ?)",
            "delete from contacts where workspace_id = ?",
            "delete from notes where workspace_id = ?",
            "delete from labels where workspace_id = ?",
            "delete from canned_replies where workspace_id = ?",
            "delete from members where workspace_id = ?",
            "delete from audits where workspace_id = ?",
            "delete from quarantine where workspace_id = ?",
            "delete from cursors where workspace_id = ?",
        ] {
            sqlx::query(sql).bind(&workspace_id).execute(&mut *tx).await?;
        }
        sqlx::query(
            "insert into cursors (workspace_id, feed, seq, whole_seq, snapshot_next, snapshot_done, snapshot_total) \
             values (?1, ?2, ?3, ?3, ?4, ?5, ?6)",
        )
        .bind(&workspace_id)
        .bind(page.feed.to_string())
        .bind(page.head)
        .bind(&page.next)
        .bind(rows)
        .bind(page.total)
        .execute(&mut *tx)
        .await?;
    } else {
        sqlx::query(
            "update cursors set snapshot_next = ?2, snapshot_done = snapshot_done + ?3, snapshot_total = ?4 \
             where workspace_id = ?1",
        )
        .bind(&workspace_id)
        .bind(&page.next)
        .bind(rows)
        .bind(page.total)
        .execute(&mut *tx)
        .await?;
    }
    let applied = store(&mut tx, page.workspace_id, &sorted, now).await?;
    tx.commit().await?;
    cache.index.wake.notify_one();
    Ok(applied)
}

/// Names the row, and never what is in it.
fn report(error: &BadRow) {
    warn!(seq = error.seq, entity = %error.entity, id = %error.id, "A row cannot be read and was set aside");
}

async fn store(
    tx: &mut SqliteConnection,
    workspace_id: WorkspaceId,
    sorted: &Sorted,
    now: DateTime<Utc>,
) -> Result<Applied> {
    let mut applied = Applied::default();
    let before = unread_before(tx, sorted).await?;
    let known = known_messages(tx, sorted).await?;
    for (contact_id, id) in contacts_of(tx, &sorted.gone_messages).await? {
        applied.contacts.insert(contact_id);
        applied.messages.entry(contact_id).or_default().push(id);
    }

    rows::put_contacts(tx, &sorted.contacts).await?;
    rows::put_messages(tx, &sorted.messages).await?;
    rows::delete_contacts(tx, workspace_id, &sorted.gone_contacts).await?;
    rows::delete_messages(tx, workspace_id, &sorted.gone_messages).await?;
    applied.notes = team::notes_touched(tx, &sorted.team).await?;
    team::put(tx, workspace_id, &sorted.team).await?;
    rows::put_audits(tx, &sorted.audits).await?;
    rows::delete_audits(tx, &sorted.gone_audits).await?;
    rows::quarantine(tx, workspace_id, &sorted.bad, now).await?;

    applied.team = sorted.team.concern_the_team();
    applied.audit = !sorted.audits.is_empty() || !sorted.gone_audits.is_empty();
    applied.contacts.extend(sorted.contacts.iter().map(|row| row.id));
    applied.contacts.extend(sorted.gone_contacts.iter().copied().map(ContactId));
    applied.settled.extend(sorted.gone_messages.iter().copied().map(MessageId));
    for row in &sorted.messages {
        applied.contacts.insert(row.contact_id);
        applied.messages.entry(row.contact_id).or_default().push(row.id);
        applied.settled.push(row.id);
    }
    applied.read = sorted
        .contacts
        .iter()
        .filter(|row| row.unread_count == 0 && before.get(&row.id).is_some_and(|unread| *unread > 0))
        .map(|row| row.id)
        .collect();
    let fresh: Vec<&MessageRow> = sorted
        .messages
        .iter()
        .filter(|row| {
            row.direction == Direction::Inbound && sorted.created.contains(&row.id) && !known.contains(&row.id)
        })
        .collect();
    for row in &fresh {
        applied.received.entry(row.contact_id).or_default().push(row.id);
    }
    applied.news = news(tx, &fresh).await?;
    Ok(applied)
}

async fn unread_before(tx: &mut SqliteConnection, sorted: &Sorted) -> Result<BTreeMap<ContactId, i64>> {
    let rows = sqlx::query("select id, unread_count from contacts where id in (select value from json_each(?))")
        .bind(json_ids(sorted.contacts.iter().map(|row| row.id)))
        .fetch_all(tx)
        .await?;
    Ok(rows.iter().filter_map(|row| Some((row.get::<&str, _>(0).parse().ok()?, row.get(1)))).collect())
}

async fn known_messages(tx: &mut SqliteConnection, sorted: &Sorted) -> Result<BTreeSet<MessageId>> {
    let rows = sqlx::query("select id from messages where id in (select value from json_each(?))")
        .bind(json_ids(&sorted.created))
        .fetch_all(tx)
        .await?;
    Ok(rows.iter().filter_map(|row| row.get::<&str, _>(0).parse().ok()).collect())
}

/// Whose threads lose a bubble.
async fn contacts_of(tx: &mut SqliteConnection, gone: &[Uuid]) -> Result<Vec<(ContactId, MessageId)>> {
    let rows = sqlx::query("select contact_id, id from messages where id in (select value from json_each(?))")
        .bind(json_ids(gone))
        .fetch_all(tx)
        .await?;
    Ok(rows
        .iter()
        .filter_map(|row| Some((row.get::<&str, _>(0).parse().ok()?, row.get::<&str, _>(1).parse().ok()?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use deskline_domain::{change::Change, ids::FeedId, row::RawRow};
    use serde_json::{Value, json};

    use super::*;
    use crate::{credentials::FileKey, database::Place, options::Dice};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const FEED: FeedId = FeedId(Uuid::from_u128(1));
    const SALES: WorkspaceId = WorkspaceId(Uuid::from_u128(2));
    const SUPPORT: WorkspaceId = WorkspaceId(Uuid::from_u128(3));
    const ANN: Uuid = Uuid::from_u128(4);

    fn ann(workspace_id: WorkspaceId) -> Value {
        json!({
            "id": ANN, "workspace_id": workspace_id, "name": "Ann", "phone": "+15550100001", "phone_number": "+15550100001",
            "unread_count": 0, "conversation_status": "Open", "labels": [Uuid::from_u128(9)], "created_at": NOW,
            "updated_at": NOW,
        })
    }

    async fn cache(workspaces: &[WorkspaceId], head: i64) -> Cache {
        let cache = Cache::open(&Place::Memory, &FileKey::roll(&Dice::default()), NOW).await.unwrap().0;
        for workspace_id in workspaces {
            let page = json!({
                "workspaceId": workspace_id, "feed": FEED, "head": head, "contacts": [], "messages": [], "next": null,
                "total": 0,
            });
            snapshot(&cache, &serde_json::from_value(page).unwrap(), true, NOW).await.unwrap();
        }
        cache
    }

    fn page(workspace_id: WorkspaceId, after: i64, up_to: i64, head: i64, row: Option<Value>) -> ChangePage {
        let row = row.map(RawRow::from);
        let change = Change { seq: up_to, entity: "contact".to_owned(), id: ANN, created: false, row };
        ChangePage { workspace_id, feed: FEED, after, up_to, head, changes: vec![change] }
    }

    #[tokio::test]
    async fn every_change_up_to_the_cursor_is_here_only_where_the_feed_had_nothing_more_to_tell() {
        let cache = cache(&[SALES], 5).await;
        let progress = async || cache.progress(SALES).await.unwrap().map(|found| (found.cursor.seq, found.whole));
        assert_eq!(progress().await, Some((5, 5)), "a row of a snapshot has everything up to its head");

        changes(&cache, &page(SALES, 5, 7, 9, Some(ann(SALES))), NOW).await.unwrap();
        assert_eq!(progress().await, Some((7, 5)), "a row that changed at 6 and again at 8 is told at 8");

        changes(&cache, &page(SALES, 7, 9, 9, Some(ann(SALES))), NOW).await.unwrap();
        assert_eq!(progress().await, Some((9, 9)));
    }

    #[tokio::test]
    async fn a_contact_that_goes_to_another_team_stays_whichever_feed_is_heard_first() {
        for sales_first in [true, false] {
            let cache = cache(&[SALES, SUPPORT], 0).await;
            changes(&cache, &page(SALES, 0, 1, 1, Some(ann(SALES))), NOW).await.unwrap();
            let gone = page(SALES, 1, 2, 2, None);
            let here = page(SUPPORT, 0, 1, 1, Some(ann(SUPPORT)));

            for page in if sales_first { [&gone, &here] } else { [&here, &gone] } {
                changes(&cache, page, NOW).await.unwrap();
            }

            let contact = cache.contact(ContactId(ANN)).await.unwrap().expect("the contact is there");
            let listed: i64 =
                sqlx::query_scalar("select count(*) from contact_labels").fetch_one(&cache.pool).await.unwrap();
            assert_eq!((contact.workspace_id, listed), (SUPPORT, 1));
        }
    }
}
