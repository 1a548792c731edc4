//! Days away, a server that forgets old texts, another server, and texts that change while history arrives: in the end the desktop shows what
//! the server has.

use chrono::TimeDelta;
use deskline_client::view::{ConversationFilter, search::SearchQuery};
use deskline_domain::ids::{ContactId, MessageId};
use serde_json::json;

use crate::{desk::Desk, server::TeamServer};

/// The texts of a thread as the server has them.
fn kept(server: &TeamServer, texts: &[(MessageId, ContactId)], contact_id: ContactId) -> Vec<String> {
    let state = server.state();
    let of = texts.iter().filter(|(id, of)| *of == contact_id && state.has("message", id.0));
    of.map(|(id, _)| state.row("message", id.0)["content"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn after_days_away_everything_that_came_went_and_changed_is_as_the_server_has_it() {
    let server = TeamServer::start().await;
    let people: Vec<ContactId> =
        (0..5).map(|n| server.contact(&format!("Person {n}"), &format!("+1555010000{n}"))).collect();
    let mut texts = Vec::new();
    for n in 0..100_usize {
        let of = people[n % 5];
        texts.push((server.receives(of, &format!("before {n}")).await, of));
    }
    let mut desk = Desk::signed_in(&server).await;
    desk.until("all of it", async |desk| desk.thread(people[0]).await.len() == 20).await;
    desk.client.shutdown().await;

    // More than one page of the feed.
    for n in 0..1_300_usize {
        let of = people[n % 4];
        texts.push((server.receives(of, &format!("while away {n}")).await, of));
    }
    // The server forgets what is old, and somebody edits what is not.
    for (id, _) in &texts[..60] {
        server.deletes(*id).await;
    }
    for (id, _) in &texts[60..70] {
        server.change_message(*id, |row| row["content"] = json!("edited by a colleague")).await;
    }
    server.change_contact(people[4], |row| row["name"] = json!("Renamed")).await;
    desk.pass(TimeDelta::days(5));
    desk.restart().await;

    for person in people {
        let expected = kept(&server, &texts, person);
        desk.until("the thread is the server's", async |desk| desk.texts(person).await == expected).await;
    }
    desk.until("the name", async |desk| desk.names(ConversationFilter::All).await.contains(&"Renamed".to_owned()))
        .await;
    let found = async |text: &str| {
        let query = SearchQuery { text: text.to_owned(), limit: 10, ..SearchQuery::default() };
        desk.client.search(query).await.unwrap().messages.len()
    };
    desk.until("what is gone is not found", async |_| found("\"before 3\"").await == 0).await;
    desk.until("what is new is found", async |_| found("\"while away 1299\"").await == 1).await;
}

#[tokio::test]
async fn texts_that_change_while_history_arrives_end_as_the_server_has_them() {
    let server = TeamServer::start().await;
    server.state().snapshot_page = 3;
    let ann = server.contact("Ann", "+15550100001");
    let mut texts = Vec::new();
    for n in 0..150 {
        texts.push((server.receives(ann, &format!("text {n}")).await, ann));
    }
    let desk = Desk::open(&server).await;

    let editing = async {
        for round in 0..40 {
            for (id, _) in texts.iter().skip(round % 7).step_by(7) {
                server.change_message(*id, |row| row["content"] = json!(format!("edited in round {round}"))).await;
            }
            // Until a page or two have gone over.
            let asked = server.asked("/sync");
            desk.until("the desktop asks on", async |_| server.asked("/sync") > asked || round > 30).await;
        }
    };
    let (signed_in, ()) = tokio::join!(desk.sign_in(), editing);
    signed_in.unwrap();

    let expected = kept(&server, &texts, ann);
    desk.until("every text is the newest", async |desk| desk.texts(ann).await == expected).await;
}

#[tokio::test]
async fn another_server_begins_with_nothing_of_the_one_before() {
    let (here, there) = (TeamServer::start().await, TeamServer::start().await);
    let ann = here.contact("Ann", "+15550100001");
    here.receives(ann, "hello").await;
    let bob = there.contact("Bob", "+15550100002");
    there.receives(bob, "good morning").await;
    let desk = Desk::signed_in(&here).await;
    desk.until_shown(ann, &["hello"]).await;
    here.set_down(true).await;
    desk.client.send_message(ann, "for the first server alone".to_owned()).await.unwrap();

    desk.sign_in_at(&there).await.unwrap();

    desk.until("the other team", async |desk| desk.names(ConversationFilter::All).await == ["Bob"]).await;
    desk.until_shown(bob, &["good morning"]).await;
    assert_eq!(desk.client.waiting_count().await.unwrap(), 0, "what waits for one server is not shown at another");
    here.set_down(false).await;
    desk.sign_in().await.unwrap();
    desk.until("sent where it belongs", async |_| here.sent_texts() == ["for the first server alone"]).await;
    assert!(there.sent().is_empty());
}
