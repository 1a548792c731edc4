//! What the feed says about each kind of write, ours and other programs'.

use deskline_domain::{
    change::Decoded,
    ids::{ContactId, WorkspaceId},
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    replica::Replica,
    world::{ANN, BOB, World, outbound, uuid},
};

#[tokio::test]
async fn one_statement_with_300_rows_is_300_changes_and_long_rows_come_whole() {
    let world = World::start().await;
    world.contact(world.team, ANN).await;
    let before = world.store.head(world.team).await.unwrap().seq;

    world
        .sql(
            "insert into livechatmessages (contact_id, content, direction)
              select id, repeat('ß', 60000), 'inbound' from contacts, generate_series(1, 300)",
        )
        .await;

    let page = world.store.changes_after(world.team, before, 1_000).await.unwrap();
    let messages: Vec<_> = page.changes.iter().filter(|change| change.entity == "message").collect();
    assert_eq!((messages.len(), page.has_more()), (300, false));
    assert!(messages.iter().all(|change| change.created));
    assert!(messages.iter().all(|change| {
        matches!(change.decode(), Ok(Decoded::Message(row)) if row.content.chars().count() == 60_000)
    }));
    assert_eq!(page.changes.len(), 301, "and the contact's last_message_at, once");
}

#[tokio::test]
async fn a_rolled_back_transaction_and_an_update_that_changes_nothing_are_no_changes() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let before = world.store.head(world.team).await.unwrap();
    let row = world.store.contact(world.team, ann).await.unwrap();

    world.sql("begin; update contacts set unread_count = 9; rollback").await;
    world.sql("update contacts set name = name, unread_count = unread_count, updated_at = now()").await;

    assert_eq!(world.store.head(world.team).await.unwrap(), before);
    assert_eq!(world.store.contact(world.team, ann).await.unwrap(), row);
}

#[tokio::test]
async fn pages_follow_each_other_and_tell_new_rows_from_changed_ones() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let start = world.store.head(world.team).await.unwrap().seq;
    world.contact(world.team, BOB).await;
    world.sql("update contacts set unread_count = 3").await;

    let first = world.store.changes_after(world.team, start, 1).await.unwrap();
    let second = world.store.changes_since(world.team, first.up_to, start, 1).await.unwrap();
    let third = world.store.changes_after(world.team, second.up_to, 1).await.unwrap();

    assert!(first.has_more() && !second.has_more());
    assert_eq!((third.changes.len(), third.up_to, third.head), (0, second.up_to, second.up_to));
    let told: Vec<_> = first
        .changes
        .iter()
        .chain(&second.changes)
        .map(|change| (ContactId(change.id) == ann, change.created))
        .collect();
    assert!(told.contains(&(true, false)), "the old contact changed");
    assert!(told.contains(&(false, true)), "the new contact is new, although it changed since");
}

#[tokio::test]
async fn a_text_that_changed_before_it_was_read_keeps_its_place_before_the_next_one() {
    let world = World::start().await;
    world.contact(world.team, ANN).await;
    let start = world.store.head(world.team).await.unwrap().seq;
    for text in ["one", "two"] {
        let sql = format!(
            "insert into messages (contact_id, content, direction) select id, '{text}', 'inbound' from contacts"
        );
        world.sql(&sql).await;
    }
    world.sql("update messages set status = 'read' where content = 'one'").await;

    let page = world.store.changes_since(world.team, start, start, 100).await.unwrap();

    let texts: Vec<_> = page.changes.iter().filter(|change| change.entity == "message").collect();
    let told: Vec<_> = texts
        .iter()
        .map(|change| (change.row.as_ref().unwrap().value()["content"].as_str().unwrap().to_owned(), change.created))
        .collect();
    assert_eq!(told, [("one".to_owned(), true), ("two".to_owned(), true)]);
    assert_eq!((page.up_to, page.up_to), (page.head, texts[0].seq), "the cursor still ends at the newest number");
}

#[tokio::test]
async fn what_is_deleted_is_a_change_without_a_row_down_to_the_last_message() {
    let world = World::start().await;
    let recorded = world.receives(ANN, "Hello").await;
    let start = world.store.head(world.team).await.unwrap().seq;

    world.sql("delete from contacts").await;

    let page = world.store.changes_after(world.team, start, 10).await.unwrap();
    let mut gone: Vec<_> =
        page.changes.iter().map(|change| (change.entity.as_str(), change.id, change.row.is_none())).collect();
    gone.sort_unstable();
    assert_eq!(gone, [("contact", recorded.contact.id.0, true), ("message", recorded.message.id.0, true)]);
}

#[tokio::test]
async fn a_contact_that_moves_leaves_one_feed_and_enters_another_with_its_messages() {
    let world = World::start().await;
    let other = world.second_team().await;
    world.receives(ANN, "Hello").await;
    let start = world.store.head(world.team).await.unwrap().seq;

    world.sql(&format!("update contacts set workspace_id = '{other}'")).await;

    let left = world.store.changes_after(world.team, start, 10).await.unwrap();
    let entered = world.store.changes_after(other, 0, 10).await.unwrap();
    assert_eq!(left.changes.iter().map(|change| change.row.is_none()).collect::<Vec<_>>(), [true, true]);
    assert_eq!(
        entered.changes.iter().map(|change| change.created && change.row.is_some()).collect::<Vec<_>>(),
        [true, true]
    );
}

