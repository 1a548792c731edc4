//! The two ways to the truth: through the team's server, or straight to the team's Postgres and to Twilio.
//!
//! Asked through [`Core::call`](crate::core::Core::call), which decides for each question which way it goes (`session/roads`). Nothing above it
//! knows which one that was, and whatever is asked through one may be asked again through the other: ids of ours decide what is the same.

pub(crate) mod answer;
pub(crate) mod direct;
pub(crate) mod server;

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    change::{ChangePage, Cursor},
    command::Command,
    ids::{ContactId, MessageId, WorkspaceId},
    protocol::{
        CanceledReply, CommandsReply, ConsentsReply, DraftsReply, HistoryReply, ImportReply, LedgerReply, MediaLink,
        SaveDraft, SavedDraft, SendSms, SendSmsReply, SendingReply, SessionReply, SnapshotPage, UploadReply,
    },
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::view::admin::OptOuts;

use self::{answer::CallError, direct::Direct, server::Caller};

/// Why the direct way does not know it.
const SET_UP: &str = "a team is set up through its server";

/// One of the two ways.
#[derive(Clone, Debug)]
pub(crate) enum Upstream {
    /// The server, and a token for it.
    Server(Caller),
    /// Postgres and Twilio, with credentials of this agent's.
    Direct(Direct),
}

/// Who the agent is, as one of the two ways tells it.
#[derive(Debug)]
pub(crate) struct Introduction {
    pub(crate) reply: SessionReply,
    /// What time it is there.
    pub(crate) at: Option<DateTime<Utc>>,
    /// Whether the teams are all there are. The direct way knows those alone in which the agent may work directly.
    pub(crate) is_complete: bool,
}

impl Upstream {
    pub(crate) async fn session(&self) -> Result<Introduction, CallError> {
        match self {
            Self::Server(caller) => {
                let (reply, at) = caller.session().await?;
                Ok(Introduction { reply, at, is_complete: true })
            }
            Self::Direct(direct) => direct.session().await,
        }
    }

    pub(crate) async fn snapshot(&self, team: WorkspaceId, next: Option<&str>) -> Result<SnapshotPage, CallError> {
        match self {
            Self::Server(caller) => caller.snapshot(team, next).await,
            Self::Direct(direct) => direct.snapshot(team, next).await,
        }
    }

    pub(crate) async fn changes(&self, team: WorkspaceId, cursor: Cursor) -> Result<ChangePage, CallError> {
        match self {
            Self::Server(caller) => caller.changes(team, cursor).await,
            Self::Direct(direct) => direct.changes(team, cursor).await,
        }
    }

    pub(crate) async fn commands(&self, commands: &[Command]) -> Result<CommandsReply, CallError> {
        match self {
            Self::Server(caller) => caller.commands(commands).await,
            Self::Direct(direct) => direct.commands(commands).await,
        }
    }

    pub(crate) async fn save_draft(&self, draft: &SaveDraft) -> Result<SavedDraft, CallError> {
        match self {
            Self::Server(caller) => caller.save_draft(draft).await,
            Self::Direct(direct) => direct.save_draft(draft).await,
        }
    }

    pub(crate) async fn drafts(&self, team: WorkspaceId) -> Result<DraftsReply, CallError> {
        match self {
            Self::Server(caller) => caller.drafts(team).await,
            Self::Direct(direct) => direct.drafts(team).await,
        }
    }

    pub(crate) async fn send(&self, text: &SendSms) -> Result<SendSmsReply, CallError> {
        match self {
            Self::Server(caller) => caller.send(text).await,
            Self::Direct(direct) => direct.send(text).await,
        }
    }

    pub(crate) async fn cancel(&self, id: MessageId) -> Result<CanceledReply, CallError> {
        match self {
            Self::Server(caller) => caller.cancel(id).await,
            Self::Direct(direct) => direct.cancel(id).await,
        }
    }

    /// Texts for later wait at the server.
    pub(crate) async fn reschedule(&self, id: MessageId, change: &Value) -> Result<(), CallError> {
        match self {
            Self::Server(caller) => caller.reschedule(id, change).await,
            Self::Direct(_) => Err(direct::needs_server(direct::LATER)),
        }
    }

