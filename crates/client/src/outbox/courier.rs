//! The task that tells the server what the agent did: commands, in order, a batch at a time.
//!
//! Started by `client`. A command is idempotent by its id, so a batch without an answer is simply told again. Which commands may
//! go is [`super::order`]'s business. A batch that the server cannot take is told in halves, so that one command that it stumbles
//! over holds up its own conversation and nothing else.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use deskline_domain::{
    ids::CommandId,
    protocol::{CommandOutcome, ErrorBody},
};
use tracing::{info, warn};

use super::order::{self, Line, Untold};
use crate::{
    Result,
    core::Core,
    event::ClientEvent,
    sync::{
        announce::forget_commands,
        backoff::{self, Tries},
    },
    upstream::answer::CallError,
};

/// Commands in one request.
const BATCH: usize = 100;

/// After so many requests in a row that failed, it is the server and not a command.
const FAILURES: u32 = 8;

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
    /// There may be more: look again.
    Told,
    /// Nothing is due for so long; `None` for as long as nobody rings.
    Idle { until: Option<Duration> },
}

async fn tell_due(core: &Arc<Core>, tries: &mut Tries) -> Result<Step> {
    let untold = core.inbox().outbox.untold().await?;
    let due = order::due(&untold, core.now(), BATCH);
    if due.is_empty() {
        let next = untold.iter().map(|one| one.next_at).filter(|at| *at > core.now()).min();
        return Ok(Step::Idle { until: next.map(|at| (at - core.now()).to_std().unwrap_or_default()) });
    }

    let mut line = Line::default();
    let mut failures = 0;
    let mut parts = vec![due];
    while let Some(mut part) = parts.pop() {
        part.retain(|one| {
            let lets = line.lets(&one.command);
            if !lets {
                line.hold(&one.command);
            }
            lets
        });
        if part.is_empty() {
            continue;
        }
        match tell(core, &part).await? {
            Heard::All => {
                tries.reset();
                failures = 0;
            }
            Heard::Stumbled { after } => {
                failures += 1;
                match part.as_slice() {
                    _ if failures >= FAILURES => {
                        parts.push(part);
                        return later(core, &parts, tries, after).await;
                    }
                    [one] => {
                        line.hold(&one.command);
                        let pause = backoff::roll(&core.options.patience, one.attempt + 1, &core.options.dice);
                        postpone(core, &part, after.map_or(pause, |after| after.max(pause))).await?;
                    }
                    _ => {
                        let rest = part.split_off(part.len() / 2);
                        parts.push(rest);
                        parts.push(part);
                    }
                }
            }
            Heard::Nothing { after } => {
                parts.push(part);
                return later(core, &parts, tries, after).await;
            }
            // Signing in or updating starts this task anew or wakes it.
            Heard::NotNow => return Ok(Step::Idle { until: None }),
        }
    }
    // Whatever failed alone waits for its time, and the next look says until when.
    Ok(Step::Told)
}

/// What a request came to.
enum Heard {
    /// An answer for each.
    All,
    /// The server answers, and not to this.
    Stumbled { after: Option<Duration> },
    /// Nobody can tell what arrived.
    Nothing { after: Option<Duration> },
    /// Nobody is signed in, or one of the two sides must be updated.
    NotNow,
}

/// One request.
async fn tell(core: &Arc<Core>, part: &[Untold]) -> Result<Heard> {
    let answer = core
        .call(|caller| {
            let commands: Vec<_> = part.iter().map(|one| one.command.clone()).collect();
            async move { caller.commands(&commands).await }
        })
        .await;
    Ok(match answer {
        Ok(reply) => {
            // A server that answers fewer outcomes than it was told commands is asked again for the rest.
            let all = reply.outcomes.len() >= part.len();
            for (one, outcome) in part.iter().zip(reply.outcomes) {
                settle(core, one, outcome).await?;
            }
            if all { Heard::All } else { Heard::Nothing { after: None } }
        }
        Err(CallError::Said { status, retry_after: after, .. }) if status == 429 || status == 408 => {
            Heard::Nothing { after }
        }
        Err(CallError::Said { status, body, retry_after: after }) => match part {
            [one] if status.is_client_error() => {
                refuse(core, one.command.id, &in_words(&body)).await?;
                Heard::All
            }
            _ => Heard::Stumbled { after },
        },
        Err(CallError::SignedOut | CallError::Incompatible(_)) => Heard::NotNow,
        Err(_) => Heard::Nothing { after: None },
    })
}

fn in_words(body: &ErrorBody) -> String {
    match body.error.as_str() {
        "Forbidden" => "You are not a member of this team any more.".to_owned(),
        words => body.explanation.as_deref().unwrap_or(words).to_owned(),
    }
}

async fn later(core: &Core, parts: &[Vec<Untold>], tries: &mut Tries, after: Option<Duration>) -> Result<Step> {
    let pause = tries.next(&core.options.patience, &core.options.dice);
    let pause = after.map_or(pause, |after| after.max(pause));
    for part in parts {
        postpone(core, part, pause).await?;
    }
    Ok(Step::Idle { until: Some(pause) })
}

async fn postpone(core: &Core, part: &[Untold], pause: Duration) -> Result<()> {
    let ids: Vec<CommandId> = part.iter().map(|one| one.command.id).collect();
    let at = core.now() + TimeDelta::from_std(pause).unwrap_or_default();
    core.inbox().outbox.mark_commands_retry(&ids, at).await
}

async fn settle(core: &Core, one: &Untold, outcome: CommandOutcome) -> Result<()> {
    let command = &one.command;
    match outcome {
        CommandOutcome::Done { seq, .. } => {
            core.inbox().outbox.mark_command_done(command.id, seq).await?;
            // The feed may have been faster than the answer.
            forget_commands(core, command.workspace_id).await?;
            core.announce_unread().await;
            Ok(())
        }
        CommandOutcome::Refused { reason } => refuse(core, command.id, &reason).await,
    }
}

/// Takes it back: what it changed on screen is as it was, and the agent is told why.
async fn refuse(core: &Core, id: CommandId, reason: &str) -> Result<()> {
    info!(%id, "The server does not carry out a command");
    let Some(kept) = core.inbox().outbox.refuse_command(id, reason).await? else { return Ok(()) };
    ClientEvent::shown_by(&kept.command, kept.contact_id).into_iter().for_each(|event| core.emit(event));
    core.emit(ClientEvent::TakenBackChanged);
    core.announce_unread().await;
    Ok(())
}
