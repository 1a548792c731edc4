//! The outbox once more, in the memory of this process, for the moment in which its file turns out to be damaged.
//!
//! What was accepted after the damage and before anybody noticed lies in no file that can be read. So every connection to the outbox
//! keeps this copy with triggers of its own: both change in one transaction, or neither does. Made when the outbox is opened, read by
//! [`super::backup`], never written to a disk.
//!
//! It lives in SQLite's `memdb`, whose databases are shared within a process if their names begin with a slash
//! (<https://sqlite.org/src/file/src/memdb.c>).

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};
use tracing::warn;

use crate::{
    Result, database,
    mend::salvage::{Salvaged, columns, key_of, tables},
};

/// A copy that is kept for as long as somebody holds this.
#[derive(Clone, Debug)]
pub(crate) struct Mirror {
    /// A connection that keeps what no other has open.
    _keeper: SqlitePool,
    name: String,
    /// What each connection to the outbox begins with.
    follow: Arc<str>,
    /// Whether some connection does not keep it.
    behind: Arc<AtomicBool>,
}

impl Mirror {
    /// A copy of what is in the outbox now. Whoever writes to it from now on has to [`follow`](Self::follow).
    pub(super) async fn of(outbox: &SqlitePool) -> Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let name = format!("/outbox-{}", MADE.fetch_add(1, Ordering::Relaxed));
        let keeper = database::open_memdb(&name).await?;
        let mut from = outbox.acquire().await?;
        let (mut copy, mut follow) = (attach(&name, "mirror"), attach(&name, "mirror"));
        for table in tables(&mut *from).await? {
            let (key, all) = (key_of(&mut *from, &table).await?, columns(&mut *from, &table).await?);
            copy += &copying(&table, &key);
            follow += &following(&table, &key, &all);
        }
        copy += "detach mirror;";
        sqlx::raw_sql(AssertSqlSafe(copy)).execute(&mut *from).await?;
        Ok(Self { _keeper: keeper, name, follow: follow.into(), behind: Arc::default() })
    }

    /// Has a connection to the outbox keep the copy.
    pub(super) async fn follow(&self, connection: &mut SqliteConnection) {
        // One that cannot read what tables there are writes nothing to them either.
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(self.follow.to_string())).execute(connection).await {
            warn!(%error, "A connection to the outbox does not keep its copy in memory");
            self.behind.store(true, Ordering::Release);
        }
    }

    /// Writes all of it into another outbox, which has what was there already besides.
    pub(super) async fn pour_into(&self, outbox: &SqlitePool) -> Result<Salvaged> {
        let mut into = outbox.acquire().await?;
        let tables = tables(&mut *into).await?;
        sqlx::raw_sql(AssertSqlSafe(attach(&self.name, "poured"))).execute(&mut *into).await?;
        let mut rows = 0;
        for table in tables {
            let pour = format!("insert or ignore into main.\"{table}\" select * from poured.\"mirror_{table}\"");
            rows += sqlx::query(AssertSqlSafe(pour)).execute(&mut *into).await?.rows_affected();
        }
        sqlx::raw_sql("detach poured").execute(&mut *into).await?;
        Ok(Salvaged { rows, complete: !self.behind.load(Ordering::Acquire) })
    }
}

/// Without a key of its own it would get the outbox's, and be encrypted for nobody.
fn attach(name: &str, under: &str) -> String {
    format!("attach 'file:{name}?vfs=memdb' as {under} key '';")
}

fn copying(table: &str, key: &[String]) -> String {
    let key = key.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
    format!(
        "create table mirror.\"mirror_{table}\" as select * from main.\"{table}\";\
         create unique index mirror.\"mirror_{table}_key\" on \"mirror_{table}\" ({key});"
    )
}

/// Triggers of the connection alone, and of no file. A table in them goes by its name without that of its database.
fn following(table: &str, key: &[String], all: &[String]) -> String {
    let matches = |row: &str| {
        key.iter().map(|column| format!("\"{column}\" = {row}.\"{column}\"")).collect::<Vec<_>>().join(" and ")
    };
    let values = all.iter().map(|column| format!("new.\"{column}\"")).collect::<Vec<_>>().join(", ");
    let gone = |row: &str| format!("delete from \"mirror_{table}\" where {};", matches(row));
    let there = format!("insert into \"mirror_{table}\" values ({values});");
    [("insert", gone("new") + &there), ("update", gone("old") + &there), ("delete", gone("old"))]
        .iter()
        .map(|(verb, then)| {
            format!("create temp trigger \"mirror_{verb}_{table}\" after {verb} on main.\"{table}\" begin {then} end;")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tempfile::TempDir;

    use crate::{credentials::FileKey, database::Place, options::Dice, outbox::Outbox};

    /// Every row of every table, as text, from the outbox or from its copy.
    async fn rows(outbox: &Outbox, prefix: &str) -> Vec<String> {
        let mut rows = Vec::new();
        let mut connection = outbox.pool.acquire().await.unwrap();
        for table in super::tables(&mut *connection).await.unwrap() {
            let columns = super::columns(&mut *connection, &table).await.unwrap().join("\", \"");
            let sql = format!("select json_array('{table}', \"{columns}\") from \"{prefix}{table}\" order by 1");
            rows.extend(
                sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *connection).await.unwrap(),
            );
        }
        rows
    }

    #[tokio::test]
    async fn memory_and_file_hold_the_same_whatever_was_written_by_whom_and_whether_it_was_kept() {
        let folder = TempDir::new().unwrap();
        let place = Place::File(folder.path().join("outbox.db"));
        let key = FileKey::roll(&Dice::default());
        let open = || async { Outbox::open(&place, &key, DateTime::UNIX_EPOCH).await.unwrap().0 };
        let before = open().await;
        sqlx::query("insert into muted values ('ann', 1), ('bob', 2)").execute(&before.pool).await.unwrap();
        before.pool.close().await;

        let outbox = open().await;
        let mut held = outbox.pool.acquire().await.unwrap();
        // From a second connection, while the first is held.
        for sql in [
            "insert into drafts (contact_id, content, updated_at) values ('ann', 'I was', 1), ('bob', '', 1)",
            "update drafts set content = content || ' about to', updated_at = 2",
            "insert into drafts (contact_id, content, updated_at) values ('ann', 'no', 3) \
             on conflict do update set content = excluded.content",
            "insert or ignore into drafts (contact_id, content, updated_at) values ('bob', 'never', 4)",
            "update muted set contact_id = 'cy' where contact_id = 'ann'",
            "delete from muted where contact_id = 'bob'",
        ] {
            sqlx::query(sql).execute(&outbox.pool).await.unwrap();
        }
        let mut given_up = outbox.pool.begin_with("begin immediate").await.unwrap();
        sqlx::query("delete from drafts").execute(&mut *given_up).await.unwrap();
        given_up.rollback().await.unwrap();
        sqlx::query("insert into muted values ('dan', 5)").execute(&mut *held).await.unwrap();
        drop(held);

        let there = rows(&outbox, "").await;
        assert_eq!(there.len(), 4, "{there:?}");
        assert_eq!(rows(&outbox, "mirror_").await, there);
    }
}
