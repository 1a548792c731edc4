//! The comparison with Twilio's own list: nothing that Twilio has is missing here.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{ContactId, MessageId},
    row::RawRow,
};
use deskline_server::{
    Config,
    audit::Auditor,
    edge::{entropy, now},
};
use deskline_simulator::{AccountConfig, CallbackPlan, InboundMedia, InboundText, NumberConfig, Signing};
use deskline_store::{NewAudit, NewOutbound, Role};
use deskline_twilio::{AuthToken, Client, From, MediaFetcher, NewMessage};
use futures_util::future::join_all;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    admin::{line, program, run},
    world::{ANN, BOB, SOON, Socket, World, store_number, token},
};

fn auditor(world: &World) -> Auditor {
    let mut config: Config = world.config();
    config.timers.audit_grace = Duration::ZERO;
    Auditor::new(world.store.clone(), &config)
}

/// Compares the first account, a little later.
async fn audit_in(world: &World, later: TimeDelta) -> NewAudit {
    let account = world.twilio.account_sid();
    let later = now() + later + TimeDelta::seconds(2);
    auditor(world).check_account(account.as_str(), later).await.unwrap().expect("nobody else compares it")
}

async fn audit(world: &World) -> NewAudit {
    audit_in(world, TimeDelta::zero()).await
}

/// Somebody texts, and the webhook does not get through.
async fn missed(world: &World, text: InboundText) -> String {
    let delivery = world.twilio.receive(InboundText { signing: Signing::Missing, ..text }).await;
    assert_eq!(delivery.status(), 403);
    delivery.sid
}

