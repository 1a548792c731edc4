//! `deskline-server agent`: who signs in here, and whose desktop may work without this server.
//!
//! Called by `main`. A password is read and hashed, and never printed.

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Subcommand};
use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_store::{Error, Role, SecretKey, Store};
use secrecy::{ExposeSecret, SecretString};

use super::{from_stdin, say};
use crate::{Config, auth::password, database, direct::Direct, edge, error::ApiError, http};

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
