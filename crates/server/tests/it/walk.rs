//! Every route, every socket event and every command, tried by people who may not: nothing leaks and nothing changes.
//!
//! The routes are those of the server's own `/openapi.json`, the events those of `domain::protocol`, the commands those of the
//! domain. A new one needs a line in [`requests`], or nothing here compiles or passes.

pub(crate) mod requests;
mod team;

use deskline_domain::{ids::UserId, protocol::Ask};
use deskline_store::Role;
use reqwest::Method;
use serde_json::{Value, json};

use self::{
    requests::{Ids, Request, actions, makes_an_id, payload, request},
    team::{MARK, Team},
};
use crate::world::{Socket, World, assert_error, token};

const REQUIRED: &str = "Authentication error: Token required";
const NOT_A_MEMBER: &str = "You are not a member of this workspace";
const ADMINS_ONLY: &str = "Only owners and admins of this workspace may do this";

/// One operation of `/openapi.json`.
struct Route {
    method: String,
    path: String,
    /// The name of what it wants to be shown, if it wants anything.
    wants: Option<String>,
    /// Whether only owners and admins may.
    admins_only: bool,
    /// The statuses that it is said to answer with.
    statuses: Vec<u16>,
}

impl Route {
    fn wants_token(&self) -> bool {
        self.wants.as_deref() == Some("token")
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

async fn routes(world: &World) -> Vec<Route> {
    let document: Value =
        world.http.get(format!("{}/openapi.json", world.url())).send().await.unwrap().json().await.unwrap();
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let security = operation["security"][0].as_object().unwrap().iter().next();
            routes.push(Route {
                method: method.clone(),
                path: path.clone(),
                wants: security.map(|(name, _)| name.clone()),
                admins_only: security.is_some_and(|(_, roles)| roles == &json!(["admin"])),
                statuses: operation["responses"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|status| status.parse().unwrap())
                    .collect(),
            });
        }
    }
    assert!(routes.len() > 30, "the description is complete");
    routes
}

/// Asks, and checks what holds for every answer.
async fn ask(world: &World, route: &Route, with: &Request, token: Option<&str>) -> (u16, String) {
    let method: Method = route.method.to_uppercase().parse().unwrap();
    let mut request = world.http.request(method, format!("{}{}", world.url(), with.path)).body(with.body.clone());
    for (name, value) in &with.headers {
        request = request.header(*name, value);
    }
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
    assert!(route.statuses.contains(&status), "{route} answers {status}, which /openapi.json does not tell: {body}");
    (status, body)
}

/// What somebody hears who must not learn anything.
async fn ask_from_outside(world: &World, route: &Route, with: &Request, token: Option<&str>) -> (u16, String) {
    let (status, body) = ask(world, route, with, token).await;
    assert!(!body.contains(MARK), "{route} tells a stranger: {body}");
    (status, body)
}

/// Neither the text nor the status of a refusal tells whether there is what was named.
fn is_refused(route: &Route, (status, body): &(u16, String)) {
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{route}: {body}"));
    if route.path == "/commands" {
        assert_eq!(body["outcomes"][0]["outcome"], "refused", "{route}: {body}");
    } else if route.path.starts_with("/messages/{id}/") {
        assert_eq!((*status, body["error"].as_str()), (404, Some("Message not found")), "{route}");
    } else {
        assert_eq!((*status, body["error"].as_str()), (403, Some(NOT_A_MEMBER)), "{route}");
    }
}

#[tokio::test]
async fn without_a_token_every_route_that_wants_one_is_401_before_anything_else() {
    let world = World::start().await;
    let team = Team::start(&world).await;
    let before = team.dump(&world).await;

    for route in routes(&world).await.iter().filter(|route| route.wants_token()) {
        for with in [request(route, &team.ids), request(route, &Ids::nowhere()).without_a_body()] {
            let (status, body) = ask_from_outside(&world, route, &with, None).await;
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((status, body["error"].as_str()), (401, Some(REQUIRED)), "{route}");
        }
    }

    team.is_unchanged(&world, before).await;
}

