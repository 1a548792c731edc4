//! What a round listens to: the server's socket, or Postgres while this desktop works directly.
//!
//! Opened and followed by [`super::run`]. Either only says that something changed, the agent's drafts among it.

use std::sync::Arc;

use deskline_domain::{ids::WorkspaceId, protocol::TellActivity};
use deskline_store::{Listener, Wake};
use tokio::sync::watch;

use super::live::{Live, Meaning};
use crate::core::Core;

/// See the module.
pub(crate) enum Wire {
    Socket(Box<Live>),
    Postgres(Ear),
}

/// Postgres's notifications, for as long as the server is away.
pub(crate) struct Ear {
    core: Arc<Core>,
    listener: Listener,
    server_away: watch::Receiver<bool>,
    teams: Vec<WorkspaceId>,
}

impl Ear {
    pub(crate) fn new(core: &Arc<Core>, listener: Listener, teams: Vec<WorkspaceId>) -> Self {
        Self { core: Arc::clone(core), listener, server_away: core.roads.watch(), teams }
    }

    async fn next(&mut self) -> Meaning {
        loop {
            let wake = tokio::select! {
                biased;
                // The sender is the engine's, so that this is no error.
                _ = self.server_away.wait_for(|away| !*away) => {
                    return Meaning::Lost("the way to go is another one now".to_owned());
                }
                wake = self.listener.next() => wake,
            };
            match wake {
                Wake::All => {
                    // Hints may have been given while nobody listened.
                    self.core.drafts.ask.notify_one();
                    return Meaning::Look;
                }
                Wake::Workspace(team) if self.teams.contains(&team) => return Meaning::Look,
                Wake::Draft(told) => self.core.drafts.tell(told),
                // Other teams of the database, and what agents do: that is told by the server alone.
                Wake::Workspace(_) | Wake::Activity(_) | Wake::SessionEnded(_) => {}
            }
        }
    }
}

impl Wire {
    /// What happens next.
    pub(crate) async fn next(&mut self) -> Meaning {
        match self {
            Self::Socket(live) => live.next().await,
            Self::Postgres(ear) => ear.next().await,
        }
    }

    /// Whether the server is not needed for it.
    pub(crate) const fn is_direct(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Whether the connection was closed, although nobody said so.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Socket(live) => live.is_over(),
            // It connects anew by itself.
            Self::Postgres(_) => false,
        }
    }

    /// Tells colleagues what the agent does, where somebody passes it on.
    pub(crate) async fn tell(&self, told: &TellActivity) -> Result<(), String> {
        match self {
            Self::Socket(live) => live.tell(told).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Forgets the pages that wait: a look that begins now finds what they say.
    pub(crate) fn skip_pages(&mut self) {
        if let Self::Socket(live) = self {
            live.skip_pages();
        }
    }
}
