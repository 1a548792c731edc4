//! A Postgres as hosts run it, under desktops that work directly: TLS or nothing, and a server whose role is no superuser. What goes wrong on the way
//! is said in plain words.

use std::{net::TcpListener, time::Duration};

use deskline_client::{Client, MemoryCredentials, Network, Options, RecordingNotifier, view::MessageState};
use deskline_domain::protocol::DirectAccess;
use deskline_e2e::{
    Desktop, World, eventually,
    guarded::{Guarded, Shown, authority},
    pooler::{Mode, Pooler},
    world::{MARIA, OMAR},
};
use sqlx::{Connection, PgConnection};
use tokio::time::Instant;
use url::Url;

/// What an agent is told who tries to work with these.
async fn told(desktop: &Desktop, access: &DirectAccess) -> String {
    match desktop.client.work_directly(access.clone()).await {
        Ok(()) => "it works".to_owned(),
        Err(error) => error.to_string(),
    }
}

async fn is_told(desktop: &Desktop, access: &DirectAccess, expected: &str) {
    let said = told(desktop, access).await;
    assert!(said.contains(expected), "expected “… {expected} …”, and this was said: {said}");
}

/// A certificate is shown some moments after it was put there.
async fn is_soon_told(desktop: &Desktop, access: &DirectAccess, expected: &str) {
    eventually(expected, || async move { told(desktop, access).await.contains(expected).then_some(()) }).await;
}

