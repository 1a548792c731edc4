//! Who is in a team, changed by those who may; where the numbers point; how long texts are kept; and everything exported.

use deskline_store::{MemberOutcome, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{ANN, World, token};

impl World {
    async fn admin_call(&self, path: &str, mut body: Value) -> (StatusCode, Value) {
        body["workspaceId"] = json!(self.workspace);
        self.call(Method::POST, path, Some(body)).await
    }

    async fn asked(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, &format!("{path}?workspaceId={}", self.workspace), None).await
    }

    /// What the caller may do from now on.
    async fn be(&self, role: Role) {
        self.store.add_member(self.workspace, self.owner, role).await.expect("a role can be given");
    }
}

#[tokio::test]
async fn somebody_new_gets_a_password_once_and_signs_in_with_it() {
    let world = World::start().await;

    let (status, added) = world.admin_call("/team", json!({ "email": "new@example.com", "role": "agent" })).await;

    assert_eq!(status, 200, "{added}");
    let password = added["password"].as_str().expect("somebody new gets a password");
    let grant = json!({ "email": "new@example.com", "password": password });
    let (status, session) = world.call(Method::POST, "/auth/v1/token?grant_type=password", Some(grant)).await;
    assert_eq!(status, 200, "{session}");
    assert_eq!(session["user"]["id"], added["userId"]);
    let (_, team) = world.asked("/team").await;
    let listed = team["members"].as_array().unwrap().iter().find(|member| member["userId"] == added["userId"]);
    assert_eq!(listed.expect("the new one is listed")["email"], "new@example.com");
    let (status, again) = world.admin_call("/team", json!({ "email": "NEW@example.com", "role": "admin" })).await;
    assert_eq!((status.as_u16(), &again["password"], &again["userId"]), (200, &Value::Null, &added["userId"]));
}

