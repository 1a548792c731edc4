//! The index's tables, and the triggers that note what is missing in it. Derived data: made anew whenever [`VERSION`] is another
//! or the index is damaged.
//!
//! Called by [`super::index`] alone. Triggers, and not the code that writes rows, note what has changed: whoever writes, and
//! whatever way a row goes, the index hears of it in the same transaction.
//!
//! `search_texts` and `search_people` hold tokens and no text (FTS5 `content=''`): what is shown is read from the rows. Tokens
//! come from `tokens.rs`, and the `ascii` tokenizer takes them as they are. A text's number in the index (`doc`) is made of its
//! time, so that FTS5 hands out the newest first without sorting, and a span of time is a span of numbers.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqliteConnection};

use crate::Result;

/// Counts up with every change of the tables, of the triggers, or of what is a token.
pub(crate) const VERSION: i64 = 2;

/// A kind of row that the index holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Text,
    Contact,
    Note,
}

impl Kind {
    /// All of them. A new one needs its name, its table and the columns below, and an arm in `index::documents`.
    pub(crate) const ALL: [Self; 3] = [Self::Text, Self::Contact, Self::Note];

    /// As it stands in the queue.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Text => 1,
            Self::Contact => 2,
            Self::Note => 3,
        }
    }

    pub(crate) fn read(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Text => "messages",
            Self::Contact => "contacts",
            Self::Note => "notes",
        }
    }

    /// The columns whose change makes the index stale.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["content", "contact_id", "created_at", "media", "sent_by"],
            Self::Contact => &["name", "phone"],
            Self::Note => &["content", "contact_id", "created_at", "author_id"],
        }
    }

    /// What is indexed first: later is sooner. `{row}` is the row.
    pub(crate) const fn turn(self) -> &'static str {
        match self {
            Self::Text | Self::Note => "{row}.created_at",
            // People before everything that they wrote.
            Self::Contact => "9223372036854775807",
        }
    }
}

/// Makes everything, empty. The rows that are here have to be noted afterwards.
pub(crate) async fn create(tx: &mut SqliteConnection) -> Result<()> {
    for kind in Kind::ALL {
        let table = kind.table();
        for event in ["insert", "update", "delete"] {
            execute(tx, format!("drop trigger if exists search_{table}_{event}")).await?;
        }
    }
    for statement in TABLES {
        execute(tx, (*statement).to_owned()).await?;
    }
    for kind in Kind::ALL {
        for trigger in triggers(kind) {
            execute(tx, trigger).await?;
        }
    }
    Ok(())
}

const TABLES: &[&str] = &[
    "drop table if exists search_dirty",
    "drop table if exists search_docs",
    "drop table if exists search_texts",
    "drop table if exists search_contacts",
    "drop table if exists search_people",
    // What changed since it was indexed, and what is gone.
    "create table search_dirty (
         turn integer not null,
         kind integer not null,
         id text not null,
         primary key (turn, kind, id)
     ) strict, without rowid",
    // Which text or note a number of `search_texts` stands for. Rows that belong together in time lie together, so that whose they are and which way
    // they went can be looked at for thousands of them without reading the texts.
    "create table search_docs (
         doc integer not null primary key,
         kind integer not null,
         id blob not null unique,
         -- `index::contact_key`
         contact integer not null,
         inbound integer not null
     ) strict",
    // Prefixes of two and three characters stand for so many words that they are indexed themselves; longer ones are put together
    // when they are asked for. An encrypted page is 80 bytes shorter than FTS5 thinks: without `pgsz`, each of its pages took two.
    "create virtual table search_texts using fts5 (tokens, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3')",
    "insert into search_texts (search_texts, rank) values ('pgsz', 3950)",
    // A batch of the background fits into it, and is written once.
    "insert into search_texts (search_texts, rank) values ('hashsize', 8388608)",
    "create table search_contacts (
         doc integer not null primary key,
         id text not null unique
     ) strict",
    "create virtual table search_people using fts5 (tokens, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2')",
];

fn triggers(kind: Kind) -> [String; 3] {
    let (table, code) = (kind.table(), kind.code());
    let note = |row: &str| {
        let turn = kind.turn().replace("{row}", row);
        format!("insert or ignore into search_dirty (turn, kind, id) values ({turn}, {code}, {row}.id);")
    };
    let changed: Vec<String> =
        kind.columns().iter().map(|column| format!("old.{column} is not new.{column}")).collect();
    let columns = kind.columns().join(", ");
    [
        format!("create trigger search_{table}_insert after insert on {table} begin {} end", note("new")),
        format!(
            "create trigger search_{table}_update after update of {columns} on {table} when {} begin {} end",
            changed.join(" or "),
            note("new")
        ),
        format!("create trigger search_{table}_delete after delete on {table} begin {} end", note("old")),
    ]
}

/// Runs one of the statements of this module, in which nothing comes from outside.
pub(crate) async fn execute(tx: &mut SqliteConnection, statement: String) -> Result<u64> {
    Ok(sqlx::query(AssertSqlSafe(statement).into_sql_str()).execute(tx).await?.rows_affected())
}
