//! A walk over every relation, column, verb and function that an agent's login role can reach, from the catalogue: a table that is added
//! without a policy, or with a right that nobody thought of, fails here.

use std::collections::BTreeMap;

use deskline_domain::ids::WorkspaceId;
use deskline_store::Role;
use sqlx::{AssertSqlSafe, PgPool, Row};

use super::Desk;
use crate::world::{ANN, BOB, World, uuid};

/// What the group may do: relation, verb, and the columns where it is not all of them. Whoever adds a line here has asked what a thief
/// could do with it.
const MAY: &str = "
_sqlx_migrations SELECT
agents SELECT email,id
canned_replies DELETE
canned_replies INSERT content,created_at,id,name,workspace_id
canned_replies SELECT
canned_replies UPDATE content,name
changes SELECT
commands INSERT action,executed_at,id,user_id,workspace_id
commands SELECT id,refused,user_id,workspace_id
commands UPDATE refused
consents INSERT at,contact_id,decided_by,decision,message_id,sender,workspace_id
consents SELECT
contacts SELECT
contacts UPDATE assigned_to,attributes,blocked_at,conversation_status,labels,name,snoozed_until,unread_count
delivery_events INSERT account_sid,attempt,by_user,error_code,explanation,kind,message_id,message_sid,raw,received_at,status
delivery_events SELECT attempt,by_user,error_code,explanation,id,kind,message_id,message_sid,received_at,status
drafts INSERT contact_id,content,edited_at,from_number,reply,user_id,workspace_id
drafts SELECT
drafts UPDATE content,edited_at,from_number,reply
feeds SELECT id,single
labels DELETE
labels INSERT color,created_at,id,name,workspace_id
labels SELECT
labels UPDATE color,name
messages INSERT client_id,contact_id,content,created_at,direction,from_number,id,media,message_type,send_at,sent_by,status,to_number,workspace_id
messages SELECT
messages UPDATE error_code,error_message,from_number,in_doubt,status,to_number,twilio_sid
notes DELETE
notes INSERT author_id,contact_id,content,created_at,id,mentions,workspace_id
notes SELECT
notes UPDATE content,edited_at,mentions
opt_outs SELECT
scheduled SELECT
senders INSERT account_sid,held_until,holds,sender
senders SELECT
senders UPDATE free_at,held_until,holds
sends DELETE
sends INSERT account_sid,attempt,contact_id,lease_until,message_id,next_at,segments,sender,state,workspace_id
sends SELECT
sends UPDATE account_sid,attempt,lease_until,next_at,sender,state
sends_in_line SELECT
twilio_numbers SELECT
workspace_audits SELECT
workspace_members SELECT
workspace_members UPDATE name
workspace_twilio_config SELECT account_sid,default_number,is_configured,messaging_service_sid,workspace_id
workspaces SELECT
";

/// Functions that run as the owner of the tables, and that the group may call.
const MAY_CALL: [&str; 13] = [
    "adopt_callbacks",
    "direct_accounts",
    "direct_admin_workspaces",
    "direct_colleagues",
    "direct_has_message",
    "direct_is_decided",
    "direct_may_send",
    "direct_user",
    "direct_whisper",
    "direct_workspaces",
    "feed_open",
    "sids_known",
    "sids_taken",
];

async fn column(pool: &PgPool, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn an_agents_role_has_these_rights_on_these_columns_and_no_others() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Owner).await;

    let rows = sqlx::query(
        "select c.relname::text as relation, v.verb, has_table_privilege(c.oid, v.verb) as whole,
                array(select a.attname::text from pg_attribute a
                      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                        and v.verb in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') and has_column_privilege(c.oid, a.attnum, v.verb)
                      order by a.attname) as columns
         from pg_class c
         cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) v (verb)
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
         order by 1, 2",
    )
    .fetch_all(desk.store.pool())
    .await
    .unwrap();
    let may: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let (relation, verb): (String, String) = (row.get("relation"), row.get("verb"));
            let columns: Vec<String> = row.get("columns");
            match (row.get("whole"), columns.is_empty()) {
                (true, _) => Some(format!("{relation} {verb}")),
                (false, false) => Some(format!("{relation} {verb} {}", columns.join(","))),
                (false, true) => None,
            }
        })
        .collect();

    assert_eq!(may, MAY.trim().lines().collect::<Vec<_>>());
}

