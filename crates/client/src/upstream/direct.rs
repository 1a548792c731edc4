//! The team's Postgres and Twilio by themselves: the same questions that the server answers, for one agent, in this program.
//!
//! Asked through [`super::Upstream`]. Postgres decides what the agent's login role sees and does; nothing here is a check that a thief could
//! leave out. What it cannot do is answered as "needs the server", which everybody above takes for a server that is away: it waits.

mod line;
mod office;
mod reach;
mod send;

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use deskline_domain::{
    change::{ChangePage, Cursor},
    command::{Action, Command},
    ids::{MessageId, UserId, WorkspaceId},
    protocol::{
        CanceledReply, CommandOutcome, CommandsReply, DirectAccess, DraftRow, DraftsReply, ErrorBody, LedgerEntry,
        LedgerReply, PROTOCOL, SaveDraft, SavedDraft, SessionReply, SessionUser, SnapshotPage, TwilioKey,
    },
};
use deskline_store::{DraftOutcome, Listener, OutboundError, SchemaState, SnapshotSizes, Store, Trouble};
use reqwest::StatusCode;

use self::office::Desk;
use super::{
    Introduction,
    answer::{CallError, in_words},
    server::PAGE,
};
use crate::{
    Error, Result,
    network::{Road, authorities},
    options::Options,
};

/// The direct way, with one agent's credentials. Clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Direct {
    me: UserId,
    desk: Arc<Desk>,
    /// The teams in which the agent may work directly, as far as was asked.
    teams: Arc<RwLock<HashSet<WorkspaceId>>>,
    /// Of the network settings, as PEM.
    authorities: Arc<[String]>,
}

/// For what the direct way cannot do. Nothing was asked, and nothing changed.
pub(crate) fn needs_server(why: &str) -> CallError {
    CallError::NoAnswer { reason: why.to_owned(), never_left: true }
}

/// Why texts for later have to wait for it.
pub(super) const LATER: &str = "texts for later are kept by the team's server";

const ONLY_THROUGH_SERVER: &str = "this team works through its server alone";

impl Direct {
    /// Prepares everything, and connects to nothing yet. Keys of the agent's own go before those that were handed out.
    pub(crate) fn new(
        me: UserId,
        access: &DirectAccess,
        own: &[TwilioKey],
        options: &Options,
        road: &Road,
    ) -> Result<Self> {
        let store = Store::connect_as_agent(&access.database_url)
            .map_err(|_| Error::Server("the address of the team's database cannot be read".to_owned()))?;
        if let Some(authority) = &access.database_ca {
            store.trust(authority);
        }
        let authorities = options.network.roots.as_deref().map(authorities).transpose()?.unwrap_or_default().into();
        Ok(Self {
            me,
            desk: Arc::new(Desk::new(store, access, own, options, road)),
            teams: Arc::default(),
            authorities,
        })
    }

    fn store(&self) -> &Store {
        &self.desk.store
    }

    /// Hears what changes, from now on.
    pub(crate) fn listen(&self) -> Listener {
        self.store().listen()
    }

    /// Sees to the texts that wait in the teams' line, for as long as nobody else does. Ends when Postgres takes the login no more.
    pub(crate) async fn work(&self) {
        line::work(&self.desk).await;
    }

