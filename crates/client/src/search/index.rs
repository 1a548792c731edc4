//! Keeps the search index true: what its triggers noted as missing is put in, a batch at a time.
//!
//! Called by `sync/apply` for the few rows of a live page, inside its transaction, and by [`super::indexer`] for everything else.
//! Indexing a row again is always right, and a row that is gone is taken out, so that no order of events can do harm.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Row, SqlSafeStr, SqliteConnection};
use tracing::warn;
use uuid::Uuid;

use super::{
    schema::{self, Kind},
    terms::{self, number_tokens},
    tokens::Tokens,
};
use crate::{
    Result,
    cache::{Cache, json_ids},
    error::Error,
};

/// Before what is no text in the index: whose text it is, who wrote it, whether files came with it.
const TAG: char = '\u{e000}';

/// A text's number is its time in units of 2^14 µs (some 16 ms), or the next one that is free.
const UNIT: u32 = 14;

/// How far a number may lie above its time: as many texts may bear the same one. 2^20 units are five hours.
pub(crate) const SLACK: i64 = 1 << 20;

/// Rows that were here before the index, noted in one transaction.
const NOTED_AT_ONCE: i64 = 20_000;

/// The smallest number that a text of this time can have.
pub(crate) const fn doc(at: i64) -> i64 {
    at >> UNIT
}

/// A contact in eight bytes. Two contacts may have the same one: whoever goes by it looks at the row as well.
pub(crate) fn contact_key(contact_id: Uuid) -> i64 {
    let (high, low) = contact_id.as_u64_pair();
    (high ^ low).cast_signed()
}

/// Texts and notes of this conversation.
pub(crate) fn contact_tag(contact_id: Uuid) -> String {
    format!("{TAG}c{}", contact_id.simple())
}

/// Texts and notes that this member wrote.
pub(crate) fn author_tag(user_id: Uuid) -> String {
    format!("{TAG}u{}", user_id.simple())
}

/// Texts with files.
pub(crate) fn media_tag() -> String {
    format!("{TAG}m")
}

/// What is missing in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dirty {
    turn: i64,
    kind: Kind,
    id: String,
}