#[tokio::test]
async fn every_table_has_policies_and_every_view_asks_with_the_readers_rights() {
    let world = World::start().await;

    let open = column(
        world.pool(),
        "select relname::text from pg_class c
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and not (relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)) order by 1",
    )
    .await;
    let as_owner = column(
        world.pool(),
        "select relname::text from pg_class c
         where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
           and not coalesce(reloptions @> array['security_invoker=true'], false) order by 1",
    )
    .await;

    assert_eq!(open, ["_sqlx_migrations"], "a new table needs a policy: see migration 0015");
    // Neither is granted to agents, see above. Other programs have rights on the first one alone.
    assert_eq!(as_owner, ["livechatmessages", "workspace_audit_hours"]);
}

#[tokio::test]
async fn an_agents_role_owns_makes_and_calls_nothing_else() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Owner).await;

    let callable = column(
        desk.store.pool(),
        "select proname::text from pg_proc
         where pronamespace = 'public'::regnamespace and prosecdef and prorettype <> 'trigger'::regtype
           and has_function_privilege(oid, 'execute') order by 1",
    )
    .await;
    let sequences = column(
        desk.store.pool(),
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace
           and case relkind when 'S' then has_sequence_privilege(oid, 'usage, select, update') end",
    )
    .await;
    let makes: bool = sqlx::query_scalar(
        "select has_schema_privilege('public', 'create') or has_database_privilege(current_database(), 'create')",
    )
    .fetch_one(desk.store.pool())
    .await
    .unwrap();
    let role = sqlx::query(
        "select rolconnlimit, array_to_string(rolconfig, ' ') as limits,
                rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as mighty
         from pg_roles where rolname = current_user",
    )
    .fetch_one(desk.store.pool())
    .await
    .unwrap();

    assert_eq!(callable, MAY_CALL);
    assert!(sequences.is_empty() && !makes, "{sequences:?}");
    assert_eq!((role.get::<i32, _>("rolconnlimit"), role.get::<bool, _>("mighty")), (8, false));
    let limits: String = role.get("limits");
    assert!(limits.contains("statement_timeout=30s"), "{limits}");
}

/// Puts a row of the team into every table that agents can read.
async fn fill(world: &World, team: WorkspaceId) {
    let [contact, message, waits, user] = [uuid(), uuid(), uuid(), uuid()];
    world
        .sql(&format!(
            "insert into agents (id, email, password_hash) values ('{user}', '{user}@example.com', 'hash');
             insert into workspace_members (workspace_id, user_id, role) values ('{team}', '{user}', 'owner');
             insert into contacts (id, workspace_id, phone) values ('{contact}', '{team}', '{ANN}');
             insert into messages (id, workspace_id, contact_id, direction, status) values
               ('{message}', '{team}', '{contact}', 'outbound', 'delivered'), ('{waits}', '{team}', '{contact}', 'outbound', 'queued');
             insert into sends (message_id, workspace_id, contact_id, state, next_at, sender, segments)
               values ('{waits}', '{team}', '{contact}', 'queued', now(), '{BOB}', 1);
             insert into senders (account_sid, sender) select account_sid, '{BOB}' from workspace_twilio_config where workspace_id = '{team}';
             insert into scheduled (message_id, workspace_id, contact_id, send_at) values ('{message}', '{team}', '{contact}', now());
             insert into delivery_events (message_id, account_sid, status, kind, received_at)
               values ('{message}', 'AC', 'sent', 'accepted', now());
             insert into consents (workspace_id, contact_id, decision, decided_by, at)
               values ('{team}', '{contact}', 'opted_out', 'contact', now());
             insert into commands (id, workspace_id, user_id, action, executed_at)
               values (gen_random_uuid(), '{team}', '{user}', '{{}}', now());
             insert into labels (id, workspace_id, name, color) values (gen_random_uuid(), '{team}', 'Urgent', '#ff0000');
             insert into canned_replies (id, workspace_id, name, content) values (gen_random_uuid(), '{team}', 'hi', 'Hi');
             insert into notes (id, workspace_id, contact_id, author_id, content)
               values (gen_random_uuid(), '{team}', '{contact}', '{user}', 'Note');
             insert into drafts (user_id, contact_id, workspace_id, content, edited_at)
               values ('{user}', '{contact}', '{team}', 'Draft', now());
             insert into workspace_audits (workspace_id, account_sid, twilio, here, checked_at) values ('{team}', 'AC', 1, 1, now())"
        ))
        .await;
}

