//! Who somebody is and what they may do: tokens, membership, sign-in.

use std::time::Duration;

use deskline_server::{auth::password, edge::now};
use deskline_store::Role;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{ANN, METRICS_TOKEN, World, assert_error, read, token, token_with};

/// Every route that wants a token, with a body or query that is otherwise good enough.
fn routes() -> Vec<(Method, &'static str)> {
    vec![
        (Method::POST, "/sms/send-sms"),
        (Method::POST, "/twilio/test-connection"),
        (Method::GET, "/twilio/config?workspaceId=018f3c2e-7b1a-7000-8000-000000000001"),
        (Method::GET, "/twilio/phone-numbers?workspaceId=018f3c2e-7b1a-7000-8000-000000000001"),
        (Method::GET, "/session"),
        (Method::GET, "/sync?workspaceId=018f3c2e-7b1a-7000-8000-000000000001&snapshot=start"),
        (Method::POST, "/commands"),
        (Method::GET, "/metrics"),
    ]
}

async fn with_header(world: &World, method: Method, path: &str, authorization: Option<&str>) -> (StatusCode, Value) {
    let mut request = world.http.request(method, format!("{}{path}", world.url())).body("{}");
    if let Some(authorization) = authorization {
        request = request.header("Authorization", authorization);
    }
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_missing_or_bad_token_is_401_everywhere() {
    let world = World::start().await;
    let expired = format!("Bearer {}", token_with(&json!({ "sub": world.owner, "exp": now().timestamp() - 10 })));
    let nobody = format!("Bearer {}", token_with(&json!({ "exp": now().timestamp() + 60 })));
    let no_uuid = format!("Bearer {}", token_with(&json!({ "sub": "ann", "exp": now().timestamp() + 60 })));
    let basic = "Basic YTpi".to_owned();

    for (method, path) in routes() {
        for bad in
            [None, Some("Bearer"), Some("Bearer nonsense"), Some(&expired), Some(&nobody), Some(&no_uuid), Some(&basic)]
        {
            let (status, body) = with_header(&world, method.clone(), path, bad).await;

            assert_eq!(status, 401, "{path} with {bad:?}: {body}");
            assert!(body["error"].is_string());
        }
    }
}

#[tokio::test]
async fn a_token_in_the_query_string_counts_for_nothing() {
    let world = World::start().await;
    let good = token(world.owner);

    assert_eq!(
        with_header(&world, Method::GET, &format!("/session?token={good}&access_token={good}"), None).await.0,
        401
    );
}

#[tokio::test]
async fn the_word_bearer_may_be_written_in_any_case() {
    let world = World::start().await;

    assert_eq!(
        with_header(&world, Method::GET, "/session", Some(&format!("bearer {}", token(world.owner)))).await.0,
        200
    );
}

#[tokio::test]
async fn membership_is_read_anew_on_each_request() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let path = format!("/twilio/config?workspaceId={}", world.workspace);
    assert_eq!(world.call_as(agent, Method::GET, &path, None).await.0, 200);

    sqlx::query("delete from workspace_members where user_id = $1")
        .bind(agent.0)
        .execute(world.store.pool())
        .await
        .unwrap();

    assert_eq!(world.call_as(agent, Method::GET, &path, None).await.0, 403);
}

#[tokio::test]
async fn metrics_are_for_members_and_for_the_metrics_token() {
    let world = World::start().await;
    world.twilio.receive_sms(ANN, &world.number(), "hi").await;
    let metrics = async |token: &str| {
        let answer = world.http.get(format!("{}/metrics", world.url())).bearer_auth(token).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (stranger, _) = metrics(&token(world.another_workspace().await.1)).await;
    let nobody = token_with(&json!({ "sub": "018f3c2e-7b1a-7000-8000-000000000001" }));

    assert_eq!(metrics(METRICS_TOKEN).await.0, 200);
    assert_eq!(stranger, 200, "a member of any workspace");
    assert_eq!(metrics(&nobody).await.0, 403);
    let (_, text) = metrics(&token(world.owner)).await;
    assert!(text.contains("deskline_inbound_webhooks_total{outcome=\"stored\"} 1"), "{text}");
}

pub(crate) async fn an_agent(world: &World, email: &str, password: &str) {
    let hash = password::hash(password.to_owned().into()).await.unwrap();
    let agent = world.member(Role::Agent).await;
    world.store.create_user(agent, email, &hash.into()).await.unwrap();
}

async fn grant(world: &World, kind: &str, body: Value) -> (StatusCode, Value) {
    grant_at(world, 0, kind, body).await
}

pub(crate) async fn grant_at(world: &World, server: usize, kind: &str, body: Value) -> (StatusCode, Value) {
    let url = format!("{}/auth/v1/token?grant_type={kind}", world.servers[server].url);
    read(world.http.post(url).header("apikey", "anon").json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn signing_in_answers_in_the_shape_of_supabase() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;

    let (status, tokens) =
        grant(&world, "password", json!({ "email": " ANN@example.org", "password": "correct horse" })).await;

    assert_eq!(status, 200, "{tokens}");
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(3600)));
    assert_eq!(tokens["user"]["email"], "ann@example.org");
    let access = tokens["access_token"].as_str().unwrap();
    let (_, session) = world.call_at(0, access, Method::GET, "/session", None).await;
    assert_eq!(session["user"]["id"], tokens["user"]["id"]);
}

