//! What the window is given: rows as an agent reads them, never as a table keeps them.
//!
//! Made by `cache` and `outbox`, exported to TypeScript (`ui/src/bindings`). Holds no secret and no HTML.

mod ask;
mod files;
mod presence;
mod team;
mod thread;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use deskline_domain::{
    contact::ConversationStatus,
    ids::{ContactId, LabelId, UserId, WorkspaceId},
    message::Direction,
    protocol::ReplySettings,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub mod admin;
pub mod direct;
pub mod search;
pub use ask::{Consent, ContactCard, Counts, FileInThread, FilledReply, HistoryLine, LedgerLine, Storage};
pub use files::{Attachment, MediaView, NewFile, Picture, PictureSize, SavedFile};
pub use presence::{AtWork, Busy, Claim, Colleagues};
pub use team::{CannedReply, Label, Member, Note, TakenBack, Team};
pub use thread::{Failure, Later, Message, MessagePage, MessageQuery, MessageState, Reschedule};

/// Who is signed in, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Session {
    /// Nobody.
    SignedOut {
        /// The server that was used last, to fill the form.
        last_server: Option<String>,
        /// The e-mail that was used last.
        last_email: Option<String>,
        /// Why the system's keychain cannot be used, as a sentence: what is on this computer cannot be read then, and whoever signs in
        /// keeps nothing.
        keychain_trouble: Option<String>,
    },
    /// An agent.
    SignedIn {
        /// Base address of the server.
        server: String,
        /// The agent's e-mail.
        email: String,
        /// The agent's id.
        user_id: UserId,
        /// The agent's teams.
        workspaces: Vec<WorkspaceView>,
        /// Whether the session ended by itself: everything is readable, and signing in again goes on where it stopped.
        expired: bool,
        /// Whether the copy lives in memory alone, because the system has no keychain.
        memory_only: bool,
    },
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WorkspaceView {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// `owner`, `admin` or `agent`.
    pub role: String,
}

/// Body of the command `sign_in`.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SignIn {
    /// Base address of the server, such as `https://desk.example.com`.
    pub server: String,
    /// The account.
    pub email: String,
    /// The password; goes to the server and nowhere else.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("server", &self.server).field("email", &self.email).finish_non_exhaustive()
    }
}

/// How the desktop stands to its server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Connection {
    /// Every change arrives as it happens.
    Live,
    /// The server is away, and this desktop works with the team's database and Twilio by itself: every change arrives as it happens.
    Direct,
    /// Trying, for the first time or again.
    Connecting,
    /// Fetching what the cache lacks. Both figures are rows; `total` is an estimate.
    Syncing {
        /// Rows fetched so far.
        done: i64,
        /// Rows in all.
        total: i64,
    },
    /// Not reachable. Everything cached can be read, and what is written waits.
    Offline {
        /// Since when.
        since: DateTime<Utc>,
        /// A plain sentence.
        reason: String,
        /// Texts that wait to be sent.
        waiting: u32,
    },
    /// The server wants another version of this program, or is too old for it.
    Incompatible {
        /// A plain sentence that says who must update.
        reason: String,
    },
    /// Nobody is signed in, or the session expired.
    SignedOut,
}

/// How it stands with what this machine keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LocalCopy {
    /// While the copy of the team's texts is fetched anew, and what is missing comes by itself: why, in a plain sentence.
    pub rebuilding: Option<String>,
    /// Whether nothing can be kept, because the disk is full.
    pub disk_full: bool,
    /// What is wrong with this computer's clock, as the server's tells; `None` when nothing is.
    pub clock: Option<String>,
    /// What happened, oldest first, until the agent has read it.
    pub notices: Vec<Notice>,
}

/// Something that happened to what this machine keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Notice {
    /// To dismiss it.
    pub id: u32,
    /// What kind of thing.
    pub kind: NoticeKind,
    /// Plain sentences.
    pub text: String,
}

/// See [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum NoticeKind {
    /// The outbox was damaged, and how much of it is here.
    OutboxRestored,
    /// The agent is no longer a member of a team.
    AccessRemoved,
    /// There was no contact with the server for too long.
    LeaseOver,
    /// A link asked for a number that no conversation has.
    NobodyHasNumber,
    /// An answer that was given in a notification did not leave, and is a draft now.
    AnswerKept,
}

