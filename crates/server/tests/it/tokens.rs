//! Tokens of our own and of a foreign issuer: which are taken, over HTTP and sockets alike, and how the issuer's keys come and go.

mod issuer;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deskline_server::{Config, edge::now};
use jsonwebtoken::{EncodingKey, Header};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::issuer::{Issuer, Pair, RSA_MODULUS, RSA_PUBLIC};
use crate::world::{JWT_SECRET, SOON, Socket, World, assert_error, read, token, token_with};

/// A key set is looked at anew for every token.
fn never_kept(config: &mut Config) {
    (config.timers.jwks_max_age, config.timers.jwks_min_refresh) = (Duration::ZERO, Duration::ZERO);
}

fn claims(world: &World) -> Value {
    json!({ "sub": world.owner, "exp": now().timestamp() + 60, "iat": now().timestamp(), "aud": "authenticated", "role": "authenticated" })
}

async fn session(world: &World, token: &str) -> u16 {
    world.call_at(0, token, Method::GET, "/session", None).await.0.as_u16()
}

#[rstest]
#[case::rsa(Pair::Rsa)]
#[case::p256(Pair::P256)]
#[case::ed25519(Pair::Ed25519)]
#[tokio::test]
async fn keys_of_each_kind_that_supabase_makes_verify_tokens_over_http_and_sockets(#[case] pair: Pair) {
    let strange = [
        json!({ "kty": "oct", "kid": "shared", "k": "c2VjcmV0" }),
        json!({ "kty": "quantum", "kid": "tomorrow" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "money", "x": "AA", "y": "AA" }),
        json!({ "kid": 7 }),
        json!("no key"),
    ];
    let issuer = Issuer::start(&[&strange[..], &[pair.published("k1")]].concat()).await;
    let world = issuer.world(|_| ()).await;
    let claims = claims(&world);

    assert_eq!(session(&world, &pair.sign(Some("k1"), &claims)).await, 200);
    assert_eq!(session(&world, &pair.sign(None, &claims)).await, 200);
    let socket = Socket::connect(world.url(), &pair.sign(Some("k1"), &claims)).await;
    assert_eq!(socket.ask("join_workspace", json!(world.workspace)).await["ok"], true);
    assert_eq!(issuer.asked(), 1, "the key set is kept");
    assert_eq!(session(&world, &token(world.owner)).await, 401, "no shared secret is configured");
    let symmetric = jsonwebtoken::encode(
        &Header { kid: Some("shared".to_owned()), ..Header::default() },
        &claims,
        &EncodingKey::from_secret(b"secret"),
    );
    assert_eq!(session(&world, &symmetric.unwrap()).await, 401, "a symmetric key from the network verifies nothing");
    let url = format!("{}/auth/v1/token?grant_type=password", world.url());
    let sign_in = world.http.post(url).json(&json!({ "email": "a@b.c", "password": "x" })).send().await.unwrap();
    assert_eq!(sign_in.status(), 400, "and nobody signs in here");
}

