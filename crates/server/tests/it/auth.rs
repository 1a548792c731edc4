//! Who somebody is and what they may do: tokens, membership, sign-in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get};
use deskline_server::{auth::password, edge::now};
use deskline_store::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

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

async fn an_agent(world: &World, email: &str, password: &str) {
    let hash = password::hash(password.to_owned().into()).await.unwrap();
    let agent = world.member(Role::Agent).await;
    world.store.create_user(agent, email, &hash.into()).await.unwrap();
}

async fn grant(world: &World, kind: &str, body: Value) -> (StatusCode, Value) {
    let url = format!("{}/auth/v1/token?grant_type={kind}", world.url());
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
    let world = World::start().await;
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

/// A key pair of the tests (P-256), and its public half as an issuer publishes it.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9RXtAHcecMU5LirT
vj/PpP+s68884yhHSpTBpzn6yzuhRANCAAT36f6u2Gu1cU74M3rMhL1y3ykbwUwV
ASPy6A+3C+T8YLyBVM4kB5Z+B6UMVJ6FYrWIUByPx5rdsKWOErwysHqK
-----END PRIVATE KEY-----";

fn published(kid: &str) -> Value {
    json!({ "keys": [
        { "kty": "oct", "kid": "shared", "k": "c2VjcmV0" },
        { "kty": "quantum", "kid": "tomorrow" },
        { "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
          "x": "9-n-rthrtXFO-DN6zIS9ct8pG8FMFQEj8ugPtwvk_GA", "y": "vIFUziQHln4HpQxUnoVitYhQHI_Hmt2wpY4SvDKweoo" },
    ]})
}

fn foreign_token(kid: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_pem(PRIVATE_KEY.as_bytes()).unwrap()).unwrap()
}

/// An issuer that counts how often it is asked.
async fn issuer(kid: &'static str) -> (url::Url, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let keys = get(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async move { Json(published(kid)) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/keys", keys)).await });
    (url, asked)
}

#[tokio::test]
async fn a_token_of_a_foreign_issuer_is_taken_and_its_keys_are_fetched_once() {
    let (url, asked) = issuer("k1").await;
    let world = World::start_with(|config| {
        config.jwt_secret = None;
        config.jwks_url = Some(url);
    })
    .await;
    let claims = json!({ "sub": world.owner, "exp": now().timestamp() + 60, "aud": "authenticated" });
    let session = async |token: String| world.call_at(0, &token, Method::GET, "/session", None).await.0.as_u16();

    assert_eq!(session(foreign_token(Some("k1"), &claims)).await, 200);
    assert_eq!(session(foreign_token(None, &claims)).await, 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    for _ in 0..20 {
        assert_eq!(session(foreign_token(Some("forged"), &claims)).await, 401);
    }
    assert!(asked.load(Ordering::SeqCst) <= 2, "forged key ids do not make us ask again and again");
    assert_eq!(session(token(world.owner)).await, 401, "no shared secret is configured");
    let symmetric = jsonwebtoken::encode(
        &Header { kid: Some("shared".to_owned()), ..Header::default() },
        &claims,
        &EncodingKey::from_secret(b"secret"),
    );
    assert_eq!(session(symmetric.unwrap()).await, 401, "a symmetric key from the network verifies nothing");
    assert_eq!(session(foreign_token(Some("k1"), &json!({ "sub": world.owner, "exp": 1 }))).await, 401);
    assert_eq!(grant(&world, "password", json!({})).await.0, 400, "and nobody signs in here");
}

#[tokio::test]
async fn while_the_issuer_is_out_of_reach_its_tokens_are_503_and_ours_go_on() {
    let nowhere = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap()
    };
    let world = World::start_with(|config| config.jwks_url = Some(nowhere)).await;
    let claims = json!({ "sub": world.owner, "exp": now().timestamp() + 60 });

    let token = foreign_token(Some("k1"), &claims);
    let theirs = world.call_at(0, &token, Method::GET, "/session", None);
    let theirs = tokio::time::timeout(Duration::from_secs(15), theirs).await.unwrap();

    assert_eq!(theirs.0, 503, "{}", theirs.1);
    assert_eq!(world.call(Method::GET, "/session", None).await.0, 200);
}
