//! What whoever runs the server does from a command line: workspaces, agents, Twilio accounts.
//!
//! Called by `main` only. Prints ids for scripts to pick up; a secret comes in through standard input or an argument and never goes out.

use std::io::{Read, Write};

use anyhow::{Context, bail};
use chrono::TimeDelta;
use clap::{ArgGroup, Args, Subcommand};
use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_store::{Error, Role, SecretKey, Store};
use deskline_twilio::{Client, Credentials};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Config, ConfigError,
    audit::Auditor,
    auth::password,
    database,
    direct::Direct,
    edge,
    error::ApiError,
    http::{self, audit::Sums},
    point_numbers::point_numbers,
    public_url,
};

mod sending;

pub mod data;

/// Agents.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Creates a user who signs in with an e-mail address and a password. Prints the user's id.
    Add(AddAgent),
    /// Gives an agent another password, and ends every session of theirs, with its access tokens and sockets.
    Password(SignIn),
    /// Lets an agent's desktop work without this server, straight with Postgres and Twilio, or takes that back.
    #[command(subcommand)]
    Direct(DirectCommand),
}

/// Working without the server.
#[derive(Debug, Subcommand)]
pub enum DirectCommand {
    /// Allows it. The agent's desktops fetch what they need by themselves, as soon as they are signed in.
    Allow(DirectAgent),
    /// Takes it back: the desktop's connections to Postgres are cut, and its login role and its Twilio keys are gone.
    Revoke(DirectAgent),
}

/// Who, and where.
#[derive(Debug, Args)]
pub struct DirectAgent {
    /// The agent's e-mail address.
    #[arg(long, required_unless_present = "user")]
    email: Option<String>,
    /// The user's id, for users who live elsewhere.
    #[arg(long, conflicts_with = "email")]
    user: Option<UserId>,
    /// The team.
    #[arg(long)]
    workspace: WorkspaceId,
}

/// What an agent signs in with.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("secret").required(true).args(["password", "password_stdin"])))]
pub struct SignIn {
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// The password. Everybody on this machine can see it while the command runs: prefer `--password-stdin`.
    #[arg(long)]
    password: Option<SecretString>,
    /// Reads the password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

/// A new agent.
#[derive(Debug, Args)]
pub struct AddAgent {
    #[command(flatten)]
    sign_in: SignIn,
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

/// Twilio accounts.
#[derive(Debug, Subcommand)]
pub enum TwilioCommand {
    /// Checks an account with Twilio, stores it encrypted, syncs its numbers, points their webhooks at this server, and tries
    /// whether Twilio's requests get through. Prints the numbers.
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
        /// Leaves the numbers' webhooks at Twilio as they are, and only tells where they point.
        #[arg(long)]
        keep_webhooks: bool,
    },
    /// Shows how a workspace's texts go out, after changing it where something is given.
    Sending(sending::Sending),
    /// Lists the texts of an account that no workspace could take.
    DeadLetters {
        /// AC…
        #[arg(long)]
        account_sid: String,
    },
}

/// Texts that no workspace could take.
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// Lists them: when they came, their SIDs, senders and destinations, but not what they say.
    List {
        /// Only those of this workspace's account.
        #[arg(long)]
        workspace: Option<WorkspaceId>,
    },
    /// Makes one a text of a workspace with the same account. Prints the message's id. Doing it again does nothing.
    Route {
        /// SM… or MM…
        sid: String,
        /// The workspace that gets it.
        #[arg(long)]
        workspace: WorkspaceId,
    },
}

/// A comparison with Twilio.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Only this account (AC…); without it, every account of every workspace.
    #[arg(long)]
    account_sid: Option<String>,
    /// Leaves out texts younger than so many seconds: their webhook may still be on its way.
    #[arg(long, default_value_t = 120)]
    grace: u64,
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

/// Adds an agent, or gives one another password.
///
/// # Errors
/// In plain words.
pub async fn agent(store: &Store, command: AgentCommand) -> anyhow::Result<()> {
    match command {
        AgentCommand::Add(new) => add_agent(store, new).await,
        AgentCommand::Password(sign_in) => change_password(store, sign_in).await,
        // The keys of an agent are made and deleted with the account's own token.
        AgentCommand::Direct(command) => direct(&Config::from_env()?, command).await,
    }
}

