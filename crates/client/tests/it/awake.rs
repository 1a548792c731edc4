//! A machine that slept, a network that is another one, a clock that was set: everything goes on at once, over new connections.

use std::{process::Command, time::Duration};

use axum::http::StatusCode;
use chrono::TimeDelta;
use deskline_client::{
    MemoryCredentials, Patience,
    view::{Connection, Session},
};

use crate::{
    desk::{Desk, PATIENCE},
    server::{Fault, TeamServer, error},
    wire::Wire,
};

/// Waits for so long that nothing in these tests happens because time went by.
const PATIENT: Patience = Patience {
    first_retry: Duration::from_secs(3_600),
    longest_retry: Duration::from_secs(3_600),
    poll_every: Duration::from_secs(3_600),
    answer: Duration::from_secs(3_600),
    ..PATIENCE
};

async fn live(server: &TeamServer) -> Desk {
    server.state().sockets = true;
    let desk = Desk::with(server, MemoryCredentials::default(), PATIENT).await;
    desk.sign_in().await.unwrap();
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    desk
}

#[tokio::test]
async fn after_sleep_everything_goes_on_over_new_connections_because_the_old_ones_are_dead() {
    let mut server = TeamServer::start().await;
    let wire = Wire::to(&server.url).await;
    server.url = wire.url.clone();
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    wire.stall();
    desk.client.send_message(ann, "written before sleep".to_owned()).await.unwrap();
    server.state().put_inbound(ann, "while you slept");
    server.state().skip_push();

    desk.pass(TimeDelta::hours(8));

    desk.until("what came meanwhile", async |desk| desk.texts(ann).await.iter().any(|text| text == "while you slept"))
        .await;
    assert_eq!(desk.client.connection(), Connection::Live);
}

#[tokio::test]
async fn a_clock_that_was_set_back_by_a_year_keeps_no_text_waiting_for_a_year() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    server.fault("/sms/send-sms", Fault::Say(StatusCode::SERVICE_UNAVAILABLE, error("later")));
    desk.client.send_message(ann, "hello".to_owned()).await.unwrap();
    desk.until("it was tried", async |_| server.asked("/sms/send-sms") == 1).await;

    desk.pass(-TimeDelta::days(365));

    desk.until("it has left", async |_| server.sent_texts() == ["hello"]).await;
}

#[tokio::test]
async fn a_clock_that_is_a_year_ahead_costs_nobody_a_cache_and_is_said_to_be_wrong() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let before = Desk::open(&server).await.now();
    server.state().says_that_it_is(before);
    let mut desk = live(&server).await;
    server.receives(ann, "hello").await;
    desk.until_shown(ann, &["hello"]).await;

    desk.pass(TimeDelta::days(365));

    desk.until("it is said", async |desk| {
        desk.client.local_copy().clock.is_some_and(|words| words.contains("365 days ahead"))
    })
    .await;
    desk.restart().await;
    desk.until_shown(ann, &["hello"]).await;
    assert!(matches!(desk.client.session(), Session::SignedIn { expired: false, .. }));
    assert!(desk.client.local_copy().notices.is_empty());

    desk.pass(-TimeDelta::days(365));

    desk.until("it is said no longer", async |desk| desk.client.local_copy().clock.is_none()).await;
}

#[tokio::test]
async fn a_lease_that_is_over_by_the_servers_clock_as_well_is_over() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let before = Desk::open(&server).await.now();
    server.state().says_that_it_is(before);
    let mut desk = live(&server).await;
    desk.until("Ann", async |desk| desk.client.conversation(ann).await.is_ok()).await;
    desk.client.shutdown().await;

    desk.pass(TimeDelta::days(15));
    server.state().says_that_it_is(desk.now());
    desk.restart().await;

    assert!(matches!(desk.client.session(), Session::SignedIn { expired: true, .. }));
}

/// Tells the test that it runs where it may change the network.
const INSIDE: &str = "DESKLINE_OWN_NETWORK";

#[cfg(target_os = "linux")]
#[test]
fn a_network_that_comes_back_is_tried_at_once() {
    const NAME: &str = "awake::a_network_that_comes_back_is_tried_at_once";
    if std::env::var_os(INSIDE).is_none() {
        let ran = Command::new("unshare")
            .args(["--map-root-user", "--net"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(INSIDE, "1")
            .output();
        let Ok(ran) = ran else { panic!("unshare is missing: on Debian it is in util-linux") };
        let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success() && said.contains("1 passed"), "allow name spaces of users, or be root: {said}");
        return;
    }
    let ip = |arguments: &str| {
        let done = Command::new("ip").args(arguments.split(' ')).status();
        assert!(done.is_ok_and(|status| status.success()), "ip {arguments} failed: on Debian it is in iproute2");
    };
    ip("link set lo up");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let server = TeamServer::start().await;
        let ann = server.contact("Ann", "+15550100001");
        let desk = live(&server).await;
        server.set_down(true).await;
        desk.until("not live", async |desk| desk.client.connection() != Connection::Live).await;
        server.set_down(false).await;
        // By itself it tries again in an hour.
        server.state().put_inbound(ann, "while you were away");

        ip("address add 10.1.2.3/24 dev lo");

        desk.until_shown(ann, &["while you were away"]).await;
        desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    });
}