    pub(crate) async fn session(&self) -> Result<Introduction, CallError> {
        match reach::schema(self.store(), &self.authorities).await.map_err(of_store)? {
            SchemaState::Current => {}
            SchemaState::Newer => {
                return Err(needs_server("this Deskline is older than the team's database and has to be updated"));
            }
            SchemaState::Empty | SchemaState::Older => {
                return Err(needs_server("the team's database is older than this Deskline"));
            }
        }
        let workspaces = self.store().workspaces_of(self.me).await.map_err(of_store)?;
        let email = self.store().email_of(self.me).await.map_err(of_store)?;
        let at = self.store().clock().await.map_err(of_store)?;
        *self.teams.write().unwrap_or_else(PoisonError::into_inner) = workspaces.iter().map(|team| team.id).collect();
        if workspaces.is_empty() {
            return Err(needs_server("the agent may work directly in none of the teams"));
        }
        let reply = SessionReply {
            user: SessionUser { id: self.me, email },
            workspaces,
            direct: true,
            protocol: PROTOCOL,
            server_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Ok(Introduction { reply, at: Some(at), is_complete: false })
    }

    /// The same before credentials are kept, over a second connection beside the first: there are poolers on which that makes a difference.
    pub(crate) async fn try_out(&self) -> Result<(), CallError> {
        self.session().await?;
        self.store().reach().await.map_err(of_store)
    }

    pub(crate) async fn snapshot(&self, team: WorkspaceId, next: Option<&str>) -> Result<SnapshotPage, CallError> {
        self.may(team)?;
        let page = self.store().snapshot(team, next, SnapshotSizes::default()).await;
        self.still_may(team).await?;
        page.map_err(of_store)
    }

    pub(crate) async fn changes(&self, team: WorkspaceId, cursor: Cursor) -> Result<ChangePage, CallError> {
        self.may(team)?;
        let page = self.store().changes_after(team, cursor.seq.max(0), PAGE).await;
        // Whoever may see nothing any more sees an empty feed, which must not be taken for the team's.
        self.still_may(team).await?;
        let page = page.map_err(of_store)?;
        if page.feed != cursor.feed || page.head < cursor.seq { Err(CallError::FeedChanged) } else { Ok(page) }
    }

    pub(crate) async fn commands(&self, commands: &[Command]) -> Result<CommandsReply, CallError> {
        for command in commands {
            if let Some(why) = self.why_not(command) {
                // The batch is told in halves, down to the one that waits for the server.
                return Err(said(StatusCode::SERVICE_UNAVAILABLE, why));
            }
        }
        self.desk.read_clock().await.map_err(of_store)?;
        let mut outcomes = Vec::with_capacity(commands.len());
        for command in commands {
            let outcome = self.store().execute(self.me, command, self.desk.now()).await.map_err(of_store)?;
            if matches!(outcome, CommandOutcome::Refused { .. }) {
                self.still_may(command.workspace_id).await?;
            }
            if matches!(command.action, Action::Resend { .. }) {
                self.desk.ring();
            }
            outcomes.push(outcome);
        }
        Ok(CommandsReply { outcomes })
    }

    /// What a command needs the server for.
    fn why_not(&self, command: &Command) -> Option<&'static str> {
        match command.action {
            _ if self.may(command.workspace_id).is_err() => Some(ONLY_THROUGH_SERVER),
            Action::MergeContacts { .. } => Some("contacts are merged by the team's server"),
            _ => None,
        }
    }

    /// The words and the reply settings. Files are with the server: those that a draft has stay until one is told which ones go with it, and a
    /// version that names some is answered without any.
    pub(crate) async fn save_draft(&self, draft: &SaveDraft) -> Result<SavedDraft, CallError> {
        self.may(draft.workspace_id)?;
        self.desk.read_clock().await.map_err(of_store)?;
        let words = SaveDraft { files: None, ..draft.clone() };
        let outcome = self.store().save_draft(self.me, &words, self.desk.now()).await.map_err(of_store)?;
        match outcome {
            DraftOutcome::Saved(saved) => {
                let files = saved.files.filter(|_| draft.files.is_none());
                Ok(SavedDraft { saved: true, draft: DraftRow { files, ..saved } })
            }
            DraftOutcome::Older(draft) => Ok(SavedDraft { saved: false, draft }),
            DraftOutcome::Refused(refusal) => Err(said(StatusCode::BAD_REQUEST, &refusal.to_string())),
            DraftOutcome::ContactNotFound => {
                self.still_may(draft.workspace_id).await?;
                Err(said(StatusCode::NOT_FOUND, "Contact not found"))
            }
            DraftOutcome::TooMany => Err(said(StatusCode::BAD_REQUEST, "There are too many drafts")),
        }
    }