#[tokio::test]
async fn deleting_a_workspace_tells_its_readers() {
    let world = World::start().await;
    world.receives(ANN, "Hello").await;
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;

    world.sql("delete from workspaces").await;
    replica.catch_up().await;

    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn a_row_is_put_right_whoever_wrote_it() {
    let world = World::start().await;
    world.contact(world.team, ANN).await;

    world
        .sql("insert into livechatmessages (contact_id, content, direction, media_url) select id, 'In', 'inbound', 'https://x/1' from contacts;
              insert into livechatmessages (contact_id, content, direction) select id, null, 'outbound' from contacts;
              update contacts set unread_count = unread_count - 1")
        .await;

    let right =
        "select count(*) from messages m join contacts c on c.id = m.contact_id and c.workspace_id = m.workspace_id
      where (m.direction, m.status, m.message_type, m.content, m.media) in (
        ('inbound', 'delivered', 'media', 'In', '[{\"url\": \"https://x/1\", \"content_type\": null}]'),
        ('outbound', 'queued', 'text', '', '[]'))
      and c.last_message_at is not null and c.unread_count = 0 and c.phone = c.phone_number";
    assert_eq!(world.number(right).await, 2);
    let page = world.store.changes_after(world.team, 0, 10).await.unwrap();
    assert!(page.changes.iter().all(|change| change.decode().is_ok()), "{page:?}");
}

#[tokio::test]
async fn last_message_at_follows_inserts_and_deletes_of_any_program() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    let insert = |time: &str| {
        format!(
            "insert into messages (contact_id, content, direction, created_at) select id, 'x', 'inbound', '{time}' from contacts"
        )
    };

    world.sql(&insert("2026-05-02 10:00Z")).await;
    world.sql(&insert("2026-05-01 10:00Z")).await;
    let newest = world.store.contact(world.team, ann).await.unwrap().unwrap().last_message_at.unwrap();
    world.sql("delete from messages where created_at > '2026-05-01 12:00Z'").await;
    let older = world.store.contact(world.team, ann).await.unwrap().unwrap().last_message_at.unwrap();
    world.sql("delete from messages").await;
    let none = world.store.contact(world.team, ann).await.unwrap().unwrap().last_message_at;

    assert_eq!(
        (newest.to_rfc3339(), older.to_rfc3339()),
        ("2026-05-02T10:00:00+00:00".into(), "2026-05-01T10:00:00+00:00".into())
    );
    assert_eq!(none, None);
}

#[tokio::test]
async fn a_message_of_another_workspaces_contact_is_refused() {
    let world = World::start().await;
    let other = world.second_team().await;
    let ann = world.contact(world.team, ANN).await;

    let insert = format!(
        "insert into messages (workspace_id, contact_id, content, direction) values ('{other}', '{ann}', 'x', 'inbound')"
    );

    assert!(world.pool().execute(AssertSqlSafe(insert)).await.is_err());
}

#[tokio::test]
async fn a_role_with_rights_on_three_tables_can_write_them_and_is_numbered() {
    let world = World::start().await;
    let role = format!("deskline_store_test_role_{}_{}", std::process::id(), uuid().simple());
    world
        .sql(&format!(
            "create role {role}; grant select, insert, update, delete on contacts, messages, livechatmessages to {role}"
        ))
        .await;
    let mut foreign = world.pool().acquire().await.unwrap();
    foreign.execute(AssertSqlSafe(format!("set role {role}"))).await.unwrap();

    let writes = format!(
        "insert into contacts (workspace_id, phone, name) values ('{0}', '{ANN}', 'Ann');
         insert into livechatmessages (workspace_id, contact_id, content, direction) select '{0}', id, 'Hi', 'inbound' from contacts;
         update contacts set unread_count = 1;
         insert into messages (contact_id, content, direction) select id, 'Ho', 'outbound' from contacts;
         delete from messages where content = 'Hi'",
        world.team
    );
    let done = sqlx::raw_sql(AssertSqlSafe(writes)).execute(&mut *foreign).await;
    let peeked = foreign.execute("select * from changes").await;
    let called = foreign.execute("select feed_append(gen_random_uuid(), 'contact', gen_random_uuid(), true)").await;
    foreign.execute("reset role").await.unwrap();
    drop(foreign);
    world.sql(&format!("drop owned by {role}; drop role {role}")).await;

    done.unwrap();
    assert!(peeked.is_err() && called.is_err(), "the feed itself is none of its business");
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn a_foreign_transaction_at_repeatable_read_does_not_fail_because_others_write() {
    let world = World::start().await;
    let mut foreign = world.pool().acquire().await.unwrap();
    foreign.execute("begin isolation level repeatable read").await.unwrap();
    foreign
        .execute(AssertSqlSafe(format!(
            "insert into contacts (workspace_id, phone) values ('{}', '{ANN}')",
            world.team
        )))
        .await
        .unwrap();

    world.receives(BOB, "Meanwhile").await;

    foreign.execute("commit").await.unwrap();
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn two_transactions_with_two_workspaces_in_opposite_order_both_succeed() {
    let world = World::start().await;
    let other = world.second_team().await;
    let add = |team: WorkspaceId, n: u32| {
        AssertSqlSafe(format!("insert into contacts (workspace_id, phone) values ('{team}', '+1555{n:07}')"))
    };
    let options = world.pool().connect_options();

    for round in 0..20 {
        let both = async |first: WorkspaceId, second: WorkspaceId, n: u32| {
            let mut connection = PgConnection::connect_with(&options).await.unwrap();
            let mut tx = connection.begin().await.unwrap();
            tx.execute(add(first, n)).await.unwrap();
            tx.execute(add(second, n)).await.unwrap();
            tx.commit().await
        };
        let (one, two) = tokio::join!(both(world.team, other, round * 2), both(other, world.team, round * 2 + 1));

        one.and(two).unwrap();
    }
}

#[tokio::test]
async fn a_change_made_under_immediate_constraints_or_a_savepoint_is_numbered_too() {
    let world = World::start().await;

    world
        .sql(&format!(
            "begin; set constraints all immediate;
             insert into contacts (workspace_id, phone) values ('{0}', '{ANN}');
             savepoint a; insert into contacts (workspace_id, phone) values ('{0}', '+15550000009'); rollback to a;
             insert into contacts (workspace_id, phone) values ('{0}', '{BOB}'); commit",
            world.team
        ))
        .await;

    let page = world.store.changes_after(world.team, 0, 10).await.unwrap();
    assert_eq!(page.changes.iter().filter(|change| change.row.is_some()).count(), 2);
    assert_eq!(page.changes.len(), 2);
}

#[tokio::test]
async fn a_reader_that_is_ahead_of_the_feed_can_tell() {
    let world = World::start().await;
    world.contact(world.team, ANN).await;

    let page = world.store.changes_after(world.team, 1_000_000, 10).await.unwrap();

    assert!(page.head < page.after && page.changes.is_empty() && !page.has_more());
}

#[tokio::test]
async fn truncating_makes_everybody_start_over() {
    let world = World::start().await;
    world.receives(ANN, "Hello").await;
    let before = world.store.head(world.team).await.unwrap();

    world.sql("truncate contacts cascade").await;

    assert_ne!(world.store.head(world.team).await.unwrap().feed, before.feed);
}

#[tokio::test]
async fn a_restored_backup_gets_another_feed_id_and_a_living_database_keeps_its_own() {
    let world = World::start().await;
    let before = world.store.head(world.team).await.unwrap().feed;

    world.sql("select feed_open()").await;
    assert_eq!(world.store.head(world.team).await.unwrap().feed, before);
    world.sql("update feeds set life = 'another cluster/1/5'").await;
    world.sql("select feed_open()").await;

    assert_ne!(world.store.head(world.team).await.unwrap().feed, before);
}

#[tokio::test]
async fn rows_on_the_wire_are_the_tables_rows() {
    let world = World::start().await;
    let ann = world.contact(world.team, ANN).await;
    world.store.record_outbound(&outbound(world.team, ann, "Hello")).await.unwrap();
    world
        .sql(
            "insert into notes (id, workspace_id, contact_id, author_id, content)
               select gen_random_uuid(), workspace_id, id, gen_random_uuid(), 'Note' from contacts;
             insert into labels (id, workspace_id, name, color) select gen_random_uuid(), id, 'Urgent', '#ff0000' from workspaces;
             insert into canned_replies (id, workspace_id, name, content) select gen_random_uuid(), id, 'hi', 'Hi' from workspaces;
             insert into workspace_members (workspace_id, user_id) select id, gen_random_uuid() from workspaces;
             insert into workspace_audits (workspace_id, account_sid, twilio, here, checked_at) select id, 'AC1', 7, 6, now() from workspaces",
        )
        .await;

    let page = world.store.changes_after(world.team, 0, 10).await.unwrap();

    assert_eq!(page.changes.len(), 7);
    for change in &page.changes {
        let decoded = serde_json::to_value(match change.decode().unwrap() {
            Decoded::Contact(row) => serde_json::to_value(row).unwrap(),
            Decoded::Message(row) => serde_json::to_value(row).unwrap(),
            Decoded::Label(row) => serde_json::to_value(row).unwrap(),
            Decoded::Note(row) => serde_json::to_value(row).unwrap(),
            Decoded::CannedReply(row) => serde_json::to_value(row).unwrap(),
            Decoded::Member(row) => serde_json::to_value(row).unwrap(),
            Decoded::Audit(row) => serde_json::to_value(row).unwrap(),
            other => panic!("unexpected {other:?}"),
        })
        .unwrap();
        let raw = change.row.as_ref().unwrap().value();
        let raw = raw.as_object().unwrap();
        let (mut names, mut expected): (Vec<_>, Vec<_>) =
            (raw.keys().collect(), decoded.as_object().unwrap().keys().collect());
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}
