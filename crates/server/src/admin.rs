//! What whoever runs the server does from a command line: workspaces, agents, Twilio accounts.
//!
//! Called by `main` only. Prints ids for scripts to pick up; a secret comes in through standard input or an argument and never goes out.

use std::io::{Read, Write};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_store::{Error, Role, SecretKey, Store};
use secrecy::{ExposeSecret, SecretString};

use crate::{Config, ConfigError, auth::password, edge, http};

pub mod data;

/// The shortest password that an agent may have.
const SHORTEST_PASSWORD: usize = 8;

/// Agents.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Creates a user who signs in with an e-mail address and a password. Prints the user's id.
    Add(AddAgent),
}

/// A new agent.
#[derive(Debug, Args)]
pub struct AddAgent {
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// The password. Everybody on this machine can see it while the command runs: prefer `--password-stdin`.
    #[arg(long, required_unless_present = "password_stdin", conflicts_with = "password_stdin")]
    password: Option<SecretString>,
    /// Reads the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Makes the agent a member of this workspace.
    #[arg(long)]
    workspace: Option<WorkspaceId>,
    /// owner, admin or agent.
    #[arg(long, default_value = "agent")]
    role: Role,
}

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
    /// Sets how long texts, notes and the list of what was done are kept. Older ones are deleted, on desktops too.
    Retention {
        /// Which.
        #[arg(long)]
        workspace: WorkspaceId,
        /// So many days, 30 at least.
        #[arg(long, required_unless_present = "forever", conflicts_with = "forever")]
        days: Option<i32>,
        /// For ever, which is how every workspace begins.
        #[arg(long)]
        forever: bool,
    },
}

/// Twilio accounts.
#[derive(Debug, Subcommand)]
pub enum TwilioCommand {
    /// Checks an account with Twilio, stores it encrypted, and syncs its numbers. Prints them.
    Connect {
        /// The workspace that texts with it.
        #[arg(long)]
        workspace: WorkspaceId,
        /// AC…
        #[arg(long)]
        account_sid: String,
        /// Reads the auth token from standard input.
        #[arg(long, required = true)]
        auth_token_stdin: bool,
    },
    /// Lists the texts of an account that no workspace could take.
    DeadLetters {
        /// AC…
        #[arg(long)]
        account_sid: String,
    },
}

/// The database named by `DATABASE_URL`, for commands that touch no secret and so need no key.
///
/// # Errors
/// When it is not set, or no address.
pub fn store_from_env() -> anyhow::Result<Store> {
    let url = std::env::var("DATABASE_URL").map_err(|_| ConfigError::Missing("DATABASE_URL"))?;
    Ok(Store::connect(&url, SecretKey::from_bytes([0; 32]))?)
}

/// Adds an agent.
///
/// # Errors
/// In plain words.
pub async fn agent(store: &Store, command: AgentCommand) -> anyhow::Result<()> {
    let AgentCommand::Add(new) = command;
    let password = match new.password {
        Some(password) => password,
        None => from_stdin("the password")?,
    };
    let length = password.expose_secret().len();
    if !(SHORTEST_PASSWORD..=password::MAX_LENGTH).contains(&length) {
        bail!("The password must have {SHORTEST_PASSWORD} to {} characters.", password::MAX_LENGTH);
    }
    let email = new.email.trim();
    if email.is_empty() || !email.contains('@') {
        bail!("{email:?} is not an e-mail address.");
    }
    if let Some(workspace) = new.workspace
        && !store.workspace_exists(workspace).await?
    {
        bail!("There is no workspace {workspace}. Create one with `deskline-server workspace add --name NAME`.");
    }
    let hash = password::hash(password).await?;
    let id = UserId::v7(edge::now(), edge::entropy());
    match store.create_user(id, email, &hash.into()).await {
        Err(Error::EmailTaken) => bail!("There is already an agent with the e-mail address {email}."),
        outcome => outcome?,
    }
    if let Some(workspace) = new.workspace {
        store.add_member(workspace, id, new.role).await?;
    }
    say(&id.to_string())
}

/// Adds a workspace, or sets how long one keeps its texts.
///
/// # Errors
/// In plain words.
pub async fn workspace(store: &Store, command: WorkspaceCommand) -> anyhow::Result<()> {
    let (name, id) = match command {
        WorkspaceCommand::Add { name, id } => (name, id),
        WorkspaceCommand::Retention { workspace, days, forever: _ } => {
            return data::retention(store, workspace, days).await;
        }
    };
    let id = id.unwrap_or_else(|| WorkspaceId::v7(edge::now(), edge::entropy()));
    store.create_workspace(id, name.trim()).await?;
    say(&id.to_string())
}

/// Connects a Twilio account, or lists what could not be routed.
///
/// # Errors
/// In plain words.
pub async fn twilio(config: &Config, command: TwilioCommand) -> anyhow::Result<()> {
    let store =
        Store::connect(config.database_url.expose_secret(), SecretKey::from_hex(config.secret_key.expose_secret())?)?;
    match command {
        TwilioCommand::Connect { workspace, account_sid, auth_token_stdin: _ } => {
            if !store.workspace_exists(workspace).await? {
                bail!("There is no workspace {workspace}.");
            }
            let token = from_stdin("the auth token")?;
            for number in http::twilio::connect(&store, config, workspace, account_sid.trim(), &token).await? {
                say(&format!("{} {}", number.phone_number, number.friendly_name.unwrap_or_default()))?;
            }
            Ok(())
        }
        TwilioCommand::DeadLetters { account_sid } => {
            for letter in store.dead_letters(account_sid.trim()).await? {
                say(&format!(
                    "{} {} from {} to {}",
                    letter.received_at.to_rfc3339(),
                    letter.twilio_sid,
                    letter.from,
                    letter.to
                ))?;
            }
            Ok(())
        }
    }
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