    pub(crate) async fn drafts(&self, team: WorkspaceId) -> Result<DraftsReply, CallError> {
        self.may(team)?;
        let drafts = self.store().drafts(team, self.me).await.map_err(of_store)?;
        self.still_may(team).await?;
        Ok(DraftsReply { drafts, takes_files: false, takes_replies: true })
    }

    pub(crate) async fn cancel(&self, id: MessageId) -> Result<CanceledReply, CallError> {
        let team = self.store().workspace_of_message(id).await.map_err(of_store)?;
        let team = team.ok_or_else(|| needs_server(ONLY_THROUGH_SERVER))?;
        let stored = self.store().message(team, id).await.map_err(of_store)?;
        if stored.is_some_and(|message| message.send_at.is_some()) {
            return Err(needs_server(LATER));
        }
        self.desk.read_clock().await.map_err(of_store)?;
        let message = self.store().cancel(team, id, self.me, self.desk.now()).await.map_err(|error| match error {
            OutboundError::WrongState(why) => said(StatusCode::CONFLICT, why),
            OutboundError::Store(error) => of_store(error),
            other => said(StatusCode::NOT_FOUND, &other.to_string()),
        })?;
        self.desk.ring();
        Ok(CanceledReply { success: true, message })
    }

    pub(crate) async fn ledger(&self, team: WorkspaceId, id: MessageId) -> Result<LedgerReply, CallError> {
        self.may(team)?;
        let Some(message) = self.store().message(team, id).await.map_err(of_store)? else {
            self.still_may(team).await?;
            return Err(said(StatusCode::NOT_FOUND, "Message not found"));
        };
        let entries = self.store().ledger(id).await.map_err(of_store)?;
        let entries = entries.into_iter().map(|row| LedgerEntry {
            at: row.at,
            kind: row.kind.as_str().to_owned(),
            attempt: row.attempt,
            status: row.status.as_str().to_owned(),
            twilio_sid: row.twilio_sid,
            code: row.error_code,
            explanation: row.explanation,
            who_can_fix: None,
            by: row.by,
        });
        Ok(LedgerReply { message, entries: entries.collect() })
    }

    /// Whether the agent may work directly in this team, as far as is known.
    fn may(&self, team: WorkspaceId) -> Result<(), CallError> {
        let may = self.teams.read().unwrap_or_else(PoisonError::into_inner).contains(&team);
        if may { Ok(()) } else { Err(needs_server(ONLY_THROUGH_SERVER)) }
    }

    /// The same, asked of Postgres after something was read: what a role does not see looks as if it were not there.
    async fn still_may(&self, team: WorkspaceId) -> Result<(), CallError> {
        if self.store().is_direct_in(team).await.map_err(of_store)? {
            return Ok(());
        }
        self.teams.write().unwrap_or_else(PoisonError::into_inner).remove(&team);
        Err(needs_server(ONLY_THROUGH_SERVER))
    }
}

fn said(status: StatusCode, why: &str) -> CallError {
    let body = Box::new(ErrorBody { error: why.to_owned(), ..ErrorBody::default() });
    CallError::Said { status, body, retry_after: None }
}

/// What the database's failure means for whoever asked.
fn of_store(error: deskline_store::Error) -> CallError {
    if error.trouble() == Some(Trouble::LoginRefused) {
        return CallError::LockedOut;
    }
    if let Some(reason) = reach::why(&error) {
        return CallError::NoAnswer { reason, never_left: false };
    }
    match error {
        deskline_store::Error::BadToken => said(StatusCode::BAD_REQUEST, &error.to_string()),
        error => {
            tracing::warn!(error = in_words(&error), "The team's database refuses something");
            said(StatusCode::INTERNAL_SERVER_ERROR, "the team's database refuses it")
        }
    }
}