fn elsewhere(access: &DirectAccess, change: impl FnOnce(&mut Url)) -> DirectAccess {
    let mut url: Url = access.database_url.parse().unwrap();
    change(&mut url);
    DirectAccess { database_url: url.into(), ..access.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_works_directly_over_tls_with_a_server_whose_role_is_no_superuser() {
    let postgres = Guarded::start().await;
    let mut world = World::start_guarded(&postgres).await;
    let ann = world.desktop("ann").await;
    let access = world.lets_work_directly("ann").await;
    assert!(!access.database_url.contains("sslmode"), "TLS with a certificate that fits needs no word");
    ann.client.work_directly(access.clone()).await.expect("the authority that the server names is believed");
    world.text(MARIA, "Hello").await;
    let maria = ann.conversation("Maria's row", |row| row.phone == MARIA).await.contact_id;
    world.kill_server();

    let text = ann.client.send_message(maria, "Protected".to_owned()).await.unwrap();

    ann.reaches(text.id, MessageState::Accepted).await;
    let open: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where usename like 'deskline_agent_%' and not ssl",
    )
    .fetch_one(&mut PgConnection::connect(postgres.admin().as_str()).await.unwrap())
    .await
    .unwrap();
    assert_eq!(open, 0, "nothing is said unprotected");

    world.revokes_direct_work("ann").await;
    let refused = PgConnection::connect_with(&access.database_url.parse().unwrap()).await;
    assert!(refused.is_err(), "a role that is no superuser can take it back as well");
    ann.client.shutdown().await;
    world.end().await;
    postgres.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_which_postgres_cannot_be_reached_has_a_plain_sentence() {
    let postgres = Guarded::start().await;
    let world = World::start_guarded(&postgres).await;
    let ann = world.desktop("ann").await;
    let access = world.lets_work_directly("ann").await;
    let role = access.role().unwrap().to_owned();

    let unknown = DirectAccess { database_ca: None, ..access.clone() };
    is_told(&ann, &unknown, "signed by nobody whom this computer trusts").await;
    let other_name = elsewhere(&access, |url| url.set_host(Some("127.0.0.1")).unwrap());
    is_told(&ann, &other_name, "for another name than its address").await;
    let unprotected = elsewhere(&access, |url| url.set_query(Some("sslmode=disable")));
    is_told(&ann, &unprotected, "lets nobody in from this network in this way").await;
    let perhaps = elsewhere(&unknown, |url| url.set_query(Some("sslmode=prefer")));
    is_told(&ann, &perhaps, "signed by nobody whom this computer trusts").await;
    let wrong = elsewhere(&access, |url| url.set_password(Some("wrong")).unwrap());
    is_told(&ann, &wrong, "does not take this agent's login").await;
    let nobody = elsewhere(&access, |url| url.set_username("nobody").unwrap());
    is_told(&ann, &nobody, "does not take this agent's login").await;
    let moved = elsewhere(&access, |url| url.set_path("moved"));
    is_told(&ann, &moved, "is not where it was").await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nothing = elsewhere(&access, |url| url.set_port(Some(silent)).unwrap());
    is_told(&ann, &nothing, "nothing answers at this address").await;
    let server = world.server_address().port();
    let foreign = elsewhere(&access, |url| url.set_port(Some(server)).unwrap());
    is_told(&ann, &foreign, "something else than the team's database answers").await;

    postgres.sql(&format!("alter role {role} connection limit 0")).await;
    is_told(&ann, &access, "no connection to spare").await;
    postgres
        .sql(&format!("alter role {role} connection limit 8;\nalter role {role} set statement_timeout = '200ms'"))
        .await;
    let mut migrator = world.foreign.begin().await.unwrap();
    sqlx::query("lock table _sqlx_migrations in access exclusive mode").execute(&mut *migrator).await.unwrap();
    is_told(&ann, &access, "took too long").await;
    migrator.rollback().await.unwrap();

    for (shown, expected) in [
        (Shown::Expired, "has run out"),
        (Shown::Early, "not valid yet"),
        (Shown::OfAStranger, "signed by nobody whom this computer trusts"),
    ] {
        postgres.shows(shown).await;
        is_soon_told(&ann, &access, expected).await;
    }
    postgres.sql("alter system set ssl = off;\nselect pg_reload_conf()").await;
    is_soon_told(&ann, &access, "offers no protected connection").await;
    postgres.sql("alter system set ssl = on;\nselect pg_reload_conf()").await;
    postgres.shows(Shown::Good).await;
    is_soon_told(&ann, &access, "it works").await;

    ann.client.shutdown().await;
    world.end().await;
    postgres.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_of_the_network_settings_is_believed_wherever_in_the_file_it_stands() {
    let postgres = Guarded::start().await;
    let world = World::start_guarded(&postgres).await;
    let request = world.agent("ann").await;
    let folder = tempfile::TempDir::new().unwrap();
    let mut options = Options::new(
        folder.path(),
        std::sync::Arc::<MemoryCredentials>::default(),
        std::sync::Arc::<RecordingNotifier>::default(),
    );
    let roots = format!("{}{}", authority().as_ref().pem(), postgres.authority());
    options.network = Network { roots: Some(roots.into_bytes()), ..Network::default() };
    let ann = Client::open(options).await.unwrap();
    ann.sign_in(request).await.unwrap();
    let access = DirectAccess { database_ca: None, ..world.lets_work_directly("ann").await };

    ann.work_directly(access).await.expect("the second certificate of the file is tried too");

    ann.shutdown().await;
    world.end().await;
    postgres.end().await;
}

/// What changes is heard, and not only found at the next look.
const HEARD_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_works_directly_through_a_pooler_in_session_mode() {
    let postgres = Guarded::start().await;
    let mut world = World::start_guarded(&postgres).await;
    let pooler = Pooler::before(&postgres, Mode::Session).await;
    let ann = world.desktop("ann").await;
    let access = elsewhere(&world.lets_work_directly("ann").await, |url| url.set_port(Some(pooler.port())).unwrap());
    ann.client.work_directly(access).await.expect("a pooler in session mode is as good as Postgres");
    world.text(MARIA, "Hello").await;
    let maria = ann.conversation("Maria's row", |row| row.phone == MARIA).await.contact_id;
    world.kill_server();

    let text = ann.client.send_message(maria, "Through a pooler".to_owned()).await.unwrap();
    ann.reaches(text.id, MessageState::Accepted).await;
    ann.live().await;
    let written = Instant::now();
    world.foreign_contact(OMAR, "Omar").await;
    ann.conversation("what another program wrote", |row| row.phone == OMAR).await;

    assert!(written.elapsed() < HEARD_WITHIN, "it was heard only after {:?}", written.elapsed());
    ann.client.shutdown().await;
    world.end().await;
    drop(pooler);
    postgres.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_whose_connections_are_nobodys_own_is_said_to_be_one_before_anything_is_kept() {
    let postgres = Guarded::start().await;
    let world = World::start_guarded(&postgres).await;
    let pooler = Pooler::before(&postgres, Mode::Transaction).await;
    let ann = world.desktop("ann").await;
    let access = elsewhere(&world.lets_work_directly("ann").await, |url| url.set_port(Some(pooler.port())).unwrap());

    is_told(&ann, &access, "a pooler stands before the team's database").await;

    let wrong = elsewhere(&access, |url| url.set_password(Some("wrong")).unwrap());
    is_told(&ann, &wrong, "does not take this agent's login").await;
    assert!(!ann.client.direct_work().await.ready, "nothing is kept");
    ann.client.shutdown().await;
    world.end().await;
    drop(pooler);
    postgres.end().await;
}
