//! The binary: migrating, the admin commands, and refusing what cannot be served.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
};

use deskline_server::edge::entropy;
use deskline_store::AgentRole;
use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};

use crate::world::{JWT_SECRET, KEY, World};

/// The program with the world's settings, and a database that may be another one.
pub(crate) fn program(world: &World, database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskline-server"));
    command
        .args(arguments)
        .env("DATABASE_URL", database_url)
        .env("DESKLINE_SECRET_KEY", KEY)
        .env("DESKLINE_JWT_SECRET", JWT_SECRET)
        .env("DESKLINE_TWILIO_URL", world.twilio.url().as_str())
        .env("DESKLINE_BIND", "127.0.0.1:0")
        .env("DESKLINE_MEDIA_DIR", world.files.path())
        .env_remove("RUST_LOG")
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) async fn run(mut command: Command, input: &'static str) -> Output {
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap()
}

pub(crate) fn line(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_server_is_set_up_from_an_empty_database_with_the_command_line() {
    let world = World::start().await;
    let name = format!("deskline_server_{}", hex::encode(entropy::<16>()));
    let mut admin = PgConnection::connect(world.database_url()).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let mut url = url::Url::parse(world.database_url()).unwrap();
    url.set_path(&name);
    let url = url.as_str();

    let too_early = run(program(&world, url, &["serve"]), "").await;
    assert!(!too_early.status.success());
    assert!(
        String::from_utf8_lossy(&too_early.stderr).contains("Run `deskline-server migrate` first."),
        "{too_early:?}"
    );

    line(&run(program(&world, url, &["migrate"]), "").await);
    line(&run(program(&world, url, &["migrate"]), "").await);
    let workspace = line(&run(program(&world, url, &["workspace", "add", "--name", "Fernway Cycles"]), "").await);
    let agent = [
        "agent",
        "add",
        "--email",
        "ann@example.org",
        "--password",
        "correct horse",
        "--workspace",
        &workspace,
        "--role",
        "owner",
    ];
    let id = line(&run(program(&world, url, &agent), "").await);
    let twice = run(program(&world, url, &agent), "").await;
    assert!(!twice.status.success());
    assert!(String::from_utf8_lossy(&twice.stderr).contains("already an agent"), "{twice:?}");
    let by_stdin = ["agent", "add", "--email", "bob@example.org", "--password-stdin"];
    line(&run(program(&world, url, &by_stdin), "battery staple\n").await);
    let account = world.twilio.account_sid().to_string();
    let connect = ["twilio", "connect", "--workspace", &workspace, "--account-sid", &account, "--auth-token-stdin"];
    let wrong = run(program(&world, url, &connect), "wrong\n").await;
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("Invalid Twilio credentials"), "{wrong:?}");
    let token: &'static str = Box::leak(world.twilio.auth_token().expose().to_owned().into_boxed_str());
    let numbers = line(&run(program(&world, url, &connect), token).await);
    assert!(numbers.contains(&world.number()), "{numbers}");

    let (mut server, address) = serve(program(&world, url, &["serve"])).await;
    let grant = json!({ "email": "ann@example.org", "password": "correct horse" });
    let answer = world
        .http
        .post(format!("http://{address}/auth/v1/token?grant_type=password"))
        .json(&grant)
        .send()
        .await
        .unwrap();
    let tokens: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(tokens["user"]["id"], id, "{tokens}");
    let config = world.http.request(Method::GET, format!("http://{address}/twilio/config?workspaceId={workspace}"));
    let config: serde_json::Value =
        config.bearer_auth(tokens["access_token"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    assert_eq!(config["isConfigured"], true, "{config}");

    server.kill().unwrap();
    server.wait().unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
}

#[tokio::test]
async fn another_password_ends_the_sessions_of_the_old_one() {
    let world = World::start().await;
    let admin = async |arguments: &[&str], password: &'static str| {
        let arguments = [&["agent"], arguments, &["--email", "ann@example.org", "--password-stdin"]].concat();
        run(program(&world, world.database_url(), &arguments), password).await
    };
    let grant = async |kind: &str, body: serde_json::Value| {
        let url = format!("{}/auth/v1/token?grant_type={kind}", world.url());
        crate::world::read(world.http.post(url).json(&body).send().await.unwrap()).await
    };
    let sign_in = |password: &str| json!({ "email": "ann@example.org", "password": password });
    let nobody = admin(&["password"], "battery staple").await;
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("There is no agent with the e-mail address"));
    line(&admin(&["add"], "correct horse").await);
    let (_, session) = grant("password", sign_in("correct horse")).await;

    line(&admin(&["password"], "battery staple").await);

    let refresh = json!({ "refresh_token": session["refresh_token"] });
    assert_eq!(grant("refresh_token", refresh).await.0, 400);
    assert_eq!(grant("password", sign_in("correct horse")).await.0, 400);
    assert_eq!(grant("password", sign_in("battery staple")).await.0, 200);
}