#[tokio::test]
async fn who_is_taken_out_sees_nothing_any_more_and_their_desktop_can_find_out() {
    let world = World::start().await;
    let (_, added) = world.admin_call("/team", json!({ "email": "new@example.com", "role": "agent" })).await;
    let grant = json!({ "email": "new@example.com", "password": added["password"] });
    let (_, session) = world.call(Method::POST, "/auth/v1/token?grant_type=password", Some(grant)).await;
    let id = added["userId"].as_str().unwrap();

    let (status, removed) = world.admin_call(&format!("/team/{id}/remove"), json!({})).await;

    assert_eq!((status.as_u16(), &removed["success"]), (200, &json!(true)), "{removed}");
    let token = session["access_token"].as_str().unwrap();
    let (status, who) = world.call_at(0, token, Method::GET, "/session", None).await;
    assert_eq!((status.as_u16(), &who["workspaces"]), (200, &json!([])), "their desktop hears that it is in no team");
    let path = format!("/team?workspaceId={}", world.workspace);
    assert_eq!(world.call_at(0, token, Method::GET, &path, None).await.0, 403);
    let (status, _) = world.admin_call(&format!("/team/{id}/remove"), json!({})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_team_is_never_left_without_an_owner_and_nobody_gives_more_than_they_have() {
    let world = World::start().await;
    let me = format!("/team/{}", world.owner);
    let (_, added) = world.admin_call("/team", json!({ "email": "new@example.com", "role": "owner" })).await;
    let other = format!("/team/{}", added["userId"].as_str().unwrap());

    let (status, _) = world.admin_call(&me, json!({ "role": "admin" })).await;
    assert_eq!(status, 200, "there is another owner");
    for (path, body) in [
        (&other, json!({ "role": "agent" })),
        (&format!("{other}/remove"), json!({})),
        (&me, json!({ "role": "owner" })),
        (&"/team".to_owned(), json!({ "email": "third@example.com", "role": "owner" })),
    ] {
        let (status, answer) = world.admin_call(path, body).await;
        assert_eq!((status.as_u16(), &answer["error"]), (403, &json!("Only owners of this workspace may do this")));
    }
    world.be(Role::Owner).await;
    assert_eq!(world.admin_call(&format!("{other}/remove"), json!({})).await.0, 200);
    for (path, body) in [(&me, json!({ "role": "agent" })), (&format!("{me}/remove"), json!({}))] {
        let (status, answer) = world.admin_call(path, body).await;
        assert_eq!(status, 409, "the last owner stays: {answer}");
    }
    world.be(Role::Agent).await;
    assert_eq!(world.admin_call("/team", json!({ "email": "x@example.com", "role": "agent" })).await.0, 403);
}

#[tokio::test]
async fn what_is_no_address_or_no_role_is_refused_and_adds_nobody() {
    let world = World::start().await;
    let before = world.count("select count(*) from agents").await;

    for body in
        [json!({ "email": "ann", "role": "agent" }), json!({ "email": "a@b.example", "role": "king" }), json!({})]
    {
        let (status, answer) = world.admin_call("/team", body).await;
        assert_eq!(status, 400, "{answer}");
    }

    assert_eq!(world.count("select count(*) from agents").await, before);
}

#[tokio::test]
async fn two_owners_cannot_take_each_other_out_at_the_same_moment() {
    let world = World::start().await;
    for round in 0..20 {
        let email = format!("owner{round}@example.com");
        let (_, added) = world.admin_call("/team", json!({ "email": email, "role": "owner" })).await;
        let other = added["userId"].as_str().unwrap().parse().unwrap();
        let (one, two) = tokio::join!(
            world.store.remove_member(world.workspace, other),
            world.store.remove_member(world.workspace, world.owner)
        );
        let done = [one.unwrap(), two.unwrap()].iter().filter(|one| **one == MemberOutcome::Done).count();
        assert_eq!(done, 1, "round {round}: one of them is left");
        world.be(Role::Owner).await;
        world.store.remove_member(world.workspace, other).await.unwrap();
    }
}

#[tokio::test]
async fn numbers_are_pointed_here_and_the_way_is_tried() {
    let world = World::start().await;

    let (status, before) = world.asked("/twilio/webhooks").await;
    let (pointed, after) = world.admin_call("/twilio/webhooks", json!({})).await;

    assert_eq!((status.as_u16(), pointed.as_u16()), (200, 200), "{before} {after}");
    let url = after["webhookUrl"].as_str().unwrap();
    let told = after["numbers"][0]["told"].as_str().unwrap();
    assert!(told.contains(url), "{told}");
    assert_eq!(after["problem"], Value::Null, "a signed request arrives");
}

#[tokio::test]
async fn retention_is_shown_and_changed_within_its_bounds() {
    let world = World::start().await;

    let (_, at_first) = world.asked("/retention").await;
    let (status, changed) = world.admin_call("/retention", json!({ "days": 90 })).await;
    let (short, _) = world.admin_call("/retention", json!({ "days": 3 })).await;
    let (missing, _) = world.admin_call("/retention", json!({})).await;

    assert_eq!((&at_first["days"], status.as_u16(), &changed["days"]), (&Value::Null, 200, &json!(90)));
    assert_eq!((short.as_u16(), missing.as_u16()), (400, 400));
    assert_eq!(world.asked("/retention").await.1["days"], 90);
    assert_eq!(world.admin_call("/retention", json!({ "days": null })).await.1["days"], Value::Null);
}

#[tokio::test]
async fn everything_is_exported_by_those_who_may_and_holds_no_secret() {
    let world = World::start().await;
    world.twilio.receive_sms(ANN, &world.number(), "hello there").await;
    let path = format!("/export?workspaceId={}", world.workspace);

    let request = world.http.get(format!("{}{path}", world.url())).bearer_auth(token(world.owner));
    let everything = request.send().await.unwrap().text().await.unwrap();

    assert!(everything.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "a JSON object a line");
    assert!(everything.contains("hello there"));
    assert!(!everything.contains("argon2") && !everything.contains("auth_token"), "no password and no token");
    world.be(Role::Agent).await;
    assert_eq!(world.call(Method::GET, &path, None).await.0, 403);
}
