//! The task that keeps what was begun the same at all desktops of one agent.
//!
//! Started by `client`. It tells the server what was edited here, and asks what was edited elsewhere: after each connection, when the
//! socket says that something was, and now and then in any case. The version that was edited last stays; how long ago that was is told
//! as an age, so that the clocks of two desktops need not agree. What is being typed at this moment is the newest version there is:
//! nothing is ever put under the agent's cursor.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::{ContactId, WorkspaceId},
    protocol::{DraftRow, DraftTold, MAX_DRAFT, SaveDraft},
};
use tokio::{sync::Notify, time::Instant};
use tracing::{debug, warn};

use super::backoff::Tries;
use crate::{
    Result, core::Core, event::ClientEvent, outbox::drafts::Draft, upstream::answer::CallError, view::Session,
};

/// When what was typed over is looked at again: nobody types any more then.
const AFTER_TYPING: Duration = Duration::from_secs(6);
/// How often the server is asked although nobody said anything.
const ASK_EVERY: Duration = Duration::from_secs(5 * 60);

/// What wakes the task.
#[derive(Debug, Default)]
pub(crate) struct DraftBells {
    /// Something was edited here.
    pub(crate) edited: Notify,
    /// Nobody knows what happened meanwhile.
    pub(crate) ask: Notify,
    hinted: Notify,
    /// Versions that the socket told of and that nobody has looked at. Most are this desktop's own, which it need not ask for.
    told: Mutex<HashMap<ContactId, DateTime<Utc>>>,
}

