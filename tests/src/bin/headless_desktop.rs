//! The engine in a process of its own, to be killed: standard input is its keyboard, standard output what it shows.
//!
//! Started by `e2e/chaos.rs` and by `chaos/desktops`. Arguments: a folder, the server's address, an e-mail, and by how many seconds its
//! clock is wrong. Commands, one a line, each answered with one line:
//!
//! | command | answered with |
//! | --- | --- |
//! | `wait` | `live` once the feed is followed |
//! | `send CONTACT TEXT` | `queued` once the engine has taken the text, or `refused` and why |
//! | `read CONTACT`, `note CONTACT TEXT`, `do ACTION` | `done`, or `refused` and why |
//! | `hold off` | `done`; from now on no text is held |
//! | `clock SECONDS` | `done`; from now on the clock is wrong by so much |
//! | `drain` | `empty` once no text waits any more |
//! | `settle SECONDS` | `settled` once nothing at all waits, or what does once nothing more has left for so long; every text that is held is sent all the same |
//! | `draft CONTACT TEXT` | `done`, or `refused` and why |
//! | `drafted CONTACT` | the text |
//! | `shown` | everything that it shows, as JSON |
//!
//! Whoever is signed out types the password again. The keychain is a file beside the data folder, since a process that is killed keeps no
//! memory.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "it serves tests, which read its standard output")]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use deskline_client::{
    Client, Clock, CredentialStore, Error, HoldConditions, Options, RecordingNotifier,
    view::{Connection, MessageState, Session, SignIn},
};
use deskline_domain::ids::WorkspaceId;
use deskline_e2e::{seen, world::PASSWORD};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    time::{sleep, timeout},
};
use tracing_subscriber::EnvFilter;

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

/// Between two looks at what has no event of its own.
const A_MOMENT: Duration = Duration::from_millis(100);
/// Between two times that the password is typed.
const BETWEEN_SIGN_INS: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() {
    // What the engine tells goes where standard error goes: the tests keep it.
    let filter = EnvFilter::new("warn,deskline_client=info");
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let server = arguments.next().expect("a server");
    let email = arguments.next().expect("an e-mail");
    let wrong_by = arguments.next().map_or(0, |seconds| seconds.parse().expect("a number of seconds"));
    let wrong_by = Arc::new(AtomicI64::new(wrong_by));
    let keychain = Arc::new(FileKeychain(folder.join("keychain")));
    let mut options = Options::new(folder.join("data"), keychain, Arc::new(RecordingNotifier::default()));
    options.clock = clock(Arc::clone(&wrong_by));
    let client = loop {
        match Client::open(options.clone()).await {
            // Whoever sits here makes some room, and starts it again.
            Err(Error::DiskFull) => sleep(BETWEEN_SIGN_INS).await,
            opened => break opened.expect("the engine opens"),
        }
    };
    let request = SignIn { server, email, password: PASSWORD.to_owned() };
    tokio::spawn(stay_signed_in(client.clone(), request));

    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await.expect("standard input can be read") {
        println!("{}", answer(&client, &line, &wrong_by).await);
    }
}

#[expect(clippy::disallowed_methods, reason = "this program's clock is the system's, wrong by a known amount")]
fn clock(wrong_by: Arc<AtomicI64>) -> Clock {
    Clock::new(move || Utc::now() + TimeDelta::seconds(wrong_by.load(Ordering::Relaxed)))
}

