//! A database of a test's own, dropped at its end.

use deskline_server::edge::entropy;
use sqlx::{Connection, Executor, PgConnection};

/// One database on the server that `DATABASE_URL` names.
pub(crate) struct Database {
    pub(crate) url: String,
    name: String,
    admin: String,
}

impl Database {
    pub(crate) async fn create() -> Self {
        let admin = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL is not set. These tests need a Postgres in which they may create databases: run cargo xtask test");
        let name = format!("deskline_server_{}", hex::encode(entropy::<16>()));
        let mut connection = PgConnection::connect(&admin).await.unwrap_or_else(|error| {
            panic!("The Postgres that DATABASE_URL names does not answer ({error}). To have one started for you, run cargo xtask test")
        });
        connection.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);
        Self { url: url.into(), name, admin }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // The test's runtime is ending, and a drop cannot wait on it.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&admin).await?;
                connection.execute(sqlx::AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await
            })
        });
        let _ = dropped.join();
    }
}
