//! Everything that Twilio spells: its REST API, its signatures, its forms, its TwiML and its error codes.
//!
//! The server and the desktop send and look up texts through [`client::Client`]; the server reads webhooks with [`signature`]
//! and [`webhook`]; the simulator signs with the same [`signature`]. Nothing here knows a database or decides when to retry:
//! an [`error::Error`] says whether a text may have been taken, and the two senders act on that.

pub mod client;
pub mod credentials;
pub mod error;
pub mod explain;
pub mod key;
pub mod media;
pub mod message;
pub mod number;
pub mod signature;
pub mod twiml;
pub mod webhook;

pub use client::Client;
pub use credentials::{AccountSid, AuthToken, Credentials};
pub use error::{Error, RetryKind};
pub use explain::{Explanation, WhoCanFix, explain};
pub use key::NewKey;
pub use media::{MediaError, MediaFetcher, MediaFile};
pub use message::{From, Message, MessageFilter, NewMessage};
pub use number::{Account, Capabilities, Number, NumberAddresses};
pub use webhook::{FormError, InboundForm, StatusForm};
