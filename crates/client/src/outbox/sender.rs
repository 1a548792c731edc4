//! The one task that sends texts: the head of each conversation, conversations side by side.
//!
//! Started by `client`. Asks [`super::hold`] and `domain::gate` once more, marks the text as on its way *before* the request leaves, and lets
//! [`super::decision`] say what the answer means. A text is never sent under another id than its own, so repeating is safe.

use std::{sync::Arc, time::Duration};

use deskline_domain::{
    gate::{self, Outgoing},
    protocol::{SendSms, SendSmsReply},
};
use tokio::{task::JoinSet, time::Instant};
use tracing::{debug, info, warn};

use super::{
    decision::{Decision, decide, decide_in_doubt},
    entries::{Entry, May, Written},
    hold::{Facts, GRACE, hold},
    upload::{self, Uploaded},
};
use crate::{Result, core::Core, event::ClientEvent, sync::backoff, upstream::answer::CallError, view::Failure};

/// Conversations that are sent to at the same time: one that hangs does not hold up the others.
const SIDE_BY_SIDE: usize = 4;

/// How long to wait after the outbox itself failed.
const PAUSE: Duration = Duration::from_secs(5);

/// How long to wait for a session or an update, when nobody rings before.
const LONG_PAUSE: Duration = Duration::from_secs(60);

/// Sends until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    // Tasks of their own, not futures of this one: while this loop waits for the outbox, a text on its way may hold the
    // connection that it waits for. They end with this loop.
    let mut on_their_way = JoinSet::new();
    // Nothing new is sent before this.
    let mut paused: Option<Instant> = None;
    // Since when the feed lags behind although the server answers.
    let mut behind: Option<Instant> = None;
    // Whether a text may be marked as on its way that is not.
    let mut stray = false;
    loop {
        if stray && on_their_way.is_empty() {
            stray = core.inbox().outbox.requeue().await.is_err();
        }
        // Interest first, then the look: a text that is pushed in between is not slept through.
        let woken = core.wake_sender.notified();
        let until = match paused {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => match start_due(&core, SIDE_BY_SIDE - on_their_way.len(), &mut behind).await {
                Ok(Started { entries, until }) => {
                    for entry in entries {
                        on_their_way.spawn(send(Arc::clone(&core), entry));
                    }
                    until.unwrap_or(Duration::MAX)
                }
                Err(error) => {
                    warn!(%error, "The outbox cannot be read");
                    PAUSE
                }
            },
        };
        tokio::select! {
            Some(ended) = on_their_way.join_next() => match ended {
                Ok(Ok(Outcome::Moved)) => {}
                Ok(Ok(Outcome::Wait)) => paused = Some(Instant::now() + LONG_PAUSE),
                Ok(Err(error)) => {
                    warn!(%error, "The outbox cannot be written");
                    stray = true;
                    paused = Some(Instant::now() + PAUSE);
                }
                Err(error) => {
                    warn!(%error, "Sending a text broke down");
                    stray = true;
                    paused = Some(Instant::now() + PAUSE);
                }
            },
            () = woken => paused = None,
            () = tokio::time::sleep(until) => paused = None,
        }
    }
}

struct Started {
    entries: Vec<Entry>,
    /// How long nothing else falls due; `None` for as long as nobody rings.
    until: Option<Duration>,
}

/// Takes what is due out of the queue, at most `room`.
async fn start_due(core: &Core, room: usize, behind: &mut Option<Instant>) -> Result<Started> {
    let outbox = core.inbox().outbox;
    let (may, soon) = what_may_leave(core, behind);
    let mut entries = Vec::new();
    while entries.len() < room {
        let Some(entry) = outbox.next_due(core.now(), may).await? else { break };
        if outbox.mark_sending(entry.id).await? {
            core.emit(ClientEvent::MessagesChanged { contact_id: entry.contact_id, message_ids: vec![entry.id] });
            entries.push(entry);
        }
    }
    let until = if entries.len() < room {
        let next = outbox.next_time(may).await?.map(|at| (at - core.now()).to_std().unwrap_or_default());
        next.into_iter().chain(soon).min()
    } else {
        // Full: whatever comes back makes room and wakes the loop.
        None
    };
    Ok(Started { entries, until })
}

/// What was written offline waits for the feed, which tells what happened meanwhile. What was written live and lies here since
/// waits as well, but not for ever. The second half says when that is over.
fn what_may_leave(core: &Core, behind: &mut Option<Instant>) -> (May, Option<Duration>) {
    let caught_up = core.is_caught_up();
    // Nothing leaves without a server in any case, and its first answer begins the catch-up.
    let waits = !caught_up && core.is_reached();
    let since = if waits { *behind.get_or_insert_with(Instant::now) } else { Instant::now() };
    if !waits {
        *behind = None;
    }
    let left = core.options.patience.catch_up.saturating_sub(since.elapsed());
    let may = May { caught_up, all_live: waits && left.is_zero(), live_after: core.now() - GRACE };
    (may, (waits && !left.is_zero()).then_some(left))
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The text stands elsewhere now: handed over, parked, or later.
    Moved,
    /// Nothing can be sent until somebody signs in or updates.
    Wait,
}

