//! What an agent has begun, from outside: the agent's other sockets hear that there is something, and nobody else anything.

use deskline_store::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    media::PNG,
    uploads::upload_as,
    world::{ANN, Heard, World, assert_error},
};

fn drafts(heard: &[Heard]) -> Vec<&Value> {
    heard.iter().filter(|heard| heard.name == "draft").map(|heard| &heard.data).collect()
}

#[tokio::test]
async fn the_author_hears_of_it_on_every_server_and_no_colleague_and_no_dashboard_does() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    let agent = world.member(Role::Agent).await;
    let contact = world.contact(ANN).await;
    let (here, there) = (world.joined_at(0, agent).await, world.joined_at(second, agent).await);
    let colleagues = [world.joined().await, world.joined_at(second, world.owner).await];

    let body = json!({ "workspaceId": world.workspace, "contactId": contact, "content": "Dear Ann", "ageMs": 1_500 });
    let (status, saved) = world.call_as(agent, Method::POST, "/drafts", Some(body.clone())).await;

    assert_eq!((status.as_u16(), &saved["saved"]), (200, &json!(true)), "{saved}");
    for author in [&here, &there] {
        let told = author.wait_for("draft", |_| true).await;
        assert_eq!((&told["contactId"], &told["editedAt"]), (&json!(contact), &saved["draft"]["editedAt"]));
        assert!(!told.to_string().contains("Dear Ann"), "a hint holds no text: {told}");
    }
    // Whatever comes after it has been heard by everybody.
    world.contact("+15550009999").await;
    for colleague in &colleagues {
        colleague.wait_for("contact_updated", |told| told["contact"]["phone"] == "+15550009999").await;
        assert!(drafts(&colleague.heard()).is_empty());
    }
    let list = format!("/drafts?workspaceId={}", world.workspace);
    let (_, mine) = world.call_as(agent, Method::GET, &list, None).await;
    assert_eq!((&mine["drafts"][0]["content"], mine["drafts"].as_array().unwrap().len()), (&json!("Dear Ann"), 1));
    let (_, theirs) = world.call(Method::GET, &list, None).await;
    assert_eq!(theirs["drafts"], json!([]));
}

