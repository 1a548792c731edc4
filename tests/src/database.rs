//! A database for one test: made when the test starts, dropped when it ends.
//!
//! Used by [`crate::world`]. Never touches a database that it did not make.

use sqlx::{Connection, Executor, PgConnection};
use url::Url;
use uuid::Uuid;

use crate::guarded::Guarded;

/// Dropped together with its database.
#[derive(Debug)]
pub struct TestDatabase {
    admin: Url,
    name: String,
    /// As its owner has it.
    url: Url,
}

impl TestDatabase {
    /// Creates one on the server that `DATABASE_URL` names.
    ///
    /// # Panics
    /// Without `DATABASE_URL`, or when the server does not answer.
    pub async fn create() -> Self {
        let admin = std::env::var("DATABASE_URL").expect(
            "DATABASE_URL names no Postgres in which databases may be created: run `cargo xtask test`, which brings one",
        );
        let admin: Url =
            admin.parse().expect("DATABASE_URL is an address such as postgres://postgres@127.0.0.1:5432/postgres");
        let name = fresh_name();
        execute(&admin, &format!("create database {name}")).await;
        let mut url = admin.clone();
        url.set_path(&name);
        Self { admin, name, url }
    }

    /// Creates one on a guarded Postgres, for an owner who is no superuser.
    pub async fn guarded(postgres: &Guarded) -> Self {
        let (admin, name) = (postgres.admin(), fresh_name());
        execute(&admin, &format!("create database {name} owner {}", postgres.owner())).await;
        let url = postgres.as_owner(&name);
        Self { admin, name, url }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone().into()
    }

    /// Cuts every connection to it, as a restart of Postgres would.
    pub async fn cut_connections(&self) {
        let sql = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'", self.name);
        execute(&self.admin, &sql).await;
    }

    /// Drops it. Called at the end of a test; a test that failed leaves its database to be looked at.
    pub async fn drop(self) {
        execute(&self.admin, &format!("drop database if exists {} with (force)", self.name)).await;
    }
}

async fn execute(server: &Url, sql: &str) {
    let mut connection =
        PgConnection::connect(server.as_str()).await.expect("the Postgres that DATABASE_URL names answers");
    connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.expect("an administrative statement succeeds");
}

fn fresh_name() -> String {
    format!("deskline_e2e_{}", fresh_id().simple())
}

/// A name that nothing else has.
#[must_use]
pub fn fresh_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}
