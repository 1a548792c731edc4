//! What a team sends from: the answer to `GET /twilio/sending`, as far as desktops read it.

use serde::{Deserialize, Serialize};

use crate::outlook::Ours;

/// What a desktop reads of the answer to `GET /twilio/sending`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SendingReply {
    /// For contacts that have not seen a number yet.
    pub default_number: Option<String>,
    /// `MG…`; every text goes out through it.
    pub messaging_service_sid: Option<String>,
    /// The team's numbers, then its Messaging Service.
    pub senders: Vec<SenderEntry>,
}

/// One sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SenderEntry {
    /// E.164, or `MG…`.
    pub sender: String,
}

impl From<SendingReply> for Ours {
    fn from(reply: SendingReply) -> Self {
        let numbers = reply.senders.into_iter().map(|one| one.sender).filter(|sender| !sender.starts_with("MG"));
        Self {
            numbers: numbers.collect(),
            default_number: reply.default_number,
            service: reply.messaging_service_sid.is_some_and(|sid| !sid.is_empty()),
        }
    }
}
