//! The program `deskline`: without arguments the window, with `sign-in` an agent signed in from a terminal.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// An inbox for support teams who text with their contacts.
///
/// Everything lies in the platform's data folder, or in DESKLINE_DATA_DIR.
#[derive(Parser)]
#[command(version)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Start without showing the window, as at login.
    #[arg(long)]
    hidden: bool,
    /// A deskline:// link to follow.
    link: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Sign an agent in without opening the window, then exit.
    SignIn(SignIn),
}

#[derive(Args)]
struct SignIn {
    /// Base address of the team's server, such as https://desk.example.com.
    #[arg(long)]
    server: String,
    /// The agent's e-mail address.
    #[arg(long)]
    email: String,
    /// Read the password from standard input. There is no other way, since arguments can be seen by every program.
    #[arg(long, required = true)]
    password_stdin: bool,
}

fn main() -> ExitCode {
    let Cli { command, hidden, link } = Cli::parse();
    let done = match command {
        None => deskline_app::run(deskline_app::Start { hidden, link }),
        Some(Command::SignIn(given)) => deskline_app::sign_in(given.server, given.email, std::io::stdin()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deskline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