async fn published(world: &World) -> Value {
    let path = format!("/twilio/audit?workspaceId={}", world.workspace);
    let (status, answer) = world.call(Method::GET, &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Another program that sends with the same account.
async fn send_elsewhere(world: &World, to: &str, body: &str) {
    let client = Client::new(world.twilio.url(), world.twilio.credentials(), Duration::from_secs(5));
    let message = NewMessage {
        to: to.to_owned(),
        from: From::Number(world.number()),
        body: body.to_owned(),
        media_urls: Vec::new(),
        status_callback: None,
    };
    client.create_message(&message).await.unwrap();
    world.twilio.settled().await;
}

#[tokio::test]
async fn what_was_missed_while_the_server_was_down_is_imported_once_over_many_pages() {
    let mut world = World::start().await;
    world.twilio.receive_sms(BOB, &world.number(), "heard").await;
    world.servers.remove(0).stop().await.unwrap();
    let texts = (0..230).map(|n| {
        let (twilio, number) = (world.twilio.clone(), world.number());
        async move { twilio.receive_sms(ANN, &number, &n.to_string()).await }
    });
    assert!(join_all(texts).await.iter().all(|delivery| delivery.status() == 0), "nobody was there");

    let first = audit(&world).await;
    let second = audit(&world).await;

    assert_eq!((first.imported, second.imported, second.only_here), (230, 0, 0));
    assert_eq!(world.count("select count(*) from messages where direction = 'inbound'").await, 231);
    assert_eq!(world.count("select unread_count::bigint from contacts where phone like '%1'").await, 230);
    assert_eq!(world.count("select count(*) from inbound_raw where raw ->> 'Source' = 'audit'").await, 230);
    world.restart_first().await;
    let told = published(&world).await;
    assert_eq!((&told["twilio"], &told["here"], &told["matches"]), (&json!(231), &json!(231), &json!(true)));
    assert_eq!(told["summary"], "Twilio 231 = here 231, checked just now");
}

#[tokio::test]
async fn an_imported_text_has_twilios_time_its_files_and_its_keyword() {
    let world = World::start().await;
    let file = InboundMedia { content_type: "image/png".to_owned(), bytes: vec![1, 2, 3] };
    let media = vec![file.clone(), file];
    missed(&world, InboundText { media, ..InboundText::new(ANN, world.number(), "look") }).await;
    missed(&world, InboundText::new(BOB, world.number(), "stop")).await;

    audit_in(&world, TimeDelta::minutes(5)).await;

    let imported = world.store.snapshot(world.workspace, None, Default::default()).await.unwrap();
    let look = imported.messages.iter().map(RawRow::value).find(|message| message["content"] == "look").unwrap();
    assert_eq!(look["media"].as_array().unwrap().len(), 2);
    let url = look["media"][0]["url"].as_str().unwrap().parse().unwrap();
    let fetcher = MediaFetcher::new(world.twilio.url(), Duration::from_secs(5));
    assert_eq!(fetcher.fetch(&world.twilio.credentials(), &url, 100).await.unwrap().bytes, [1, 2, 3]);
    let written: chrono::DateTime<chrono::Utc> = look["created_at"].as_str().unwrap().parse().unwrap();
    assert!(written <= now(), "the time is Twilio's, not that of the comparison");
    let bob = imported.contacts.iter().map(RawRow::value).find(|contact| contact["phone"] == BOB).unwrap();
    assert!(bob["opted_out_at"].is_string(), "{bob}");
}

#[tokio::test]
async fn while_twilio_is_away_nothing_changes_and_the_reason_is_told() {
    let world = World::start().await;
    missed(&world, InboundText::new(ANN, world.number(), "missed")).await;
    world.twilio.go_away().await.unwrap();

    let account = world.twilio.account_sid();
    let later = now() + TimeDelta::seconds(2);
    assert!(auditor(&world).check_account(account.as_str(), later).await.is_err());
    let told = published(&world).await;
    assert!(told["problem"].as_str().is_some_and(|problem| problem.contains("Twilio")), "{told}");
    assert_eq!((&told["checkedAt"], &told["matches"]), (&Value::Null, &json!(false)));
    assert_eq!(world.count("select count(*) from messages").await, 0);

    world.twilio.come_back().await.unwrap();
    assert_eq!(audit(&world).await.imported, 1);
    assert_eq!(published(&world).await["problem"], Value::Null);
}

#[tokio::test]
async fn a_server_that_runs_imports_by_itself_and_everybody_hears_it() {
    let world = World::start_with(|config| {
        config.timers.audit_every = Duration::from_millis(100);
        config.timers.audit_grace = Duration::ZERO;
    })
    .await;
    let dashboard = world.joined().await;

    missed(&world, InboundText::new(ANN, world.number(), "nobody told you")).await;

    let told = dashboard.wait_for("new_message", |_| true).await;
    assert_eq!(told["message"]["content"], "nobody told you");
}

#[tokio::test]
async fn several_processes_take_turns_and_compare_an_account_once() {
    let mut world = World::start().await;
    world.servers.remove(0).stop().await.unwrap();
    world.store.due_audit(now(), Duration::ZERO, Duration::ZERO).await.unwrap();
    sqlx::query("update audits set next_at = now(), lease_until = null").execute(world.store.pool()).await.unwrap();
    let auditor = Arc::new(auditor(&world));
    let later = now() + TimeDelta::seconds(2);

    let turns = join_all((0..8).map(|_| {
        let auditor = auditor.clone();
        async move { auditor.check_due(later).await.unwrap() }
    }))
    .await;

    assert_eq!(turns.iter().flatten().count(), 1);
    let lists = world.twilio.asked().iter().filter(|asked| asked.path.contains("Messages.json")).count();
    assert_eq!(lists, 1);
}

#[tokio::test]
async fn a_text_that_another_program_sent_is_shown_to_a_team_that_knows_its_contact() {
    let world = World::start().await;
    let ann = world.contact(ANN).await;
    send_elsewhere(&world, ANN, "your parcel is here").await;
    send_elsewhere(&world, BOB, "a campaign").await;

    let first = audit(&world).await;
    let second = audit(&world).await;

    assert_eq!((first.imported, second.imported), (1, 0));
    let imported = world.store.snapshot(world.workspace, None, Default::default()).await.unwrap();
    assert_eq!((imported.contacts.len(), imported.messages.len()), (1, 1));
    let text = imported.messages[0].value();
    assert_eq!((&text["contact_id"], &text["content"]), (&json!(ann), &json!("your parcel is here")));
    assert_eq!((&text["direction"], &text["status"]), (&json!("outbound"), &json!("delivered")));
    assert_eq!(world.count("select unread_count::bigint from contacts").await, 0);
    let told = published(&world).await;
    assert_eq!((&told["twilio"], &told["elsewhere"], &told["matches"]), (&json!(2), &json!(1), &json!(true)));
    assert_eq!(told["summary"], "Twilio 1 = here 1, checked just now");
}

#[tokio::test]
async fn a_text_of_ours_that_is_still_in_doubt_is_left_to_the_sender() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let outbound = NewOutbound {
        id: MessageId::v7(now(), entropy()),
        workspace_id: world.workspace,
        contact_id: contact,
        content: "taken, but the answer was lost".to_owned(),
        media_urls: Vec::new(),
        client_id: None,
        sent_by: None,
        now: now(),
        lease: SOON,
        later: None,
    };
    world.store.record_outbound(&outbound).await.unwrap();
    send_elsewhere(&world, ANN, &outbound.content).await;

    let audit = audit(&world).await;

    assert_eq!(audit.imported, 0);
    assert_eq!(world.count("select count(*) from messages").await, 1, "no second bubble");
}

/// Sends a text whose callbacks are all lost; its id.
async fn unheard_of(world: &World, contact: ContactId) -> Value {
    let account = world.twilio.account_sid();
    let token = world.twilio.auth_token();
    world.twilio.hold_callbacks();
    let (status, answer) = world.send(contact, "hi").await;
    assert_eq!(status, 200, "{answer}");
    world.twilio.rotate_token(&account, AuthToken::new("signs nothing that verifies"));
    world.twilio.release_callbacks();
    world.twilio.settled().await;
    world.twilio.rotate_token(&account, token);
    answer["message"]["id"].clone()
}

#[tokio::test]
async fn a_status_that_no_callback_brought_is_settled_and_written_into_the_ledger() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let id = unheard_of(&world, contact).await;
    world.eventually(&id, "queued", |row| row.status == DeliveryStatus::Queued).await;

    let first = audit(&world).await;
    let second = audit(&world).await;

    assert_eq!((first.settled, second.settled, first.imported), (1, 0, 0));
    world.eventually(&id, "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    assert_eq!(world.count("select count(*) from delivery_events where raw ->> 'Source' = 'audit'").await, 1);
}

#[tokio::test]
async fn a_text_that_was_sent_long_ago_is_asked_about_by_itself() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let account = world.twilio.account_sid();
    let token = world.twilio.auth_token();
    world.twilio.hold_callbacks();
    let (_, answer) = world.send(contact, "hi").await;
    // Compared while it was fresh, and again until it is older than the window.
    for days in [0, 3] {
        assert_eq!(audit_in(&world, TimeDelta::days(days)).await.settled, 0);
    }
    world.twilio.rotate_token(&account, AuthToken::new("signs nothing that verifies"));
    world.twilio.release_callbacks();
    world.twilio.settled().await;
    world.twilio.rotate_token(&account, token);

    let late = audit_in(&world, TimeDelta::days(5)).await;

    assert_eq!(late.settled, 1);
    world.eventually(&answer["message"]["id"], "delivered", |row| row.status == DeliveryStatus::Delivered).await;
    let asked = |world: &World| world.twilio.asked().iter().filter(|asked| asked.path.contains("/Messages/SM")).count();
    let before = asked(&world);
    audit_in(&world, TimeDelta::days(5)).await;
    assert_eq!(asked(&world), before, "what is settled is not asked about again");
}

