//! A desktop's folder with a long history in it, made from a seed: the same figures give the same rows on every machine.
//!
//! Used by the benchmarks of the engine. The engine itself makes its files and its schema; the rows are written into the encrypted cache
//! as sync would have written them, with the key that the keychain holds, and somebody is signed in whose server does not answer.

mod words;

use std::{path::Path, sync::Arc, time::Duration};

use deskline_client::{Client, CredentialStore, MemoryCredentials, Options, RecordingNotifier};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;
use uuid::Uuid;

pub use words::Words;

/// The team.
pub const TEAM: Uuid = Uuid::from_u128(0x7ea);
/// Whoever is signed in.
pub const ME: Uuid = Uuid::from_u128(0x3e);
/// The newest text is of this moment, in microseconds: noon of November 26, 2026.
pub const NEWEST: i64 = 1_795_694_400_000_000;

const YEARS: i64 = 3;
const YEAR: i64 = 365 * 24 * 3_600 * 1_000_000;
/// Rows of one statement.
const ROWS: u32 = 2_000;

/// How much.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// All of them together.
    pub messages: u32,
    /// The first one has a tenth of the messages.
    pub contacts: u32,
}

/// See the module.
#[derive(Debug)]
pub struct History {
    folder: TempDir,
    keychain: Arc<MemoryCredentials>,
    /// Its words, to ask for.
    pub words: Words,
    size: Size,
}

impl History {
    /// Makes one. Nothing is indexed: the engine finds that out when it is opened.
    pub async fn make(seed: u64, size: Size) -> Self {
        let folder = TempDir::with_prefix("deskline-history-").expect("a folder can be made");
        let history = Self { folder, keychain: Arc::default(), words: Words::new(seed), size };
        history.open().await.shutdown().await;
        history.sign_in();
        history.fill(seed).await;
        history
    }

    /// The engine on it.
    pub async fn open(&self) -> Client {
        open(self.folder.path(), self.keychain.clone()).await
    }

    /// The engine in another process, which is told the folder and what is in the keychain.
    pub async fn open_in(folder: &Path, keychain_item: String) -> Client {
        let keychain = Arc::new(MemoryCredentials::default());
        keychain.save(&SecretString::from(keychain_item)).expect("the keychain works");
        open(folder, keychain).await
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What is in the keychain.
    #[must_use]
    pub fn keychain_item(&self) -> String {
        self.vault().to_string()
    }

    /// How many contacts there are.
    #[must_use]
    pub const fn contacts(&self) -> u32 {
        self.size.contacts
    }

    /// Lets the desktop find its server at an address from the next start on.
    pub fn work_at(&self, server: &str) {
        let mut vault = self.vault();
        vault["account"]["server"] = json!(server);
        self.keychain.save(&SecretString::from(vault.to_string())).expect("the keychain works");
    }

    /// The contact with so many others before it in the order of how much was written.
    #[must_use]
    pub const fn contact(place: u32) -> Uuid {
        Uuid::from_u128(0xc0_0000_0000 + place as u128)
    }

    /// The encrypted cache itself.
    pub async fn cache(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.file())
            // What is attached to it may have to be made.
            .create_if_missing(true)
            .pragma("key", self.key())
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("temp_store", "memory")
            .connect()
            .await
            .expect("the cache opens with the key of the keychain")
    }

    /// Waits until an engine that is open on it has put everything into its index.
    pub async fn until_indexed(&self) {
        const WAITS: &str = "select exists (select 1 from search_dirty) or (select noting <> '{}' from search_index)";
        let mut cache = self.cache().await;
        while sqlx::query_scalar::<_, bool>(WAITS).fetch_one(&mut cache).await.expect("the index can be looked at") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        cache.close().await.expect("the cache closes");
    }