/// What is on this machine alone, and would be lost by signing out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Unsent {
    /// Texts that have not left.
    pub texts: u32,
    /// Other things that the agent did and the server has not heard of: notes, labels, closed conversations.
    pub actions: u32,
}

/// The newest comparison with Twilio's own list: is every text here that Twilio has? Of all teams together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Audit {
    /// Texts that Twilio lists.
    #[ts(type = "number")]
    pub twilio: i64,
    /// Those of them that the team's server has. Equal when all is well.
    #[ts(type = "number")]
    pub here: i64,
    /// When that was so; of the team that was compared longest ago.
    pub checked_at: DateTime<Utc>,
}

/// A row of the conversation list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Conversation {
    /// The contact: a conversation has no other id.
    pub contact_id: ContactId,
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Name as the team gave it, else `Unknown (+1555…)`.
    pub name: String,
    /// Number, short code or word.
    pub phone: String,
    /// Inbound texts that nobody of the team has read, after what this desktop did and has not told yet.
    #[ts(type = "number")]
    pub unread_count: i64,
    /// Where it stands.
    pub status: ConversationStatus,
    /// Until when a snoozed one is out of sight; `None` for until the contact writes.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// The member who sees to it.
    pub assigned_to: Option<UserId>,
    /// The labels that it carries, in the order in which they were put on.
    pub labels: Vec<LabelId>,
    /// What the team knows besides, by name.
    pub attributes: BTreeMap<String, String>,
    /// Whether its texts are stored without anybody being told.
    pub blocked: bool,
    /// Whether this agent wants no notifications of it at this desktop.
    pub muted: bool,
    /// Whether texts to it are refused.
    pub opted_out: bool,
    /// Whether a text can be sent back at all: a word is no address.
    pub can_be_answered: bool,
    /// When the newest text, local ones included, was written or received.
    pub last_message_at: Option<DateTime<Utc>>,
    /// The newest text in one line.
    pub preview: Option<Preview>,
    /// Text that was begun and not sent.
    pub draft: Option<String>,
    /// What stands beside it: the note that was begun, and whether a text for later is called off when the contact writes first.
    pub reply: ReplySettings,
    /// Files that were put to it.
    pub attachments: Vec<Attachment>,
    /// Whether one of its texts failed or is parked and nobody looked after it.
    pub has_failure: bool,
}

/// The newest text of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Preview {
    /// The text without line breaks, 200 characters at most.
    pub text: String,
    /// Which way it went.
    pub direction: Direction,
    /// Whether the agent who is signed in wrote it, and no teammate.
    pub mine: bool,
    /// Whether files came with it.
    pub has_media: bool,
    /// The MIME type of the first of them, where it is known.
    pub media_type: Option<String>,
    /// What became of it.
    pub state: MessageState,
}

/// A page of the list, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConversationPage {
    /// The rows.
    pub conversations: Vec<Conversation>,
    /// Give this back for the next page; `None` at the end.
    pub next: Option<String>,
}

/// Which conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ConversationFilter {
    /// Open and pending ones.
    #[default]
    Open,
    /// Open and pending ones that the agent sees to.
    Mine,
    /// Open and pending ones that nobody sees to.
    Unassigned,
    /// Those with unread texts.
    Unread,
    /// Those that are out of sight until a time, or until the contact writes.
    Snoozed,
    /// Closed ones.
    Closed,
    /// All.
    All,
}

/// Body of the command `conversations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConversationQuery {
    /// One team, or all.
    pub workspace_id: Option<WorkspaceId>,
    /// Which of them.
    #[serde(default)]
    pub filter: ConversationFilter,
    /// Only those that carry this label.
    #[serde(default)]
    pub label_id: Option<LabelId>,
    /// `next` of the page before; `None` for the first.
    pub page: Option<String>,
    /// How many rows at most, 1 to 500.
    pub limit: u32,
}

/// What the agent is looking at. The notification policy asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Focus {
    /// The thread on screen.
    pub contact_id: Option<ContactId>,
    /// Whether the window has the focus.
    pub window: bool,
}
