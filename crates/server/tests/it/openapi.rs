//! `GET /openapi.json`: the description and the router say the same.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    media::{PNG, receive},
    walk::requests::{Ids, actions},
    world::{World, read},
};

/// The routes of the router's source: `("get", "/session")`.
fn routed() -> BTreeSet<(String, String)> {
    let source = include_str!("../../src/http.rs");
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let route = route.split("\n        .").next().unwrap();
        let path = route.split('"').nth(1).unwrap();
        let methods = ["get", "post", "put", "patch", "delete"];
        let before = found.len();
        for method in methods.into_iter().filter(|method| route.contains(&format!("{method}("))) {
            found.insert((method.to_owned(), path.to_owned()));
        }
        assert!(found.len() > before, "{path} has a method");
    }
    found
}

fn described(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
        })
        .collect()
}

#[tokio::test]
async fn every_route_is_described_and_every_description_is_a_route() {
    let world = World::start().await;

    let (status, document) = read(world.http.get(format!("{}/openapi.json", world.url())).send().await.unwrap()).await;

    assert_eq!((status.as_u16(), document["openapi"].as_str()), (200, Some("3.1.0")));
    assert_eq!(described(&document), routed());
    for (method, path) in described(&document) {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = world.http.request(method.clone(), format!("{}{path}", world.url())).send().await.unwrap();
        assert_ne!(answer.status(), 405, "{method} {path}");
        let text = answer.text().await.unwrap();
        assert!(path.contains('{') || !text.contains("\"Not found\""), "{method} {path}: {text}");
    }
}

#[tokio::test]
async fn what_is_said_to_want_a_token_wants_one() {
    let world = World::start().await;
    let (_, document) = read(world.http.get(format!("{}/openapi.json", world.url())).send().await.unwrap()).await;

    for (method, path) in described(&document) {
        let wants_token = document["paths"][&path][&method]["security"][0].get("token").is_some();
        let request = world.http.request(method.to_uppercase().parse().unwrap(), format!("{}{path}", world.url()));
        let status = request.send().await.unwrap().status();
        assert_eq!(status == 401, wants_token, "{method} {path} answers {status} without a token");
    }
}

fn properties<'a>(document: &'a Value, schema: &str) -> BTreeSet<&'a str> {
    let properties = document["components"]["schemas"][schema]["properties"].as_object();
    properties.unwrap_or_else(|| panic!("{schema} is not described")).keys().map(String::as_str).collect()
}

/// Every page of a snapshot in one: the lists put together.
async fn whole_snapshot(world: &World) -> Value {
    let mut whole = json!({});
    let mut next = json!("start");
    while let Some(token) = next.as_str() {
        let path = format!("/sync?workspaceId={}&snapshot={token}", world.workspace);
        let (_, page) = world.call(Method::GET, &path, None).await;
        next = page["next"].clone();
        for (name, value) in page.as_object().unwrap() {
            match (whole.get_mut(name).and_then(Value::as_array_mut), value.as_array()) {
                (Some(list), Some(more)) => list.extend(more.iter().cloned()),
                _ => whole[name] = value.clone(),
            }
        }
    }
    whole
}

#[tokio::test]
async fn every_column_of_a_row_and_every_command_is_described() {
    let world = World::start().await;
    receive(&world, "image/png", PNG).await;
    let ids = Ids { workspace: world.workspace, user: world.owner, ..Ids::nowhere() };
    let contact =
        world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().contacts.remove(0).value();
    let ids = Ids { contact: contact["id"].as_str().unwrap().parse().unwrap(), ..ids };
    let makes_rows = actions(&ids).map(|action| json!(action));
    for action in makes_rows
        .filter(|action| ["createLabel", "addNote", "createCannedReply"].contains(&action["type"].as_str().unwrap()))
    {
        let id = uuid::Uuid::from_bytes(deskline_server::edge::entropy());
        let command =
            json!([{ "id": id, "workspaceId": world.workspace, "at": "2026-11-01T12:00:00Z", "action": action }]);
        let (_, answer) = world.call(Method::POST, "/commands", Some(command)).await;
        assert_eq!(answer["outcomes"][0]["outcome"], "done", "{answer}");
    }
    let (_, document) = world.call(Method::GET, "/openapi.json", None).await;
    let snapshot = whole_snapshot(&world).await;

    for (rows, schema) in [
        ("contacts", "Contact"),
        ("messages", "Message"),
        ("labels", "Label"),
        ("notes", "Note"),
        ("cannedReplies", "CannedReply"),
        ("members", "Member"),
    ] {
        let row = snapshot[rows][0].as_object().unwrap_or_else(|| panic!("there is no row among the {rows}"));
        let columns: BTreeSet<&str> = row.keys().map(String::as_str).collect();
        assert_eq!(columns, properties(&document, schema), "{schema}");
    }
    assert!(
        snapshot.as_object().unwrap().keys().all(|key| properties(&document, "SnapshotPage").contains(key.as_str()))
    );
    let kinds = &document["components"]["schemas"]["Command"]["properties"]["action"]["properties"]["type"]["enum"];
    let described: BTreeSet<&str> = kinds.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let known: Vec<Value> = actions(&ids).map(|action| json!(action)["type"].clone()).collect();
    assert_eq!(described, known.iter().filter_map(Value::as_str).collect());
}