#[tokio::test]
async fn a_key_that_is_new_is_fetched_when_a_token_names_it() {
    let issuer = Issuer::start(&[Pair::P256.published("k1")]).await;
    let world = issuer.world(|config| config.timers.jwks_min_refresh = Duration::ZERO).await;
    let claims = claims(&world);
    assert_eq!(session(&world, &Pair::P256.sign(Some("k1"), &claims)).await, 200);

    issuer.publish(&[Pair::P256.published("k1"), Pair::Rsa.published("k2")]);

    assert_eq!(session(&world, &Pair::Rsa.sign(Some("k2"), &claims)).await, 200);
    assert_eq!(session(&world, &Pair::P256.sign(Some("k1"), &claims)).await, 200);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_verifies_nothing_any_more() {
    let issuer = Issuer::start(&[Pair::P256.published("k1"), Pair::Rsa.published("k2")]).await;
    let world = issuer.world(never_kept).await;
    let claims = claims(&world);
    assert_eq!(session(&world, &Pair::P256.sign(Some("k1"), &claims)).await, 200);

    issuer.publish(&[Pair::Rsa.published("k2")]);

    assert_eq!(session(&world, &Pair::P256.sign(Some("k1"), &claims)).await, 401);
    assert_eq!(session(&world, &Pair::P256.sign(None, &claims)).await, 401);
    assert_eq!(session(&world, &Pair::Rsa.sign(Some("k2"), &claims)).await, 200);
}

#[tokio::test]
async fn forged_key_ids_do_not_make_us_ask_again_and_again() {
    let issuer = Issuer::start(&[Pair::P256.published("k1")]).await;
    let world = issuer.world(|_| ()).await;

    for n in 0..20 {
        assert_eq!(session(&world, &Pair::P256.sign(Some(&format!("forged {n}")), &claims(&world))).await, 401);
    }

    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn while_the_issuer_is_away_its_last_keys_go_on_and_not_for_ever() {
    let issuer = Issuer::start(&[Pair::P256.published("k1")]).await;
    let outage = Duration::from_secs(2);
    let world = issuer
        .world(|config| {
            never_kept(config);
            config.timers.jwks_outage = outage;
        })
        .await;
    let good = Pair::P256.sign(Some("k1"), &claims(&world));
    assert_eq!(session(&world, &good).await, 200);
    let began = tokio::time::Instant::now();

    issuer.go_away();

    assert_eq!(session(&world, &good).await, 200);
    while session(&world, &good).await == 200 {
        assert!(began.elapsed() < SOON, "its keys go on for ever");
    }
    assert!(began.elapsed() >= outage - Duration::from_millis(500), "it was {:?}", began.elapsed());
    assert_eq!(session(&world, &good).await, 503, "nobody's fault who sent it");
    issuer.publish(&[Pair::P256.published("k1")]);
    assert_eq!(session(&world, &good).await, 200);
}

#[tokio::test]
async fn an_issuer_that_hangs_holds_up_one_request_and_not_the_others() {
    let issuer = Issuer::start(&[Pair::P256.published("k1")]).await;
    let world = issuer.world(never_kept).await;
    let good = Pair::P256.sign(Some("k1"), &claims(&world));
    assert_eq!(session(&world, &good).await, 200);
    issuer.answers.send(false).unwrap();

    let held_up = session(&world, &good);
    let others = async {
        while issuer.asked() < 2 {
            tokio::task::yield_now().await;
        }
        for _ in 0..5 {
            let answer = tokio::time::timeout(Duration::from_secs(2), session(&world, &good)).await;
            assert_eq!(answer.expect("it waits for the issuer"), 200);
        }
        issuer.answers.send(true).unwrap();
    };

    assert_eq!(tokio::join!(held_up, others).0, 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_keep_the_keys_from_the_others() {
    let issuer = Issuer::start(&[Pair::P256.published("k1")]).await;
    // Asked once a minute at most: were the first answer lost, nobody would be let in until then.
    let world = issuer.world(|_| ()).await;
    let good = Pair::P256.sign(Some("k1"), &claims(&world));
    issuer.answers.send(false).unwrap();

    let hangs_up = async {
        while issuer.asked() < 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        status = session(&world, &good) => panic!("answered {status} without a key"),
        () = hangs_up => {}
    }
    issuer.answers.send(true).unwrap();

    assert_eq!(session(&world, &good).await, 200);
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn while_the_issuer_is_out_of_reach_its_tokens_are_503_and_ours_go_on() {
    let nowhere = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap()
    };
    let world = World::start_with(|config| config.jwks_url = Some(nowhere)).await;

    let token = Pair::P256.sign(Some("k1"), &claims(&world));
    let theirs = world.call_at(0, &token, Method::GET, "/session", None);
    let theirs = tokio::time::timeout(Duration::from_secs(15), theirs).await.unwrap();

    assert_eq!(theirs.0, 503, "{}", theirs.1);
    assert_eq!(world.call(Method::GET, "/session", None).await.0, 200);
}

/// A token put together by hand.
fn raw(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

fn hs256(kid: Option<&str>, claims: &Value, secret: &[u8]) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::default() };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

/// The claims with one of them changed; null takes it out.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// Every token that must not be taken by a server with a shared secret and a key set, with what is wrong with it.
fn bad_tokens(good: &Value) -> Vec<(&'static str, String)> {
    let (now, rsa) = (now().timestamp(), |claims: &Value| Pair::Rsa.sign(Some("k1"), claims));
    let own = |name: &str, value: Value| token_with(&with(good, name, value));
    let mut tampered = token_with(good);
    let half = tampered.find('.').unwrap() + 5;
    let other = if tampered.as_bytes()[half] == b'A' { "B" } else { "A" };
    tampered.replace_range(half..=half, other);
    let signature = token_with(good).rsplit('.').next().unwrap().to_owned();
    let modulus = URL_SAFE_NO_PAD.decode(RSA_MODULUS).unwrap();
    vec![
        ("no algorithm", raw(&json!({ "alg": "none" }), good, "")),
        ("no algorithm, in capitals", raw(&json!({ "alg": "None", "typ": "JWT" }), good, "")),
        ("no algorithm, with a signature", raw(&json!({ "alg": "none" }), good, &signature)),
        ("the algorithm in small letters", raw(&json!({ "alg": "hs256" }), good, &signature)),
        ("no algorithm named", raw(&json!({ "typ": "JWT" }), good, &signature)),
        ("an algorithm that is no text", raw(&json!({ "alg": 7 }), good, &signature)),
        ("signed with the public key's file", hs256(None, good, RSA_PUBLIC.as_bytes())),
        ("the same, under its id", hs256(Some("k1"), good, RSA_PUBLIC.as_bytes())),
        (
            "signed with the public key's file without its end",
            hs256(Some("k1"), good, RSA_PUBLIC.trim_end().as_bytes()),
        ),
        ("signed with the public key's modulus", hs256(Some("k1"), good, &modulus)),
        ("signed with an empty secret", hs256(None, good, b"")),
        ("signed with another secret", hs256(None, good, b"another secret that is long enough")),
        ("a key that is another one's", Pair::P256.sign(Some("k1"), good)),
        ("a key that was never published", Pair::Ed25519.sign(Some("k9"), good)),
        ("tampered with", tampered),
        ("without its signature", token_with(good).rsplit_once('.').unwrap().0.to_owned()),
        ("with an empty signature", format!("{}.", token_with(good).rsplit_once('.').unwrap().0)),
        ("with one part too many", format!("{}.x", token_with(good))),
        ("expired", own("exp", json!(now - 1))),
        ("expired, of the issuer", rsa(&with(good, "exp", json!(now - 1)))),
        ("an expiry in words", own("exp", json!("tomorrow"))),
        ("not yet", own("nbf", json!(now + 300))),
        ("not yet, of the issuer", rsa(&with(good, "nbf", json!(now + 300)))),
        ("issued in the future", own("iat", json!(now + 300))),
        ("for somebody else", own("aud", json!("billing"))),
        ("for somebody else, of the issuer", rsa(&with(good, "aud", json!(["billing", "anon"])))),
        ("without sub", own("sub", Value::Null)),
        ("a sub that is no uuid", own("sub", json!("ann"))),
        ("a sub that is a number", own("sub", json!(7))),
        ("an empty sub", own("sub", json!(""))),
        ("a sub that is a list", own("sub", json!([good["sub"]]))),
        ("claims that are a list", hs256(None, &json!([good]), JWT_SECRET.as_bytes())),
        ("huge", hs256(None, &with(good, "padding", json!("x".repeat(15_000))), b"another secret")),
        ("dots", "...".to_owned()),
        ("not base64", "é.é.é".to_owned()),
    ]
}

#[tokio::test]
async fn no_bad_token_is_taken_over_http_or_sockets_and_each_is_told_the_same() {
    let issuer = Issuer::start(&[Pair::Rsa.published("k1")]).await;
    let world = World::start_with(|config| config.jwks_url = Some(issuer.url.clone())).await;
    let good = claims(&world);
    assert_eq!(session(&world, &token_with(&good)).await, 200);
    assert_eq!(session(&world, &Pair::Rsa.sign(Some("k1"), &good)).await, 200);

    for (what, bad) in bad_tokens(&good) {
        let authorization = reqwest::header::HeaderValue::from_bytes(format!("Bearer {bad}").as_bytes()).unwrap();
        let request = world.http.get(format!("{}/session", world.url())).header("Authorization", authorization);
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!(
            (answer.0.as_u16(), answer.1["error"].as_str()),
            (401, Some("Authentication error: Invalid token")),
            "{what}: {}",
            answer.1
        );
        let error = Socket::refused(world.url(), json!({ "token": bad })).await;
        assert!(error.contains(r#"{"message":"Authentication error: Invalid token"}"#), "{what}: {error}");
    }
    assert_eq!(session(&world, &token_with(&good)).await, 200, "and a good one goes on");
}

#[tokio::test]
async fn a_token_that_says_less_is_taken_as_its_issuer_meant_it() {
    let world = World::start().await;
    let good = claims(&world);

    for (what, name, value) in [
        ("for ever", "exp", Value::Null),
        ("for nobody in particular", "aud", Value::Null),
        ("for us among others", "aud", json!(["billing", "authenticated"])),
        ("a clock that is a little ahead", "iat", json!(now().timestamp() + 10)),
        ("without a time of issue", "iat", Value::Null),
        ("no role", "role", Value::Null),
        ("an address of another shape", "email", json!(["ann@example.org"])),
    ] {
        assert_eq!(session(&world, &token_with(&with(&good, name, value))).await, 200, "{what}");
    }
}

#[tokio::test]
async fn what_stands_in_the_header_twice_or_elsewhere_counts_for_nothing() {
    let world = World::start().await;
    let good = token(world.owner);
    let get = || world.http.get(format!("{}/session", world.url()));

    let twice = get().bearer_auth(&good).bearer_auth(&good).send().await.unwrap();
    assert_error(&read(twice).await, 401, "Authentication error: Invalid token");
    let both = get().bearer_auth(&good).header("Authorization", "Bearer nonsense").send().await.unwrap();
    assert_error(&read(both).await, 401, "Authentication error: Invalid token");
    for (name, value) in [
        ("Cookie", format!("access_token={good}")),
        ("apikey", good.clone()),
        ("Proxy-Authorization", format!("Bearer {good}")),
    ] {
        let elsewhere = get().header(name, value).send().await.unwrap();
        assert_error(&read(elsewhere).await, 401, "Authentication error: Token required");
    }
    let endless = get().header("Authorization", format!("Bearer {}", "x".repeat(100_000))).send().await.unwrap();
    assert_eq!(endless.status(), 431);
    assert_eq!(session(&world, &good).await, 200);
}
