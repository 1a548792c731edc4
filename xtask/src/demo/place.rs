//! What the demonstration keeps between two runs: ports, made-up secrets, and folders, all under `target/demo`.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use crate::{paths, postgres, say::say};

/// The folder, and what is noted in it.
pub(super) struct Place {
    folder: PathBuf,
    /// Ports and secrets.
    pub(super) notes: Notes,
}

/// `target/demo/notes.json`. The secrets in it open nothing but this demonstration.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Notes {
    pub(super) server_port: u16,
    pub(super) twilio_port: u16,
    pub(super) control_port: u16,
    pub(super) jwt_secret: String,
    pub(super) secret_key: String,
    pub(super) account_sid: String,
    pub(super) auth_token: String,
    pub(super) password: String,
}

impl Place {
    /// Finds the folder of the last run, or makes one. Ports that somebody else has taken since are replaced.
    pub(super) fn open(fresh: bool) -> Result<Self> {
        let folder = paths::target().join("demo");
        if fresh {
            throw_away(&folder)?;
        }
        let logs = folder.join("logs");
        let build = fs::read(logs.join("build.log")).unwrap_or_default();
        let _ = fs::remove_dir_all(&logs);
        fs::create_dir_all(&logs)?;
        fs::write(logs.join("build.log"), build)?;
        let noted =
            fs::read_to_string(folder.join("notes.json")).ok().and_then(|text| serde_json::from_str(&text).ok());
        let mut notes: Notes = match noted {
            Some(notes) => notes,
            None => Notes::make_up()?,
        };
        for port in [&mut notes.server_port, &mut notes.twilio_port, &mut notes.control_port] {
            if TcpListener::bind(("127.0.0.1", *port)).is_err() {
                *port = postgres::free_port()?;
            }
        }
        let place = Self { folder, notes };
        fs::write(place.path("notes.json"), serde_json::to_string_pretty(&place.notes)?)?;
        Ok(place)
    }

    /// A file or folder in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where a program's log goes.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.path("logs").join(format!("{name}.log"))
    }

    /// The server's address.
    pub(super) fn server_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.notes.server_port)
    }

    /// The simulated Twilio's address.
    pub(super) fn twilio_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.notes.twilio_port)
    }
}

impl Notes {
    fn make_up() -> Result<Self> {
        Ok(Self {
            server_port: postgres::free_port()?,
            twilio_port: postgres::free_port()?,
            control_port: postgres::free_port()?,
            jwt_secret: random_hex::<32>()?,
            secret_key: random_hex::<32>()?,
            account_sid: format!("AC{}", random_hex::<16>()?),
            auth_token: random_hex::<16>()?,
            password: format!("demo-{}", random_hex::<6>()?),
        })
    }
}

fn random_hex<const BYTES: usize>() -> Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("this system gives no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn throw_away(folder: &Path) -> Result<()> {
    let lock = folder.join("postgres/lock");
    if fs::File::open(&lock).is_ok_and(|file| file.try_lock().is_err()) {
        bail!("another demonstration is running: end it first");
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        say!("The last run's data is thrown away");
    }
    Ok(())
}
