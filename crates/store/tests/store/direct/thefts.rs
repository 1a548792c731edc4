//! What a thief tries who has taken an agent's credentials out of the keychain, statement by statement.

use deskline_domain::ids::{CommandId, UserId};
use deskline_store::Role;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Desk, stored};
use crate::world::{ACCOUNT, ANN, BOB, World, uuid};

/// What became of a statement: nothing, or an error with this SQLSTATE.
#[derive(Debug, PartialEq)]
enum Came {
    ToNothing,
    Refused(String),
    Through(u64),
}

async fn tries(desk: &Desk, sql: &str) -> Came {
    // Each alone, so that one which succeeds changes nothing for the next.
    let mut tx = desk.store.pool().begin().await.unwrap();
    match sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await {
        Ok(done) if done.rows_affected() == 0 => Came::ToNothing,
        Ok(done) => Came::Through(done.rows_affected()),
        Err(error) => Came::Refused(
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned(),
        ),
    }
}

#[tokio::test]
async fn a_thief_reads_no_secret_and_no_other_teams_row() {
    let world = World::start().await;
    let other = world.second_team().await;
    let desk = Desk::of(&world, Role::Owner).await;
    world.contact(other, BOB).await;

    for sql in [
        "select auth_token from workspace_twilio_config",
        "select * from workspace_twilio_config",
        "select to_jsonb(c) from workspace_twilio_config c",
        "select password_hash from agents",
        "select * from agents",
        "select * from refresh_tokens",
        "select whisper from feeds",
        "select raw from delivery_events",
        "select * from inbound_raw",
        "select * from dead_letters",
        "select * from media_files",
        "select * from direct_roles",
        "select * from livechatmessages",
        "select rolpassword from pg_authid",
        "select * from pg_largeobject",
        "copy contacts to '/tmp/loot'",
        "copy contacts to program 'cat'",
        "set role postgres",
        "set session authorization postgres",
        "alter table contacts disable row level security",
        "drop policy team on contacts",
        "call open_to_agents()",
        "grant deskline_agent to postgres",
        "create table loot (stolen text)",
        "create function public.works_directly() returns boolean language sql as 'select false'",
    ] {
        assert_eq!(tries(&desk, sql).await, Came::Refused("42501".to_owned()), "{sql}");
    }
    for sql in [
        format!("select * from contacts where workspace_id = '{other}'"),
        format!("select * from workspaces where id = '{other}'"),
        format!("select * from changes where workspace_id = '{other}'"),
    ] {
        assert_eq!(tries(&desk, &sql).await, Came::ToNothing, "{sql}");
    }
    // To leave the policies out is refused, and not obeyed.
    let mut tx = desk.store.pool().begin().await.unwrap();
    sqlx::raw_sql("set local row_security = off").execute(&mut *tx).await.unwrap();
    assert!(sqlx::raw_sql("select * from contacts").execute(&mut *tx).await.is_err());
    drop(tx);
    // A function that lies about the row's team, called before the policy is asked, sees no foreign row.
    let leaky = "select * from contacts where (phone || workspace_id) is null or 1 / (case when phone = '+15550000002' then 0 else 1 end) = 0";
    assert_eq!(tries(&desk, leaky).await, Came::ToNothing);
}

