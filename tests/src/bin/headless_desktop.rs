//! The engine in a process of its own, to be killed: standard input is its keyboard.
//!
//! Started by `e2e/chaos.rs`. Arguments: a folder, the server's address, an e-mail. Commands, one a line: `wait` answers `live`
//! once the feed is followed; `send CONTACT TEXT` answers `queued` once the engine has taken the text; `drain` answers `empty`
//! once nothing waits any more. The keychain is a file beside the data folder, since a process that is killed keeps no memory.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "it serves one test, which reads its standard output")]

use std::{path::PathBuf, sync::Arc};

use deskline_client::{
    Client, CredentialStore, Error, Options, RecordingNotifier,
    view::{Connection, Session, SignIn},
};
use deskline_e2e::world::PASSWORD;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

/// A keychain that survives the process.
struct FileKeychain(PathBuf);

impl CredentialStore for FileKeychain {
    fn load(&self) -> Result<Option<SecretString>, Error> {
        Ok(std::fs::read_to_string(&self.0).ok().map(SecretString::from))
    }

    fn save(&self, secret: &SecretString) -> Result<(), Error> {
        // As a keychain does it: the old item or the new one, never half of one.
        let next = self.0.with_extension("next");
        std::fs::write(&next, secret.expose_secret())
            .and_then(|()| std::fs::rename(&next, &self.0))
            .map_err(|error| Error::Keychain(error.to_string()))
    }

    fn delete(&self) -> Result<(), Error> {
        let _ = std::fs::remove_file(&self.0);
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let server = arguments.next().expect("a server");
    let email = arguments.next().expect("an e-mail");
    let keychain = Arc::new(FileKeychain(folder.join("keychain")));
    let options = Options::new(folder.join("data"), keychain, Arc::new(RecordingNotifier::default()));
    let client = Client::open(options).await.expect("the engine opens");
    if matches!(client.session(), Session::SignedOut { .. }) {
        let request = SignIn { server, email, password: PASSWORD.to_owned() };
        client.sign_in(request).await.expect("the agent can sign in");
    }

    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await.expect("standard input can be read") {
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("wait"), ..) => {
                until(&client, async |client| client.connection() == Connection::Live).await;
                println!("live");
            }
            (Some("send"), Some(contact), Some(text)) => {
                let contact = contact.parse().expect("a contact's id");
                client.send_message(contact, text.to_owned()).await.expect("the engine takes the text");
                println!("queued");
            }
            (Some("drain"), ..) => {
                until(&client, async |client| matches!(client.waiting_count().await, Ok(0))).await;
                println!("empty");
            }
            _ => panic!("unknown command: {line}"),
        }
    }
}

async fn until(client: &Client, is: impl AsyncFn(&Client) -> bool) {
    let mut events = client.events();
    while !is(client).await {
        let _ = events.recv().await;
    }
}
