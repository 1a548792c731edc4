//! Rows that other programs write: every change is heard live, once, on every server process.

use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};

use crate::world::{ANN, Heard, Socket, World};

async fn connect_as(world: &World, role: &str) -> PgConnection {
    let mut url = url::Url::parse(world.database_url()).unwrap();
    url.set_username(role).unwrap();
    PgConnection::connect(url.as_str()).await.unwrap()
}

/// A role with rights on the three tables of the contract and on nothing else.
async fn a_narrow_role(world: &World) -> (String, PgConnection) {
    let role = format!("narrow_{}", hex::encode(deskline_server::edge::entropy::<8>()));
    let grants = format!(
        "create role {role} login; grant select, insert, update, delete on contacts, messages, livechatmessages to {role}"
    );
    world.store.pool().execute(sqlx::AssertSqlSafe(grants)).await.unwrap();
    let connection = connect_as(world, &role).await;
    (role, connection)
}

async fn drop_role(world: &World, role: &str, connection: PgConnection) {
    connection.close().await.unwrap();
    world.store.pool().execute(sqlx::AssertSqlSafe(format!("drop owned by {role}; drop role {role}"))).await.unwrap();
}

#[tokio::test]
async fn a_program_with_rights_on_three_tables_only_is_heard_by_every_server() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let dashboards = [world.joined_at(0, world.owner).await, world.joined_at(second, world.owner).await];
    let (role, mut foreign) = a_narrow_role(&world).await;

    let contact: uuid::Uuid =
        sqlx::query_scalar("insert into contacts (workspace_id, phone, name) values ($1, $2, 'Ann') returning id")
            .bind(world.workspace.0)
            .bind(ANN)
            .fetch_one(&mut foreign)
            .await
            .unwrap();
    sqlx::query("insert into livechatmessages (workspace_id, contact_id, content, direction) values ($1, $2, 'from next door', 'inbound')")
        .bind(world.workspace.0)
        .bind(contact)
        .execute(&mut foreign)
        .await
        .unwrap();
    sqlx::query("update contacts set unread_count = 0, name = 'Ann Lee' where id = $1")
        .bind(contact)
        .execute(&mut foreign)
        .await
        .unwrap();
    sqlx::query("update messages set status = 'read' where contact_id = $1")
        .bind(contact)
        .execute(&mut foreign)
        .await
        .unwrap();

    for dashboard in &dashboards {
        let told = dashboard.wait_for("contact_updated", |told| told["contact"]["id"] == contact.to_string()).await;
        assert_eq!(
            (&told["contact"]["phone"], &told["contact"]["phone_number"]),
            (&Value::from(ANN), &Value::from(ANN))
        );
        assert_eq!(told["contact"]["conversation_status"], "Open");
        let told = dashboard.wait_for("new_message", |told| told["message"]["content"] == "from next door").await;
        assert_eq!(told["contactId"], contact.to_string());
        dashboard.wait_for("contact_updated", |told| told["contact"]["name"] == "Ann Lee").await;
        dashboard
            .wait_until("the new status", |heard| {
                heard.iter().any(|heard| heard.data["message"]["status"] == "read").then_some(())
            })
            .await;
    }
    drop_role(&world, &role, foreign).await;
}

async fn insert_texts(
    connection: &mut PgConnection,
    world: &World,
    contact: deskline_domain::ids::ContactId,
    sql: &'static str,
) {
    sqlx::query(sql).bind(world.workspace.0).bind(contact.0).execute(connection).await.unwrap();
}

async fn heard_texts(dashboard: &Socket, count: usize) -> Vec<String> {
    let text = |heard: &Heard| Some(heard.data["message"]["content"].as_str()?.to_owned());
    dashboard
        .wait_until(&format!("{count} texts"), |heard| {
            let texts: Vec<String> =
                heard.iter().filter(|heard| heard.name == "new_message").filter_map(text).collect();
            (texts.len() >= count).then_some(texts)
        })
        .await
}

#[tokio::test]
async fn a_statement_with_three_hundred_rows_is_three_hundred_texts_once_each() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let dashboards = [world.joined_at(0, world.owner).await, world.joined_at(second, world.owner).await];
    let contact = world.contact(ANN).await;
    let mut foreign = PgConnection::connect(world.database_url()).await.unwrap();

    let sql = "insert into messages (workspace_id, contact_id, content, direction) \
               select $1, $2, n::text, 'inbound' from generate_series(1, 300) n";
    insert_texts(&mut foreign, &world, contact, sql).await;
    let last =
        "insert into messages (workspace_id, contact_id, content, direction) values ($1, $2, 'the end', 'inbound')";
    insert_texts(&mut foreign, &world, contact, last).await;

    for dashboard in &dashboards {
        dashboard.wait_for("new_message", |told| told["message"]["content"] == "the end").await;
        let mut texts = heard_texts(dashboard, 301).await;
        assert_eq!(texts.pop().unwrap(), "the end");
        let expected: Vec<String> = (1..=300).map(|n| n.to_string()).collect();
        assert_eq!(texts, expected);
    }
}

