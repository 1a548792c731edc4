//! Searching what this machine has: as it arrives, offline, and through damage.

use deskline_client::{
    ClientEvent, Error,
    view::{MessageQuery, search::SearchQuery},
};
use deskline_domain::ids::ContactId;

use crate::{desk::Desk, server::TeamServer};

impl Desk {
    /// The texts that a search finds, best first.
    async fn found(&self, text: &str) -> Vec<String> {
        let query = SearchQuery { text: text.to_owned(), limit: 50, ..SearchQuery::default() };
        let page = self.client.search(query).await.unwrap();
        page.messages.into_iter().map(|message| message.excerpt.text).collect()
    }

    async fn people(&self, text: &str) -> Vec<ContactId> {
        let query = SearchQuery { text: text.to_owned(), limit: 50, ..SearchQuery::default() };
        let page = self.client.search(query).await.unwrap();
        page.contacts.into_iter().map(|contact| contact.contact_id).collect()
    }
}

#[tokio::test]
async fn what_a_first_sync_brings_is_found_and_stays_found_offline() {
    let server = TeamServer::start().await;
    server.state().snapshot_page = 7;
    let ann = server.contact("Ann Müller", "+15550100001");
    for number in 0..120 {
        server.receives(ann, &format!("order {number}")).await;
    }
    let desk = Desk::signed_in(&server).await;

    for text in ["order 0", "order 119"] {
        desk.until(text, async |desk| desk.found(&format!("\"{text}\"")).await == [text]).await;
    }
    server.set_down(true).await;

    assert_eq!(desk.found("\"order 7\"").await, ["order 7"]);
    assert_eq!(desk.people("muller").await, [ann]);
    assert_eq!(desk.people("555 010 0001").await, [ann]);
}

#[tokio::test]
async fn a_text_can_be_searched_in_the_moment_in_which_it_is_announced() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = Desk::signed_in(&server).await;
    desk.until("Ann", async |desk| desk.people("ann").await == [ann]).await;
    let mut events = desk.client.events();

    server.receives(ann, "明日行きます").await;
    while !matches!(events.recv().await.unwrap(), ClientEvent::Received { .. }) {}

    assert_eq!(desk.found("明日").await, ["明日行きます"]);
}

#[tokio::test]
async fn what_is_gone_is_not_found() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let id = server.receives(ann, "a secret").await;
    let desk = Desk::signed_in(&server).await;
    desk.until("the text", async |desk| desk.found("secret").await.len() == 1).await;

    server.deletes(id).await;

    desk.until("nothing", async |desk| desk.found("secret").await.is_empty()).await;
}

#[tokio::test]
async fn a_thread_opens_around_any_of_its_texts_and_goes_on_both_ways() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    for number in 0..100 {
        server.receives(ann, &format!("text {number}")).await;
    }
    let desk = Desk::signed_in(&server).await;
    desk.until("all of it", async |desk| desk.thread(ann).await.len() == 100).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "not sent yet".to_owned()).await.unwrap();
    let all = desk.texts(ann).await;
    let wanted = desk.thread(ann).await[30].id;

    let page = desk.client.messages_around(wanted.0, 20).await.unwrap();
    let mut texts: Vec<String> = page.messages.iter().map(|message| message.content.clone()).collect();
    assert_eq!((texts.len(), texts[10].as_str()), (21, "text 30"));
    let (mut older, mut newer) = (page.older, page.newer);
    while let Some(page) = older {
        let page = desk.client.messages(MessageQuery { contact_id: ann, page: Some(page), limit: 8 }).await.unwrap();
        texts.splice(0..0, page.messages.iter().map(|message| message.content.clone()));
        older = page.older;
    }
    while let Some(page) = newer {
        let page = desk.client.messages(MessageQuery { contact_id: ann, page: Some(page), limit: 8 }).await.unwrap();
        texts.extend(page.messages.iter().map(|message| message.content.clone()));
        newer = page.newer;
    }

    assert_eq!(texts, all);
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_can_search() {
    let server = TeamServer::start().await;
    let desk = Desk::open(&server).await;

    let answer = desk.client.search(SearchQuery::default()).await;

    assert!(matches!(answer, Err(Error::SignedOut)), "{answer:?}");
}
