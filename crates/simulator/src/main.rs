//! `deskline-simulator`: a Twilio to talk to, as a program. Everything it does is in the library.

use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use deskline_simulator::{AccountConfig, Config, NumberConfig, Simulator, people::People};
use deskline_twilio::{AccountSid, AuthToken};
use serde_json::json;
use tracing_subscriber::EnvFilter;
use url::Url;

/// A Twilio for tests and demonstrations. It sends nothing to any phone.
#[derive(Parser)]
#[command(name = "deskline-simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve Twilio's API, and deliver webhooks and status callbacks, until Ctrl-C.
    ///
    /// Prints one line of JSON once it serves: where, for which account, with which numbers.
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// Where to serve Twilio's API; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:4010")]
    listen: SocketAddr,
    /// Where to serve the control API while Twilio's is out of reach, and the files of messages.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen_beside: SocketAddr,
    /// Where inbound texts are reported, such as http://127.0.0.1:4000/twilio/webhook.
    #[arg(long)]
    webhook: Option<Url>,
    /// The account's SID; made up when missing.
    #[arg(long, env = "DESKLINE_SIMULATOR_ACCOUNT_SID")]
    account_sid: Option<AccountSid>,
    /// The account's token; made up and printed when missing. The variable keeps it out of the list of processes.
    #[arg(long, env = "DESKLINE_SIMULATOR_AUTH_TOKEN", hide_env_values = true)]
    auth_token: Option<String>,
    /// The account's numbers, each with a name if you like: +15550001111=Front desk,+15550002222=Workshop.
    #[arg(long, value_delimiter = ',', value_parser = number)]
    numbers: Vec<NumberConfig>,
    /// Messaging Services of the account (MG…).
    #[arg(long, value_delimiter = ',')]
    messaging_services: Vec<String>,
    /// Let people text.
    #[arg(long)]
    people: bool,
    /// Shortest and longest seconds between two statuses of a text.
    #[arg(long, num_args = 2, value_names = ["SHORTEST", "LONGEST"], default_values_t = [0.3, 1.5])]
    pace: Vec<f64>,
    /// How often a webhook or callback is tried in all. Twilio tries twice.
    #[arg(long, default_value_t = 2)]
    attempts: u32,
    /// Makes SIDs, delays and people repeatable.
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,deskline_simulator=info"));
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi).with_writer(std::io::stderr).init();
    let ended = match Cli::parse().command {
        Command::Serve(serve) => serve.run().await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deskline-simulator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Serve {
    async fn run(self) -> anyhow::Result<()> {
        let made_up = self.auth_token.is_none();
        let people = People { seed: self.seed.unwrap_or_else(rand::random), ..People::default() };
        let wants_people = self.people;
        let simulator = Simulator::start(self.config()?).await?;
        if wants_people {
            simulator.start_people(people).await;
        }
        announce(&simulator, made_up)?;
        ended().await?;
        simulator.shutdown().await;
        Ok(())
    }

    fn config(self) -> anyhow::Result<Config> {
        let defaults = AccountConfig::default();
        let account = AccountConfig {
            sid: self.account_sid,
            auth_token: self.auth_token.map(AuthToken::new),
            numbers: if self.numbers.is_empty() { defaults.numbers } else { self.numbers },
            messaging_services: self.messaging_services,
            friendly_name: defaults.friendly_name,
        };
        let seconds = |time: &f64| Duration::try_from_secs_f64(*time).context("--pace wants two numbers of seconds");
        let pace = match self.pace.as_slice() {
            [shortest, longest] => seconds(shortest)?..=seconds(longest)?,
            _ => anyhow::bail!("--pace wants two numbers of seconds"),
        };
        Ok(Config {
            listen: self.listen,
            listen_beside: self.listen_beside,
            webhook: self.webhook,
            accounts: vec![account],
            seed: self.seed,
            pace,
            attempts: self.attempts,
            ..Config::default()
        })
    }
}

/// One line for whoever started this. A token that the caller chose is not repeated.
fn announce(simulator: &Simulator, with_token: bool) -> anyhow::Result<()> {
    let mut line = json!({
        "url": simulator.url(),
        "controlUrl": simulator.control_url(),
        "accountSid": simulator.account_sid(),
        "numbers": simulator.numbers(),
    });
    if with_token {
        line["authToken"] = simulator.auth_token().expose().into();
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("nobody reads what this program prints")
}

/// Waits for Ctrl-C or a polite request to end.
async fn ended() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// `+15550001111` or `+15550001111=Front desk`
fn number(text: &str) -> Result<NumberConfig, String> {
    let (number, name) = text.split_once('=').unwrap_or((text, text));
    match deskline_domain::phone::PhoneNumber::parse(number) {
        Ok(number) => Ok(NumberConfig::new(number.as_str(), name.trim())),
        Err(error) => Err(error.to_string()),
    }
}
