//! Snapshot and feed together are complete.

use deskline_domain::{ids::WorkspaceId, row::RawRow};
use deskline_store::{Error, SnapshotSizes, Store};

use crate::{
    replica::Replica,
    world::{World, at, inbound},
};

const SMALL: SnapshotSizes = SnapshotSizes { contacts: 3, messages_each: 2, messages: 5 };

async fn seed(store: &Store, team: WorkspaceId, contacts: i64, texts: i64) {
    for n in 0..contacts * texts {
        let mut text = inbound(team, &format!("+1555{:07}", n % contacts), &n.to_string());
        text.received_at = at(n);
        store.record_inbound(&text).await.unwrap();
    }
}

fn text_of(row: &RawRow, column: &str) -> String {
    row.value()[column].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_page_brings_the_newest_conversations_with_their_newest_texts() {
    let world = World::start().await;
    seed(&world.store, world.team, 7, 4).await;

    let page = world.store.snapshot(world.team, Some("start"), SMALL).await.unwrap();

    let phones: Vec<_> = page.contacts.iter().map(|row| text_of(row, "phone")).collect();
    assert_eq!(phones, ["+15550000006", "+15550000005", "+15550000004"]);
    let texts: Vec<_> = page.messages.iter().map(|row| text_of(row, "content")).collect();
    assert_eq!(texts, ["27", "20", "26", "19", "25", "18"]);
    assert_eq!(page.total, 7 + 28);
    assert_eq!(page.head, world.store.head(world.team).await.unwrap().seq);
    assert!(page.next.is_some());
}

#[tokio::test]
async fn older_history_comes_conversation_by_conversation_each_newest_first_and_whole() {
    let world = World::start().await;
    seed(&world.store, world.team, 4, 7).await;
    let mut token = Some("start".to_owned());
    let mut history = Vec::new();

    while let Some(next) = token {
        let page = world.store.snapshot(world.team, Some(&next), SMALL).await.unwrap();
        if page.contacts.is_empty() {
            assert!(page.messages.len() <= 5, "a page has {} texts", page.messages.len());
            history.extend(page.messages.iter().map(|row| (text_of(row, "contact_id"), text_of(row, "created_at"))));
        }
        token = page.next;
    }

    let mut ordered = history.clone();
    ordered.sort_by(|one, other| other.cmp(one));
    ordered.dedup();
    assert_eq!(history.len(), 28);
    assert_eq!(history, ordered);
}

#[tokio::test]
async fn a_workspace_without_contacts_is_an_empty_page_of_each_part() {
    let world = World::start().await;

    let first = world.store.snapshot(world.team, None, SMALL).await.unwrap();
    let notes = world.store.snapshot(world.team, first.next.as_deref(), SMALL).await.unwrap();
    let last = world.store.snapshot(world.team, notes.next.as_deref(), SMALL).await.unwrap();

    assert!(first.contacts.is_empty() && notes.notes.is_empty() && last.messages.is_empty() && last.next.is_none());
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused() {
    let world = World::start().await;

    for token in [
        "",
        "c",
        "c.1.2.3",
        "x.0.00000000000000000000000000000000.0",
        "m.999999999999999999.00000000000000000000000000000000.0",
        "h.0.00000000000000000000000000000000.0",
        "h.0.00000000000000000000000000000000.0.somebody",
        "n.0.00000000000000000000000000000000.0.00000000000000000000000000000000",
    ] {
        let error = world.store.snapshot(world.team, Some(token), SMALL).await.unwrap_err();
        assert!(matches!(error, Error::BadToken), "{token}: {error:?}");
    }
}

#[tokio::test]
async fn snapshot_and_feed_together_are_the_tables_while_others_write() {
    let world = World::start().await;
    seed(&world.store, world.team, 12, 5).await;
    world
        .sql(
            "insert into notes (id, workspace_id, contact_id, author_id, content)
               select gen_random_uuid(), workspace_id, id, gen_random_uuid(), 'Note' from contacts, generate_series(1, 3);
             insert into labels (id, workspace_id, name, color) select gen_random_uuid(), id, 'Urgent', '#ff0000' from workspaces;
             insert into canned_replies (id, workspace_id, name, content) select gen_random_uuid(), id, 'hi', 'Hi' from workspaces;
             insert into workspace_members (workspace_id, user_id) select id, gen_random_uuid() from workspaces;
             insert into workspace_audits (workspace_id, account_sid, twilio, here, checked_at) select id, 'AC1', 7, 6, now() from workspaces",
        )
        .await;
    let (store, team) = (world.store.clone(), world.team);
    let writer = tokio::spawn(async move {
        for n in 0..60 {
            let text = inbound(team, &format!("+1555{:07}", (n * 5) % 20), "Meanwhile");
            let recorded = store.record_inbound(&text).await.unwrap();
            if n % 6 == 0 {
                sqlx::query("delete from contacts where id = $1")
                    .bind(recorded.contact.id.0)
                    .execute(store.pool())
                    .await
                    .unwrap();
            }
        }
    });

    let mut replica = Replica::of(&world.store, world.team);
    let mut token = Some("start".to_owned());
    let mut head = None;
    while let Some(next) = token {
        let page = world.store.snapshot(world.team, Some(&next), SMALL).await.unwrap();
        head = head.or(Some(page.head));
        page.contacts.iter().for_each(|row| replica.put("contact", row));
        page.messages.iter().for_each(|row| replica.put("message", row));
        page.notes.iter().for_each(|row| replica.put("note", row));
        page.labels.iter().for_each(|row| replica.put("label", row));
        page.canned_replies.iter().for_each(|row| replica.put("canned_reply", row));
        page.members.iter().for_each(|row| replica.put("member", row));
        page.audit.iter().for_each(|row| replica.put("audit", row));
        token = page.next;
    }
    writer.await.unwrap();
    replica.cursor = head.unwrap();
    replica.catch_up().await;

    replica.assert_equals_tables().await;
}
