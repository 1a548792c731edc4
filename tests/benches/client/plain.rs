//! The engine's statements, to be run by plain SQLite. They stand here once more because nobody but the engine can reach them there.

use sqlx::{AssertSqlSafe, Row, SqlSafeStr, SqliteConnection, sqlite::SqliteRow};

pub(crate) const FITTING: &str = "select d.doc, d.id from search_texts cross join search_docs d on d.doc = search_texts.rowid \
    where search_texts match ?1 order by search_texts.rowid desc limit ?2";

pub(crate) const MESSAGES: &str = "select * from messages where id in (select value from json_each(?1))";

pub(crate) const LIST: &str = "select * from contacts where conversation_status in ('Open', 'Pending') \
    order by sort_at desc, id desc limit 51";

pub(crate) const NEWEST: &str = "select m.* from json_each(?1) c join messages m on m.id = (select n.id from messages n \
    where n.contact_id = c.value order by n.created_at desc, n.id desc limit 1)";

pub(crate) const THREAD: &str = "select * from messages m where m.contact_id = ?1 and (m.created_at, m.id) < (?2, ?3) \
    order by m.created_at desc, m.id desc limit 61";

pub(crate) const BADGE: &str = "select coalesce(sum(unread_count), 0) from contacts where unread_count > 0";

/// Runs a search for an expression as the engine does: numbers first, then the rows.
pub(crate) async fn search(plain: &mut SqliteConnection, expression: &str) -> usize {
    let found =
        sqlx::query(FITTING).bind(expression).bind(40).fetch_all(&mut *plain).await.expect("it can be searched");
    let ids: Vec<String> =
        found.iter().map(|row| uuid::Uuid::from_slice(row.get(1)).expect("the index holds ids").to_string()).collect();
    let ids = serde_json::json!(ids).to_string();
    sqlx::query(MESSAGES).bind(ids).fetch_all(plain).await.expect("rows can be read").len()
}

/// The first cell of each row.
pub(crate) fn ids(rows: &[SqliteRow]) -> String {
    serde_json::json!(rows.iter().map(|row| row.get::<String, _>("id")).collect::<Vec<_>>()).to_string()
}

/// A figure.
pub(crate) async fn figure(connection: &mut SqliteConnection, statement: &str) -> i64 {
    let statement = AssertSqlSafe(statement.to_owned()).into_sql_str();
    sqlx::query_scalar(statement).fetch_one(connection).await.expect("a figure can be read")
}
