//! Everything that Postgres knows: the one place where SQL against the shared database is written.
//!
//! Called by the server (and by a desktop that works directly). Files are split by verb: [`inbound`] and [`outbound`] record
//! texts, [`status`] what became of them, [`execute`] what an agent did; [`changes`], [`snapshot`] and [`listener`] are how
//! everybody hears of it. Never talks to Twilio, never emits, never reads the clock: `now` comes in.
//!
//! Lock order, everywhere: SID lock, label, contact (several in the order of their ids), message, send, and at commit (by the
//! feed's trigger) the workspace's feed.

mod access;
mod activity;
mod changes;
mod config;
mod contacts;
mod error;
mod execute;
mod export;
mod import;
mod inbound;
mod listener;
mod outbound;
mod retention;
mod rows;
mod seal;
mod sends;
mod snapshot;
mod snooze;
mod status;
mod store;

pub use access::{Agent, RefreshToken, RefreshUse, Role};
pub use config::{Number, TwilioAccount};
pub use error::{Error, Result};
pub use export::Exported;
pub use import::NewContact;
pub use inbound::{DeadLetter, NewInbound, Recorded};
pub use listener::{Listener, Wake};
pub use outbound::{NewOutbound, Outbound, OutboundError};
pub use retention::{Retention, RetentionError};
pub use seal::{KeyError, SecretKey};
pub use sends::{Again, Send, SendFrom};
pub use snapshot::SnapshotSizes;
pub use status::{StatusOutcome, StatusReport};
pub use store::{MIGRATOR, SchemaState, Store};