    /// How large the cache is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(self.file()).map_or(0, |file| file.len())
    }

    /// The same rows and the same index in a plain file, opened by plain SQLite: what our own cost is compared with.
    pub async fn plain(&self) -> SqliteConnection {
        let plain = self.folder.path().join("plain.db");
        if !plain.exists() {
            let mut cache = self.cache().await;
            execute(&mut cache, format!("attach database '{}' as plain key ''", plain.display())).await;
            execute(&mut cache, "select sqlcipher_export('plain')".to_owned()).await;
            execute(&mut cache, "detach database plain".to_owned()).await;
            cache.close().await.expect("the cache closes");
        }
        SqliteConnectOptions::new().filename(plain).connect().await.expect("the plain file opens")
    }

    fn file(&self) -> std::path::PathBuf {
        Path::join(self.folder.path(), "cache.db")
    }

    fn vault(&self) -> Value {
        let item = self.keychain.load().expect("the keychain works").expect("the engine has stored its keys");
        serde_json::from_str(item.expose_secret()).expect("the item is JSON")
    }

    fn key(&self) -> String {
        format!("\"x'{}'\"", self.vault()["cacheKey"].as_str().expect("the item has the cache's key"))
    }

    /// Port 9 of this machine answers nobody.
    fn sign_in(&self) {
        let mut vault = self.vault();
        vault["account"] = json!({
            "server": "http://127.0.0.1:9", "email": "ann@example.com", "userId": ME, "accessToken": "none",
            "refreshToken": "none", "expiresAt": "2100-01-01T00:00:00Z", "expired": false,
        });
        self.keychain.save(&SecretString::from(vault.to_string())).expect("the keychain works");
    }

    async fn fill(&self, seed: u64) {
        let mut cache = self.cache().await;
        let mut dice = StdRng::seed_from_u64(seed);
        // Half of the ids lie anywhere: in less memory, each of them would be a page to decrypt and one to encrypt.
        execute(&mut cache, "pragma cache_size = -400000".to_owned()).await;
        // The engine finds the rows by itself, as it finds those of a cache that is older than the index.
        execute(&mut cache, "drop trigger search_messages_insert".to_owned()).await;
        execute(&mut cache, "drop trigger search_contacts_insert".to_owned()).await;
        execute(&mut cache, "update search_index set version = 0".to_owned()).await;
        execute(
            &mut cache,
            format!("insert into workspaces (id, name, role, place) values ('{TEAM}', 'Team', 'agent', 0)"),
        )
        .await;
        execute(
            &mut cache,
            format!(
                "insert into cursors (workspace_id, feed, seq, snapshot_next, snapshot_done, snapshot_total) \
             values ('{TEAM}', '{TEAM}', 1, null, {0}, {0})",
                self.size.messages
            ),
        )
        .await;
        self.fill_messages(&mut cache, &mut dice).await;
        self.fill_contacts(&mut cache, &mut dice).await;
        execute(&mut cache, "pragma wal_checkpoint(truncate)".to_owned()).await;
        cache.close().await.expect("the cache closes");
    }

    /// A page after the other, as a first sync brings them; ordered by time, the oldest first.
    async fn fill_messages(&self, cache: &mut SqliteConnection, dice: &mut StdRng) {
        let total = self.size.messages;
        for start in (0..total).step_by(ROWS as usize) {
            let rows = (start..total.min(start + ROWS)).map(|number| self.message(number, dice));
            let rows = Value::from_iter(rows).to_string();
            sqlx::query(
                "insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, \
                 from_number, error_code, error_message, sent_by, created_at, updated_at) \
                 select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, 'delivered', 1, 0, value ->> 5, null, null, \
                 null, value ->> 6, value ->> 7, value ->> 7 from json_each(?)",
            )
            .bind(rows)
            .execute(&mut *cache)
            .await
            .expect("messages can be written");
        }
    }

    fn message(&self, number: u32, dice: &mut StdRng) -> Value {
        let step = YEARS * YEAR / i64::from(self.size.messages);
        let at = NEWEST - i64::from(self.size.messages - number) * step;
        let contact = self.somebody(dice);
        let inbound = dice.random_bool(0.55);
        // Half of the ids bear their time, as ours do; the others are those of other programs.
        let random: u128 = dice.random();
        let id = if dice.random_bool(0.5) {
            let milliseconds = u128::try_from(at / 1_000).unwrap_or_default();
            Uuid::from_u128((milliseconds << 80) | (7 << 76) | (random & 0xfff) << 64 | 2 << 62 | (random >> 66))
        } else {
            uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid()
        };
        let media = if dice.random_bool(0.03) {
            r#"[{"url":"https://example.com/a.jpg","content_type":"image/jpeg"}]"#
        } else {
            "[]"
        };
        json!([
            id,
            TEAM,
            Self::contact(contact),
            self.words.text(dice),
            if inbound { "inbound" } else { "outbound" },
            media,
            (!inbound).then_some(if dice.random_bool(0.2) { ME } else { Uuid::from_u128(0x3f) }),
            at
        ])
    }

    /// The first contact has a tenth of all texts; some of the others have many, and most have few.
    fn somebody(&self, dice: &mut StdRng) -> u32 {
        if dice.random_bool(0.1) {
            return 0;
        }
        let share: f64 = dice.random();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of contacts"
        )]
        let place = (share * share * f64::from(self.size.contacts)) as u32;
        place.min(self.size.contacts - 1)
    }

    async fn fill_contacts(&self, cache: &mut SqliteConnection, dice: &mut StdRng) {
        for start in (0..self.size.contacts).step_by(ROWS as usize) {
            let rows = (start..self.size.contacts.min(start + ROWS)).map(|place| {
                let name = dice.random_bool(0.9).then(|| self.words.name(dice));
                let unread = if dice.random_bool(0.02) { dice.random_range(1..4) } else { 0 };
                let status = if dice.random_bool(0.3) { "Open" } else { "Closed" };
                json!([Self::contact(place), TEAM, name, format!("+1555{:07}", 1_000_000 + place), unread, status])
            });
            sqlx::query(
                "insert into contacts (id, workspace_id, name, phone, unread_count, conversation_status, opted_out, \
                 last_message_at, sort_at, created_at, updated_at) \
                 select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 0, at, coalesce(at, 0), 0, 0 \
                 from (select value, (select max(created_at) from messages where contact_id = value ->> 0) as at from json_each(?))",
            )
            .bind(Value::from_iter(rows).to_string())
            .execute(&mut *cache)
            .await
            .expect("contacts can be written");
        }
    }
}

async fn open(folder: &Path, keychain: Arc<MemoryCredentials>) -> Client {
    let notifier = Arc::new(RecordingNotifier::default());
    let options = Options::new(folder, keychain as Arc<dyn CredentialStore>, notifier);
    Client::open(options).await.expect("the engine opens")
}

async fn execute(connection: &mut SqliteConnection, statement: String) {
    let shown = statement.clone();
    if let Err(error) = sqlx::query(AssertSqlSafe(statement).into_sql_str()).execute(connection).await {
        panic!("{shown}: {error}");
    }
}
