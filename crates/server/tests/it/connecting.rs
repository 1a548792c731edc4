//! `twilio connect` and `doctor`: numbers that point here, and a public URL through which signatures survive.

use std::process::{Command, Output};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use reqwest::Method;
use tokio::net::TcpListener;

use crate::{
    admin::{line, program, run},
    world::{World, assert_error, read},
};

/// The program with a public URL.
fn at(world: &World, public_url: &str, arguments: &[&str]) -> Command {
    let mut command = program(world, world.database_url(), arguments);
    command.env("DESKLINE_PUBLIC_URL", public_url);
    command
}

async fn connect(world: &World, public_url: &str, more: &[&str]) -> String {
    let (workspace, account) = (world.workspace.to_string(), world.twilio.account_sid().to_string());
    let arguments = ["twilio", "connect", "--workspace", &workspace, "--account-sid", &account, "--auth-token-stdin"];
    let token: &'static str = Box::leak(world.twilio.auth_token().expose().to_owned().into_boxed_str());
    line(&run(at(world, public_url, &[&arguments[..], more].concat()), token).await)
}

async fn doctor(world: &World, public_url: &str) -> Output {
    run(at(world, public_url, &["doctor"]), "").await
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A proxy in front of the server that does something to each request's address, or answers by itself.
async fn proxy(
    world: &World,
    change: impl Fn(&str) -> Result<String, Box<Response>> + Clone + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (server, http) = (world.url().to_owned(), world.http.clone());
    let pass = move |State(()): State<()>, request: Request| {
        let (server, http, change) = (server.clone(), http.clone(), change.clone());
        async move {
            let path = match change(request.uri().path_and_query().unwrap().as_str()) {
                Ok(path) => path,
                Err(answer) => return *answer,
            };
            let (parts, body) = request.into_parts();
            let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let mut passed = http.request(Method::POST, format!("{server}{path}")).body(body);
            for name in ["x-twilio-signature", "content-type"] {
                passed = passed.header(name, &parts.headers[name]);
            }
            let answer = passed.send().await.unwrap();
            let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
            (status, [(header::CONTENT_TYPE, "application/json")], answer.bytes().await.unwrap()).into_response()
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass).with_state(())).await.unwrap() });
    url
}

#[tokio::test]
async fn connecting_points_the_numbers_here_tells_what_was_there_and_tries_the_way() {
    let world = World::start().await;
    let number = world.number();
    let webhook = format!("{}/twilio/webhook", world.url());

    let kept = connect(&world, world.url(), &["--keep-webhooks"]).await;
    assert_eq!(world.twilio.addresses_of(&number), (None, None));
    assert!(kept.contains(&format!("{number} reports its texts to {webhook}, as before")), "{kept}");
    let first = connect(&world, "http://127.0.0.1:9/elsewhere", &[]).await;
    assert!(
        first.contains(&format!(
            "reports its texts to http://127.0.0.1:9/elsewhere/twilio/webhook from now on; before: {webhook}"
        )),
        "{first}"
    );
    assert!(
        first.contains("do not get through yet. Nothing answers at http://127.0.0.1:9/elsewhere/twilio/self-test"),
        "{first}"
    );
    let second = connect(&world, world.url(), &[]).await;

    assert!(second.contains("from now on; before: http://127.0.0.1:9/elsewhere/twilio/webhook"), "{second}");
    assert!(second.contains("Twilio's requests get through"), "{second}");
    let (sms_url, callback) = world.twilio.addresses_of(&number);
    assert_eq!(sms_url.as_deref(), Some(webhook.as_str()));
    assert_eq!(
        callback.as_deref(),
        Some("http://127.0.0.1:9/elsewhere/twilio/status"),
        "what is set already is left alone"
    );
    assert_eq!(world.twilio.receive_sms(crate::world::ANN, &number, "hi").await.status(), 200);
}

