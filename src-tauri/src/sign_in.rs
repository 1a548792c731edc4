//! `deskline sign-in`: signs an agent in from a terminal, for scripts and for machines that are set up for somebody.
//!
//! Leaves behind what signing in through the window leaves behind: the entry in the keychain and an empty cache.

use std::{io::BufRead as _, sync::Arc};

use anyhow::Context;
use deskline_client::{
    Client, Options, RecordingNotifier,
    view::{Session, SignIn},
};

use crate::{keychain::Keychain, network, place::Place};

/// Signs in with the first line of `password`.
///
/// # Errors
/// A sentence for the terminal: wrong password, a server that is none or cannot be reached, a folder in use.
pub fn sign_in(server: String, email: String, password: impl std::io::Read) -> anyhow::Result<()> {
    let mut line = String::new();
    std::io::BufReader::new(password).read_line(&mut line).context("no password could be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    anyhow::ensure!(!password.is_empty(), "standard input holds no password");

    let place = Place::find()?;
    let runtime = tokio::runtime::Runtime::new().context("no thread could be started")?;
    runtime.block_on(async {
        let notifier = Arc::new(RecordingNotifier::default());
        let client = Client::open(Options {
            network: network::load(&place),
            ..Options::new(place.dir(), Arc::new(Keychain::of(&place)), notifier)
        })
        .await?;
        let session = client.sign_in(SignIn { server, email, password }).await;
        client.shutdown().await;
        say(&session?)
    })
}

fn say(session: &Session) -> anyhow::Result<()> {
    match session {
        Session::SignedIn { memory_only: true, .. } => {
            anyhow::bail!("this system has no keychain, so that nothing could be kept: sign in through the window")
        }
        Session::SignedIn { server, email, .. } => {
            eprintln!("{email} is signed in at {server}");
            Ok(())
        }
        Session::SignedOut { .. } => anyhow::bail!("the server signed nobody in"),
    }
}