/// Sends one text that is marked as on its way, and writes down what came of it.
async fn send(core: Arc<Core>, entry: Entry) -> Result<Outcome> {
    let outbox = core.inbox().outbox;
    let decision = match ready(&core, &entry).await? {
        Ok(media_urls) => decide(&hand_over(&core, &entry, media_urls).await),
        Err(decision) => decision,
    };

    let outcome = match decision {
        Decision::HandedOver { status, has_sid } => {
            outbox.mark_handed_over(entry.id, status, has_sid).await?;
            // The feed may have been faster than the answer.
            if core.inbox().cache.message(entry.id).await?.is_some() {
                core.inbox().settle(&[entry.id], &core.options).await?;
            }
            core.wake_sender.notify_one();
            Outcome::Moved
        }
        Decision::Retry { after, in_doubt } => {
            let jittered = backoff::roll(&core.options.patience, entry.attempt + 1, &core.options.dice);
            let delay = after.map_or(jittered, |after| after.max(jittered));
            outbox.mark_retry(entry.id, core.now() + delay, in_doubt || entry.in_doubt).await?;
            Outcome::Moved
        }
        Decision::Park(failure) => {
            info!(id = %entry.id, code = failure.code, "A text is parked");
            outbox.mark_parked(entry.id, &failure).await?;
            Outcome::Moved
        }
        Decision::Hold(held) => {
            info!(id = %entry.id, ?held, "A text is held until the agent says whether it still fits");
            outbox.mark_held(entry.id, held).await?;
            Outcome::Moved
        }
        Decision::Wait => {
            outbox.mark_retry(entry.id, core.now(), entry.in_doubt).await?;
            Outcome::Wait
        }
    };
    core.announce_message(entry.contact_id, entry.id);
    core.announce_waiting().await;
    Ok(outcome)
}

/// What can leave now, with the addresses of its files; otherwise what is to become of the text instead.
async fn ready(core: &Arc<Core>, entry: &Entry) -> Result<Result<Vec<String>, Decision>> {
    if let Some(decision) = stopped(core, entry).await? {
        return Ok(Err(decision));
    }
    match upload::upload(core, entry).await? {
        Uploaded::All { addresses, sent: false } => Ok(Ok(addresses)),
        // That may have taken minutes, in which the contact could say STOP.
        Uploaded::All { addresses, sent: true } => Ok(stopped(core, entry).await?.map_or(Ok(addresses), Err)),
        Uploaded::Not(decision) => Ok(Err(decision)),
        Uploaded::Lost => unless_there(core, entry, Decision::Park(upload::lost())).await.map(Err),
    }
}

/// The request itself.
async fn hand_over(core: &Arc<Core>, entry: &Entry, media_urls: Vec<String>) -> Result<SendSmsReply, CallError> {
    let text = SendSms {
        workspace_id: entry.workspace_id,
        contact_id: entry.contact_id,
        message: entry.content.clone(),
        media_urls,
        client_id: Some(entry.id.to_string()),
        send_at: entry.later.map(|later| later.send_at),
        cancel_on_reply: entry.later.is_some_and(|later| later.cancel_on_reply),
    };
    let answer = core
        .call(|caller| {
            let text = text.clone();
            async move { caller.send(&text).await }
        })
        .await;
    if let Err(error) = &answer {
        debug!(id = %entry.id, %error, "A text did not go through");
        if matches!(error, CallError::NoAnswer { .. }) {
            // The socket may not have noticed yet.
            core.check_sync.notify_one();
        }
    }
    answer
}

/// What keeps the text from leaving, if anything does.
async fn stopped(core: &Arc<Core>, entry: &Entry) -> Result<Option<Decision>> {
    // The contact's own wish first: nobody is asked about a text that could not leave anyway.
    if let Some(failure) = gate_closed(core, entry).await? {
        return Ok(Some(Decision::Park(failure)));
    }
    let inbox = core.inbox();
    let Written { at, after, live } = entry.written;
    let (contact_wrote, colleague_answered) = inbox.cache.written_after(entry.contact_id, after, core.me()?).await?;
    let now = core.now();
    let until = entry.later.map(|later| later.send_at - now);
    let facts = Facts { age: now - at, live, contact_wrote, colleague_answered, until };
    let Some(held) = hold(facts, inbox.outbox.hold_conditions().await?) else { return Ok(None) };
    if !entry.in_doubt {
        return Ok(Some(Decision::Hold(held)));
    }
    unless_there(core, entry, Decision::Hold(held)).await.map(Some)
}

/// What becomes of a text that cannot leave from here, unless the server turns out to have it.
async fn unless_there(core: &Arc<Core>, entry: &Entry, otherwise: Decision) -> Result<Decision> {
    let (team, id) = (entry.workspace_id, entry.id);
    let answer = core.call(|caller| async move { caller.ledger(team, id).await }).await;
    Ok(decide_in_doubt(answer, otherwise))
}

/// Why the text may not be sent any more: the contact may have opted out since Enter was pressed.
///
/// A text that the server may have already is not stopped here: the server knows whether it has, and asks the same gate.
async fn gate_closed(core: &Core, entry: &Entry) -> Result<Option<Failure>> {
    if entry.in_doubt {
        return Ok(None);
    }
    // Not in the cache, while it is rebuilt for instance: the server asks the same gate.
    let Some(contact) = core.inbox().cache.contact(entry.contact_id).await? else { return Ok(None) };
    let outgoing = Outgoing {
        to: &contact.phone,
        content: &entry.content,
        media: entry.files.len(),
        opted_out: contact.opted_out,
    };
    Ok(gate::check(outgoing).err().map(|refusal| Failure {
        code: refusal.twilio_code(),
        explanation: refusal.to_string(),
        can_retry: refusal == gate::Refusal::OptedOut,
        can_discard: true,
    }))
}
