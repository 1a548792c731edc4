//! The simulator, asked by our own Twilio client and listened to by a small server of the test's.

#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test, in its helping functions too")]

mod callbacks;
mod control;
mod faults;
mod messages;
mod people;
mod receiver;
mod refusals;
mod webhooks;

use std::time::Duration;

use deskline_simulator::{Config, Simulator};
use deskline_twilio::{Client, Credentials, From, NewMessage};
use url::Url;

/// Long enough for anything, on any machine. Nothing waits for it to pass.
const SOON: Duration = Duration::from_secs(30);
const ANN: &str = "+14155550101";

async fn simulator() -> Simulator {
    Simulator::start(Config::default()).await.unwrap()
}

fn client(simulator: &Simulator) -> Client {
    client_with(simulator, simulator.credentials())
}

fn client_with(simulator: &Simulator, credentials: Credentials) -> Client {
    Client::new(simulator.url(), credentials, SOON)
}

fn text(simulator: &Simulator, body: &str) -> NewMessage {
    NewMessage {
        to: ANN.to_owned(),
        from: From::Number(simulator.number()),
        body: body.to_owned(),
        media_urls: vec![],
        status_callback: None,
    }
}

fn reported_to(url: &Url, message: NewMessage) -> NewMessage {
    NewMessage { status_callback: Some(url.clone()), ..message }
}
