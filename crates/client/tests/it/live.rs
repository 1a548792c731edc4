//! The socket saves asking, and losing it costs latency alone.

use std::time::Duration;

use deskline_client::{
    MemoryCredentials, Patience,
    view::{Connection, ConversationFilter, Focus},
};
use uuid::Uuid;

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
    wire::Wire,
};

/// Never looks by itself: whatever arrives came through the socket, or because of it.
const DEAF: Patience = Patience { poll_every: Duration::from_secs(3_600), ..PATIENCE };

async fn live(server: &TeamServer) -> Desk {
    server.state().sockets = true;
    server.state().skip_push();
    let desk = Desk::with(server, MemoryCredentials::default(), DEAF).await;
    desk.sign_in().await.unwrap();
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    desk
}

#[tokio::test]
async fn a_pushed_page_is_applied_without_asking_for_it() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    let asked = server.asked("/sync");

    server.receives(ann, "are you open?").await;

    desk.until_shown(ann, &["are you open?"]).await;
    assert_eq!(server.asked("/sync"), asked, "the page itself was enough");
    desk.until("a notification", async |desk| desk.notifier.shown().len() == 1).await;
}

#[tokio::test]
async fn a_page_that_does_not_begin_at_the_cursor_makes_the_desktop_ask() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;

    server.state().put_inbound(ann, "nobody was told");
    server.state().skip_push();
    server.receives(ann, "everybody was told").await;

    desk.until_shown(ann, &["nobody was told", "everybody was told"]).await;
}

#[tokio::test]
async fn a_lost_socket_is_opened_again_and_what_was_missed_is_caught_up() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;

    server.set_down(true).await;
    desk.until("not live", async |desk| desk.client.connection() != Connection::Live).await;
    server.state().put_inbound(ann, "while you were away");
    server.state().skip_push();
    server.set_down(false).await;

    desk.until_shown(ann, &["while you were away"]).await;
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    server.receives(ann, "and now").await;
    desk.until_shown(ann, &["while you were away", "and now"]).await;
}

#[tokio::test]
async fn waking_looks_at_once_although_the_socket_says_nothing() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    server.state().put_inbound(ann, "the socket is deaf");
    server.state().skip_push();

    desk.client.wake();

    desk.until_shown(ann, &["the socket is deaf"]).await;
}

#[tokio::test]
async fn a_text_in_the_thread_on_screen_is_not_notified_and_a_thread_read_elsewhere_is_withdrawn() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let bob = server.contact("Bob", "+15550100002");
    let desk = live(&server).await;
    desk.client.set_focus(Focus { contact_id: Some(ann), window: true }).await;

    server.receives(ann, "I see you").await;
    server.receives(bob, "and me?").await;
    desk.until("Bob's notification", async |desk| !desk.notifier.shown().is_empty()).await;
    server.change_contact(bob, |row| row["unread_count"] = 0.into()).await;

    desk.until("withdrawn", async |desk| desk.notifier.withdrawn() == [bob]).await;
    assert_eq!(desk.notifier.shown().iter().map(|shown| shown.contact_id).collect::<Vec<_>>(), [bob]);
}

#[tokio::test]
async fn a_wire_that_is_cut_is_noticed_at_once() {
    let mut server = TeamServer::start().await;
    let wire = Wire::to(&server.url).await;
    server.url = wire.url.clone();
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    server.state().put_inbound(ann, "nobody was told");
    server.state().skip_push();

    wire.cut();

    desk.until_shown(ann, &["nobody was told"]).await;
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    server.receives(ann, "and now").await;
    desk.until_shown(ann, &["nobody was told", "and now"]).await;
}

#[tokio::test]
async fn a_connection_that_is_closed_in_an_orderly_way_is_noticed_at_once() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    server.state().put_inbound(ann, "nobody was told");
    server.state().skip_push();

    server.close_sockets().await;

    desk.until_shown(ann, &["nobody was told"]).await;
}

#[tokio::test]
async fn the_list_tells_a_teammates_text_from_ones_own() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    let newest = async |desk: &Desk| {
        let preview = desk.list(ConversationFilter::Open).await.remove(0).preview?;
        Some((preview.text, preview.mine))
    };

    desk.client.send_message(ann, "I am on it".to_owned()).await.unwrap();
    desk.until("one's own text", async |desk| newest(desk).await == Some(("I am on it".to_owned(), true))).await;
    desk.until("the server has it", async |_| server.sent_texts() == ["I am on it"]).await;
    {
        let mut state = server.state();
        let id = Uuid::from_u128(7);
        let row = state.message(id, ann.0, "so am I", "outbound", "sent");
        state.put("message", id, row);
    }
    server.push().await;

    desk.until("the teammate's text", async |desk| newest(desk).await == Some(("so am I".to_owned(), false))).await;
}