#[tokio::test]
async fn a_thief_changes_no_other_teams_row() {
    let world = World::start().await;
    let other = world.second_team().await;
    let desk = Desk::of(&world, Role::Owner).await;
    let (mine, theirs) = (world.contact(world.team, ANN).await, world.contact(other, BOB).await);
    let (me, text) = (desk.user, stored(&world, other, theirs, "outbound").await);
    let now = "clock_timestamp()";

    for sql in [
        format!("update contacts set name = 'x' where id = '{theirs}'"),
        format!("update messages set status = 'failed' where id = '{text}'"),
        format!("update workspace_members set name = 'x' where workspace_id = '{other}'"),
        format!("delete from labels where workspace_id = '{other}'"),
        format!("update senders set holds = 9 where account_sid <> '{ACCOUNT}'"),
        format!("select * from adopt_callbacks(array['{text}'::uuid], array['SM1'])"),
    ] {
        assert_eq!(tries(&desk, &sql).await, Came::ToNothing, "{sql}");
    }
    for sql in [
        format!(
            "insert into messages (id, workspace_id, contact_id, content, direction, status, sent_by, created_at)
             values (gen_random_uuid(), '{other}', '{theirs}', 'x', 'outbound', 'queued', '{me}', {now})"
        ),
        format!(
            "insert into sends (message_id, workspace_id, contact_id, sender, segments, next_at, state) values ('{text}', '{other}', '{theirs}', '', 1, {now}, 'queued')"
        ),
        format!(
            "insert into delivery_events (message_id, account_sid, status, kind, received_at) values ('{text}', 'AC', 'failed', 'refused', {now})"
        ),
        format!(
            "insert into notes (id, workspace_id, contact_id, author_id, content) values (gen_random_uuid(), '{other}', '{theirs}', '{me}', 'x')"
        ),
        format!(
            "insert into commands (id, workspace_id, user_id, action, executed_at) values (gen_random_uuid(), '{other}', '{me}', '{{}}', {now})"
        ),
        format!(
            "insert into consents (workspace_id, contact_id, decision, decided_by, at) values ('{other}', '{theirs}', 'opted_out', 'twilio', {now})"
        ),
        format!(
            "insert into senders (account_sid, sender, held_until) values ('AC00000000000000000000000000000002', '+1', {now})"
        ),
        format!("insert into workspace_members (workspace_id, user_id, role) values ('{other}', '{me}', 'owner')"),
        format!("update workspace_members set role = 'owner' where user_id = '{me}'"),
        format!("update contacts set workspace_id = '{other}' where id = '{mine}'"),
        "insert into direct_members (workspace_id, user_id) select id, gen_random_uuid() from workspaces".to_owned(),
        "delete from contacts".to_owned(),
        "truncate contacts".to_owned(),
    ] {
        let came = tries(&desk, &sql).await;
        assert!(matches!(&came, Came::Refused(code) if code == "42501"), "{sql}: {came:?}");
    }
    let smuggled = format!(
        "insert into messages (id, workspace_id, contact_id, content, direction, status, sent_by, created_at)
         values (gen_random_uuid(), '{}', '{theirs}', 'x', 'outbound', 'queued', '{me}', {now})",
        world.team
    );
    assert_eq!(
        tries(&desk, &smuggled).await,
        Came::Refused("23503".to_owned()),
        "a text of the own team to another one's contact"
    );
    assert_eq!(
        world.number(&format!("select count(*) from changes where workspace_id = '{other}'")).await,
        2,
        "their feed is as it was"
    );
}

#[tokio::test]
async fn a_thief_writes_in_nobody_elses_name_and_changes_no_history() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let (team, me, them, now) = (world.team, desk.user, colleague.user, "clock_timestamp()");
    let [sent, received] = [stored(&world, team, ann, "outbound").await, stored(&world, team, ann, "inbound").await];
    let note = uuid();
    world
        .sql(&format!(
            "insert into notes (id, workspace_id, contact_id, author_id, content) values ('{note}', '{team}', '{ann}', '{them}', 'Theirs');
             insert into delivery_events (message_id, account_sid, status, kind, received_at) values ('{sent}', 'AC', 'sent', 'accepted', now());
             insert into consents (workspace_id, contact_id, decision, decided_by, at) values ('{team}', '{ann}', 'opted_out', 'contact', now());
             insert into commands (id, workspace_id, user_id, action, executed_at) values ('{note}', '{team}', '{me}', '{{}}', now());
             update contacts set opted_out_at = now()"
        ))
        .await;
    let texts =
        "insert into messages (id, workspace_id, contact_id, content, direction, status, sent_by, created_at) values";

    for sql in [
        // in another's name, as a contact, as one that was sent, long ago
        format!("{texts} (gen_random_uuid(), '{team}', '{ann}', 'x', 'outbound', 'queued', '{them}', {now})"),
        format!("{texts} (gen_random_uuid(), '{team}', '{ann}', 'x', 'outbound', 'queued', null, {now})"),
        format!("{texts} (gen_random_uuid(), '{team}', '{ann}', 'x', 'inbound', 'delivered', '{me}', {now})"),
        format!("{texts} (gen_random_uuid(), '{team}', '{ann}', 'x', 'outbound', 'delivered', '{me}', {now})"),
        format!("{texts} (gen_random_uuid(), '{team}', '{ann}', 'x', 'outbound', 'queued', '{me}', '2020-01-01')"),
        format!(
            "insert into notes (id, workspace_id, contact_id, author_id, content) values (gen_random_uuid(), '{team}', '{ann}', '{them}', 'x')"
        ),
        format!("update notes set content = 'x' where id = '{note}'"),
        format!(
            "insert into commands (id, workspace_id, user_id, action, executed_at) values (gen_random_uuid(), '{team}', '{them}', '{{}}', {now})"
        ),
        format!(
            "insert into drafts (user_id, contact_id, workspace_id, edited_at) values ('{them}', '{ann}', '{team}', {now})"
        ),
        format!("update workspace_members set name = 'x' where user_id = '{them}'"),
        // history
        format!("update messages set content = 'x' where id = '{sent}'"),
        format!("update messages set status = 'failed' where id = '{sent}'"),
        format!("update messages set twilio_sid = 'SM1' where id = '{sent}'"),
        format!("delete from messages where id = '{sent}'"),
        format!(
            "insert into sends (message_id, workspace_id, contact_id, sender, segments, next_at, state) values ('{sent}', '{team}', '{ann}', '', 1, {now}, 'queued')"
        ),
        "update delivery_events set status = 'failed'".to_owned(),
        "delete from delivery_events".to_owned(),
        format!(
            "insert into delivery_events (message_id, account_sid, status, kind, received_at) values ('{sent}', 'AC', 'failed', 'callback', {now})"
        ),
        format!(
            "insert into delivery_events (message_id, account_sid, status, kind, received_at) values ('{sent}', 'AC', 'failed', 'refused', '2020-01-01')"
        ),
        format!(
            "insert into delivery_events (message_id, account_sid, status, kind, by_user, received_at) values ('{sent}', 'AC', 'failed', 'retried', '{them}', {now})"
        ),
        "update consents set decision = 'opted_in'".to_owned(),
        "delete from consents".to_owned(),
        format!(
            "insert into consents (workspace_id, contact_id, decision, decided_by, at) values ('{team}', '{ann}', 'opted_in', 'twilio', {now})"
        ),
        "update contacts set opted_out_at = null".to_owned(),
        "delete from commands".to_owned(),
        "update commands set user_id = gen_random_uuid()".to_owned(),
        // what only admins may
        format!(
            "insert into labels (id, workspace_id, name, color) values (gen_random_uuid(), '{team}', 'x', '#000000')"
        ),
        "update workspace_twilio_config set account_sid = 'AC'".to_owned(),
        "update twilio_numbers set phone_number = '+1'".to_owned(),
        "update workspaces set name = 'x'".to_owned(),
    ] {
        let came = tries(&desk, &sql).await;
        assert!(matches!(&came, Came::Refused(code) if code == "42501"), "{sql}: {came:?}");
    }
    for sql in [
        format!("update messages set status = 'failed' where id = '{received}'"),
        format!("update commands set refused = 'x' where id = '{note}'"),
        format!("delete from notes where id = '{note}'"),
        format!("select content from drafts where user_id = '{them}'"),
    ] {
        assert_eq!(tries(&desk, &sql).await, Came::ToNothing, "{sql}");
    }
    // The texts of the team can be read, so the tries above were tries at something.
    assert_eq!(tries(&desk, "select * from messages").await, Came::Through(2));
}