/// Rows of each relation that the role may read, as a pool sees them.
async fn rows_of(pool: &PgPool) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    for line in MAY.trim().lines().filter(|line| line.contains(" SELECT") && !line.starts_with('_')) {
        let relation = line.split(' ').next().unwrap();
        let count = format!("select count(*) from {relation}");
        rows.insert(relation.to_owned(), sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(pool).await.unwrap());
    }
    rows
}

#[tokio::test]
async fn of_every_table_an_agent_sees_the_rows_of_the_own_team_and_no_one_else_any() {
    let world = World::start().await;
    let other = world.second_team().await;
    fill(&world, other).await;
    let desk = Desk::of(&world, Role::Owner).await;
    let everything = rows_of(world.pool()).await;
    assert!(
        everything.values().all(|count| *count > 0),
        "a table without a row of the other team proves nothing: {everything:?}"
    );

    // Of a team with nothing but this member: itself, its account and number, and that somebody joined.
    let mut seen = rows_of(desk.store.pool()).await;
    for (relation, mine) in [
        ("workspaces", 1),
        ("workspace_members", 1),
        ("twilio_numbers", 1),
        ("workspace_twilio_config", 1),
        ("changes", 1),
    ] {
        assert_eq!(seen.remove(relation), Some(mine), "{relation}");
    }
    assert_eq!(seen.remove("feeds"), Some(1), "which life of the database this is, is everybody's");
    assert!(seen.values().all(|count| *count == 0), "{seen:?}");

    // And of a full team: everything but colleagues' drafts and commands.
    fill(&world, world.team).await;
    let seen = rows_of(desk.store.pool()).await;
    let unseen: Vec<&str> = seen.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name.as_str()).collect();
    assert_eq!(unseen, ["commands", "drafts"]);

    // Whoever may work nowhere sees nothing, with the same connections.
    world.sql("delete from direct_members").await;
    let mut seen = rows_of(desk.store.pool()).await;
    seen.remove("feeds");
    assert!(seen.values().all(|count| *count == 0), "{seen:?}");
}

#[tokio::test]
async fn a_role_that_another_program_signs_in_with_sees_what_it_always_saw() {
    let world = World::start().await;
    let other = world.second_team().await;
    fill(&world, other).await;
    fill(&world, world.team).await;
    let role = format!("deskline_store_test_role_{}_{}", std::process::id(), uuid().simple());
    world
        .sql(&format!("create role {role}; grant select, update, delete on all tables in schema public to {role}"))
        .await;
    let mut foreign = world.pool().acquire().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("set role {role}"))).execute(&mut *foreign).await.unwrap();

    let mut short = Vec::new();
    for (relation, count) in rows_of(world.pool()).await {
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {relation}")))
            .fetch_one(&mut *foreign)
            .await
            .unwrap();
        if seen != count {
            short.push(relation);
        }
    }
    let written = sqlx::raw_sql(
        "update messages set status = 'read'; delete from messages; update contacts set opted_out_at = now()",
    )
    .execute(&mut *foreign)
    .await;
    sqlx::raw_sql("reset role").execute(&mut *foreign).await.unwrap();
    drop(foreign);
    world.sql(&format!("drop owned by {role}; drop role {role}")).await;

    assert!(short.is_empty(), "{short:?}");
    written.unwrap();
    assert_eq!(world.number("select count(*) from messages").await, 0);
}
