//! The commands of this repository. `cargo xtask --help` lists them; each lives in a file of its name.
//!
//! None of them writes outside `target/`, `node_modules` and `ui/dist`, but for Debian's packages, which `setup` installs where it may.

mod bench;
mod bindings;
mod cargo;
mod chaos;
mod demo;
mod desk;
mod fuzz;
mod lint;
mod lock;
mod package;
mod paths;
mod postgres;
mod prepare;
mod process;
mod say;
mod setup;
mod test;
mod wait;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Develops, tests and shows Deskline.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show a team at work, with simulated people who text, in a window to answer them from
    Demo {
        /// Write a picture of the window to this file and end; needs no display
        #[arg(long, value_name = "FILE")]
        screenshot: Option<std::path::PathBuf>,
        /// Throw away what the last demonstration left
        #[arg(long)]
        fresh: bool,
        /// Stop the server: two desktops go on with Postgres and Twilio by themselves
        #[arg(long)]
        direct: bool,
    },
    /// Run every check: format, lints, and tests from the crates to the real window
    Test {
        /// Only these steps
        #[arg(long, value_delimiter = ',')]
        only: Vec<test::Step>,
    },
    /// Install what this machine lacks; every other command calls what it needs of this
    Setup,
    /// Check format and lints
    Lint {
        /// Format what can be formatted first
        #[arg(long)]
        fix: bool,
    },
    /// Renew the window's TypeScript types from the Rust types
    Bindings {
        /// Change nothing, and fail when they are stale
        #[arg(long)]
        check: bool,
    },
    /// Renew the metadata of the store's checked queries against a real Postgres
    Prepare {
        /// Change nothing, and fail when it is stale
        #[arg(long)]
        check: bool,
    },
    /// Run the benchmarks
    Bench {
        /// Which one; all when none is named
        which: Option<bench::Bench>,
        /// Which parts of it; all of them when none is named
        parts: Vec<String>,
    },
    /// Try what strangers can send with inputs that libFuzzer makes up
    Fuzz {
        /// One of the targets in tests/fuzz/fuzz_targets. All of them when none is named
        target: Option<String>,
        /// How long each runs
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Kill servers and desktops and stop Postgres under load, at length, and look that nothing is lost, doubled or wrong
    Chaos {
        /// What is put under fire
        part: chaos::Part,
        /// Servers: how many texts come in; callbacks, replies and repetitions come on top
        #[arg(long, default_value_t = 100_000)]
        webhooks: u32,
        /// Desktops: how many texts there are, in both directions together
        #[arg(long, default_value_t = 10_000)]
        texts: u32,
        /// Desktops: how long they take
        #[arg(long, default_value_t = 10)]
        minutes: u64,
        /// Makes the decisions of an earlier run again
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Run a command with a display, a keychain, notifications and a Postgres of our own
    Desk {
        /// Such as: cargo test -p deskline-e2e --test desktop
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// Build what people install, under target/release/bundle
    Package {
        /// The bundler's words, such as deb, appimage, dmg or nsis; by default what this system installs
        bundles: Vec<String>,
    },
    /// Renew the pictures in docs/screenshots, in both themes, from a fresh demonstration; needs no display
    Screenshots,
    /// Ends what a killed xtask left behind; started by xtask itself
    #[command(name = process::GUARD, hide = true)]
    Guard,
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    let result = run();
    if INTERRUPTED.load(Ordering::SeqCst) {
        // The other thread is ending what we started, and then this process.
        loop {
            std::thread::park();
        }
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::Guard) {
        return process::guard();
    }
    ctrlc::set_handler(interrupted).context("cannot listen for Ctrl-C")?;
    match arguments.command {
        Command::Demo { screenshot, fresh, direct } => demo::run(&demo::Options { screenshot, fresh, direct }),
        Command::Test { only } => test::run(&only),
        Command::Setup => setup::everything(),
        Command::Lint { fix } => lint::run(fix),
        Command::Bindings { check } => bindings::run(check),
        Command::Prepare { check } => prepare::run(check),
        Command::Bench { which, parts } => bench::run(which, &parts),
        Command::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
        Command::Chaos { part, webhooks, texts, minutes, seed } => {
            chaos::run(part, &chaos::Length { webhooks, texts, minutes, seed })
        }
        Command::Desk { command } => test::at_a_desk(&command),
        Command::Package { bundles } => package::run(&bundles),
        Command::Screenshots => demo::screenshots(),
        Command::Guard => Ok(()),
    }
}

/// Ctrl-C, a closed terminal, or `kill`: end what we started, then ourselves.
fn interrupted() {
    INTERRUPTED.store(true, Ordering::SeqCst);
    process::stop_everything();
    std::process::exit(130);
}