impl Cache {
    /// Makes the index anew, empty, if it is of another version or condemned. Answers whether it was.
    pub(crate) async fn prepare_index(&self) -> Result<bool> {
        let version: i64 = sqlx::query_scalar("select version from search_index").fetch_one(&self.writer).await?;
        let tables: i64 = sqlx::query_scalar(
            "select count(*) from sqlite_schema where name in \
             ('search_dirty', 'search_docs', 'search_texts', 'search_contacts', 'search_people')",
        )
        .fetch_one(&self.writer)
        .await?;
        if version == schema::VERSION && tables == 5 {
            return Ok(false);
        }
        let mut tx = self.writer.begin_with("begin immediate").await?;
        schema::create(&mut tx).await?;
        let noting = Value::from_iter(Kind::ALL.map(|kind| (kind.table(), "")));
        sqlx::query("update search_index set version = ?, noting = ?")
            .bind(schema::VERSION)
            .bind(noting.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The index is damaged: the next [`Cache::prepare_index`] makes it anew.
    pub(crate) async fn condemn_index(&self) -> Result<()> {
        sqlx::query("update search_index set version = 0").execute(&self.writer).await?;
        Ok(())
    }

    /// Whether the index has lost or kept something that it should not have. Reads a whole index of the texts: for the background.
    pub(crate) async fn index_is_whole(&self) -> Result<bool> {
        Ok(sqlx::query_scalar(
            "select (select count(*) from search_docs) = (select count(*) from messages) + (select count(*) from notes) \
             and (select count(*) from search_contacts) = (select count(*) from contacts) \
             or exists (select 1 from search_dirty)",
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Notes some of the rows that were here before the index. Answers whether there may be more.
    pub(crate) async fn note_old_rows(&self) -> Result<bool> {
        let mut tx = self.writer.begin_with("begin immediate").await?;
        let noting: String = sqlx::query_scalar("select noting from search_index").fetch_one(&mut *tx).await?;
        let mut noting: BTreeMap<String, String> = serde_json::from_str(&noting).unwrap_or_default();
        let Some(kind) = Kind::ALL.into_iter().find(|kind| noting.contains_key(kind.table())) else { return Ok(false) };
        let table = kind.table();
        let after = noting.get(table).cloned().unwrap_or_default();
        let last: Option<String> = sqlx::query_scalar(sql(format!(
            "select max(id) from (select id from {table} where id > ? order by id limit {NOTED_AT_ONCE})"
        )))
        .bind(&after)
        .fetch_one(&mut *tx)
        .await?;
        match last {
            Some(last) => {
                let turn = kind.turn().replace("{row}", table);
                sqlx::query(sql(format!(
                    "insert or ignore into search_dirty (turn, kind, id) \
                     select {turn}, {}, id from {table} where id > ? and id <= ?",
                    kind.code()
                )))
                .bind(&after)
                .bind(&last)
                .execute(&mut *tx)
                .await?;
                noting.insert(table.to_owned(), last);
            }
            None => {
                noting.remove(table);
            }
        }
        sqlx::query("update search_index set noting = ?").bind(json!(noting).to_string()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Rows that are missing, at most `most`.
    pub(crate) async fn missing_in_index(&self, most: i64) -> Result<i64> {
        Ok(sqlx::query_scalar("select count(*) from (select 1 from search_dirty limit ?)")
            .bind(most)
            .fetch_one(&self.pool)
            .await?)
    }

    /// Puts in what is missing, the newest first, at most `most` rows in one transaction. Answers how many there were.
    pub(crate) async fn index_some(&self, most: i64) -> Result<i64> {
        let mut tx = self.writer.begin_with("begin immediate").await?;
        let rows = index_on(&mut tx, most).await?;
        tx.commit().await?;
        Ok(rows)
    }
}

async fn index_on(tx: &mut SqliteConnection, most: i64) -> Result<i64> {
    let rows = sqlx::query("select turn, kind, id from search_dirty order by turn desc, kind desc, id desc limit ?")
        .bind(most)
        .fetch_all(&mut *tx)
        .await?;
    let dirty: Vec<Dirty> = rows
        .iter()
        .filter_map(|row| Some(Dirty { turn: row.get(0), kind: Kind::read(row.get(1))?, id: row.get(2) }))
        .collect();
    put(tx, &dirty).await?;
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

/// Puts the texts of a live page in: `at` and id of each. Other rows wait for the background.
pub(crate) async fn index_now(tx: &mut SqliteConnection, texts: impl Iterator<Item = (i64, String)>) -> Result<()> {
    let wanted = Value::from_iter(texts.map(|(at, id)| json!([at, Kind::Text.code(), id])));
    let rows = sqlx::query(
        "select d.turn, d.kind, d.id from json_each(?) w join search_dirty d \
         on d.turn = w.value ->> 0 and d.kind = w.value ->> 1 and d.id = w.value ->> 2",
    )
    .bind(wanted.to_string())
    .fetch_all(&mut *tx)
    .await?;
    let dirty: Vec<Dirty> =
        rows.iter().map(|row| Dirty { turn: row.get(0), kind: Kind::Text, id: row.get(2) }).collect();
    // A damaged index is no reason to lose a page: it stays noted as missing, and the background finds out.
    let mut part = tx.begin().await?;
    match put(&mut part, &dirty).await {
        Ok(()) => part.commit().await?,
        Err(error) => {
            warn!(%error, "New texts cannot be put into the search index yet");
            part.rollback().await?;
        }
    }
    Ok(())
}

/// Whether what SQLite says means that the index, and not the file, is damaged.
pub(crate) fn is_damage(error: &Error) -> bool {
    const DAMAGED_VIRTUAL_TABLE: &str = "267";
    let Error::Database(sqlx::Error::Database(error)) = error else { return false };
    error.code().is_some_and(|code| code == DAMAGED_VIRTUAL_TABLE) || error.message().contains("search_")
}

async fn put(tx: &mut SqliteConnection, dirty: &[Dirty]) -> Result<()> {
    let ids = |wanted: Kind| -> BTreeSet<&str> {
        dirty.iter().filter(|row| row.kind == wanted).map(|row| row.id.as_str()).collect()
    };
    for kind in Kind::ALL {
        match kind {
            Kind::Text | Kind::Note => put_texts(tx, kind, &ids(kind)).await?,
            Kind::Contact => put_contacts(tx, &ids(kind)).await?,
        }
    }
    let done = Value::from_iter(dirty.iter().map(|row| json!([row.turn, row.kind.code(), row.id])));
    sqlx::query(
        "delete from search_dirty where (turn, kind, id) in \
         (select value ->> 0, value ->> 1, value ->> 2 from json_each(?))",
    )
    .bind(done.to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// What the index holds of a text.
struct Document {
    id: String,
    at: i64,
    contact: i64,
    inbound: bool,
    tokens: String,
}

/// Rows that bear a time and belong to a conversation.
async fn put_texts(tx: &mut SqliteConnection, kind: Kind, ids: &BTreeSet<&str>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = json_ids(ids);
    let old: Vec<i64> = sqlx::query_scalar(
        "select d.doc from json_each(?) w join search_docs d on d.id = unhex(w.value, '-') order by d.doc",
    )
    .bind(&ids)
    .fetch_all(&mut *tx)
    .await?;
    if !old.is_empty() {
        let old = Value::from(old).to_string();
        for statement in [
            "delete from search_texts where rowid in (select value from json_each(?))",
            "delete from search_docs where doc in (select value from json_each(?))",
        ] {
            sqlx::query(statement).bind(&old).execute(&mut *tx).await?;
        }
    }

    let documents = documents(tx, kind, &ids).await?;
    let numbers = free_numbers(tx, &documents).await?;
    // FTS5 writes its page out whenever a number is smaller than the one before.
    let docs: Vec<(i64, &Document)> = numbers.into_iter().zip(&documents).collect();
    let rows = Value::from_iter(
        docs.iter()
            .map(|(doc, document)| json!([doc, document.id, document.contact, document.inbound, document.tokens])),
    );
    let rows = rows.to_string();
    sqlx::query(
        "insert into search_docs (doc, kind, id, contact, inbound) \
         select value ->> 0, ?2, unhex(value ->> 1, '-'), value ->> 2, value ->> 3 from json_each(?1)",
    )
    .bind(&rows)
    .bind(kind.code())
    .execute(&mut *tx)
    .await?;
    sqlx::query("insert into search_texts (rowid, tokens) select value ->> 0, value ->> 4 from json_each(?)")
        .bind(&rows)
        .execute(tx)
        .await?;
    Ok(())
}

/// Reads rows as the index wants them, the oldest first.
async fn documents(tx: &mut SqliteConnection, kind: Kind, ids: &str) -> Result<Vec<Document>> {
    let statement = match kind {
        Kind::Text => {
            "select m.id, m.created_at, m.content, m.contact_id, m.sent_by, m.media <> '[]', m.direction = 'inbound' \
             from json_each(?) w join messages m on m.id = w.value order by m.created_at, m.id"
        }
        Kind::Contact => {
            "select c.id, 0, coalesce(c.name, '') || char(10) || c.phone, null, null, 0, 0 \
             from json_each(?) w join contacts c on c.id = w.value order by c.id"
        }
        Kind::Note => {
            "select n.id, n.created_at, n.content, n.contact_id, n.author_id, 0, 0 \
             from json_each(?) w join notes n on n.id = w.value order by n.created_at, n.id"
        }
    };
    let rows = sqlx::query(statement).bind(ids).fetch_all(tx).await?;
    let document = |row: &sqlx::sqlite::SqliteRow| {
        let id = |column: usize| row.get::<Option<&str>, _>(column).and_then(|id| Uuid::parse_str(id).ok());
        let contact = id(3);
        let tags = [contact.map(contact_tag), id(4).map(author_tag), row.get::<bool, _>(5).then(media_tag)];
        Document {
            id: row.get(0),
            at: row.get(1),
            contact: contact.map_or(0, contact_key),
            inbound: row.get(6),
            tokens: tokens(row.get(2), tags.into_iter().flatten()),
        }
    };
    Ok(rows.iter().map(document).collect())
}

/// Everything by which a text is found.
fn tokens(text: &str, tags: impl Iterator<Item = String>) -> String {
    let cut = Tokens::of(text);
    let mut tokens = cut.folded().to_owned();
    for number in cut.numbers(text) {
        for digits in number_tokens(&number.digits) {
            tokens.push(' ');
            tokens.push(terms::NUMBER);
            tokens.push_str(digits);
        }
    }
    for tag in tags {
        tokens.push(' ');
        tokens.push_str(&tag);
    }
    tokens
}

/// A number for each of the documents, in their order: nobody else's, and each greater than the one before.
async fn free_numbers(tx: &mut SqliteConnection, documents: &[Document]) -> Result<Vec<i64>> {
    let mut jump = 1;
    let mut least: Vec<i64> = documents.iter().map(|document| doc(document.at)).collect();
    loop {
        let mut last = i64::MIN;
        for number in &mut least {
            *number = (*number).max(last.saturating_add(1));
            last = *number;
        }
        let taken: HashMap<i64, ()> =
            sqlx::query_scalar("select d.doc from json_each(?) w join search_docs d on d.doc = w.value")
                .bind(Value::from(least.clone()).to_string())
                .fetch_all(&mut *tx)
                .await?
                .into_iter()
                .map(|doc| (doc, ()))
                .collect();
        if taken.is_empty() {
            return Ok(least);
        }
        // Farther each time: a hundred thousand texts of an import may all bear the same time.
        for number in least.iter_mut().filter(|number| taken.contains_key(number)) {
            *number += jump;
        }
        jump *= 2;
    }
}

async fn put_contacts(tx: &mut SqliteConnection, ids: &BTreeSet<&str>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = json_ids(ids);
    for statement in [
        "delete from search_people where rowid in \
         (select s.doc from json_each(?) w join search_contacts s on s.id = w.value)",
        "delete from search_contacts where id in \
         (select w.value from json_each(?) w left join contacts c on c.id = w.value where c.id is null)",
        "insert or ignore into search_contacts (id) select c.id from json_each(?) w join contacts c on c.id = w.value",
    ] {
        sqlx::query(statement).bind(&ids).execute(&mut *tx).await?;
    }
    let documents = documents(tx, Kind::Contact, &ids).await?;
    let rows = Value::from_iter(documents.iter().map(|document| json!([document.id, document.tokens])));
    sqlx::query(
        "insert into search_people (rowid, tokens) select s.doc, w.value ->> 1 from json_each(?) w \
         join search_contacts s on s.id = w.value ->> 0 order by s.doc",
    )
    .bind(rows.to_string())
    .execute(&mut *tx)
    .await?;
    Ok(())
}

fn sql(statement: String) -> sqlx::SqlStr {
    AssertSqlSafe(statement).into_sql_str()
}