#[tokio::test]
async fn no_route_lets_a_stranger_or_a_former_member_see_or_change_anything() {
    let world = World::start().await;
    let team = Team::start(&world).await;
    let before = team.dump(&world).await;
    let own = Ids { workspace: team.other, ..team.ids.clone() };
    let own_nowhere = Ids { workspace: team.other, ..Ids::nowhere() };

    for route in routes(&world).await.iter().filter(|route| route.wants_token()) {
        let (theirs, nowhere) = (request(route, &team.ids), request(route, &Ids::nowhere()));
        for user in [team.stranger, team.former] {
            let answer = ask_from_outside(&world, route, &theirs, Some(&token(user))).await;
            // A request that names nothing is about whoever asks.
            if theirs != nowhere {
                is_refused(route, &answer);
                assert_eq!(answer, ask(&world, route, &nowhere, Some(&token(user))).await, "{route} tells what exists");
            }
        }
        let (mixed, mixed_nowhere) = (request(route, &own), request(route, &own_nowhere));
        let answer = ask_from_outside(&world, route, &mixed, Some(&token(team.stranger))).await;
        if mixed != mixed_nowhere {
            let other = ask(&world, route, &mixed_nowhere, Some(&token(team.stranger))).await;
            assert_eq!(answer, other, "{route} of one's own workspace tells what exists in another");
        }
    }

    team.is_unchanged(&world, before).await;
}

#[tokio::test]
async fn what_wants_no_token_tells_a_stranger_nothing_and_changes_nothing() {
    let world = World::start().await;
    let team = Team::start(&world).await;
    let before = team.dump(&world).await;

    for route in routes(&world).await.iter().filter(|route| !route.wants_token()) {
        let plain = request(route, &team.ids);
        let signed = plain.signed_by(&team.other_token, world.url());
        for with in [plain, signed] {
            let (status, body) = ask_from_outside(&world, route, &with, Some(&token(team.stranger))).await;
            let refused = status >= 400;
            assert_eq!(refused, route.wants.is_some() || route.path == "/auth/v1/token", "{route}: {status} {body}");
        }
    }

    team.is_unchanged(&world, before).await;
}

/// A pair of answers that must not differ, but for what is new in each.
fn same(route: &str, first: &Value, second: &Value) {
    let plain = |answer: &Value| {
        let mut answer = answer.clone();
        for name in ["seq", "at"] {
            answer.as_object_mut().unwrap().remove(name);
        }
        answer
    };
    assert_eq!(plain(first), plain(second), "{route} tells what exists");
}

#[tokio::test]
async fn no_socket_event_lets_a_stranger_or_a_former_member_see_or_change_anything() {
    let world = World::start().await;
    let team = Team::start(&world).await;
    let dashboard = world.joined().await;
    let (outside, former) = (
        Socket::connect(world.url(), &token(team.stranger)).await,
        Socket::connect(world.url(), &token(team.former)).await,
    );
    assert_eq!(outside.ask("join_workspace", json!(team.other)).await["ok"], true);
    let before = team.dump(&world).await;
    let own = Ids { workspace: team.other, ..team.ids.clone() };
    let own_nowhere = Ids { workspace: team.other, ..Ids::nowhere() };

    for event in Ask::ALL {
        let name = event.event();
        for socket in [&outside, &former] {
            let answer = socket.ask(name, payload(event, &team.ids)).await;
            assert!(answer["error"].is_string(), "{name}: {answer}");
            same(name, &answer, &socket.ask(name, payload(event, &Ids::nowhere())).await);
        }
        if payload(event, &own) != payload(event, &own_nowhere) {
            let answer = outside.ask(name, payload(event, &own)).await;
            assert!(answer["error"].is_string(), "{name}: {answer}");
            same(name, &answer, &outside.ask(name, payload(event, &own_nowhere)).await);
        }
    }

    team.is_unchanged(&world, before).await;
    let told = world.contact("+15557770099").await;
    dashboard.wait_for("contact_updated", |heard| heard["contact"]["id"] == json!(told)).await;
    assert_eq!(dashboard.heard().iter().filter(|heard| heard.name != "connect").count(), 1, "{:?}", dashboard.heard());
    for socket in [outside, former] {
        assert!(socket.heard().iter().all(|heard| !heard.data.to_string().contains(MARK)), "{:?}", socket.heard());
        assert!(socket.heard().iter().all(|heard| !heard.data.to_string().contains(&told.to_string())));
    }
}

