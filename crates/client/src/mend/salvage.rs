//! Brings what can be read of one database into another of the same kind, row by row.
//!
//! Called when the outbox was damaged, for the damaged file and for its backup. Reads each table from its beginning to where it
//! breaks, and then from its end: what lies on the damaged pages is missing, and nothing else. Never changes what it reads.

use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqliteExecutor, SqlitePool};
use tracing::{info, warn};

use crate::{Result, credentials::FileKey, database};

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Salvaged {
    /// Rows that were brought over, without those that were there already.
    pub(crate) rows: u64,
    /// Whether everything could be read.
    pub(crate) complete: bool,
}

/// Brings over what `into` does not have. A source that cannot be read at all brings nothing.
pub(crate) async fn salvage(into: &SqlitePool, from: &Path, key: &FileKey) -> Result<Salvaged> {
    let mut salvaged = Salvaged { rows: 0, complete: from.exists() };
    if !from.exists() {
        return Ok(salvaged);
    }
    for table in tables(into).await? {
        for order in ["asc", "desc"] {
            let read = read(into, from, key, &table, order).await?;
            salvaged.rows += read.rows;
            if read.complete {
                break;
            }
            salvaged.complete = false;
        }
    }
    info!(file = %from.display(), rows = salvaged.rows, complete = salvaged.complete, "What could be read was brought over");
    Ok(salvaged)
}

/// One table, in one direction.
async fn read(into: &SqlitePool, from: &Path, key: &FileKey, table: &str, order: &str) -> Result<Salvaged> {
    // A connection that met a damaged page answers nothing more.
    let source = match database::look_into(from, key).await {
        Ok(source) => source,
        Err(error) => {
            warn!(file = %from.display(), %error, "It cannot be read at all");
            return Ok(Salvaged::default());
        }
    };
    let columns = match common_columns(into, &source, table).await {
        Ok(columns) if !columns.is_empty() => columns,
        // A source whose first page is gone, or an empty one that took the place of a file that was removed.
        _ => {
            source.close().await;
            return Ok(Salvaged::default());
        }
    };
    let place = key_of(into, table).await?;
    let place: Vec<String> = place.iter().map(|column| format!("\"{column}\" {order}")).collect();
    let names = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
    let cells = (0..columns.len()).map(|at| format!("?1 ->> {at}")).collect::<Vec<_>>().join(", ");
    let select = format!("select json_array({names}) from \"{table}\" order by {}", place.join(", "));
    let insert = format!("insert or ignore into \"{table}\" ({names}) values ({cells})");

    let mut salvaged = Salvaged { rows: 0, complete: true };
    let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(select).into_sql_str()).fetch(&source);
    let insert = AssertSqlSafe(insert).into_sql_str();
    let mut tx = into.begin().await?;
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => {
                salvaged.rows += sqlx::query(insert.clone()).bind(row).execute(&mut *tx).await?.rows_affected();
            }
            Ok(None) => break,
            Err(error) => {
                warn!(table, order, %error, "A table breaks off");
                salvaged.complete = false;
                break;
            }
        }
    }
    tx.commit().await?;
    drop(rows);
    source.close().await;
    Ok(salvaged)
}

pub(crate) async fn tables(database: impl SqliteExecutor<'_>) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "select name from sqlite_schema where type = 'table' and name not glob 'sqlite_*' and name not glob '_sqlx_*'",
    )
    .fetch_all(database)
    .await?)
}

pub(crate) async fn columns(database: impl SqliteExecutor<'_>, table: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select name from pragma_table_info(?)").bind(table).fetch_all(database).await
}

async fn common_columns(into: &SqlitePool, from: &SqlitePool, table: &str) -> Result<Vec<String>, sqlx::Error> {
    let theirs = columns(from, table).await?;
    Ok(columns(into, table).await?.into_iter().filter(|column| theirs.contains(column)).collect())
}

/// The columns by which the rows lie in order.
pub(crate) async fn key_of(database: impl SqliteExecutor<'_>, table: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar("select name from pragma_table_info(?) where pk > 0 order by pk")
        .bind(table)
        .fetch_all(database)
        .await?)
}
