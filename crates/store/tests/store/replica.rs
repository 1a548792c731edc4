//! A reader of the feed that behaves as a desktop does, and complains when the feed does what it must never do.

use std::collections::HashMap;

use deskline_domain::{ids::WorkspaceId, row::RawRow};
use deskline_store::Store;
use serde_json::Value;
use uuid::Uuid;

type Key = (String, Uuid);

/// A copy of one workspace, kept up to date from the feed alone.
pub(crate) struct Replica {
    store: Store,
    team: WorkspaceId,
    pub(crate) cursor: i64,
    rows: HashMap<Key, Value>,
    newest: HashMap<Key, i64>,
}

impl Replica {
    pub(crate) fn of(store: &Store, team: WorkspaceId) -> Self {
        Self { store: store.clone(), team, cursor: 0, rows: HashMap::new(), newest: HashMap::new() }
    }

    /// Starts from rows that a snapshot brought.
    pub(crate) fn put(&mut self, entity: &str, row: &RawRow) {
        let row = row.value();
        let id = row["id"].as_str().unwrap().parse().unwrap();
        self.rows.insert((entity.to_owned(), id), row);
    }

    /// Reads one page and returns whether more waits.
    pub(crate) async fn pull(&mut self, limit: i64) -> bool {
        let page = self.store.changes_after(self.team, self.cursor, limit).await.unwrap();
        assert_eq!(page.after, self.cursor);
        let mut last = self.cursor;
        for change in page.changes {
            assert!(change.seq > last, "change {} came after {last}", change.seq);
            last = change.seq;
            let key = (change.entity, change.id);
            let before = self.newest.insert(key.clone(), change.seq);
            assert!(before.is_none_or(|before| before < change.seq), "change {} came twice", change.seq);
            match change.row.map(|row| row.value()) {
                Some(row) => {
                    if let Some(old) = self.rows.get(&key) {
                        assert!(version(&row) >= version(old), "the row of change {} went backwards", change.seq);
                    }
                    self.rows.insert(key, row);
                }
                None => drop(self.rows.remove(&key)),
            }
        }
        assert_eq!(page.up_to, last);
        assert!(page.head >= last);
        self.cursor = last;
        last < page.head
    }

    pub(crate) async fn catch_up(&mut self) {
        while self.pull(7).await {}
    }

    /// Compares with the tables.
    pub(crate) async fn assert_equals_tables(&self) {
        let rows: Vec<(String, Value)> = sqlx::query_as(
            "select 'contact', to_jsonb(c) from contacts c where workspace_id = $1
             union all select 'message', to_jsonb(m) from messages m where workspace_id = $1
             union all select 'label', to_jsonb(l) from labels l where workspace_id = $1
             union all select 'note', to_jsonb(n) from notes n where workspace_id = $1
             union all select 'canned_reply', to_jsonb(r) from canned_replies r where workspace_id = $1
             union all select 'member', to_jsonb(w) || jsonb_build_object('email', a.email)
                       from workspace_members w left join agents a on a.id = w.user_id where workspace_id = $1
             union all select 'audit', to_jsonb(u) - 'account_sid' from workspace_audits u where workspace_id = $1",
        )
        .bind(self.team.0)
        .fetch_all(self.store.pool())
        .await
        .unwrap();
        for (entity, row) in &rows {
            let id: Uuid = row["id"].as_str().unwrap().parse().unwrap();
            assert_eq!(self.rows.get(&(entity.clone(), id)), Some(row), "the replica missed a change of {entity} {id}");
        }
        assert_eq!(self.rows.len(), rows.len(), "the replica holds rows that are gone");
    }
}

fn version(row: &Value) -> &str {
    row["updated_at"].as_str().unwrap()
}