#[tokio::test]
async fn contacts_go_in_and_everything_comes_out_on_the_command_line() {
    let world = World::start().await;
    let workspace = world.workspace.to_string();
    let file = std::env::temp_dir().join(format!("deskline-{}.csv", hex::encode(entropy::<8>())));
    std::fs::write(&file, "name,phone\nAnn,(555) 777-0001\nBob,12\n").unwrap();
    let path = file.to_str().unwrap().to_owned();
    let url = world.database_url();

    let import = ["import", "--workspace", &workspace, "--country-code", "1", &path];
    let said = line(&run(program(&world, url, &import), "").await);
    let export = line(&run(program(&world, url, &["export", "--workspace", &workspace]), "").await);
    std::fs::remove_file(&file).unwrap();

    assert!(
        said.starts_with("line 3: This is not a phone number") && said.ends_with("1 new, 0 known, 0 twice, 1 unusable"),
        "{said}"
    );
    let rows: Vec<serde_json::Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().any(|row| row["kind"] == "contact" && row["row"]["phone"] == "+15557770001"), "{export}");
    assert_eq!(rows[0]["kind"], "workspace");

    line(&run(program(&world, url, &["workspace", "retention", "--workspace", &workspace, "--days", "90"]), "").await);
    assert_eq!(world.store.retentions().await.unwrap()[0].days, 90);
    line(&run(program(&world, url, &["workspace", "retention", "--workspace", &workspace, "--forever"]), "").await);
    assert!(world.store.retentions().await.unwrap().is_empty());
    let nowhere = uuid::Uuid::nil().to_string();
    for (arguments, why) in [
        (vec!["workspace", "retention", "--workspace", &workspace, "--days", "7"], "30 to 36500 days"),
        (vec!["workspace", "retention", "--workspace", &nowhere, "--days", "70"], "There is no workspace"),
        (vec!["import", "--workspace", &workspace, "/nowhere.csv"], "/nowhere.csv cannot be read"),
        (vec!["import", "--workspace", &nowhere, "/nowhere.csv"], "There is no workspace"),
        (vec!["export", "--workspace", &nowhere], "There is no workspace"),
    ] {
        let refused = run(program(&world, url, &arguments), "").await;
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why), "{refused:?}");
    }
}

/// Starts `serve` on a port of the system's choice, and reads from its log which one that is.
async fn serve(mut command: Command) -> (Child, String) {
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = log.find_map(|line| {
            let line = line.unwrap();
            line.contains("serving").then(|| line.split_once("address=").unwrap().1.trim().to_owned())
        });
        // Whatever it says later has to go somewhere.
        std::thread::spawn(move || log.for_each(drop));
        (child, address.expect("it says where it serves"))
    })
    .await
    .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn a_polite_kill_ends_the_server_in_good_order() {
    let world = World::start().await;
    let (mut server, _) = serve(program(&world, world.database_url(), &["serve"])).await;

    let kill = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    let status = tokio::task::spawn_blocking(move || server.wait().unwrap()).await.unwrap();

    assert!(kill.success() && status.success(), "{status}");
}

#[tokio::test]
async fn what_is_wrong_with_the_way_to_the_database_is_told_in_one_sentence() {
    let world = World::start().await;
    let with = |change: &dyn Fn(&mut url::Url)| {
        let mut url = url::Url::parse(world.database_url()).unwrap();
        change(&mut url);
        url.to_string()
    };
    let nowhere = with(&|url| url.set_port(Some(9)).unwrap());
    let no_database = with(&|url| url.set_path("there_is_none_of_this_name"));
    let stranger = with(&|url| url.set_username("a_stranger_to_this_postgres").unwrap());
    let empty = format!("deskline_server_{}", hex::encode(entropy::<16>()));
    let mut admin = PgConnection::connect(world.database_url()).await.unwrap();
    admin.execute(sqlx::AssertSqlSafe(format!("create database {empty}"))).await.unwrap();
    let no_tables = with(&|url| url.set_path(&empty));

    for (command, url, expected) in [
        ("migrate", "not an address", "DATABASE_URL cannot be used: it must be an address such as postgres://"),
        (
            "migrate",
            "mysql://user@host/database",
            "DATABASE_URL cannot be used: it must be an address such as postgres://",
        ),
        ("migrate", &nowhere, "The database does not answer. Check DATABASE_URL, and that Postgres runs."),
        ("migrate", &no_database, "There is no database of this name. Create it, or check DATABASE_URL."),
        ("serve", &no_database, "There is no database of this name. Create it, or check DATABASE_URL."),
        ("serve", &stranger, "The database does not take this user and password. Check DATABASE_URL."),
        ("audit", &no_tables, "The database has no Deskline tables yet. Run `deskline-server migrate` first."),
    ] {
        let mut program = program(&world, url, &[command]);
        program.env("RUST_BACKTRACE", "1").env("RUST_LOG", "error");
        let output = run(program, "").await;

        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.starts_with(&format!("Error: {expected}")) && said.lines().count() == 1,
            "{command} {url}: {said}"
        );
    }
    admin.execute(sqlx::AssertSqlSafe(format!("drop database {empty} with (force)"))).await.unwrap();
    sqlx::query("delete from _sqlx_migrations where version = 3").execute(world.store.pool()).await.unwrap();
    for command in [&["serve"][..], &["workspace", "list"], &["dead-letters", "list"], &["audit"]] {
        let output = run(program(&world, world.database_url(), command), "").await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains("Run `deskline-server migrate` first."),
            "{command:?}: {said}"
        );
    }
}

