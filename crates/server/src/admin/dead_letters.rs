//! `deskline-server dead-letters`: texts that no workspace could take, and which one gets them.
//!
//! Called by `main`. Never prints what a text says.

use anyhow::{Context, bail};
use clap::Subcommand;
use deskline_domain::ids::WorkspaceId;
use deskline_store::Store;

use super::{data, say};
use crate::{error::ApiError, http};

/// Texts that no workspace could take.
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// Lists them: when they came, their SIDs, senders and destinations, but not what they say.
    List {
        /// Only those of this workspace's account.
        #[arg(long)]
        workspace: Option<WorkspaceId>,
    },
    /// Makes one a text of a workspace with the same account. Prints the message's id. Doing it again does nothing.
    Route {
        /// SM… or MM…
        sid: String,
        /// The workspace that gets it.
        #[arg(long)]
        workspace: WorkspaceId,
    },
}

/// Lists or routes texts that no workspace could take.
///
/// # Errors
/// In plain words.
pub async fn dead_letters(store: &Store, command: DeadLettersCommand) -> anyhow::Result<()> {
    match command {
        DeadLettersCommand::List { workspace } => {
            let accounts = match workspace {
                Some(workspace) => {
                    data::known(store, workspace).await?;
                    store.account_sid_of(workspace).await?.into_iter().collect()
                }
                None => store.configured_accounts().await?,
            };
            for account in accounts {
                for letter in store.dead_letters(&account).await? {
                    let at = letter.received_at.to_rfc3339();
                    say(&format!("{at} {} from {} to {}", letter.twilio_sid, letter.from, letter.to))?;
                }
            }
            Ok(())
        }
        DeadLettersCommand::Route { sid, workspace } => {
            data::known(store, workspace).await?;
            let routed =
                http::dead_letters::route_letter(store, workspace, sid.trim(), None, store.clock().await?).await;
            match routed {
                Ok(recorded) => say(&recorded.message.id.to_string()),
                Err(ApiError::MessageNotFound) => {
                    bail!(
                        "There is no dead letter {sid} of this workspace's account. `deskline-server dead-letters list` shows them."
                    )
                }
                Err(error) => Err(error).context(format!("{sid} could not be routed")),
            }
        }
    }
}