async fn answer(client: &Client, line: &str, wrong_by: &AtomicI64) -> String {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (contact, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let contact_id = || contact.parse().expect("a contact's id");
    match verb {
        "wait" => {
            until(client, async || client.connection() == Connection::Live).await;
            "live".to_owned()
        }
        "send" => told("queued", client.send_message(contact_id(), text.to_owned()).await),
        "read" => told("done", client.mark_read(contact_id()).await),
        "note" => told("done", client.add_note(contact_id(), text.to_owned(), vec![]).await),
        "do" => {
            let action = serde_json::from_str(rest).expect("an action");
            match team(client) {
                Some(team) => told("done", client.perform(team, action).await),
                None => "refused: there is no team here".to_owned(),
            }
        }
        "hold" => {
            let none = HoldConditions { contact_wrote: false, colleague_answered: false, older_than_minutes: None };
            told("done", client.set_hold_conditions(none).await)
        }
        "clock" => {
            wrong_by.store(rest.parse().expect("a number of seconds"), Ordering::Relaxed);
            "done".to_owned()
        }
        "drain" => {
            until(client, async || matches!(client.waiting_count().await, Ok(0))).await;
            "empty".to_owned()
        }
        "settle" => {
            let patience = Duration::from_secs(rest.parse().expect("a number of seconds"));
            if settles(client, patience).await { "settled".to_owned() } else { state(client).await }
        }
        "draft" => told("done", client.save_draft(contact_id(), text.to_owned()).await),
        "drafted" => match client.draft(contact_id()).await {
            Ok(draft) => draft.unwrap_or_default(),
            Err(error) => format!("error: {error}"),
        },
        "shown" => serde_json::to_string(&seen::at(client).await).expect("it can be told"),
        _ => panic!("unknown command: {line}"),
    }
}

fn told<T>(well: &str, result: Result<T, Error>) -> String {
    match result {
        Ok(_) => well.to_owned(),
        Err(error) => format!("refused: {error}"),
    }
}

fn team(client: &Client) -> Option<WorkspaceId> {
    match client.session() {
        Session::SignedIn { workspaces, .. } => workspaces.first().map(|team| team.id),
        Session::SignedOut { .. } => None,
    }
}

async fn until(client: &Client, is: impl AsyncFn() -> bool) {
    let mut events = client.events();
    while !is().await {
        // Some of what is waited for (a file that is replaced) has no event of its own.
        _ = timeout(A_MOMENT, events.recv()).await;
    }
}

/// Whether nothing waits in the end. Gives up once nothing more has left for `patience`: how much there is to do, and on how busy a machine, says nothing.
async fn settles(client: &Client, patience: Duration) -> bool {
    let mut least = i64::MAX;
    loop {
        match timeout(patience, until(client, async || is_settled(client).await || waiting(client).await < least)).await
        {
            Ok(()) if is_settled(client).await => return true,
            Ok(()) => least = waiting(client).await.min(least),
            Err(_) => return false,
        }
    }
}

/// How much is still to be told.
async fn waiting(client: &Client) -> i64 {
    let (texts, commands) = (client.waiting_count().await, client.untold_count().await);
    texts.map_or(i64::MAX, i64::from).saturating_add(commands.map_or(i64::MAX, i64::from))
}

/// Whether this desktop has told everything and heard everything. Answers what is asked: yes, send it all the same.
async fn is_settled(client: &Client) -> bool {
    let copy = client.local_copy();
    if client.connection() != Connection::Live || copy.rebuilding.is_some() || copy.disk_full {
        return false;
    }
    if client.untold_count().await.ok() != Some(0) {
        return false;
    }
    match client.waiting_count().await {
        Ok(0) => true,
        Ok(_) => {
            for id in held(client).await {
                _ = client.retry(id).await;
            }
            false
        }
        Err(_) => false,
    }
}

async fn held(client: &Client) -> Vec<deskline_domain::ids::MessageId> {
    let texts = texts(client).await;
    texts.into_iter().filter(|text| text.state == MessageState::Held).map(|text| text.id).collect()
}

/// The newest texts of every thread.
async fn texts(client: &Client) -> Vec<deskline_client::view::Message> {
    use deskline_client::view::{ConversationFilter, ConversationQuery, MessageQuery};
    let query = ConversationQuery { filter: ConversationFilter::All, limit: 500, ..ConversationQuery::default() };
    let Ok(page) = client.conversations(query).await else { return Vec::new() };
    let mut texts = Vec::new();
    for row in page.conversations {
        let query = MessageQuery { contact_id: row.contact_id, page: None, limit: 500 };
        texts.extend(client.messages(query).await.map(|page| page.messages).unwrap_or_default());
    }
    texts
}

async fn state(client: &Client) -> String {
    let waits: Vec<_> = texts(client)
        .await
        .into_iter()
        .filter(|text| !matches!(text.state, MessageState::Received | MessageState::Delivered))
        .map(|text| (text.content, text.state, text.failure))
        .collect();
    format!(
        "{:?}, {:?}, texts that wait: {:?}, commands that wait: {:?}, {:?}",
        client.connection(),
        client.local_copy(),
        client.waiting_count().await,
        client.untold_count().await,
        waits,
    )
}

/// Types the password whenever it is asked for.
async fn stay_signed_in(client: Client, request: SignIn) {
    loop {
        if !matches!(client.session(), Session::SignedIn { expired: false, .. }) {
            match client.sign_in(request.clone()).await {
                Ok(_) => eprintln!("the password was typed"),
                Err(error) => {
                    eprintln!("cannot sign in yet: {error}");
                    sleep(BETWEEN_SIGN_INS).await;
                }
            }
        }
        sleep(A_MOMENT).await;
    }
}
