//! The line under the composer: answered from this machine, and as the server would do.

use deskline_client::ErrorCode;
use deskline_domain::{gate::Refusal, outlook::GoesOutFrom, zone::Night};
use serde_json::json;

use crate::{desk::Desk, server::TeamServer};

const ONE: &str = "+12065550100";
const TWO: &str = "+12065550200";

fn number(number: &str, is_new: bool) -> GoesOutFrom {
    GoesOutFrom::Number { number: number.to_owned(), is_new }
}

#[tokio::test]
async fn a_text_is_looked_at_while_the_server_is_away() {
    let server = TeamServer::start().await;
    // Nine in the evening in Seattle, where nobody may be texted before eight.
    let ann = server.contact("Ann", "+12065550142");
    server.receives(ann, "Hello?").await;
    let desk = Desk::signed_in(&server).await;
    desk.until_shown(ann, &["Hello?"]).await;
    server.set_down(true).await;

    let outlook = desk.client.outlook(ann, "“Fine”").await.unwrap();

    assert_eq!((outlook.segments.count, outlook.plain.as_deref()), (1, Some("\"Fine\"")));
    assert_eq!((outlook.refusal, outlook.from), (None, GoesOutFrom::WroteTo));
    // 2027-01-15T08:00Z, midnight there.
    assert_eq!(outlook.local_time.map(|time| (time.earliest, time.night)), Some((-480, Night::Yes)));
    let hello = desk.thread(ann).await[0].id;
    server.set_down(false).await;
    server.change_message(hello, |row| row["to_number"] = json!(TWO)).await;
    desk.until("the number that she wrote to", async |desk| {
        desk.client.outlook(ann, "Fine").await.unwrap().from == number(TWO, false)
    })
    .await;
    let empty = desk.client.outlook(ann, " ").await.unwrap();
    assert_eq!(empty.refusal, Some(Refusal::Empty));
}

#[tokio::test]
async fn whoever_opted_out_is_refused_before_anything_is_written() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+12065550142");
    let desk = Desk::signed_in(&server).await;
    desk.until("she is here", async |desk| desk.client.conversation(ann).await.is_ok()).await;

    server.change_contact(ann, |row| row["opted_out_at"] = json!("2026-11-01T10:00:00Z")).await;

    desk.until("she has opted out", async |desk| {
        desk.client.outlook(ann, "Hello").await.unwrap().refusal == Some(Refusal::OptedOut)
    })
    .await;
    let consents = desk.client.consents(ann).await.unwrap();
    assert_eq!(consents[0].decision, "opted_out");
    assert_eq!(consents[0].user_id, Some(server.state().user_id));
    assert_eq!(consents[0].reason.as_deref(), Some("asked for it"));
    server.set_down(true).await;
    assert_eq!(desk.client.consents(ann).await.unwrap_err().code(), ErrorCode::Unreachable);
}

#[tokio::test]
async fn the_number_is_known_once_the_server_has_said_what_the_team_sends_from() {
    let server = TeamServer::start().await;
    server.state().numbers = vec![ONE, TWO];
    server.state().sockets = true;
    let ann = server.contact("Ann", "+12065550142");
    let bob = server.contact("Bob", "+12065550143");
    server.colleague_answers(ann, "Hello Ann").await;
    let desk = Desk::signed_in(&server).await;
    desk.until("live", async |desk| desk.client.connection() == deskline_client::view::Connection::Live).await;
    desk.until_shown(ann, &["Hello Ann"]).await;

    desk.until("the first number is the one for new contacts", async |desk| {
        desk.client.outlook(bob, "Hi").await.unwrap().from == number(ONE, true)
    })
    .await;

    let answer = desk.thread(ann).await[0].id;
    server.change_message(answer, |row| row["from_number"] = json!(TWO)).await;
    desk.until("a number that she has seen is kept", async |desk| {
        desk.client.outlook(ann, "Hi").await.unwrap().from == number(TWO, false)
    })
    .await;
    let asked = server.state().asked.iter().filter(|path| *path == "/twilio/sending").count();
    assert_eq!(asked, 1, "it is asked now and then, and not at every key");
}
