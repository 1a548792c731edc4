//! A database for one test: made when the test starts, dropped when it ends.
//!
//! Used by [`crate::world`]. Never touches a database that it did not make.

use sqlx::{Connection, Executor, PgConnection};
use url::Url;
use uuid::Uuid;

/// Dropped together with its database.
#[derive(Debug)]
pub struct TestDatabase {
    admin: Url,
    name: String,
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
        let name = format!("deskline_e2e_{}", fresh_id().simple());
        execute(&admin, &format!("create database {name}")).await;
        Self { admin, name }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = self.admin.clone();
        url.set_path(&self.name);
        url.into()
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

/// A name that nothing else has.
#[must_use]
pub fn fresh_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}
