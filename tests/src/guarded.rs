//! A Postgres as hosts run it: TLS or nothing, passwords for everybody, and an owner of the tables who is no superuser.
//!
//! Used by tests of what working directly needs from a database. There is one, so that tests take turns; its certificates are made here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use crate::postgres::Postgres;

/// The name that its certificate is for.
pub const HOST: &str = "localhost";
/// Whoever owns tables and databases.
const OWNER: &str = "deskline";
const PASSWORD: &str = "not a superuser";

static TURN: Mutex<()> = Mutex::const_new(());

/// Ended when dropped.
pub struct Guarded {
    postgres: Postgres,
    authority: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

/// What a certificate says.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// Everything fits.
    Good,
    /// It ran out years ago.
    Expired,
    /// It begins in some decades.
    Early,
    /// Somebody else has signed it.
    OfAStranger,
}

impl Guarded {
    /// Waits for its turn and starts it.
    ///
    /// # Panics
    /// Where xtask has not said which Postgres.
    pub async fn start() -> Self {
        let turn = TURN.lock().await;
        let authority = authority();
        let folder = TempDir::with_prefix("deskline-guarded-").expect("a folder can be made");
        fs::write(folder.path().join("ca.pem"), authority.as_ref().pem()).expect("a file can be written");
        let postgres = Postgres::start(folder.path(), |data| {
            let who = "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
            write(data, "pg_hba.conf", who);
            write(data, "postgresql.auto.conf", "ssl = 'on'\n");
            put_certificate(data, &authority, Shown::Good);
        })
        .await;
        let guarded = Self { postgres, authority, folder, _turn: turn };
        guarded
            .sql(&format!(
                "do $$ begin create role {OWNER} login createrole password '{PASSWORD}'; exception when duplicate_object then null; end $$"
            ))
            .await;
        guarded
    }

    /// Whoever may do everything, without TLS and a password.
    #[must_use]
    pub fn admin(&self) -> Url {
        self.postgres.url().parse().expect("Postgres has an address")
    }

    /// The owner of databases that tests make.
    #[must_use]
    pub const fn owner(&self) -> &'static str {
        OWNER
    }

    /// A database's address, as its owner's server has it.
    #[must_use]
    pub fn as_owner(&self, database: &str) -> Url {
        let mut url = self.for_desktops(database);
        url.set_username(OWNER).and_then(|()| url.set_password(Some(PASSWORD))).expect("an address with a user");
        url.set_query(Some(&format!("sslmode=verify-full&sslrootcert={}", self.authority_file().display())));
        url
    }

    /// The same as desktops are told it.
    #[must_use]
    pub fn for_desktops(&self, database: &str) -> Url {
        let mut url = self.admin();
        url.set_username("").expect("an address without a user");
        url.set_host(Some(HOST)).expect("an address with a host");
        url.set_path(database);
        url
    }

    /// Who signs its certificates, as a file.
    #[must_use]
    pub fn authority_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The same as text.
    #[must_use]
    pub fn authority(&self) -> String {
        self.authority.as_ref().pem()
    }

    /// Shows another certificate from soon on.
    pub async fn shows(&self, what: Shown) {
        put_certificate(self.postgres.data(), &self.authority, what);
        self.sql("select pg_reload_conf()").await;
    }

    /// Puts a certificate and its key into a folder.
    pub fn put_certificate(&self, folder: &Path, what: Shown) {
        put_certificate(folder, &self.authority, what);
        for name in ["server.crt", "server.key"] {
            own(&folder.join(name), self.postgres.data());
        }
    }

    /// Puts a file into a folder, for a program that runs as Postgres does.
    pub fn give(&self, folder: &Path, name: &str, content: &str) {
        write(folder, name, content);
        own(&folder.join(name), self.postgres.data());
    }

    /// Lets such a program use a folder and what is in it.
    pub fn give_folder(&self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder can be read").flatten() {
            own(&entry.path(), self.postgres.data());
        }
        own(folder, self.postgres.data());
    }

    /// A program, as whoever Postgres runs as: others too refuse to run as root.
    #[must_use]
    pub fn as_somebody(&self, program: &str) -> Command {
        self.postgres.as_somebody(program)
    }

    /// Something that only a superuser may do.
    pub async fn sql(&self, sql: &str) {
        let mut admin = PgConnection::connect(self.postgres.url()).await.expect("Postgres answers");
        for statement in sql.split(";\n") {
            admin.execute(AssertSqlSafe(statement.to_owned())).await.expect("an administrative statement succeeds");
        }
    }

    /// Ends it.
    pub async fn end(self) {
        self.postgres.stop().await;
    }
}

/// Another certificate authority, which nobody knows.
#[must_use]
pub fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("an authority has no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Deskline's tests");
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key can be made"))
        .expect("an authority can be made")
}

fn put_certificate(data: &Path, ours: &CertifiedIssuer<'static, KeyPair>, what: Shown) {
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).expect("a name can be in a certificate");
    match what {
        Shown::Good | Shown::OfAStranger => {}
        Shown::Expired => {
            (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
        }
        Shown::Early => {
            (params.not_before, params.not_after) = (date_time_ymd(2090, 1, 1), date_time_ymd(2091, 1, 1));
        }
    }
    let key = KeyPair::generate().expect("a key can be made");
    let stranger = matches!(what, Shown::OfAStranger).then(authority);
    let certificate = params.signed_by(&key, stranger.as_ref().unwrap_or(ours)).expect("a certificate can be signed");
    write(data, "server.crt", &certificate.pem());
    write(data, "server.key", &key.serialize_pem());
}

/// A file as Postgres wants it: its own, and nobody else's.
fn write(data: &Path, name: &str, content: &str) {
    let path = data.join(name);
    fs::write(&path, content).expect("a file of Postgres can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a file can be kept from others");
    }
    own(&path, data);
}

/// Gives a file or folder to whoever owns another one.
fn own(path: &Path, owner: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let owner = fs::metadata(owner).expect("Postgres has a folder");
        chown(path, Some(owner.uid()), Some(owner.gid())).expect("a file can be given to Postgres");
    }
    #[cfg(not(unix))]
    let _ = (path, owner);
}
