//! The `deskline-server` binary: `serve`, `migrate`, and a few admin commands.
//!
//! Settings come from the environment and a `.env` file in the working directory: see [`deskline_server::Config`].

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use clap::{Parser, Subcommand};
use deskline_server::{
    Config,
    admin::{self, AgentCommand, AuditArguments, DeadLettersCommand, TwilioCommand, WorkspaceCommand, data},
    asked_to_stop, database, doctor, run, telemetry,
};
use tokio::net::TcpListener;

/// The Deskline server: SMS for a team, between Twilio and every desktop.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until it is stopped.
    Serve,
    /// Brings the database's schema up to date.
    Migrate,
    /// Agents who sign in with a password.
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Workspaces.
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Twilio accounts.
    #[command(subcommand)]
    Twilio(TwilioCommand),
    /// Texts that no workspace could take.
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// Compares Twilio's own list of texts with what is stored, and imports what is missing.
    Audit(AuditArguments),
    /// Checks everything that has to be right before texts come and go, and says what to do about the rest.
    Doctor,
    Import(data::Import),
    Export(data::Export),
}

#[tokio::main]
async fn main() -> ExitCode {
    match carry_out(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a standard error there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "Error: {}", database::in_plain_words(&error));
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command) -> anyhow::Result<()> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => return Err(error).context(".env cannot be read"),
        _ => {}
    }
    telemetry::init();
    match command {
        Command::Serve => {
            let config = Config::from_env()?;
            let listener = TcpListener::bind(config.bind)
                .await
                .with_context(|| format!("{} cannot be listened on", config.bind))?;
            run(listener, config, asked_to_stop()).await
        }
        Command::Migrate => admin::migrate().await,
        Command::Agent(command) => admin::agent(&admin::store_from_env().await?, command).await,
        Command::Workspace(command) => admin::workspace(&admin::store_from_env().await?, command).await,
        Command::Import(command) => data::import(&admin::store_from_env().await?, command).await,
        Command::Export(command) => data::export(&admin::store_from_env().await?, command).await,
        Command::Twilio(command) => admin::twilio(&Config::from_env()?, command).await,
        Command::DeadLetters(command) => admin::dead_letters(&admin::store_from_env().await?, command).await,
        Command::Doctor => doctor::run(Config::from_env()).await,
        Command::Audit(arguments) => admin::audit(&Config::from_env()?, arguments).await,
    }
}
