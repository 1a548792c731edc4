//! The door to Postgres: connecting, and the state of the schema.
//!
//! Made once by whoever runs (server, admin command, test) and cloned freely. Connecting is lazy, so that a server can start
//! before its database does.

use std::{collections::HashMap, hash::Hash, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, join_all};
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::{Result, SecretKey, error::is_conflict};

/// How long [`Store::ping`] waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections of one agent's desktop, beside the one that listens.
const AGENTS_CONNECTIONS: u32 = 4;

/// A connection that nobody used for so long is tried before it is used again.
const STALE: Duration = Duration::from_secs(1);

/// Every migration, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Postgres, and the key that its secrets are sealed with. Clones share one pool.
#[derive(Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    /// None for an agent's desktop, which sees no secret.
    pub(crate) key: Option<SecretKey>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// How the database's schema stands to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Nothing was ever migrated.
    Empty,
    /// Some migration is missing, or stopped half way: run `deskline-server migrate`.
    Older,
    /// Exactly what this program knows.
    Current,
    /// A newer program migrated it, or one that knew other migrations.
    Newer,
}

impl Store {
    /// Prepares a pool of at most 16 connections; the first is made when it is needed.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when the address cannot be read.
    pub fn connect(database_url: &str, key: SecretKey) -> Result<Self> {
        let options: PgConnectOptions = database_url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            // A connection that was used a moment ago need not be asked whether it is still there: that would cost each statement
            // another round trip.
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for >= STALE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options.application_name("deskline"));
        Ok(Self::from_pool(pool, key))
    }

    /// The same over a pool that is there already.
    #[must_use]
    pub const fn from_pool(pool: PgPool, key: SecretKey) -> Self {
        Self { pool, key: Some(key) }
    }

    /// The same for the desktop of an agent who works directly: few connections, and TLS with a certificate that fits. An address may say that the
    /// certificate need not fit (`sslmode=require`, `verify-ca`) or that there is no TLS (`disable`); "perhaps" (`prefer`, `allow`) is no
    /// protection against anybody, and is not to be had.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when the address cannot be read.
    pub fn connect_as_agent(database_url: &str) -> Result<Self> {
        let options: PgConnectOptions = database_url.parse()?;
        // Else the library takes what the environment says.
        let says_how = database_url.split_once('?').is_some_and(|(_, settings)| settings.contains("sslmode="));
        let options = match options.get_ssl_mode() {
            PgSslMode::Disable | PgSslMode::Require | PgSslMode::VerifyCa if says_how => options,
            _ => options.ssl_mode(PgSslMode::VerifyFull),
        };
        let pool = PgPoolOptions::new()
            .max_connections(AGENTS_CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options.application_name("deskline-desktop"));
        Ok(Self::of_agent(pool))
    }

    /// From the next connection on, believes this authority (a certificate as PEM) beside those that the system believes. The library knows
    /// one at a time.
    pub fn trust(&self, authority: &str) {
        let options = self.pool.connect_options().as_ref().clone();
        self.pool.set_connect_options(options.ssl_root_cert_from_pem(authority.as_bytes().to_vec()));
    }

    /// Over a pool that signs in with the login role of an agent who works directly: Postgres keeps it to the agent's workspaces, and no
    /// secret is asked for.
    #[must_use]
    pub const fn of_agent(pool: PgPool) -> Self {
        Self { pool, key: None }
    }

    /// The pool, for tests and benchmarks that look at the tables themselves.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// How many connections there are, and how many of them are idle.
    #[must_use]
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when it does not, after five seconds at the latest.
    pub async fn ping(&self) -> Result<()> {
        match tokio::time::timeout(PATIENCE, sqlx::query("select 1").execute(&self.pool)).await {
            Ok(answer) => answer.map(drop).map_err(Into::into),
            Err(_silent) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Whether a new connection can be made, and why not. A pool keeps trying, and in the end tells no more than that it has waited.
    ///
    /// # Errors
    /// [`crate::Error::Database`]: see [`crate::Error::trouble`].
    pub async fn reach(&self) -> Result<()> {
        let options = self.pool.connect_options();
        match tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options)).await {
            Ok(connection) => {
                let mut connection = connection?;
                // Prepared, like everything that is asked: that shows what stands in between.
                sqlx::query("select 1").execute(&mut connection).await?;
                connection.close().await.map_err(Into::into)
            }
            Err(_silent) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Roles in whose name a host serves tables over HTTP to strangers, as Supabase does, and which can read texts or agents here. There should be
    /// none.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn readable_by_strangers(&self) -> Result<Vec<String>> {
        let names = sqlx::query_scalar!(
            r#"select rolname::text as "name!" from pg_roles
               where rolname in ('anon', 'authenticated')
                 and (has_table_privilege(oid, 'messages', 'select') or has_table_privilege(oid, 'agents', 'select'))
               order by 1"#
        );
        Ok(names.fetch_all(&self.pool).await?)
    }

    /// What the database's clock says: the one clock that every server process can ask.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn clock(&self) -> Result<DateTime<Utc>> {
        Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(&self.pool).await?)
    }

    /// Brings the schema up to date. Several processes may do so at the same time.
    ///
    /// # Errors
    /// [`crate::Error::Migrate`], also when the database was migrated by a newer program.
    pub async fn migrate(&self) -> Result<()> {
        MIGRATOR.run(&self.pool).await?;
        Ok(())
    }

    /// How the schema stands.
    ///
    /// # Errors
    /// [`crate::Error::Database`] when the database cannot be reached.
    pub async fn schema(&self) -> Result<SchemaState> {
        // Not a checked query: the table is the migrator's own, and is not there before the first migration.
        let migrated: bool =
            sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&self.pool).await?;
        if !migrated {
            return Ok(SchemaState::Empty);
        }
        let applied: Vec<(i64, Vec<u8>, bool)> =
            sqlx::query_as("select version, checksum, success from _sqlx_migrations").fetch_all(&self.pool).await?;
        Ok(compare(&applied))
    }
}

