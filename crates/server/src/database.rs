//! The way to the database for whoever runs the server: opened for a command, and told in plain words when something is in it.
//!
//! Used by `main`, the commands, the doctor and [`crate::run()`]. Quotes no secret: never the address, which holds a password.

use deskline_store::{SchemaState, SecretKey, Store, Trouble};

use crate::ConfigError;

/// The database at an address. Connects to nothing yet.
///
/// # Errors
/// An address that is none.
pub fn at(url: &str, key: SecretKey) -> Result<Store, ConfigError> {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let store = is_postgres.then(|| Store::connect(url, key).ok()).flatten();
    store.ok_or_else(|| ConfigError::Bad { name: "DATABASE_URL", problem: words(Trouble::BadAddress).to_owned() })
}

/// The same for a command that works on its tables.
///
/// # Errors
/// In plain words: out of reach, or with another schema.
pub async fn open(url: &str, key: SecretKey) -> anyhow::Result<Store> {
    let store = at(url, key)?;
    check(store.schema().await?)?;
    Ok(store)
}

/// Whether a schema will do.
///
/// # Errors
/// In plain words. A newer one is only warned of: it may still do.
pub fn check(state: SchemaState) -> anyhow::Result<()> {
    match state {
        SchemaState::Current => Ok(()),
        SchemaState::Newer => {
            tracing::warn!("the database was migrated by a newer deskline-server; update this one soon");
            Ok(())
        }
        SchemaState::Empty => {
            anyhow::bail!("The database has no Deskline tables yet. Run `deskline-server migrate` first.")
        }
        SchemaState::Older => anyhow::bail!("{}", words(Trouble::OlderSchema)),
    }
}

/// An error as whoever runs the server reads it: what to do, if it is about the database, and else what went wrong.
#[must_use]
pub fn in_plain_words(error: &anyhow::Error) -> String {
    let trouble = error.chain().find_map(|cause| cause.downcast_ref::<deskline_store::Error>()?.trouble());
    trouble.map_or_else(|| format!("{error:#}"), |trouble| words(trouble).to_owned())
}

/// What is in the way, and what to do.
#[must_use]
pub const fn words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Away => "The database does not answer. Check DATABASE_URL, and that Postgres runs.",
        Trouble::TooManyConnections => {
            "The database has no connection to spare. Raise its max_connections or the user's limit, or end what holds them."
        }
        Trouble::TooSlow => {
            "The database took longer than this user may wait. Look for what blocks it (pg_stat_activity), or at the user's statement_timeout."
        }
        Trouble::ReadOnly => {
            "The database takes no changes: it is a replica, or set to read only. DATABASE_URL has to name the primary."
        }
        Trouble::Pooler => {
            "A pooler in transaction mode stands before the database. Use its session mode, or the database's own address (at Supabase, port 5432 and not 6543)."
        }
        Trouble::NotPostgres => "Something else than Postgres answers. Check host and port in DATABASE_URL.",
        Trouble::NoTls => {
            "The database speaks no TLS, and DATABASE_URL asks for it. Turn on `ssl` there, or say another `sslmode`."
        }
        Trouble::UnknownAuthority => {
            "Nobody whom this machine trusts has signed the database's certificate. Name the authority's file in DATABASE_URL: `sslrootcert=`."
        }
        Trouble::WrongName => {
            "The database's certificate is for another name than the host in DATABASE_URL. Use the name that it is for, or have it made for this one."
        }
        Trouble::Expired => {
            "The database's certificate has run out. Renew it. If it is new, this machine's clock is wrong."
        }
        Trouble::NotYetValid => "The database's certificate is not valid yet. Check this machine's clock.",
        Trouble::BadTls => {
            "No TLS connection to the database can be made. Its log and its `ssl_min_protocol_version` may say why."
        }
        Trouble::NotLetIn => {
            "The database lets nobody in from this machine in this way. Its pg_hba.conf needs a line for it; one that begins with `hostssl` wants TLS."
        }
        Trouble::BadAddress => "it must be an address such as postgres://user:password@host/database",
        Trouble::LoginRefused => "The database does not take this user and password. Check DATABASE_URL.",
        Trouble::NoDatabase => "There is no database of this name. Create it, or check DATABASE_URL.",
        Trouble::NoRight => "The user that DATABASE_URL names may not do this. It has to own Deskline's tables.",
        Trouble::OlderSchema => {
            "The database's schema is older than this deskline-server. Run `deskline-server migrate` first."
        }
        Trouble::NewerSchema => "The database was migrated by a newer deskline-server. Use that one.",
    }
}
