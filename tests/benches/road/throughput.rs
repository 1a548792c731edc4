//! Webhooks per second, as a share of what `pgbench` gets out of the same transaction on the same Postgres.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use deskline_e2e::{World, database::fresh_id, world::OUR_NUMBER};
use deskline_twilio::signature;

const CONTACTS: usize = 1_000;
const CONNECTIONS: [usize; 3] = [1, 8, 32];
const SPAN: Duration = Duration::from_secs(10);

/// What `store::record_inbound` does, statement by statement, without anything around it.
const TRANSACTION: &str = include_str!("inbound.pgbench.sql");

pub(crate) async fn run() {
    let world = World::start().await;
    for number in 0..CONTACTS {
        world.foreign_contact(&phone(number), &format!("Contact {number}")).await;
    }

    println!("## Webhooks per second\n");
    println!("| connections | signed webhooks | pgbench, same transaction | ratio |\n| --- | --- | --- | --- |");
    for connections in CONNECTIONS {
        // Turn about, so that a slow spell of the machine hits both.
        let (mut ours, mut bare) = (0.0, 0.0);
        for _ in 0..2 {
            ours += webhooks(&world, connections).await / 2.0;
            bare += pgbench(&world, connections) / 2.0;
        }
        println!("| {connections} | {ours:.0}/s | {bare:.0}/s | {:.2} |", ours / bare);
    }
    println!();
    world.end().await;
}

fn phone(number: usize) -> String {
    format!("+1666{number:07}")
}

async fn webhooks(world: &World, connections: usize) -> f64 {
    let url = format!("{}/twilio/webhook", world.server_url());
    let http =
        reqwest::Client::builder().pool_max_idle_per_host(connections).build().expect("an HTTP client can be made");
    let (token, account) = (world.twilio.auth_token(), world.twilio.account_sid());
    let done = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|lane| {
            let (http, url, token, account, done) =
                (http.clone(), url.clone(), token.clone(), account.clone(), done.clone());
            tokio::spawn(async move {
                let mut number = lane;
                while start.elapsed() < SPAN {
                    number += connections;
                    let form: Vec<(String, String)> = [
                        ("AccountSid", account.as_str().to_owned()),
                        ("MessageSid", format!("SM{}", fresh_id().simple())),
                        ("From", phone(number % CONTACTS)),
                        ("To", OUR_NUMBER.to_owned()),
                        ("Body", format!("text {number}")),
                        ("NumMedia", "0".to_owned()),
                    ]
                    .map(|(name, value)| (name.to_owned(), value))
                    .into();
                    let signature = signature::sign(&token, &url, &form);
                    let request = http.post(&url).header("X-Twilio-Signature", signature).form(&form);
                    let answer = request.send().await.expect("the server answers");
                    assert!(answer.status().is_success(), "the server refused a webhook: {}", answer.status());
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a lane ends well");
    }
    done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

fn pgbench(world: &World, connections: usize) -> f64 {
    let program = std::env::var("PGBENCH").unwrap_or_else(|_| "pgbench".to_owned());
    let script = std::env::temp_dir().join(format!("deskline-{}.sql", fresh_id().simple()));
    std::fs::write(&script, TRANSACTION).expect("a script can be written");
    let output = Command::new(program)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={connections}"))
        .arg(format!("--time={}", SPAN.as_secs()))
        .arg(format!("--define=workspace={}", world.workspace))
        .arg(format!("--file={}", script.display()))
        .arg(world.database_url())
        .output()
        .expect("pgbench is there: install Debian's package postgresql-15, or name it in PGBENCH");
    let _ = std::fs::remove_file(&script);
    let report = String::from_utf8_lossy(&output.stdout);
    let rate = report.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("pgbench told no rate: {report}{}", String::from_utf8_lossy(&output.stderr)))
}