#[tokio::test]
async fn each_workspace_sees_its_own_numbers_and_only_admins_see_any() {
    let world = World::start().await;
    let (other, owner) = world.another_workspace().await;
    let account = world.twilio.account_sid();
    let token = SecretString::from(world.twilio.auth_token().expose().to_owned());
    let numbers = world.twilio.numbers();
    for (workspace, number) in [(world.workspace, &numbers[0]), (other, &numbers[1])] {
        world.store.save_twilio_account(workspace, account.as_str(), &token, &[store_number(number)]).await.unwrap();
    }
    world.twilio.receive_sms(ANN, &numbers[0], "to us").await;
    world.twilio.receive_sms(ANN, &numbers[1], "next door").await;
    world.twilio.receive_sms(BOB, &numbers[1], "next door too").await;
    audit(&world).await;

    let path = |workspace| format!("/twilio/audit?workspaceId={workspace}");
    let (_, theirs) = world.call_as(owner, Method::GET, &path(other), None).await;
    let ours = published(&world).await;
    assert_eq!((&ours["here"], &theirs["here"]), (&json!(1), &json!(2)));
    assert_eq!(ours["hours"][0]["number"], json!(numbers[0]));
    let agent = world.member(Role::Agent).await;
    assert_eq!(world.call_as(agent, Method::GET, &path(world.workspace), None).await.0, 403);
    assert_eq!(world.call_as(owner, Method::GET, &path(world.workspace), None).await.0, 403);
}

