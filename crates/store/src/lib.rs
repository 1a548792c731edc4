//! Everything that Postgres knows: the one place where SQL against the shared database is written.
//!
//! Called by the server (and by a desktop that works directly). Files are split by verb: [`inbound`] and [`outbound`] record
//! texts, [`sends`] is the line in which they leave, [`status`] and [`outcomes`] what became of them, [`execute`] what an agent did; [`changes`], [`snapshot`] and [`listener`] are how
//! everybody hears of it. Never talks to Twilio, never emits, never reads the clock: `now` comes in.
//!
//! Lock order, everywhere: SID lock, label, contact (several in the order of their ids), message, send, and at commit (by the
//! feed's trigger) the workspace's feed.

mod access;
mod activity;
mod audit;
mod cancel;
mod changes;
mod claims;
mod config;
mod consent;
mod contacts;
mod dead_letters;
mod direct;
mod directory;
mod drafts;
mod error;
mod execute;
mod export;
mod fetches;
mod files;
mod history;
mod import;
mod inbound;
mod ledger;
mod listener;
mod locks;
mod members;
mod outbound;
mod outcomes;
mod resend;
mod retention;
mod rows;
mod scheduled;
mod seal;
mod senders;
mod sends;
mod sessions;
mod snapshot;
mod snooze;
mod status;
mod store;

pub use access::{Agent, Role};
pub use audit::{AuditResult, AuditTotals, AuditTurn, AuditedHour, Elsewhere, NewAudit, NewElsewhere, Stuck};
pub use config::{Number, TwilioAccount};
pub use consent::{ByHand, Consent, ConsentOutcome, LONGEST_REASON, OptOut};
pub use dead_letters::{DeadLetter, Routed};
pub use direct::{AgentRole, DIRECT_CONNECTIONS};
pub use directory::{Asked, Known};
pub use drafts::DraftOutcome;
pub use error::{Error, Result, Trouble};
pub use export::Exported;
pub use fetches::Fetch;
pub use files::{File, KEPT_UNSENT, NewFile};
pub use import::NewContact;
pub use inbound::{NewInbound, Recorded};
pub use ledger::{LedgerKind, LedgerRow};
pub use listener::{Listener, Wake};
pub use members::{Member, MemberOutcome};
pub use outbound::{Later, NewOutbound, Outbound, OutboundError};
pub use outcomes::{Accepted, PutBack, Setback};
pub use resend::Resend;
pub use retention::{Retention, RetentionError, STRAYS_KEPT};
pub use scheduled::{Reschedule, Scheduled};
pub use seal::{KeyError, SecretKey};
pub use senders::{Hold, SendFrom, SenderState, SendingChange, SendingError, SendingSettings};
pub use sends::{Again, Send};
pub use sessions::{RefreshToken, RefreshUse, Rotation, Sessions};
pub use snapshot::SnapshotSizes;
pub use status::{StatusOutcome, StatusReport};
pub use store::{MIGRATOR, SchemaState, Store};
