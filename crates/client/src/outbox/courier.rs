//! The task that tells the server what the agent did: commands, in order, a batch at a time.
//!
//! Started by `client`. A command is idempotent by its id, so a batch without an answer is simply told again.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use deskline_domain::{command::Command, protocol::CommandOutcome};
use tracing::{info, warn};

use crate::{Result, core::Core, event::ClientEvent, sync::backoff::Tries, upstream::answer::CallError};

/// Commands in one request.
const BATCH: i64 = 100;

/// Tells until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    let mut tries = Tries::default();
    loop {
        let woken = core.wake_courier.notified();
        let pause = match tell_due(&core, &mut tries).await {
            Ok(Step::Told) => continue,
            Ok(Step::Idle { until }) => until,
            Err(error) => {
                warn!(%error, "Waiting commands cannot be read or written");
                Some(tries.next(&core.options.patience, &core.options.dice))
            }
        };
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(pause.unwrap_or(Duration::MAX)) => {}
        }
    }
}

enum Step {
    Told,
    /// Nothing is due for so long; `None` for as long as nobody rings.
    Idle {
        until: Option<Duration>,
    },
}

async fn tell_due(core: &Arc<Core>, tries: &mut Tries) -> Result<Step> {
    let outbox = core.inbox().outbox;
    let commands = outbox.due_commands(core.now(), BATCH).await?;
    if commands.is_empty() {
        let until = outbox.next_command_time().await?.map(|at| (at - core.now()).to_std().unwrap_or_default());
        return Ok(Step::Idle { until });
    }
    let answer = core
        .call(|caller| {
            let commands = commands.clone();
            async move { caller.commands(&commands).await }
        })
        .await;
    match answer {
        Ok(reply) => {
            tries.reset();
            // A server that answers fewer outcomes than it was told commands is asked again for the rest.
            let missing = reply.outcomes.len() < commands.len();
            for (command, outcome) in commands.iter().zip(reply.outcomes) {
                settle(core, command, outcome).await?;
            }
            if missing {
                return later(core, tries).await;
            }
            Ok(Step::Told)
        }
        Err(CallError::Said { status, .. }) if status.is_client_error() && status != 429 && status != 408 => {
            for command in &commands {
                refuse(core, command, status.as_str()).await?;
            }
            Ok(Step::Told)
        }
        // Signing in or updating starts this task anew or wakes it.
        Err(CallError::SignedOut | CallError::Incompatible(_)) => Ok(Step::Idle { until: None }),
        Err(_) => later(core, tries).await,
    }
}

async fn later(core: &Core, tries: &mut Tries) -> Result<Step> {
    let pause = tries.next(&core.options.patience, &core.options.dice);
    let at = core.now() + TimeDelta::from_std(pause).unwrap_or_default();
    core.inbox().outbox.mark_commands_retry(at).await?;
    Ok(Step::Idle { until: Some(pause) })
}

async fn settle(core: &Core, command: &Command, outcome: CommandOutcome) -> Result<()> {
    let inbox = core.inbox();
    match outcome {
        CommandOutcome::Done { seq, .. } => {
            inbox.outbox.mark_command_done(command.id, seq).await?;
            // The feed may have been faster than the answer.
            if let Some(progress) = inbox.cache.progress(command.workspace_id).await? {
                inbox.outbox.forget_commands(command.workspace_id, progress.cursor.seq).await?;
            }
            Ok(())
        }
        CommandOutcome::Refused { .. } => refuse(core, command, "refused").await,
    }
}

/// Takes it back: what it changed on screen is as it was.
async fn refuse(core: &Core, command: &Command, why: &str) -> Result<()> {
    info!(id = %command.id, why, "The server does not carry out a command");
    core.inbox().outbox.drop_command(command.id).await?;
    core.emit(ClientEvent::ConversationsChanged { contact_ids: command.action.contact_id().into_iter().collect() });
    core.announce_unread().await;
    Ok(())
}