#[tokio::test]
async fn no_command_lets_a_stranger_or_a_former_member_see_or_change_anything() {
    let world = World::start().await;
    let team = Team::start(&world).await;
    let before = team.dump(&world).await;
    let own_contact = world.contact_of(team.other, "+15557770098").await;
    let own = Ids { workspace: team.other, ..team.ids.clone() };
    let beside = Ids { contact: own_contact, ..own.clone() };
    let own_nowhere = Ids { workspace: team.other, ..Ids::nowhere() };
    let beside_nowhere = Ids { contact: own_contact, ..own_nowhere.clone() };

    let theirs: Vec<Value> = actions(&team.ids).map(|action| json!(action)).collect();
    let nowhere: Vec<Value> = actions(&Ids::nowhere()).map(|action| json!(action)).collect();
    for (theirs, nowhere) in theirs.iter().zip(&nowhere) {
        for user in [team.stranger, team.former] {
            let outcome = carry_out(&world, user, &team.ids, theirs).await;
            assert_eq!(outcome["reason"], format!("{NOT_A_MEMBER}."), "{theirs}");
            same(&theirs.to_string(), &outcome, &carry_out(&world, user, &Ids::nowhere(), nowhere).await);
        }
    }
    for (with, without) in [(&own, &own_nowhere), (&beside, &beside_nowhere)] {
        for (action, elsewhere) in actions(with).zip(actions(without)) {
            let outcome = carry_out(&world, team.stranger, with, &json!(action)).await;
            if makes_an_id(&action) {
                // Whoever makes an id must be told that it is taken: who asks knows it already.
                assert_eq!(outcome["outcome"], "refused", "{action:?}");
            } else {
                let other = carry_out(&world, team.stranger, without, &json!(elsewhere)).await;
                same(&json!(action).to_string(), &outcome, &other);
            }
        }
    }

    team.is_unchanged(&world, before).await;
}

async fn carry_out(world: &World, user: UserId, ids: &Ids, action: &Value) -> Value {
    let id = uuid::Uuid::from_bytes(deskline_server::edge::entropy());
    let command = json!([{ "id": id, "workspaceId": ids.workspace, "at": "2026-11-01T12:00:00Z", "action": action }]);
    let (status, mut answer) = world.call_as(user, Method::POST, "/commands", Some(command)).await;
    assert_eq!(status, 200, "{answer}");
    let outcome = answer["outcomes"][0].take();
    assert!(!outcome.to_string().contains(MARK), "{outcome}");
    outcome
}

#[tokio::test]
async fn owners_admins_and_agents_may_do_what_is_theirs_on_every_route_event_and_command() {
    let world = World::start().await;
    let team = Team::start(&world).await;
    let roles = [Role::Agent, Role::Admin, Role::Owner];

    for role in roles {
        let user = world.member(role).await;
        for route in routes(&world).await.iter().filter(|route| route.wants_token()) {
            let (status, body) = ask(&world, route, &request(route, &team.ids), Some(&token(user))).await;
            if route.admins_only && role == Role::Agent {
                assert_error(&(status.try_into().unwrap(), serde_json::from_str(&body).unwrap()), 403, ADMINS_ONLY);
            } else {
                assert!(![401, 403].contains(&status), "{route} refuses {role:?}: {body}");
            }
        }
        let socket = Socket::connect(world.url(), &token(user)).await;
        for event in Ask::ALL {
            let answer = socket.ask(event.event(), payload(event, &team.ids)).await.to_string();
            assert!(!answer.contains(NOT_A_MEMBER) && !answer.contains(ADMINS_ONLY), "{event:?} {role:?}: {answer}");
        }
        for action in actions(&team.ids) {
            let outcome = carry_out(&world, user, &team.ids, &json!(action)).await;
            let reason = outcome["reason"].as_str().unwrap_or_default();
            assert_eq!(
                reason == format!("{ADMINS_ONLY}."),
                action.is_for_admins() && role == Role::Agent,
                "{action:?} {role:?}: {outcome}"
            );
            assert!(!reason.contains(NOT_A_MEMBER), "{action:?} {role:?}");
        }
    }
}