#[rstest]
#[case::wrong_password("password", json!({ "email": "ann@example.org", "password": "battery staple" }))]
#[case::unknown_agent("password", json!({ "email": "bob@example.org", "password": "correct horse" }))]
#[case::no_password("password", json!({ "email": "ann@example.org" }))]
#[case::nul("password", json!({ "email": "ann\u{0}@example.org", "password": "correct horse" }))]
#[case::other_shape("password", json!([1]))]
#[case::endless_address("password", json!({ "email": "x".repeat(100_000), "password": "correct horse" }))]
#[case::endless("password", json!({ "email": "ann@example.org", "password": "x".repeat(100_000) }))]
#[case::unknown_refresh("refresh_token", json!({ "refresh_token": "never given out" }))]
#[case::no_refresh("refresh_token", json!({}))]
#[tokio::test]
async fn whatever_is_wrong_with_a_sign_in_is_the_same_400(#[case] kind: &str, #[case] body: Value) {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;

    assert_error(&grant(&world, kind, body).await, 400, "Invalid login credentials");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_using_it_again_ends_its_family() {
    let world = World::start_with(|config| config.timers.refresh_reuse = Duration::ZERO).await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let (_, first) =
        grant(&world, "password", json!({ "email": "ann@example.org", "password": "correct horse" })).await;
    let old = json!({ "refresh_token": first["refresh_token"] });

    let (status, second) = grant(&world, "refresh_token", old.clone()).await;
    assert_eq!(status, 200, "{second}");
    assert_eq!(second["user"]["email"], "ann@example.org");
    assert_error(&grant(&world, "refresh_token", old).await, 400, "Invalid login credentials");
    let newest = json!({ "refresh_token": second["refresh_token"] });
    assert_error(&grant(&world, "refresh_token", newest).await, 400, "Invalid login credentials");
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_is_answered_the_same_by_every_server_until_the_answer_is_used() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let (_, first) =
        grant(&world, "password", json!({ "email": "ann@example.org", "password": "correct horse" })).await;
    let old = json!({ "refresh_token": first["refresh_token"] });

    let lost = grant(&world, "refresh_token", old.clone()).await;
    let again = grant_at(&world, second, "refresh_token", old.clone()).await;

    assert_eq!((lost.0.as_u16(), again.0.as_u16()), (200, 200), "{} {}", lost.1, again.1);
    assert_eq!(lost.1["refresh_token"], again.1["refresh_token"]);
    assert_ne!(first["refresh_token"], again.1["refresh_token"]);
    let access = again.1["access_token"].as_str().unwrap();
    assert_eq!(world.call_at(0, access, Method::GET, "/session", None).await.0, 200);
    let (status, third) = grant(&world, "refresh_token", json!({ "refresh_token": again.1["refresh_token"] })).await;
    assert_eq!(status, 200, "{third}");
    assert_error(&grant(&world, "refresh_token", old).await, 400, "Invalid login credentials");
    let newest = json!({ "refresh_token": third["refresh_token"] });
    assert_error(&grant(&world, "refresh_token", newest).await, 400, "Invalid login credentials");
}

#[tokio::test]
async fn signing_out_ends_this_session_the_others_or_all() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let ann = json!({ "email": "ann@example.org", "password": "correct horse" });
    let sign_in = async || grant(&world, "password", ann.clone()).await.1;
    let sign_out = async |session: &Value, scope: &str| {
        let url = format!("{}/auth/v1/logout{scope}", world.url());
        let answer = world.http.post(url).bearer_auth(session["access_token"].as_str().unwrap()).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (204, ""));
    };
    let goes_on = async |session: &Value| {
        let (status, next) = grant(&world, "refresh_token", json!({ "refresh_token": session["refresh_token"] })).await;
        (status == 200).then_some(next)
    };
    let (laptop, desk) = (sign_in().await, sign_in().await);

    sign_out(&laptop, "?scope=local").await;
    assert!(goes_on(&laptop).await.is_none());
    let desk = goes_on(&desk).await.expect("the other session goes on");
    let phone = sign_in().await;
    sign_out(&desk, "?scope=others").await;
    assert!(goes_on(&phone).await.is_none());
    let desk = goes_on(&desk).await.expect("this session goes on");
    let laptop = sign_in().await;
    sign_out(&desk, "").await;
    assert!(goes_on(&desk).await.is_none() && goes_on(&laptop).await.is_none());
}