#[tokio::test]
async fn a_text_to_a_number_of_the_account_that_no_team_has_is_none_of_ours() {
    let world = World::start().await;
    let third = "+15550003333";
    let account = world.twilio.add_account(&AccountConfig {
        numbers: vec![NumberConfig::new(third, "Another program's")],
        ..AccountConfig::default()
    });
    let token = SecretString::from(world.twilio.auth_token_of(&account).unwrap().expose().to_owned());
    let (other, _) = world.another_workspace().await;
    world.store.save_twilio_account(other, account.as_str(), &token, &[]).await.unwrap();
    missed(&world, InboundText::new(ANN, third, "not for you")).await;

    let later = now() + TimeDelta::seconds(2);
    let audit = auditor(&world).check_account(account.as_str(), later).await.unwrap().unwrap();

    assert_eq!((audit.imported, audit.hours[0].twilio, audit.hours[0].elsewhere), (0, 1, 1));
    assert_eq!(world.count("select count(*) from dead_letters").await, 0);
}

#[tokio::test]
async fn the_command_line_compares_now_and_the_metrics_show_it() {
    let world = World::start().await;
    missed(&world, InboundText::new(ANN, world.number(), "missed")).await;
    let mut command = program(&world, world.database_url(), &["audit", "--grace", "0"]);
    command.env("DESKLINE_PUBLIC_URL", world.url());

    let said = line(&run(command, "").await);

    assert!(said.contains("Twilio 1 = here 1") && said.contains("1 imported"), "{said}");
    let metrics = world.http.get(format!("{}/metrics", world.url())).bearer_auth(crate::world::METRICS_TOKEN);
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    for line in ["deskline_audit_texts_at_twilio 1", "deskline_audit_texts_here 1", "deskline_audit_imported 1"] {
        assert!(metrics.lines().any(|told| told == line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn an_attempt_that_somebody_retried_is_not_taken_for_another_programs_text() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    world.twilio.plan_next(CallbackPlan::failing(30003));
    let (_, first) = world.send(contact, "hi").await;
    let id = &first["message"]["id"];
    world.eventually(id, "undelivered", |row| row.status == DeliveryStatus::Undelivered).await;
    world.twilio.settled().await;
    let (status, again) = world.retry(id).await;
    assert_eq!(status, 200, "{again}");
    world.eventually(id, "delivered", |row| row.status == DeliveryStatus::Delivered).await;

    let audit = audit(&world).await;

    assert_eq!(audit.imported, 0);
    assert_eq!(world.count("select count(*) from messages").await, 1, "both attempts are one bubble");
}

#[tokio::test]
async fn desktops_of_every_agent_hear_what_a_comparison_came_to() {
    let world = World::start().await;
    world.twilio.receive_sms(BOB, &world.number(), "heard").await;
    missed(&world, InboundText::new(ANN, world.number(), "missed")).await;
    let agent = world.member(Role::Agent).await;
    let desktop = Socket::connect(world.url(), &token(agent)).await;
    let ack = desktop.ask("follow_changes", json!({ "workspaceId": world.workspace })).await;
    assert_eq!(ack["ok"], true, "{ack}");

    audit(&world).await;

    let is_audit = |change: &Value| change["entity"] == "audit";
    let told = desktop
        .wait_for("changes", |page| page["changes"].as_array().is_some_and(|changes| changes.iter().any(is_audit)))
        .await;
    let row = &told["changes"].as_array().unwrap().iter().find(|change| is_audit(change)).unwrap()["row"];
    assert_eq!((&row["twilio"], &row["here"]), (&json!(2), &json!(2)), "{row}");
    let path = format!("/sync?workspaceId={}&snapshot=start", world.workspace);
    let (status, page) = world.call_as(agent, Method::GET, &path, None).await;
    assert_eq!((status.as_u16(), &page["audit"]), (200, row), "and whoever comes later finds it");
    let path = format!("/twilio/audit?workspaceId={}", world.workspace);
    assert_eq!(world.call_as(agent, Method::GET, &path, None).await.0, 403, "the hours are for owners and admins");
}

#[tokio::test]
async fn a_text_that_cannot_be_stored_is_told_as_missing_and_stops_none_of_the_others() {
    let world = World::start().await;
    let poison = "alter table messages add constraint no_poison check (content <> 'poison')";
    sqlx::query(poison).execute(world.store.pool()).await.unwrap();
    for text in ["one", "poison", "two"] {
        missed(&world, InboundText::new(ANN, world.number(), text)).await;
    }

    let audit = audit(&world).await;

    assert_eq!(audit.imported, 2);
    let told = published(&world).await;
    assert_eq!((&told["summary"], &told["problem"]), (&json!("Twilio 3 ≠ here 2, checked just now"), &Value::Null));
}
