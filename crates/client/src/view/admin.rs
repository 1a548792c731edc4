//! What owners and admins see of a team: members, the Twilio account, texts that nobody could take, retention.
//!
//! Fetched when the settings are open and never kept. Field names are the server's.

use chrono::{DateTime, Utc};
use deskline_domain::ids::{ContactId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Somebody in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TeamMember {
    /// Who.
    pub user_id: UserId,
    /// What they sign in with; `None` for users who live elsewhere.
    pub email: Option<String>,
    /// `owner`, `admin` or `agent`.
    pub role: String,
    /// Whether their desktops may work without the server.
    #[serde(default)]
    pub direct: bool,
}

/// Somebody was taken into the team.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MemberAdded {
    /// Who.
    pub user_id: UserId,
    /// What they sign in with.
    pub email: String,
    /// `owner`, `admin` or `agent`.
    pub role: String,
    /// The first password of somebody new. It is shown once, and kept nowhere.
    pub password: Option<String>,
}

impl std::fmt::Debug for MemberAdded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemberAdded").field("user_id", &self.user_id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A number of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TeamNumber {
    /// International form.
    pub phone_number: String,
    /// What it is called at Twilio.
    pub friendly_name: Option<String>,
}

/// How the team texts.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TwilioState {
    /// AC…; `None` before one was connected.
    pub account_sid: Option<String>,
    /// Whether texts can be sent with it.
    pub is_configured: bool,
    /// Its numbers.
    pub numbers: Vec<TeamNumber>,
    /// The number that a contact sees who knows none yet; `None` for the first.
    pub default_number: Option<String>,
    /// MG…, if texts go out through a Messaging Service.
    pub messaging_service_sid: Option<String>,
}

/// What is changed of how the team texts: what is missing stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct SendingChange {
    /// The number that a contact sees who knows none yet; an empty text for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_number: Option<String>,
    /// MG…; an empty text for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_service_sid: Option<String>,
}

/// Where Twilio reports texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Webhooks {
    /// Where it should.
    pub webhook_url: String,
    /// Where it does, number by number.
    pub numbers: Vec<PointedNumber>,
    /// What keeps its requests from arriving, as a sentence.
    pub problem: Option<String>,
}

/// See [`Webhooks`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PointedNumber {
    /// International form.
    pub phone_number: String,
    /// Where its texts go, as the end of a sentence about it.
    pub told: String,
}

/// A text that no team could take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DeadLetter {
    /// SM… or MM…
    pub twilio_sid: String,
    /// Who wrote it.
    pub from: String,
    /// To which number.
    pub to: String,
    /// What it says.
    pub body: Option<String>,
    /// When it came.
    #[ts(type = "string")]
    pub received_at: DateTime<Utc>,
}

/// What became of a file of contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportReport {
    /// New contacts.
    #[ts(type = "number")]
    pub created: usize,
    /// Contacts that were there before, and stay as they are.
    #[ts(type = "number")]
    pub known: usize,
    /// Rows whose number stands in the file twice.
    #[ts(type = "number")]
    pub duplicate: usize,
    /// What is wrong with rows that cannot be used: `line 7: …`, the first hundred.
    pub problems: Vec<String>,
    /// Rows that cannot be used.
    #[ts(type = "number")]
    pub invalid: usize,
}

/// Contacts that opted out, as [`OptOut`] tells each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OptOuts {
    /// The latest first.
    pub opt_outs: Vec<OptOut>,
    /// Whether there are more than are told.
    pub more: bool,
}

/// A contact that may not be texted, and who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OptOut {
    /// Who.
    pub contact_id: ContactId,
    /// Name, where the contact has one.
    pub name: Option<String>,
    /// Number.
    pub phone: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// `contact`, `agent`, or `twilio` for an opt-out that the server learned of when a text was refused; `None` where another program wrote it.
    pub decided_by: Option<String>,
    /// The agent, where one decided.
    pub user_id: Option<UserId>,
    /// Why, in the agent's words.
    pub reason: Option<String>,
}