#[tokio::test]
async fn an_agent_changes_their_own_password_and_every_other_session_ends() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let sign_in = async |password: &str| {
        grant(&world, "password", json!({ "email": "ann@example.org", "password": password })).await
    };
    let (laptop, desk) = (sign_in("correct horse").await.1, sign_in("correct horse").await.1);
    let change = async |current: &str, next: &str| {
        let body = json!({ "currentPassword": current, "password": next });
        let request = world.http.post(format!("{}/auth/password", world.url())).json(&body);
        read(request.bearer_auth(desk["access_token"].as_str().unwrap()).send().await.unwrap()).await
    };

    assert_error(&change("a guess", "battery staple").await, 400, "Invalid login credentials");
    assert_error(&change("correct horse", "short").await, 400, "The password must have 8 to 1000 characters.");
    assert_eq!(change("correct horse", "battery staple").await.0, 200);

    assert_eq!((sign_in("correct horse").await.0.as_u16(), sign_in("battery staple").await.0.as_u16()), (400, 200));
    let goes_on = async |session: &Value| {
        grant(&world, "refresh_token", json!({ "refresh_token": session["refresh_token"] })).await.0 == 200
    };
    assert!(!goes_on(&laptop).await, "the other session has ended");
    assert!(goes_on(&desk).await, "this one goes on");
}

#[tokio::test]
async fn all_who_refresh_at_once_are_one_session() {
    let mut world = World::start().await;
    let second = world.another_server().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    let (_, first) =
        grant(&world, "password", json!({ "email": "ann@example.org", "password": "correct horse" })).await;
    let old = json!({ "refresh_token": first["refresh_token"] });

    let answers = join_all((0..8).map(|n| grant_at(&world, [0, second][n % 2], "refresh_token", old.clone()))).await;

    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    assert!(answers.iter().all(|(_, tokens)| tokens["refresh_token"] == answers[0].1["refresh_token"]));
    assert_eq!(world.count("select count(*) from refresh_tokens").await, 2);
}

#[tokio::test]
async fn a_thousand_guesses_at_once_are_no_more_than_ten() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;

    let guess = |n: usize| json!({ "email": "ann@example.org", "password": format!("guess {n}") });
    let answers = join_all((0..60).map(|n| grant(&world, "password", guess(n)))).await;

    let looked_at = answers.iter().filter(|(status, _)| *status == 400).count();
    let told_to_wait = answers.iter().filter(|(status, _)| *status == 429).count();
    assert_eq!((looked_at, told_to_wait), (10, 50));
}

/// A sign-in that came through a proxy.
async fn through_a_proxy(world: &World, forwarded_for: &str, password: &str) -> u16 {
    let url = format!("{}/auth/v1/token?grant_type=password", world.url());
    let body = json!({ "email": "ann@example.org", "password": password });
    let request = world.http.post(url).header("X-Forwarded-For", forwarded_for).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn behind_a_proxy_of_ours_whoever_guesses_locks_out_himself_and_not_ann() {
    let world = World::start_with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    an_agent(&world, "ann@example.org", "correct horse").await;

    for guess in 0..10 {
        // What the client itself wrote stands to the left of what the proxy adds, and helps nobody.
        let made_up = format!("198.51.100.{guess}, 203.0.113.9");
        assert_eq!(through_a_proxy(&world, &made_up, "guess").await, 400);
    }

    assert_eq!(through_a_proxy(&world, "198.51.100.77, 203.0.113.9", "correct horse").await, 429);
    assert_eq!(through_a_proxy(&world, "192.0.2.7", "correct horse").await, 200);
}

#[tokio::test]
async fn nobody_gets_round_the_limit_by_naming_another_address() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;

    for guess in 0..10 {
        assert_eq!(through_a_proxy(&world, &format!("198.51.100.{guess}"), "guess").await, 400);
    }

    assert_eq!(through_a_proxy(&world, "198.51.100.77", "correct horse").await, 429);
}

#[tokio::test]
async fn after_ten_wrong_passwords_that_account_waits_and_the_others_do_not() {
    let world = World::start().await;
    an_agent(&world, "ann@example.org", "correct horse").await;
    an_agent(&world, "bob@example.org", "battery staple").await;
    for guess in 0..10 {
        let guess = json!({ "email": "ann@example.org", "password": format!("guess {guess}") });
        assert_eq!(grant(&world, "password", guess).await.0, 400);
    }

    let ann = grant(&world, "password", json!({ "email": "ann@example.org", "password": "correct horse" })).await;
    let bob = grant(&world, "password", json!({ "email": "bob@example.org", "password": "battery staple" })).await;

    assert_eq!((ann.0.as_u16(), bob.0.as_u16()), (429, 200), "{} {}", ann.1, bob.1);
}

#[tokio::test]
async fn another_grant_is_400() {
    let world = World::start().await;

    assert_eq!(grant(&world, "magic", json!({})).await.0, 400);
    assert_eq!(with_header(&world, Method::POST, "/auth/v1/token", None).await.0, 400);
}