#[tokio::test]
async fn a_proxy_that_changes_the_address_is_told_in_plain_words() {
    let world = World::start().await;
    let strips = proxy(&world, |path| Ok(path.replacen("/team", "", 1))).await;
    let decodes = proxy(&world, |path| Ok(path.replace("%2B", "+"))).await;
    let redirects =
        proxy(&world, |_| Err(Box::new(Redirect::permanent("https://desk.example/").into_response()))).await;
    let a_web_page = proxy(&world, |_| Err(Box::new((StatusCode::OK, "<h1>It works!</h1>").into_response()))).await;
    let honest = proxy(&world, |path| Ok(path.to_owned())).await;

    for (public_url, expected) in [
        (format!("{strips}/team"), "the server took it for"),
        (decodes, "a proxy changes path or query string"),
        (redirects, "redirects to https://desk.example/. Set DESKLINE_PUBLIC_URL to where it leads."),
        (a_web_page, "Something else than this version of deskline-server answers"),
        // This server has another public URL than the honest proxy's.
        (honest, "the server runs with another DESKLINE_PUBLIC_URL"),
    ] {
        let told = connect(&world, &public_url, &["--keep-webhooks"]).await;
        assert!(told.contains("do not get through yet") && told.contains(expected), "{public_url}: {told}");
    }
}

#[tokio::test]
async fn a_proxy_that_passes_everything_on_is_fine_when_the_server_knows_its_own_public_url() {
    let world = World::start().await;
    let honest = proxy(&world, |path| Ok(path.to_owned())).await;
    let mut config = world.config();
    config.public_url = honest.parse().unwrap();
    let address = world.url().trim_start_matches("http://").to_owned();
    let mut world = world;
    world.servers.remove(0).stop().await.unwrap();
    world.servers.push(crate::world::start(TcpListener::bind(address).await.unwrap(), config));

    let told = connect(&world, &honest, &[]).await;

    assert!(told.contains("Twilio's requests get through"), "{told}");
}

#[tokio::test]
async fn the_self_test_takes_no_bad_signature_and_stores_nothing() {
    let world = World::start().await;

    let form = [("AccountSid", world.twilio.account_sid().to_string())];
    let answer = world.http.post(format!("{}/twilio/self-test", world.url())).form(&form).send().await.unwrap();

    assert_error(&read(answer).await, 403, "Invalid signature");
    assert_eq!(world.count("select count(*) from messages").await, 0);
}

#[tokio::test]
async fn the_doctor_says_ok_to_a_server_that_is_well() {
    let world = World::start().await;
    connect(&world, world.url(), &[]).await;

    let output = doctor(&world, world.url()).await;

    let told = said(&output);
    assert!(output.status.success() && !told.contains("PROBLEM"), "{told}");
    for what in ["settings", "database", "schema", "clock", "secret key", "Twilio", "number", "public URL"] {
        assert!(told.lines().any(|line| line.starts_with(&format!("ok       {what}: "))), "{what} is not in {told}");
    }
    assert!(!told.contains(world.twilio.auth_token().expose()));
}

#[tokio::test]
async fn the_doctor_names_each_problem_and_what_to_do() {
    let world = World::start().await;
    let problem = |output: &Output, expected: &str| {
        let told = said(output);
        let line = told.lines().find(|line| line.starts_with("PROBLEM") && line.contains(expected));
        assert!(!output.status.success() && line.is_some(), "{expected:?} is not in {told}");
    };

    let mut unset = at(&world, world.url(), &["doctor"]);
    unset.env_remove("DESKLINE_SECRET_KEY");
    problem(&run(unset, "").await, "DESKLINE_SECRET_KEY is not set");
    let mut away = at(&world, world.url(), &["doctor"]);
    away.env("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none");
    problem(&run(away, "").await, "database: The database does not answer");
    let mut other_key = at(&world, world.url(), &["doctor"]);
    other_key.env("DESKLINE_SECRET_KEY", "ff".repeat(32));
    problem(&run(other_key, "").await, "does not open the token");
    problem(&doctor(&world, "http://127.0.0.1:9").await, "Nothing answers at http://127.0.0.1:9/twilio/self-test");
    problem(
        &doctor(&world, "http://127.0.0.1:9").await,
        "does not report its texts to http://127.0.0.1:9/twilio/webhook",
    );
    world.twilio.rotate_token(&world.twilio.account_sid(), deskline_twilio::AuthToken::new("another"));
    problem(&doctor(&world, world.url()).await, "Twilio: AC");
    sqlx::query("delete from _sqlx_migrations where version = 3").execute(world.store.pool()).await.unwrap();
    problem(&doctor(&world, world.url()).await, "Run `deskline-server migrate`");
}