impl DraftBells {
    /// There is a version of a draft on the server.
    pub(crate) fn tell(&self, told: DraftTold) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(told.contact_id, told.edited_at);
        self.hinted.notify_one();
    }

    fn take(&self) -> HashMap<ContactId, DateTime<Utc>> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps on until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    let mut tries = Tries::default();
    let mut next_ask = Instant::now();
    loop {
        let woken = core.drafts.edited.notified();
        let asked = core.drafts.ask.notified();
        let hinted = core.drafts.hinted.notified();
        let pause = match round(&core, Instant::now() >= next_ask).await {
            Ok(Round::Done { asked }) => {
                tries.reset();
                if asked {
                    next_ask = Instant::now() + ASK_EVERY;
                }
                next_ask.saturating_duration_since(Instant::now())
            }
            Ok(Round::Later) => {
                next_ask = Instant::now() + AFTER_TYPING;
                AFTER_TYPING
            }
            Ok(Round::NotNow) if core.is_reached() => tries.next(&core.options.patience, &core.options.dice),
            // The next connection wakes this task; until then, nobody waits for it.
            Ok(Round::NotNow) => ASK_EVERY,
            Err(error) => {
                warn!(%error, "Drafts cannot be read or written");
                tries.next(&core.options.patience, &core.options.dice)
            }
        };
        tokio::select! {
            // What is typed in one go is told in one go.
            () = woken => tokio::time::sleep(core.options.patience.first_retry * 3).await,
            () = asked => next_ask = Instant::now(),
            () = hinted => {
                if has_news(&core).await {
                    next_ask = Instant::now();
                }
            }
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Whether the socket told of a version that is not the one that was told from here.
async fn has_news(core: &Core) -> bool {
    let told = core.drafts.take();
    let Ok(here) = core.inbox().outbox.all_drafts().await else { return true };
    told.iter().any(|(contact_id, edited_at)| {
        let ours = here.iter().find(|draft| draft.contact_id == *contact_id);
        ours.and_then(|ours| ours.told_at).is_none_or(|known| known < *edited_at)
    })
}

enum Round {
    /// Both know the same, as far as was asked.
    Done { asked: bool },
    /// Something is being typed, over which another version lies.
    Later,
    /// The server cannot be asked.
    NotNow,
}

async fn round(core: &Arc<Core>, ask: bool) -> Result<Round> {
    let told = async {
        tell(core).await?;
        if ask { hear(core).await } else { Ok(true) }
    };
    match told.await {
        Ok(true) => Ok(Round::Done { asked: ask }),
        Ok(false) => Ok(Round::Later),
        Err(CallError::Local(error)) => Err(error),
        Err(error) => {
            debug!(%error, "Drafts are told later");
            Ok(Round::NotNow)
        }
    }
}

/// Tells what was edited here.
async fn tell(core: &Arc<Core>) -> Result<(), CallError> {
    let inbox = core.inbox();
    for draft in inbox.outbox.untold_drafts().await? {
        // One whose contact is not here yet is told once it is.
        let Some(contact) = inbox.cache.contact(draft.contact_id).await? else { continue };
        let version = SaveDraft {
            workspace_id: contact.workspace_id,
            contact_id: draft.contact_id,
            // The end of one that is too long stays here alone.
            content: (!draft.content.is_empty()).then(|| draft.content.chars().take(MAX_DRAFT).collect()),
            files: None,
            from: draft.sender.clone(),
            age_ms: 0,
        };
        let answer = core
            .call(|caller| {
                // Its age at the moment in which it is told, and not when a connection was still to be made.
                let age = core.now() - draft.edited_at;
                let age_ms = u64::try_from(age.num_milliseconds()).unwrap_or(0);
                let version = SaveDraft { age_ms, ..version.clone() };
                async move { caller.save_draft(&version).await }
            })
            .await;
        match answer {
            Ok(answer) if answer.saved => inbox.outbox.mark_draft_told(&draft, Some(answer.draft.edited_at)).await?,
            Ok(answer) => give_way(core, &answer.draft, &draft).await?,
            // Nobody's contact any more, or no room: it stays at this desktop.
            Err(CallError::Said { status, .. }) if status.is_client_error() && status != 429 && status != 408 => {
                inbox.outbox.mark_draft_told(&draft, None).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Another desktop edited it later; but what is being typed here at this moment is later still.
async fn give_way(core: &Core, theirs: &DraftRow, ours: &Draft) -> Result<()> {
    if core.presence.is_typing_to(ours.contact_id, Instant::now()) {
        core.inbox().outbox.touch_draft(ours.contact_id, core.now()).await?;
        core.drafts.edited.notify_one();
        return Ok(());
    }
    if core.inbox().outbox.adopt_draft(theirs, Some(ours), core.now()).await? {
        announce(core, ours.contact_id);
    }
    Ok(())
}

/// Asks what was edited elsewhere. Answers false when some of it could not be taken over yet.
async fn hear(core: &Arc<Core>) -> Result<bool, CallError> {
    let Session::SignedIn { workspaces, .. } = core.session() else { return Ok(true) };
    let mut all = true;
    for team in workspaces {
        let reply = core.call(|caller| async move { caller.drafts(team.id).await }).await?;
        all &= take_over(core, team.id, &reply.drafts).await?;
    }
    Ok(all)
}

async fn take_over(core: &Core, workspace_id: WorkspaceId, theirs: &[DraftRow]) -> Result<bool> {
    let inbox = core.inbox();
    let here = inbox.outbox.all_drafts().await?;
    let mut all = true;
    for row in theirs {
        let ours = here.iter().find(|draft| draft.contact_id == row.contact_id);
        if ours.is_none_or(|ours| !ours.dirty && ours.told_at != Some(row.edited_at)) {
            all &= replace(core, row, ours).await?;
        }
    }
    // What the server knew and does not any more was sent or deleted elsewhere.
    for ours in here.iter().filter(|ours| !ours.dirty && !theirs.iter().any(|row| row.contact_id == ours.contact_id)) {
        let Some(edited_at) = ours.told_at else { continue };
        let home = inbox.cache.contact(ours.contact_id).await?.map(|contact| contact.workspace_id);
        if home == Some(workspace_id) {
            let gone = DraftRow { contact_id: ours.contact_id, content: None, files: None, from: None, edited_at };
            all &= replace(core, &gone, Some(ours)).await?;
        }
    }
    Ok(all)
}

/// Puts the server's version in the place of ours. Answers false when it is being typed over: then ours is told soon, and is newer.
async fn replace(core: &Core, row: &DraftRow, ours: Option<&Draft>) -> Result<bool> {
    if core.presence.is_typing_to(row.contact_id, Instant::now()) {
        return Ok(false);
    }
    if core.inbox().outbox.adopt_draft(row, ours, core.now()).await? {
        announce(core, row.contact_id);
    }
    Ok(true)
}

fn announce(core: &Core, contact_id: ContactId) {
    core.emit(ClientEvent::DraftChanged { contact_id });
    core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![contact_id] });
}