#[tokio::test]
async fn an_older_version_is_answered_with_the_newer_one() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let save = async |content: &str, age: u64| {
        let body = json!({ "workspaceId": world.workspace, "contactId": contact, "content": content, "ageMs": age });
        world.call(Method::POST, "/drafts", Some(body)).await.1
    };
    save("newer", 0).await;

    let older = save("older", 60_000).await;

    assert_eq!((&older["saved"], &older["draft"]["content"]), (&json!(false), &json!("newer")));
    let deleted = save("", 0).await;
    assert_eq!((&deleted["saved"], &deleted["draft"]["content"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn what_is_no_draft_is_refused_in_plain_words() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    let theirs = world.contact_of(other, ANN).await;
    let contact = world.contact("+15550009998").await;
    let save = async |body: Value| world.call(Method::POST, "/drafts", Some(body)).await;
    let with = |content: Value| json!({ "workspaceId": world.workspace, "contactId": contact, "content": content });

    let long = save(with(json!("x".repeat(10_001)))).await;
    assert_error(&long, 400, "A draft can have 10000 characters at most");
    assert_eq!(save(with(json!("é".repeat(10_000)))).await.0, 200, "characters, and not bytes");
    assert_eq!(save(with(json!(7))).await.0, 400);
    assert_eq!(save(with(json!("a\0b"))).await.0, 400);
    let stranger = save(json!({ "workspaceId": world.workspace, "contactId": theirs, "content": "Hi" })).await;
    assert_error(&stranger, 404, "Contact not found");
    assert_eq!(save(json!({ "workspaceId": other, "contactId": theirs, "content": "Hi" })).await.0, 403);
    assert_eq!(save(json!([])).await.0, 400);
}

#[tokio::test]
async fn a_file_that_was_uploaded_for_a_draft_is_fetched_by_its_authors_other_desktop_and_sent_from_there() {
    let world = World::start().await;
    world.twilio.fetch_outbound_media(true);
    let (agent, contact) = (world.member(Role::Agent).await, world.contact(ANN).await);
    let (_, file) = upload_as(&world, agent, Some("image/png"), PNG).await;
    let body =
        json!({ "workspaceId": world.workspace, "contactId": contact, "content": "look", "files": [file["id"]] });

    let (status, saved) = world.call_as(agent, Method::POST, "/drafts", Some(body)).await;

    assert_eq!(status, 200, "{saved}");
    let list = format!("/drafts?workspaceId={}", world.workspace);
    let (_, heard) = world.call_as(agent, Method::GET, &list, None).await;
    assert_eq!(heard["takesFiles"], json!(true));
    for told in [&saved["draft"]["files"][0], &heard["drafts"][0]["files"][0]] {
        assert_eq!((&told["id"], &told["contentType"]), (&file["id"], &json!("image/png")), "{told}");
        assert_eq!((&told["name"], &told["size"]), (&json!("Grüße.png"), &json!(PNG.len())), "{told}");
    }
    let url = heard["drafts"][0]["files"][0]["url"].as_str().unwrap();
    assert_eq!(world.http.get(url).send().await.unwrap().bytes().await.unwrap(), PNG);
    let mut text = world.text(contact, "look");
    text["mediaUrls"] = json!([url]);
    let (_, sent) = world.call_as(agent, Method::POST, "/sms/send-sms", Some(text)).await;
    assert_eq!(sent["message"]["media"][0]["key"], file["id"], "{sent}");
    assert_eq!(world.count("select count(*) from media_files").await, 1, "nothing is kept twice");

    let older = json!({ "workspaceId": world.workspace, "contactId": contact, "content": "look here" });
    let (_, kept) = world.call_as(agent, Method::POST, "/drafts", Some(older)).await;
    assert_eq!(kept["draft"]["files"][0]["id"], file["id"], "an older desktop says nothing of files");
    let sent = json!({ "workspaceId": world.workspace, "contactId": contact, "files": [] });
    let (_, gone) = world.call_as(agent, Method::POST, "/drafts", Some(sent)).await;
    assert_eq!((&gone["saved"], &gone["draft"]["files"]), (&json!(true), &json!([])));
    let (_, none) = world.call_as(agent, Method::GET, &list, None).await;
    assert_eq!(none["drafts"], json!([]));
}

#[tokio::test]
async fn files_that_are_none_are_refused_in_plain_words_and_a_colleagues_is_left_out() {
    let world = World::start().await;
    let (agent, contact) = (world.member(Role::Agent).await, world.contact(ANN).await);
    let (_, theirs) = upload_as(&world, world.owner, Some("image/png"), PNG).await;
    let save = async |files: Value| {
        let body = json!({ "workspaceId": world.workspace, "contactId": contact, "content": "look", "files": files });
        world.call_as(agent, Method::POST, "/drafts", Some(body)).await
    };

    assert_error(&save(json!(["a\0b"])).await, 400, "files must be a UUID");
    assert_error(&save(json!("x")).await, 400, "files must be a list of texts");
    let eleven = vec![theirs["id"].clone(); 11];
    assert_error(&save(json!(eleven)).await, 400, "A text can carry ten files at most. Remove some and send again.");
    let (status, saved) = save(json!([theirs["id"]])).await;
    assert_eq!((status.as_u16(), &saved["draft"]["files"]), (200, &json!([])));
    assert_eq!(save(Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_note_that_was_begun_is_there_at_the_authors_other_desktop_and_an_older_desktop_leaves_it() {
    let world = World::start().await;
    let (agent, contact) = (world.member(Role::Agent).await, world.contact(ANN).await);
    let save = async |mut body: Value| {
        body["workspaceId"] = json!(world.workspace);
        body["contactId"] = json!(contact);
        world.call_as(agent, Method::POST, "/drafts", Some(body)).await
    };
    let reply = json!({ "cancelOnReply": true, "note": "asks for a refund" });

    let (status, saved) = save(json!({ "reply": reply })).await;

    assert_eq!((status.as_u16(), &saved["draft"]["reply"]), (200, &reply), "{saved}");
    let list = format!("/drafts?workspaceId={}", world.workspace);
    let (_, heard) = world.call_as(agent, Method::GET, &list, None).await;
    assert_eq!((&heard["takesReplies"], &heard["drafts"][0]["reply"]), (&json!(true), &reply), "{heard}");
    let (_, older) = save(json!({ "content": "Dear Ann" })).await;
    assert_eq!((&older["draft"]["content"], &older["draft"]["reply"]), (&json!("Dear Ann"), &reply), "{older}");
    let (_, none) = save(json!({ "reply": {} })).await;
    assert_eq!(none["draft"]["reply"], json!({ "cancelOnReply": false, "note": "" }));
    let (_, gone) = world.call_as(agent, Method::GET, &list, None).await;
    assert_eq!(gone["drafts"], json!([]));
}

#[tokio::test]
async fn reply_settings_that_are_none_are_refused_in_plain_words() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let save = async |reply: Value| {
        let body = json!({ "workspaceId": world.workspace, "contactId": contact, "content": "Hi", "reply": reply });
        world.call(Method::POST, "/drafts", Some(body)).await
    };

    let long = save(json!({ "note": "x".repeat(10_001) })).await;
    assert_error(&long, 400, "A note can have 10,000 characters at most.");
    assert_eq!(save(json!({ "note": "é".repeat(10_000) })).await.0, 200, "characters, and not bytes");
    assert_error(&save(json!("asks")).await, 400, "reply must be an object");
    assert_error(&save(json!({ "cancelOnReply": 1 })).await, 400, "cancelOnReply must be true or false");
    assert_error(&save(json!({ "note": "a\0b" })).await, 400, "note contains a character that cannot be used (NUL)");
    assert_eq!(save(Value::Null).await.0, 200);
}
