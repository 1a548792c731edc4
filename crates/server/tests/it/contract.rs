//! What programs that are not ours rely on: the shared tables with the fewest columns, the shape of rows and events, the order of errors.

use chrono::DateTime;
use deskline_domain::ids::{UserId, WorkspaceId};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{ANN, BOB, Heard, World, assert_error, read, token};

async fn sql(world: &World, sql: &'static str, id: Uuid, more: &str) -> Uuid {
    let id = sqlx::query_scalar(sql).bind(id).bind(more).fetch_one(world.store.pool()).await;
    id.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[tokio::test]
async fn every_column_that_others_rely_on_is_there() {
    let world = World::start().await;
    for sql in [
        "select id, name, created_at from workspaces",
        "select workspace_id, user_id, role from workspace_members",
        "select id, workspace_id, name, phone, phone_number, unread_count, conversation_status, created_at from contacts",
        "select workspace_id, account_sid, auth_token, is_configured from workspace_twilio_config",
        "select workspace_id, phone_number, phone, sid, friendly_name from twilio_numbers",
        "select id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media_url, media_type, created_at from messages",
        "select id, workspace_id, contact_id, content, direction, status, twilio_sid, message_type, media_url, media_type, created_at from livechatmessages",
    ] {
        sqlx::query(sql).fetch_all(world.store.pool()).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let numbers: i64 = world.count("select count(*) from twilio_numbers where phone = phone_number").await;
    assert_eq!(numbers, i64::try_from(world.twilio.numbers().len()).unwrap());
}

#[tokio::test]
async fn a_team_that_another_program_set_up_with_sql_alone_sends_and_receives() {
    let world = World::start().await;
    let user = UserId(Uuid::from_bytes(deskline_server::edge::entropy()));
    sqlx::query("delete from workspace_twilio_config").execute(world.store.pool()).await.unwrap();
    let name = Uuid::from_bytes(deskline_server::edge::entropy());
    let workspace =
        sql(&world, "insert into workspaces (name) values ($2 || $1::text) returning id", name, "Team ").await;
    sqlx::query("insert into workspace_members (workspace_id, user_id, role) values ($1, $2, 'agent')")
        .bind(workspace)
        .bind(user.0)
        .execute(world.store.pool())
        .await
        .unwrap();
    let account = world.twilio.account_sid().to_string();
    sqlx::query(
        "insert into workspace_twilio_config (workspace_id, account_sid, auth_token, is_configured) values ($1, $2, $3, true)",
    )
    .bind(workspace)
    .bind(&account)
    .bind(world.twilio.auth_token().expose())
    .execute(world.store.pool())
    .await
    .unwrap();
    let number = "insert into twilio_numbers (workspace_id, phone_number) values ($1, $2) returning workspace_id";
    sql(&world, number, workspace, &world.number()).await;
    let contact =
        sql(&world, "insert into contacts (workspace_id, phone) values ($1, $2) returning id", workspace, ANN).await;
    let socket = world.joined_in(WorkspaceId(workspace), user).await;

    let (_, config) = world.call_as(user, Method::GET, &format!("/twilio/config?workspaceId={workspace}"), None).await;
    let (_, numbers) =
        world.call_as(user, Method::GET, &format!("/twilio/phone-numbers?workspaceId={workspace}"), None).await;
    let body = json!({ "workspaceId": workspace, "contactId": contact, "message": "hi" });
    let (status, sent) = world.call_as(user, Method::POST, "/sms/send-sms", Some(body)).await;
    let received = world.twilio.receive_sms(BOB, &world.number(), "hello").await;

    assert_eq!((&config["isConfigured"], &config["accountSid"]), (&json!(true), &json!(account)), "{config}");
    assert_eq!(numbers["phoneNumbers"][0]["phoneNumber"], world.number());
    assert_eq!((status.as_u16(), received.status()), (200, 200), "{sent}");
    let told = socket.wait_for("new_message", |told| told["message"]["content"] == "hello").await;
    assert_eq!(
        (&told["contact"]["name"], &told["contact"]["conversation_status"]),
        (&json!(format!("Unknown ({BOB})")), &json!("Open"))
    );
}

#[tokio::test]
async fn rows_with_the_fewest_columns_are_heard_whole() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let phone_only = "insert into contacts (workspace_id, phone) values ($1, $2) returning id";

    let contact = sql(&world, phone_only, world.workspace.0, ANN).await;
    let told = dashboard.wait_for("contact_updated", |told| told["contact"]["id"] == json!(contact)).await;
    let contact_row = &told["contact"];
    assert_eq!(
        (&contact_row["phone"], &contact_row["phone_number"], &contact_row["name"]),
        (&json!(ANN), &json!(ANN), &Value::Null)
    );
    assert_eq!((&contact_row["unread_count"], &contact_row["conversation_status"]), (&json!(0), &json!("Open")));

    for (content, insert) in [
        ("no workspace", "insert into livechatmessages (contact_id, content, direction) values ($1, $2, 'inbound') returning id"),
        (
            "nulls",
            "insert into livechatmessages (id, contact_id, content, direction, status, message_type, created_at, media_url)
             values (gen_random_uuid(), $1, $2, 'inbound', null, null, null, null) returning id",
        ),
        ("sent elsewhere", "insert into livechatmessages (contact_id, content, direction, status, twilio_sid) values ($1, $2, 'outbound', 'sent', 'SM1') returning id"),
        ("a picture", "insert into livechatmessages (contact_id, content, direction, media_url, media_type) values ($1, $2, 'inbound', 'https://x.example/a.png', 'image/png') returning id"),
    ] {
        let id = sql(&world, insert, contact, content).await;
        let told = dashboard.wait_for("new_message", |told| told["message"]["id"] == json!(id)).await;
        let message = &told["message"];
        assert_eq!((&message["workspace_id"], &message["content"]), (&json!(world.workspace), &json!(content)));
        let (status, kind) = match content {
            "sent elsewhere" => ("sent", "text"),
            "a picture" => ("delivered", "media"),
            _ => ("delivered", "text"),
        };
        assert_eq!((&message["status"], &message["message_type"]), (&json!(status), &json!(kind)), "{message}");
        assert_eq!((&told["contactId"], &told["contact"]["id"]), (&json!(contact), &json!(contact)));
        is_a_row(message);
        is_a_row(&told["contact"]);
    }
}

/// Column names, and times as RFC 3339.
fn is_a_row(row: &Value) {
    for (column, value) in row.as_object().unwrap() {
        assert!(column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{column}");
        if column.ends_with("_at")
            && let Some(time) = value.as_str()
        {
            assert!(DateTime::parse_from_rfc3339(time).is_ok(), "{column} is {time}");
        }
    }
    assert!(row["created_at"].is_string(), "{row}");
}

#[tokio::test]
async fn a_count_that_is_set_to_nothing_or_null_or_below_is_zero_and_heard() {
    let world = World::start().await;
    let dashboard = world.joined().await;
    let contact = world.contact(ANN).await;
    let zeros = |heard: &[Heard]| heard.iter().filter(|heard| heard.data["contact"]["unread_count"] == 0).count();
    dashboard.wait_until("the contact", |heard| (zeros(heard) == 1).then_some(())).await;

    for (round, value) in ["0", "null", "-3"].into_iter().enumerate() {
        let two = format!("update contacts set unread_count = 2 where id = '{contact}'");
        sqlx::query(sqlx::AssertSqlSafe(two)).execute(world.store.pool()).await.unwrap();
        let twos = |heard: &[Heard]| heard.iter().filter(|heard| heard.data["contact"]["unread_count"] == 2).count();
        dashboard.wait_until("two", |heard| (twos(heard) == round + 1).then_some(())).await;
        let none = format!("update contacts set unread_count = {value} where id = '{contact}'");
        sqlx::query(sqlx::AssertSqlSafe(none)).execute(world.store.pool()).await.unwrap();
        dashboard.wait_until(value, |heard| (zeros(heard) == round + 2).then_some(())).await;
    }
}

#[tokio::test]
async fn a_statement_that_changes_many_rows_is_heard_once_for_each() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let many = "insert into contacts (workspace_id, phone, unread_count) select $1, '+1555888' || lpad(n::text, 4, '0'), 1 from generate_series(1, 120) n";
    sqlx::query(many).bind(world.workspace.0).execute(world.store.pool()).await.unwrap();
    let dashboards = [world.joined().await, world.joined_at(second, world.owner).await];

    let read_all = "update contacts set unread_count = 0 where workspace_id = $1";
    sqlx::query(read_all).bind(world.workspace.0).execute(world.store.pool()).await.unwrap();
    sqlx::query(read_all).bind(world.workspace.0).execute(world.store.pool()).await.unwrap();
    let last = world.contact(ANN).await;

    for dashboard in dashboards {
        dashboard.wait_for("contact_updated", |told| told["contact"]["id"] == json!(last)).await;
        let heard = dashboard.heard();
        let mut phones: Vec<&str> = heard.iter().filter_map(|heard| heard.data["contact"]["phone"].as_str()).collect();
        assert_eq!(phones.len(), 121, "each once, and nothing for what did not change");
        phones.sort_unstable();
        phones.dedup();
        assert_eq!(phones.len(), 121);
    }
}

#[tokio::test]
async fn answers_and_events_have_the_shape_that_dashboards_expect() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (writer, also_mine) = (world.joined().await, world.joined().await);
    let mut body = world.text(contact, "hi");
    for (name, value) in [
        ("priority", json!("high")),
        ("workspace_id", json!(7)),
        ("from", json!({ "a": [] })),
        ("mediaUrls", json!([])),
    ] {
        body[name] = value;
    }

    let (status, answer) = world.call(Method::POST, "/sms/send-sms", Some(body.clone())).await;
    let ack = writer.ask("send_message", body).await;

    assert_eq!(status, 200, "{answer}");
    for answer in [&answer, &ack] {
        let mut keys: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["message", "success", "twilioSid"]);
        assert_eq!((&answer["success"], &answer["twilioSid"]), (&json!(true), &answer["message"]["twilio_sid"]));
        assert_eq!(
            (&answer["message"]["direction"], &answer["message"]["contact_id"]),
            (&json!("outbound"), &json!(contact))
        );
        is_a_row(&answer["message"]);
        let told = also_mine.wait_for("new_message", |told| told["message"]["id"] == answer["message"]["id"]).await;
        let mut keys: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["contact", "contactId", "message"], "the writer's other window hears it as well");
        is_a_row(&told["contact"]);
        let updated = also_mine.wait_for("message_updated", |told| told["message"]["status"] == "delivered").await;
        assert_eq!(updated.as_object().unwrap().len(), 1);
    }
    let by_columns = json!({ "workspace_id": world.workspace, "contact_id": contact, "message": "hi" });
    let refused = world.call(Method::POST, "/sms/send-sms", Some(by_columns)).await;
    assert_error(&refused, 400, "Missing required fields");
}

