//! What whoever runs the server does from a command line: workspaces, agents, Twilio accounts.
//!
//! Called by `main` only. Prints ids for scripts to pick up; a secret comes in through standard input or an argument and never goes out.

mod agents;
mod audit;
mod dead_letters;
mod sending;
mod twilio;

pub mod data;

use std::io::{Read, Write};

use anyhow::{Context, bail};
use clap::{ArgGroup, Subcommand};
use deskline_domain::ids::WorkspaceId;
use deskline_store::{SecretKey, Store};
use secrecy::{ExposeSecret, SecretString};

use crate::{Config, ConfigError, database, edge};

pub use agents::{AddAgent, AgentCommand, DirectAgent, DirectCommand, SignIn, agent};
pub use audit::{AuditArguments, audit};
pub use dead_letters::{DeadLettersCommand, dead_letters};
pub use twilio::{TwilioCommand, twilio};

/// Workspaces.
#[derive(Debug, Subcommand)]
pub enum WorkspaceCommand {
    /// Creates a workspace. Prints its id.
    Add {
        /// What the team is called.
        #[arg(long)]
        name: String,
        /// Its id, if it has to be a certain one.
        #[arg(long)]
        id: Option<WorkspaceId>,
    },
    /// Lists the workspaces: their ids and names.
    List,
    /// Sets how long texts, notes and the list of what was done are kept. Older ones are deleted, on desktops too.
    #[command(group(ArgGroup::new("how_long").required(true).args(["days", "forever"])))]
    Retention {
        /// Which.
        #[arg(long)]
        workspace: WorkspaceId,
        /// So many days, 30 at least.
        #[arg(long)]
        days: Option<i32>,
        /// For ever, which is how every workspace begins.
        #[arg(long)]
        forever: bool,
    },
}

/// The database named by `DATABASE_URL`, for commands that touch no secret and so need no key.
///
/// # Errors
/// When it is not set, out of reach, or has another schema.
pub async fn store_from_env() -> anyhow::Result<Store> {
    database::open(&url_from_env()?, SecretKey::from_bytes([0; 32])).await
}

fn url_from_env() -> Result<String, ConfigError> {
    let url = std::env::var("DATABASE_URL").ok().filter(|url| !url.trim().is_empty());
    url.ok_or(ConfigError::Missing("DATABASE_URL"))
}

/// Brings the schema of the database named by `DATABASE_URL` up to date.
///
/// # Errors
/// In plain words; a migration that failed has changed nothing.
pub async fn migrate() -> anyhow::Result<()> {
    database::at(&url_from_env()?, SecretKey::from_bytes([0; 32]))?.migrate().await?;
    say("The database's schema is up to date.")
}

/// Adds a workspace, lists them, or sets how long one keeps its texts.
///
/// # Errors
/// In plain words.
pub async fn workspace(store: &Store, command: WorkspaceCommand) -> anyhow::Result<()> {
    let (name, id) = match command {
        WorkspaceCommand::Add { name, id } => (name, id),
        WorkspaceCommand::List => {
            for (id, name) in store.workspaces().await? {
                say(&format!("{id} {name}"))?;
            }
            return Ok(());
        }
        WorkspaceCommand::Retention { workspace, days, forever: _ } => {
            return data::retention(store, workspace, days).await;
        }
    };
    if name.trim().is_empty() {
        bail!("A workspace needs a name: it is what its agents see.");
    }
    let id = id.unwrap_or_else(|| WorkspaceId::v7(edge::now(), edge::entropy()));
    store.create_workspace(id, name.trim()).await?;
    say(&id.to_string())
}

fn from_stdin(what: &str) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .with_context(|| format!("{what} could not be read from standard input"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("Standard input held nothing where {what} was expected.");
    }
    Ok(text.into())
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// The database, with the key that its secrets are sealed with.
async fn store(config: &Config) -> anyhow::Result<Store> {
    let key = SecretKey::from_hex(config.secret_key.expose_secret())?;
    database::open(config.database_url.expose_secret(), key).await
}