    /// Whether a text of this team is known there, and how it stands.
    pub(crate) async fn ledger(&self, team: WorkspaceId, id: MessageId) -> Result<LedgerReply, CallError> {
        match self {
            Self::Server(caller) => caller.ledger(id).await,
            Self::Direct(direct) => direct.ledger(team, id).await,
        }
    }

    /// Files are the server's: they lie there.
    pub(crate) async fn upload(
        &self,
        team: WorkspaceId,
        content_type: &str,
        name: Option<&str>,
        content: Vec<u8>,
        answer: Duration,
    ) -> Result<UploadReply, CallError> {
        match self {
            Self::Server(caller) => caller.upload(team, content_type, name, content, answer).await,
            Self::Direct(_) => Err(direct::needs_server("files go through the team's server")),
        }
    }

    /// What a team sends from.
    pub(crate) async fn sending(&self, team: WorkspaceId) -> Result<SendingReply, CallError> {
        match self {
            Self::Server(caller) => caller.sending(team).await,
            Self::Direct(_) => Err(direct::needs_server(SET_UP)),
        }
    }

    /// Who opted a contact out or in.
    pub(crate) async fn consents(&self, team: WorkspaceId, contact: ContactId) -> Result<ConsentsReply, CallError> {
        match self {
            Self::Server(caller) => caller.consents(team, contact).await,
            Self::Direct(_) => Err(direct::needs_server("what was agreed to is told by the team's server")),
        }
    }

    /// Who did what with a conversation.
    pub(crate) async fn history(&self, team: WorkspaceId, contact: ContactId) -> Result<HistoryReply, CallError> {
        match self {
            Self::Server(caller) => caller.history(team, contact).await,
            Self::Direct(_) => Err(direct::needs_server("what became of a conversation is told by the team's server")),
        }
    }

    /// Everybody of a team who opted out.
    pub(crate) async fn opt_outs(&self, team: WorkspaceId, search: &str) -> Result<OptOuts, CallError> {
        match self {
            Self::Server(caller) => caller.opt_outs(team, search).await,
            Self::Direct(_) => Err(direct::needs_server(SET_UP)),
        }
    }

    /// Has files of a text fetched that were given up.
    pub(crate) async fn fetch_again(&self, team: WorkspaceId, id: MessageId) -> Result<(), CallError> {
        match self {
            Self::Server(caller) => caller.fetch_again(team, id).await,
            Self::Direct(_) => Err(direct::needs_server("files are with the team's server")),
        }
    }

    /// What owners and admins ask: a team is set up where its server is.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, path: &str, team: WorkspaceId) -> Result<T, CallError> {
        match self {
            Self::Server(caller) => caller.ask(path, team).await,
            Self::Direct(_) => Err(direct::needs_server(SET_UP)),
        }
    }

    pub(crate) async fn tell<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, CallError> {
        match self {
            Self::Server(caller) => caller.tell(path, body).await,
            Self::Direct(_) => Err(direct::needs_server(SET_UP)),
        }
    }

    pub(crate) async fn import(&self, team: WorkspaceId, file: Vec<u8>) -> Result<ImportReply, CallError> {
        match self {
            Self::Server(caller) => caller.import(team, file).await,
            Self::Direct(_) => Err(direct::needs_server(SET_UP)),
        }
    }

    pub(crate) async fn export(&self, team: WorkspaceId, largest: usize) -> Result<Vec<u8>, CallError> {
        match self {
            Self::Server(caller) => caller.export(team, largest).await,
            Self::Direct(_) => Err(direct::needs_server(SET_UP)),
        }
    }

    pub(crate) async fn media_link(
        &self,
        team: WorkspaceId,
        id: MessageId,
        place: u32,
    ) -> Result<MediaLink, CallError> {
        match self {
            Self::Server(caller) => caller.media_link(team, id, place).await,
            Self::Direct(_) => Err(direct::needs_server("files are with the team's server")),
        }
    }
}
