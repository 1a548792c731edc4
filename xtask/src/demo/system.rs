//! Postgres, the server and the simulated Twilio of the demonstration, and the switches that an onlooker may turn.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, bail};
use postgres::Client;
use serde_json::{Value, json};

use super::{histories::Histories, place::Place};
use crate::{
    paths,
    postgres::{Data, Postgres},
    process::{self, Running, Stop},
};

const DATABASE: &str = "deskline";
const PATIENCE: Duration = Duration::from_secs(60);

/// What runs behind the windows.
pub(super) struct System {
    // Dropped in this order: the server before the database that it uses.
    server: Option<Running>,
    _twilio: Running,
    postgres: Postgres,
    control: String,
    number: String,
}

impl System {
    /// Starts everything, with the schema brought up to date.
    pub(super) fn start(place: &Place, histories: &Histories) -> Result<Self> {
        let postgres = Postgres::start_in(&place.path("postgres"), Data::Kept)?;
        postgres.create_if_missing(DATABASE)?;
        let twilio = start_twilio(place, histories)?;
        let mut system = Self {
            server: None,
            _twilio: twilio,
            postgres,
            control: format!("http://127.0.0.1:{}/simulator", place.notes.control_port),
            number: histories.number.clone(),
        };
        process::run("deskline-server migrate", system.admin(place).arg("migrate"), &place.log("admin"))
            .context("the database of an older run does not fit: `cargo xtask demo --fresh` starts over")?;
        system.start_server(place)?;
        Ok(system)
    }

    /// `deskline-server` with its settings: the caller adds the command.
    pub(super) fn admin(&self, place: &Place) -> Command {
        let mut command = Command::new(paths::program("debug", "deskline-server"));
        command.current_dir(place.path("logs"));
        command.env("DATABASE_URL", self.postgres.url(DATABASE));
        command.env("DESKLINE_BIND", format!("127.0.0.1:{}", place.notes.server_port));
        command.env("DESKLINE_PUBLIC_URL", place.server_url());
        command.env("DESKLINE_JWT_SECRET", &place.notes.jwt_secret);
        command.env("DESKLINE_SECRET_KEY", &place.notes.secret_key);
        command.env("DESKLINE_TWILIO_URL", place.twilio_url());
        command.env("DESKLINE_MEDIA_DIR", place.path("media"));
        // Whoever reaches this Postgres is on this machine.
        let direct = self.postgres.url(DATABASE).replace("postgres@", "");
        command.env("DESKLINE_DIRECT_DATABASE_URL", format!("{direct}?sslmode=disable"));
        command
    }

    /// Starts the server and waits until it is ready.
    pub(super) fn start_server(&mut self, place: &Place) -> Result<()> {
        if self.server.as_mut().is_some_and(Running::is_alive) {
            return Ok(());
        }
        let mut server =
            Running::start("The server", self.admin(place).arg("serve"), &place.log("server"), Stop::Terminate)?;
        let ready = format!("{}/readyz", place.server_url());
        server.wait_until("the server to be ready", PATIENCE, || Ok(ureq::get(&ready).call().ok().map(drop)))?;
        self.server = Some(server);
        Ok(())
    }

    /// Ends the server, as a crashed machine would seem to the desktops.
    pub(super) fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }

    /// Gives the workspace its Twilio account.
    pub(super) fn connect_twilio(&self, place: &Place, workspace: &str) -> Result<()> {
        let mut command = self.admin(place);
        command.args(["twilio", "connect", "--workspace", workspace, "--account-sid", &place.notes.account_sid]);
        command.arg("--auth-token-stdin");
        process::run_with_input(
            "deskline-server twilio connect",
            &mut command,
            &place.log("admin"),
            &place.notes.auth_token,
        )
    }

    /// A connection to the database, as any other program that shares it has.
    pub(super) fn database(&self) -> Result<Client> {
        self.postgres.connect(DATABASE)
    }

    /// Lets the simulated people text by themselves, or quiets them.
    pub(super) fn let_people_text(&self, on: bool) -> Result<()> {
        self.tell(if on { "people/start" } else { "people/stop" }, &json!({}))
    }

    /// A contact texts the team.
    pub(super) fn text(&self, from: &str, body: &str) -> Result<()> {
        self.tell("receive", &json!({ "from": from, "to": self.number, "body": body }))
    }

    /// Whether a text has reached Twilio.
    pub(super) fn has_sent(&self, body: &str) -> Result<bool> {
        let url = format!("{}/sent", self.control);
        let mut answer = ureq::get(&url).call().with_context(|| format!("the simulator does not answer at {url}"))?;
        let sent: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        Ok(sent.as_array().is_some_and(|sent| sent.iter().any(|text| text["body"] == body)))
    }

    /// Twilio refuses the next text with this code.
    pub(super) fn refuse(&self, code: i32) -> Result<()> {
        self.tell("faults", &json!({ "kind": "refuseWith", "code": code }))
    }

    /// Twilio cannot be reached, as with the cable out.
    pub(super) fn take_twilio_down(&self) -> Result<()> {
        self.tell("unreachable", &json!({}))
    }

    /// Twilio takes the next text, and nobody hears its answer.
    pub(super) fn lose_next_answer(&self) -> Result<()> {
        self.tell("faults", &json!({ "kind": "acceptAndDropAnswer" }))
    }

    /// Twilio works again.
    pub(super) fn all_well(&self) -> Result<()> {
        for what in ["unreachable", "faults"] {
            let url = format!("{}/{what}", self.control);
            ureq::delete(&url).call().with_context(|| format!("the simulator did not do {url}"))?;
        }
        Ok(())
    }

    fn tell(&self, what: &str, body: &Value) -> Result<()> {
        let url = format!("{}/{what}", self.control);
        let request = ureq::post(&url).config().http_status_as_error(false).build();
        let mut answer = request
            .header("content-type", "application/json")
            .send(body.to_string())
            .with_context(|| format!("the simulator does not answer at {url}"))?;
        if answer.status().is_success() {
            return Ok(());
        }
        bail!("the simulator refused: {} {}", answer.status(), answer.body_mut().read_to_string().unwrap_or_default())
    }
}

fn start_twilio(place: &Place, histories: &Histories) -> Result<Running> {
    let notes = &place.notes;
    let mut command = Command::new(paths::program("debug", "deskline-simulator"));
    command.arg("serve").args(["--listen", &format!("127.0.0.1:{}", notes.twilio_port)]);
    command.args(["--listen-beside", &format!("127.0.0.1:{}", notes.control_port)]);
    command.args(["--webhook", &format!("{}/twilio/webhook", place.server_url())]);
    command.args(["--account-sid", &notes.account_sid, "--numbers", &format!("{}=Front desk", histories.number)]);
    command.env("DESKLINE_SIMULATOR_AUTH_TOKEN", &notes.auth_token);
    let mut twilio = Running::start("The simulated Twilio", &mut command, &place.log("twilio"), Stop::Terminate)?;
    let url = format!("http://127.0.0.1:{}/simulator/sent", notes.control_port);
    twilio.wait_until("the simulated Twilio to answer", PATIENCE, || Ok(ureq::get(&url).call().ok().map(drop)))?;
    Ok(twilio)
}