#[tokio::test]
async fn a_text_in_the_line_is_neither_dropped_nor_kept_for_ever() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let text = desk.begins(ann, "Hello").await.message.id;

    assert_eq!(tries(&desk, &format!("delete from sends where message_id = '{text}'")).await, Came::ToNothing);
    let for_ever = tries(&desk, "update sends set lease_until = 'infinity'").await;

    assert_eq!(for_ever, Came::Refused("42501".to_owned()));
}

#[tokio::test]
async fn a_command_with_somebody_elses_id_is_refused_and_shows_nothing() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let taken = CommandId(uuid());
    world
        .sql(&format!(
            "insert into commands (id, workspace_id, user_id, action, executed_at) values ('{taken}', '{}', '{}', '{{}}', now())",
            world.team,
            UserId(uuid()),
        ))
        .await;
    let now = desk.now().await;
    let command = deskline_domain::command::Command {
        id: taken,
        workspace_id: world.team,
        at: now,
        action: deskline_domain::command::Action::MarkUnread { contact_id: ann },
    };

    let outcome = desk.store.execute(desk.user, &command, now).await.unwrap();

    assert!(
        matches!(&outcome, deskline_domain::protocol::CommandOutcome::Refused { reason } if reason.contains("Another command")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_thief_who_changes_the_session_stays_who_he_is_and_opens_few_connections() {
    let world = World::start().await;
    let other = world.second_team().await;
    world.contact(other, BOB).await;
    let desk = Desk::of(&world, Role::Agent).await;

    let mut tx = desk.store.pool().begin().await.unwrap();
    sqlx::raw_sql("set role deskline_agent; set search_path = pg_temp").execute(&mut *tx).await.unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from public.contacts").fetch_one(&mut *tx).await.unwrap();
    drop(tx);
    let options = desk.store.pool().connect_options();
    let mut open = Vec::new();
    while let Ok(connection) = PgConnection::connect_with(&options).await {
        open.push(connection);
        assert!(open.len() <= usize::from(deskline_store::DIRECT_CONNECTIONS), "a role has a limit of connections");
    }

    assert_eq!(seen, 0);
}