#[tokio::test]
async fn what_a_command_is_given_wrongly_is_told_and_changes_nothing() {
    let world = World::start().await;
    let (workspace, nowhere) = (world.workspace.to_string(), uuid::Uuid::nil().to_string());
    let account = world.twilio.account_sid().to_string();
    let listed = line(&run(program(&world, world.database_url(), &["workspace", "list"]), "").await);
    assert_eq!(listed, format!("{workspace} Fernway Cycles"));

    let agent = |email: &'static str| vec!["agent", "add", "--password-stdin", "--email", email];
    for (arguments, input, expected) in [
        (agent("nonsense"), "long enough", "\"nonsense\" is not an e-mail address."),
        (agent("@example.org"), "long enough", "is not an e-mail address."),
        (agent("ann smith@example.org"), "long enough", "is not an e-mail address."),
        (agent("ann@example.org"), "short", "The password must have 8 to"),
        (agent("ann@example.org"), "", "Standard input held nothing where the password was expected."),
        (vec!["agent", "add", "--email", "ann@example.org"], "", "--password"),
        (vec!["workspace", "add", "--name", " "], "", "A workspace needs a name"),
        (vec!["workspace", "retention", "--workspace", &workspace], "", "--days <DAYS>|--forever"),
        (vec!["twilio", "sending", "--workspace", &nowhere], "", "There is no workspace"),
        (vec!["dead-letters", "list", "--workspace", &nowhere], "", "There is no workspace"),
        (vec!["dead-letters", "route", "SM1", "--workspace", &nowhere], "", "There is no workspace"),
        (vec!["dead-letters", "route", "SM1", "--workspace", &workspace], "", "There is no dead letter SM1"),
        (vec!["export", "--workspace", &workspace, "--contact", &nowhere], "", "There is no contact"),
        (vec!["import", "--workspace", &workspace, "--country-code", "x", "/nowhere"], "", "--country-code must be"),
        (vec!["import", "--workspace", &workspace, "/nowhere"], "", "/nowhere cannot be read: No such file"),
        (vec!["audit", "--account-sid", "AC1"], "", "1 of the accounts could not be compared."),
        (
            vec!["twilio", "connect", "--workspace", &workspace, "--account-sid", &account, "--auth-token-stdin"],
            "another token",
            "Twilio does not take this account SID with this auth token. Nothing was stored.",
        ),
    ] {
        let output = run(program(&world, world.database_url(), &arguments), input).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
    }
    assert_eq!(world.count("select count(*) from agents").await, 0);
    assert_eq!(world.count("select count(*) from workspaces").await, 1);
}

#[tokio::test]
async fn a_missing_setting_is_named() {
    let world = World::start().await;
    let mut command = program(&world, world.database_url(), &["serve"]);
    command.env_remove("DESKLINE_SECRET_KEY");

    let output = run(command, "").await;

    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("DESKLINE_SECRET_KEY is not set"), "{output:?}");
}