fn compare(applied: &[(i64, Vec<u8>, bool)]) -> SchemaState {
    let ours = |version: i64| MIGRATOR.iter().find(|migration| migration.version == version);
    if applied.is_empty() {
        SchemaState::Empty
    } else if applied.iter().any(|(version, sum, _)| ours(*version).is_none_or(|ours| *ours.checksum != **sum)) {
        SchemaState::Newer
    } else if MIGRATOR.iter().all(|ours| applied.iter().any(|(version, _, done)| *version == ours.version && *done)) {
        SchemaState::Current
    } else {
        SchemaState::Older
    }
}

/// Runs a transaction again when it met another one: a deadlock, a serialisation failure, or the same new row made twice at once.
/// Five times at most; `once` must leave nothing behind when it fails.
pub(crate) async fn retry<T, F>(mut once: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for _ in 0..4 {
        match once().await {
            Err(error) if is_conflict(&error) => tracing::debug!("two transactions met; running ours again"),
            done => return done,
        }
    }
    once().await
}

/// What is done for many at once.
pub(crate) type ForAll<Q, A> = for<'a> fn(&'a Store, &'a [Q]) -> BoxFuture<'a, Result<Vec<A>>>;

/// One transaction for all, or, when that fails, one for each and all of these at once: what cannot be stored fails nothing else. A database
/// that is out of reach is so for each of them.
pub(crate) async fn all_or_each<Q, A>(store: &Store, asked: &[Q], all: ForAll<Q, A>) -> Vec<Result<A>> {
    match all(store, asked).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if asked.len() == 1 => vec![Err(error)],
        Err(error) if error.is_unavailable() => asked.iter().map(|_| Err(sqlx::Error::PoolTimedOut.into())).collect(),
        Err(_) => {
            let each = asked.iter().map(|one| async {
                let answers = all(store, std::slice::from_ref(one)).await?;
                answers.into_iter().next().ok_or_else(|| sqlx::Error::RowNotFound.into())
            });
            join_all(each).await
        }
    }
}

/// The indices of what is asked, in as few rounds as it takes for no key to come twice in one.
pub(crate) fn rounds<Q, K: Eq + Hash>(asked: &[Q], key: impl Fn(&Q) -> K) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut seen: HashMap<K, usize> = HashMap::new();
    for (index, one) in asked.iter().enumerate() {
        let round = seen.entry(key(one)).and_modify(|round| *round += 1).or_default();
        if rounds.len() <= *round {
            rounds.push(Vec::new());
        }
        rounds[*round].push(index);
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_gets_a_round_of_its_own_and_keeps_its_order() {
        assert_eq!(rounds(&["a", "b", "a", "c", "a", "b"], |word| *word), [vec![0, 1, 3], vec![2, 5], vec![4]]);
        assert!(rounds::<&str, &str>(&[], |word| *word).is_empty());
    }
}
