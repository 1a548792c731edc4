//! A pooler between programs and a guarded Postgres, as hosts put one there: PgBouncer, with TLS on both sides and everybody's own password.
//!
//! Used by tests of what working directly makes of it. `cargo xtask setup` installs it on Debian and its relatives.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Stdio},
};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::{
    eventually,
    guarded::{Guarded, Shown},
};

/// What a connection to it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One of Postgres's, for as long as it lasts.
    Session,
    /// One of Postgres's for each transaction, and here the same one for everybody.
    Transaction,
}

/// Ended when dropped.
#[derive(Debug)]
pub struct Pooler {
    program: Child,
    port: u16,
    folder: TempDir,
}

impl Pooler {
    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// Where there is no PgBouncer.
    pub async fn before(postgres: &Guarded, mode: Mode) -> Self {
        let folder = TempDir::with_prefix("deskline-pooler-").expect("a folder can be made");
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a port is free")
            .port();
        postgres.put_certificate(folder.path(), Shown::Good);
        postgres.give(folder.path(), "users.txt", "\"postgres\" \"\"\n");
        postgres.give(folder.path(), "pgbouncer.ini", &settings(folder.path(), postgres, port, mode));
        postgres.give_folder(folder.path());
        let log = File::create(folder.path().join("log")).expect("a log can be written");
        let program = postgres
            .as_somebody(program())
            .arg(folder.path().join("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("PgBouncer can be run");
        let pooler = Self { program, port, folder };
        let log = pooler.folder.path().join("log");
        eventually(&format!("PgBouncer listens; its log: {}", log.display()), || async {
            TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
        })
        .await;
        pooler
    }

    /// Where it listens, under the guarded Postgres's name.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        _ = self.program.kill();
        _ = self.program.wait();
    }
}

/// Debian puts it where an ordinary user's path does not lead.
fn program() -> &'static str {
    let places =
        ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];
    places.into_iter().find(|place| Path::new(place).exists()).unwrap_or_else(|| {
        panic!(
            "This test puts PgBouncer before Postgres, and there is none here. `cargo xtask setup` installs it on Debian and its relatives; elsewhere \
             install the package pgbouncer"
        )
    })
}

fn settings(folder: &Path, postgres: &Guarded, port: u16, mode: Mode) -> String {
    let folder = folder.display();
    let authority = postgres.authority_file();
    let (mode, size) = match mode {
        Mode::Session => ("session", 20),
        Mode::Transaction => ("transaction", 1),
    };
    let behind = postgres.admin().port().expect("Postgres has a port");
    fs::copy(&authority, format!("{folder}/ca.pem")).expect("a file can be copied");
    format!(
        "[databases]
* = host=127.0.0.1 port={behind}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
auth_user = postgres
pool_mode = {mode}
default_pool_size = {size}
client_tls_sslmode = require
client_tls_cert_file = {folder}/server.crt
client_tls_key_file = {folder}/server.key
server_tls_sslmode = verify-ca
server_tls_ca_file = {folder}/ca.pem
ignore_startup_parameters = extra_float_digits
"
    )
}
