//! How the engine stands, for somebody who is asked for help. Can be posted in public.
//!
//! [`Diagnostics`] holds words of this program, figures and times, and has no place for anything else.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use deskline_domain::protocol::PROTOCOL;
use sqlx::SqlitePool;

use super::Client;
use crate::view::{Connection, Session};

/// See the module. Shown line by line, `name: value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    facts: Vec<(&'static str, Fact)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Word(&'static str),
    Figure(i64),
    Time(DateTime<Utc>),
}

/// Of the cache.
const CACHED: [(&str, &str); 8] = [
    ("Teams", "select count(*) from workspaces"),
    ("Conversations", "select count(*) from contacts"),
    ("Texts", "select count(*) from messages"),
    ("Notes", "select count(*) from notes"),
    ("Rows set aside", "select count(*) from quarantine"),
    ("Newest change", "select coalesce(max(seq), 0) from cursors"),
    ("Changes complete up to", "select coalesce(min(whole_seq), 0) from cursors"),
    ("Snapshots not complete", "select count(*) from cursors where snapshot_next is not null"),
];

/// Of the outbox.
const WRITTEN: [(&str, &str); 8] = [
    ("Texts waiting", "select count(*) from entries where state in ('queued', 'sending')"),
    ("Texts in doubt", "select count(*) from entries where in_doubt = 1"),
    ("Texts parked", "select count(*) from entries where state = 'parked' and held is null"),
    ("Texts held", "select count(*) from entries where state = 'parked' and held is not null"),
    ("Commands waiting", "select count(*) from commands where done_at_seq is null and refused is null"),
    ("Commands refused", "select count(*) from commands where refused is not null"),
    ("Drafts", "select count(*) from drafts"),
    ("Muted conversations", "select count(*) from muted"),
];

impl Client {
    /// Looks. What cannot be read is said so.
    pub async fn diagnostics(&self) -> Diagnostics {
        let core = self.core();
        let inbox = core.inbox();
        let mut diagnostics = Diagnostics::default();
        diagnostics.say("Protocol", Fact::Figure(i64::from(PROTOCOL)));
        diagnostics.say_session(&core.session());
        diagnostics.say_connection(&core.connection());
        let copy = core.local_copy();
        diagnostics.say("Disk", Fact::Word(if copy.disk_full { "full" } else { "has room" }));
        diagnostics.say("Local copy", Fact::Word(if copy.rebuilding.is_some() { "being rebuilt" } else { "complete" }));
        diagnostics.count(&inbox.cache.pool, &CACHED).await;
        diagnostics.count(&inbox.outbox.pool, &WRITTEN).await;
        let unread = inbox.unread_count().await.map_or(Fact::Word("cannot be read"), Fact::Figure);
        diagnostics.say("Unread", unread);
        let missing = inbox.cache.index.progress();
        diagnostics.say("Search index", Fact::Word(if missing.is_some() { "being completed" } else { "complete" }));
        diagnostics
    }
}

impl Diagnostics {
    fn say(&mut self, name: &'static str, fact: Fact) {
        self.facts.push((name, fact));
    }

    fn say_session(&mut self, session: &Session) {
        let Session::SignedIn { server, expired, memory_only, .. } = session else {
            self.say("Session", Fact::Word("nobody is signed in"));
            return;
        };
        self.say("Session", Fact::Word(if *expired { "ended, to be signed in again" } else { "signed in" }));
        self.say("Kept", Fact::Word(if *memory_only { "in memory alone: no keychain" } else { "in encrypted files" }));
        let secure = server.starts_with("https:");
        self.say("Way to the server", Fact::Word(if secure { "https" } else { "http" }));
    }

    fn say_connection(&mut self, connection: &Connection) {
        let word = match connection {
            Connection::Live => "live",
            Connection::Direct => "direct, without the server",
            Connection::Connecting => "connecting",
            Connection::Syncing { .. } => "fetching",
            Connection::Offline { .. } => "offline",
            Connection::Incompatible { .. } => "incompatible",
            Connection::SignedOut => "signed out",
        };
        self.say("Connection", Fact::Word(word));
        match connection {
            Connection::Offline { since, .. } => self.say("Offline since", Fact::Time(*since)),
            Connection::Syncing { done, total } => {
                self.say("Rows fetched", Fact::Figure(*done));
                self.say("Rows to fetch, about", Fact::Figure(*total));
            }
            _ => {}
        }
    }

    async fn count(&mut self, pool: &SqlitePool, figures: &[(&'static str, &'static str)]) {
        for (name, sql) in figures {
            let counted = sqlx::query_scalar::<_, i64>(*sql).fetch_one(pool).await;
            self.say(name, counted.map_or(Fact::Word("cannot be read"), Fact::Figure));
        }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, fact) in &self.facts {
            match fact {
                Fact::Word(word) => writeln!(f, "{name}: {word}")?,
                Fact::Figure(figure) => writeln!(f, "{name}: {figure}")?,
                Fact::Time(time) => writeln!(f, "{name}: {}", time.to_rfc3339_opts(SecondsFormat::Secs, true))?,
            }
        }
        Ok(())
    }
}