async fn direct(config: &Config, command: DirectCommand) -> anyhow::Result<()> {
    let key = SecretKey::from_hex(config.secret_key.expose_secret())?;
    let store = database::open(config.database_url.expose_secret(), key).await?;
    let (DirectCommand::Allow(who) | DirectCommand::Revoke(who)) = &command;
    let user = match (&who.user, &who.email) {
        (Some(user), _) => *user,
        (None, email) => {
            let email = email.as_deref().unwrap_or_default();
            let agent = store.user_by_email(email).await?;
            agent.with_context(|| format!("There is no agent with the e-mail address {email}."))?.id
        }
    };
    let direct = Direct::new(&store, config);
    match command {
        DirectCommand::Allow(who) => match direct.allow(who.workspace, user, None).await {
            Err(ApiError::MemberNotFound) => bail!("This agent is not a member of workspace {}.", who.workspace),
            outcome => {
                outcome?;
                say("Allowed. The agent's desktops fetch what they need when they next ask the server who they are.")
            }
        },
        DirectCommand::Revoke(who) => {
            direct.revoke(who.workspace, user).await?;
            say("Taken back.")
        }
    }
}

async fn add_agent(store: &Store, new: AddAgent) -> anyhow::Result<()> {
    let email = new.sign_in.email.trim().to_owned();
    let password = read_password(new.sign_in)?;
    if http::team::address(&email).is_none() {
        bail!("{email:?} is not an e-mail address.");
    }
    if let Some(workspace) = new.workspace
        && !store.workspace_exists(workspace).await?
    {
        bail!("There is no workspace {workspace}. Create one with `deskline-server workspace add --name NAME`.");
    }
    let hash = password::hash(password).await?;
    let id = UserId::v7(edge::now(), edge::entropy());
    match store.create_user(id, &email, &hash.into()).await {
        Err(Error::EmailTaken) => bail!("There is already an agent with the e-mail address {email}."),
        outcome => outcome?,
    }
    if let Some(workspace) = new.workspace {
        store.add_member(workspace, id, new.role).await?;
    }
    say(&id.to_string())
}

async fn change_password(store: &Store, sign_in: SignIn) -> anyhow::Result<()> {
    let email = sign_in.email.trim().to_owned();
    let password = read_password(sign_in)?;
    let Some(agent) = store.user_by_email(&email).await? else {
        bail!("There is no agent with the e-mail address {email}.");
    };
    store.set_password(agent.id, &password::hash(password).await?.into(), None, edge::now()).await?;
    say("The password is changed, and every session of this agent has ended.")
}