#[tokio::test]
async fn a_text_that_changes_while_many_are_read_is_still_told_as_new_once() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let contact = world.contact(ANN).await;
    let mut foreign = PgConnection::connect(world.database_url()).await.unwrap();

    let mut transaction = foreign.begin().await.unwrap();
    for sql in [
        "insert into messages (workspace_id, contact_id, content, direction) values ($1, $2, 'first', 'inbound')",
        "insert into messages (workspace_id, contact_id, content, direction)
         select $1, $2, n::text, 'inbound' from generate_series(1, 250) n",
        "update messages set status = 'read' where workspace_id = $1 and contact_id = $2 and content = 'first'",
        "insert into messages (workspace_id, contact_id, content, direction) values ($1, $2, 'the end', 'inbound')",
    ] {
        insert_texts(&mut transaction, &world, contact, sql).await;
    }
    transaction.commit().await.unwrap();

    dashboard.wait_for("new_message", |told| told["message"]["content"] == "the end").await;
    let texts = heard_texts(&dashboard, 252).await;
    assert_eq!(texts.len(), 252);
    assert_eq!(texts.iter().filter(|text| *text == "first").count(), 1);
}

#[tokio::test]
async fn sixty_thousand_characters_arrive_whole() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let contact = world.contact(ANN).await;
    let mut foreign = PgConnection::connect(world.database_url()).await.unwrap();

    let sql = "insert into livechatmessages (workspace_id, contact_id, content, direction) values ($1, $2, repeat('é😀x', 20000), 'outbound')";
    insert_texts(&mut foreign, &world, contact, sql).await;

    let told = dashboard.wait_for("new_message", |_| true).await;
    assert_eq!(told["message"]["content"].as_str().unwrap().chars().count(), 60_000);
}

#[tokio::test]
async fn a_transaction_that_rolls_back_is_heard_by_nobody() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let contact = world.contact(ANN).await;
    let mut foreign = PgConnection::connect(world.database_url()).await.unwrap();
    let sql = "insert into messages (workspace_id, contact_id, content, direction) values ($1, $2, 'never', 'inbound')";

    let mut transaction = foreign.begin().await.unwrap();
    insert_texts(&mut transaction, &world, contact, sql).await;
    transaction.rollback().await.unwrap();
    let sql = "insert into messages (workspace_id, contact_id, content, direction) values ($1, $2, 'after', 'inbound')";
    insert_texts(&mut foreign, &world, contact, sql).await;

    assert_eq!(heard_texts(&dashboard, 1).await, ["after"]);
}

#[tokio::test]
async fn a_row_written_while_every_connection_was_cut_arrives_all_the_same() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let dashboards = [world.joined_at(0, world.owner).await, world.joined_at(second, world.owner).await];
    let contact = world.contact(ANN).await;
    let mut foreign = PgConnection::connect(world.database_url()).await.unwrap();

    for round in 0..3 {
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        let sql = "insert into messages (workspace_id, contact_id, content, direction) values ($1, $2, 'in the dark', 'inbound')";
        foreign.execute(cut).await.unwrap();
        insert_texts(&mut foreign, &world, contact, sql).await;

        for dashboard in &dashboards {
            assert_eq!(heard_texts(dashboard, round + 1).await.len(), round + 1);
        }
    }
    // And the server works on.
    assert_eq!(world.send(contact, "still here").await.0, 200);
    assert_eq!(world.twilio.receive_sms(ANN, &world.number(), "so am I").await.status(), 200);
}

#[tokio::test]
async fn a_webhook_that_comes_while_every_connection_is_cut_is_stored() {
    let world = World::start().await;
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    let mut foreign = PgConnection::connect(world.database_url()).await.unwrap();

    for n in 0..5 {
        foreign.execute(cut).await.unwrap();
        assert_eq!(world.twilio.receive_sms(ANN, &world.number(), &n.to_string()).await.status(), 200);
    }

    assert_eq!(world.count("select count(*) from messages").await, 5);
}