#[tokio::test]
async fn no_secret_and_no_text_is_in_the_log_however_much_is_logged() {
    let world = World::start().await;
    let contact = world.contact(crate::world::ANN).await;
    let mut command = program(&world, world.database_url(), &["serve"]);
    command.env("RUST_LOG", "trace");
    let token = crate::world::token(world.owner);
    let (log, address) = {
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (lines, mut read) = tokio::sync::mpsc::unbounded_channel();
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().for_each(|line| drop(lines.send(line.unwrap_or_default())));
        });
        let mut log = String::new();
        let address = loop {
            let line = read.recv().await.expect("it says where it serves");
            log.push_str(&line);
            if line.contains("serving") {
                break line.split_once("address=").unwrap().1.trim().to_owned();
            }
        };
        let url = format!("http://{address}");
        let answer = world.http.post(format!("{url}/sms/send-sms?secret=querysecret")).bearer_auth(&token);
        assert_eq!(answer.json(&world.text(contact, "a very private text")).send().await.unwrap().status(), 200);
        let socket = crate::world::Socket::connect(&url, &token).await;
        socket.ask("join_workspace", json!(world.workspace)).await;
        socket.ask("send_message", world.text(contact, "a very private text")).await;
        let grant = json!({ "email": "ann@example.org", "password": "hunter2hunter2" });
        world.http.post(format!("{url}/auth/v1/token?grant_type=password")).json(&grant).send().await.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(line) = read.recv().await {
            log.push_str(&line);
            log.push('\n');
        }
        (log, address)
    };

    assert!(log.contains("answered"), "something was logged at {address}");
    let signature = token.rsplit('.').next().unwrap();
    for secret in [
        "a very private text",
        world.twilio.auth_token().expose(),
        JWT_SECRET,
        KEY,
        "hunter2hunter2",
        "querysecret",
        signature,
    ] {
        let place = log.lines().find(|line| line.contains(secret));
        assert!(place.is_none(), "{secret:?} is in the log: {place:?}");
    }
}

#[tokio::test]
async fn how_texts_go_out_is_set_and_shown_from_the_command_line() {
    let world = World::start().await;
    let (workspace, numbers) = (world.workspace.to_string(), world.twilio.numbers());
    let sending = async |more: &[&str]| {
        let arguments = [&["twilio", "sending", "--workspace", workspace.as_str()], more].concat();
        run(program(&world, world.database_url(), &arguments), "").await
    };
    let limit = format!("{}=1.5", numbers[1]);

    let before = line(&sending(&[]).await);
    let set = line(&sending(&["--default-number", &numbers[1], "--rate", &limit]).await);
    let wrong = sending(&["--default-number", "+15550009999"]).await;
    let cleared = line(&sending(&["--default-number", "none", "--messaging-service", "MG1"]).await);

    assert!(before.starts_with("default number: the first\nmessaging service: none\n"), "{before}");
    assert!(set.starts_with(&format!("default number: {}\n", numbers[1])), "{set}");
    assert!(set.contains(&format!("{}: 1.5 segments a second, 0 waiting", numbers[1])), "{set}");
    let complaint = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(
        !wrong.status.success() && complaint.contains("This number does not belong to the workspace."),
        "{complaint}"
    );
    assert!(cleared.starts_with("default number: the first\nmessaging service: MG1\n"), "{cleared}");
}

#[tokio::test]
async fn direct_work_is_allowed_and_taken_back_from_the_command_line() {
    let world = World::start().await;
    let database = world.database_url();
    let workspace = world.workspace.to_string();
    let add = ["agent", "add", "--email", "robin@example.com", "--password-stdin", "--workspace", workspace.as_str()];
    let robin = line(&run(program(&world, database, &add), "long enough").await);
    let direct = |verb, who: [&'static str; 2]| {
        let mut command =
            program(&world, database, &["agent", "direct", verb, who[0], who[1], "--workspace", &workspace]);
        command.env("DESKLINE_DIRECT_DATABASE_URL", "postgres://db.example.com/deskline");
        command
    };
    let user = robin.parse().unwrap();

    let stranger = run(direct("allow", ["--email", "nobody@example.com"]), "").await;
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("no agent with the e-mail address"), "{stranger:?}");
    let nowhere =
        run(program(&world, database, &["agent", "direct", "allow", "--user", &robin, "--workspace", &workspace]), "")
            .await;
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("DESKLINE_DIRECT_DATABASE_URL"), "{nowhere:?}");
    assert!(world.store.direct_workspaces_of(user).await.unwrap().is_empty());

    assert!(line(&run(direct("allow", ["--email", "robin@example.com"]), "").await).starts_with("Allowed."));
    assert_eq!(world.store.direct_workspaces_of(user).await.unwrap(), [world.workspace]);
    let role = AgentRole::new(uuid::Uuid::from_bytes(entropy()));
    world.store.create_agent_role(user, &role, &"password".into()).await.unwrap();

    assert_eq!(line(&run(direct("revoke", ["--email", "robin@example.com"]), "").await), "Taken back.");
    assert!(world.store.direct_workspaces_of(user).await.unwrap().is_empty());
    assert!(world.store.agent_roles_of(user).await.unwrap().is_empty(), "the login role is gone as well");
}