#[tokio::test]
async fn errors_come_in_the_order_of_token_fields_membership_and_rows() {
    let world = World::start().await;
    let (_, stranger) = world.another_workspace().await;
    let contact = world.contact(ANN).await;
    let post = async |token: Option<String>, body: String| {
        let mut request = world.http.post(format!("{}/sms/send-sms", world.url())).body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        read(request.send().await.unwrap()).await
    };
    let (whole, empty) = (world.text(contact, "hi").to_string(), "{}".to_owned());
    let elsewhere = world.text(stranger.0.into(), "hi").to_string();

    for body in ["{", "{}", &whole] {
        assert_error(&post(None, body.to_owned()).await, 401, "Authentication error: Token required");
        let bad = post(Some("nonsense".to_owned()), body.to_owned()).await;
        assert_error(&bad, 401, "Authentication error: Invalid token");
    }
    assert_error(&post(Some(token(stranger)), empty).await, 400, "Missing required fields");
    assert_error(&post(Some(token(stranger)), whole.clone()).await, 403, "You are not a member of this workspace");
    assert_error(&post(Some(token(stranger)), elsewhere.clone()).await, 403, "You are not a member of this workspace");
    assert_error(&post(Some(token(world.owner)), elsewhere).await, 404, "Contact not found");
    assert_eq!(post(Some(token(world.owner)), whole).await.0, 200);
}