fn read_password(sign_in: SignIn) -> anyhow::Result<SecretString> {
    let password = match sign_in.password {
        Some(password) => password,
        None => from_stdin("the password")?,
    };
    if !password::is_long_enough(&password) {
        bail!(password::WRONG_LENGTH);
    }
    Ok(password)
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

/// Connects a Twilio account, or lists what could not be routed.
///
/// # Errors
/// In plain words.
pub async fn twilio(config: &Config, command: TwilioCommand) -> anyhow::Result<()> {
    let store = store(config).await?;
    match command {
        TwilioCommand::Connect { workspace, account_sid, auth_token_stdin: _, keep_webhooks } => {
            data::known(&store, workspace).await?;
            let token = from_stdin("the auth token")?;
            let sid = account_sid.trim();
            let numbers = match http::twilio::connect(&store, config, workspace, sid, &token).await {
                Ok(numbers) => numbers,
                Err(ApiError::InvalidTwilioCredentials) => bail!(
                    "Invalid Twilio credentials: Twilio does not take this account SID with this auth token. Nothing was stored."
                ),
                Err(ApiError::TwilioUnreachable { explanation, .. }) => {
                    bail!("Twilio cannot be asked. {explanation} Nothing was stored.")
                }
                Err(error) => return Err(error.into()),
            };
            for number in numbers {
                say(&format!("{} {}", number.phone_number, number.friendly_name.unwrap_or_default()))?;
            }
            point(config, sid, &token, keep_webhooks).await
        }
        TwilioCommand::Sending(sending) => {
            data::known(&store, sending.workspace).await?;
            sending::run(&store, sending).await
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

/// Points the numbers here and tries the way, for an account that is connected already. What is in the way is told and fails
/// nothing: the server may not run yet.
async fn point(config: &Config, sid: &str, token: &SecretString, keep: bool) -> anyhow::Result<()> {
    let keep = if public_url::is_loopback(config) && config.twilio_url.scheme() == "https" {
        say(
            "DESKLINE_PUBLIC_URL is not set to an address that Twilio can reach: the numbers' webhooks stay as they are.",
        )?;
        true
    } else {
        keep
    };
    let credentials = Credentials::token(sid, token.clone());
    let client = Client::new(config.twilio_url.clone(), credentials, config.timers.twilio_timeout);
    for number in point_numbers(&client, config, keep).await? {
        say(&format!("{} {}", number.phone_number, number.told))?;
    }
    match public_url::test(config, sid, &token.clone().into()).await {
        Ok(()) => say("Twilio's requests get through: a signed request to the public URL arrived as it was sent."),
        Err(problem) => say(&format!("Twilio's requests do not get through yet. {problem}")),
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

/// Lists or routes texts that no workspace could take.
///
/// # Errors
/// In plain words.
pub async fn dead_letters(store: &Store, command: DeadLettersCommand) -> anyhow::Result<()> {
    match command {
        DeadLettersCommand::List { workspace } => {
            let accounts = match workspace {
                Some(workspace) => {
                    data::known(store, workspace).await?;
                    store.account_sid_of(workspace).await?.into_iter().collect()
                }
                None => store.configured_accounts().await?,
            };
            for account in accounts {
                for letter in store.dead_letters(&account).await? {
                    let at = letter.received_at.to_rfc3339();
                    say(&format!("{at} {} from {} to {}", letter.twilio_sid, letter.from, letter.to))?;
                }
            }
            Ok(())
        }
        DeadLettersCommand::Route { sid, workspace } => {
            data::known(store, workspace).await?;
            let routed =
                http::dead_letters::route_letter(store, workspace, sid.trim(), None, store.clock().await?).await;
            match routed {
                Ok(recorded) => say(&recorded.message.id.to_string()),
                Err(ApiError::MessageNotFound) => {
                    bail!(
                        "There is no dead letter {sid} of this workspace's account. `deskline-server dead-letters list` shows them."
                    )
                }
                Err(error) => Err(error).context(format!("{sid} could not be routed")),
            }
        }
    }
}

/// Compares accounts with Twilio's own list now, as the server does by itself every few minutes.
///
/// # Errors
/// When one of them could not be compared, after all the others were.
pub async fn audit(config: &Config, arguments: AuditArguments) -> anyhow::Result<()> {
    let store = store(config).await?;
    let mut config = config.clone();
    config.timers.audit_grace = std::time::Duration::from_secs(arguments.grace);
    let auditor = Auditor::new(store.clone(), &config);
    let accounts = match arguments.account_sid {
        Some(account) => vec![account],
        None => store.configured_accounts().await?,
    };
    if accounts.is_empty() {
        say("No workspace has a Twilio account yet: there is nothing to compare.")?;
    }
    let mut failed = 0;
    for account in accounts {
        match auditor.check_account(&account, store.clock().await?).await {
            Ok(Some(audit)) => {
                let summary = Sums::of(&audit.hours).summary(Some(TimeDelta::zero()));
                let window = http::audit::window_words(audit.window_from, audit.window_to);
                let (imported, settled, only_here) = (audit.imported, audit.settled, audit.only_here);
                say(&format!(
                    "{account} {summary}: {imported} imported, {settled} settled, {only_here} only here; {window}"
                ))?;
            }
            Ok(None) => say(&format!("{account} is being compared by a server at the moment"))?,
            Err(error) => {
                failed += 1;
                say(&format!("{account} could not be compared: {error}"))?;
            }
        }
    }
    if failed > 0 {
        bail!("{failed} of the accounts could not be compared.");
    }
    Ok(())
}

/// The database, with the key that its secrets are sealed with.
async fn store(config: &Config) -> anyhow::Result<Store> {
    let key = SecretKey::from_hex(config.secret_key.expose_secret())?;
    database::open(config.database_url.expose_secret(), key).await
}
