//! The task that keeps what was begun the same at all desktops of one agent: words, files and reply settings together.
//!
//! Started by `client`; its other half, [`super::draft_files`], fetches what was attached elsewhere. It tells the server what was edited
//! here, and asks what was edited elsewhere: after each connection, when the socket says that something was, and now and then in any case.
//! The version that was edited last stays; how long ago that was is told as an age, so that the clocks of two desktops need not agree. What
//! is being typed at this moment is the newest version there is: nothing is ever put under the agent's cursor.
//!
//! Files are given to the server before the version that names them is told. A version in which none changed says nothing of them: typing on
//! takes nothing away that was attached elsewhere a moment ago. Where drafts are kept without files (the direct way, an older
//! server) the words are told alone, and the files stay here until they can be. All of this holds of reply settings as well, but that only
//! an older server does not take them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use deskline_domain::{
    gate,
    ids::{ContactId, FileId, WorkspaceId},
    protocol::{DraftRow, DraftTold, DraftsReply, MAX_DRAFT, ReplySettings, SaveDraft, SavedDraft},
};
use tokio::{sync::Notify, time::Instant};
use tracing::{debug, warn};

use super::{backoff::Tries, draft_files};
use crate::{
    Result,
    core::Core,
    event::ClientEvent,
    outbox::{
        drafts::{Adopted, Draft, Parts},
        upload::{self, Given},
    },
    upstream::answer::CallError,
    view::Session,
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
    /// Files that were attached elsewhere can be fetched.
    pub(super) coming: Notify,
    hinted: Notify,
    /// Versions that the socket told of and that nobody has looked at. Most are this desktop's own, which it need not ask for.
    told: Mutex<HashMap<ContactId, DateTime<Utc>>>,
    /// Teams whose drafts were last said to take files.
    with_files: Mutex<HashSet<WorkspaceId>>,
}

impl DraftBells {
    /// There is a version of a draft on the server.
    pub(crate) fn tell(&self, told: DraftTold) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(told.contact_id, told.edited_at);
        self.hinted.notify_one();
    }

    fn note_files(&self, team: WorkspaceId, takes_files: bool) {
        let mut teams = self.with_files.lock().unwrap_or_else(PoisonError::into_inner);
        if takes_files {
            teams.insert(team)
        } else {
            teams.remove(&team)
        };
    }

    fn takes_files(&self, team: WorkspaceId) -> bool {
        self.with_files.lock().unwrap_or_else(PoisonError::into_inner).contains(&team)
    }

    fn take(&self) -> HashMap<ContactId, DateTime<Utc>> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps on until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    tokio::join!(keep_the_same(&core), draft_files::fetch_all(&core));
}

async fn keep_the_same(core: &Arc<Core>) {
    let mut tries = Tries::default();
    let mut next_ask = Instant::now();
    loop {
        let woken = core.drafts.edited.notified();
        let asked = core.drafts.ask.notified();
        let hinted = core.drafts.hinted.notified();
        let pause = match round(core, Instant::now() >= next_ask).await {
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
                if has_news(core).await {
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
        // Asked first: the answer says whether versions may have files. What was edited here is not touched by it.
        let heard = if ask { hear(core).await } else { Ok(true) };
        tell(core).await?;
        heard
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
            files: if draft.files_untold { given(core, contact.workspace_id, draft.contact_id).await? } else { None },
            reply: draft.reply_untold.then(|| draft.reply.fitting()),
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
            Ok(answer) if answer.saved => {
                let with = Parts {
                    files: has_files(core, &draft, &version, &answer).await?,
                    reply: has_reply(core, &draft, &version, &answer).await?,
                };
                inbox.outbox.mark_draft_told(&draft, Some(answer.draft.edited_at), with).await?;
            }
            Ok(answer) => {
                // What could not be told with it is in no version that is later.
                let keep = Parts { files: version.files.is_none() && draft.files_untold, reply: false };
                give_way(core, &answer.draft, &draft, keep).await?;
            }
            // Nobody's contact any more, or no room: it stays at this desktop.
            Err(CallError::Said { status, .. }) if status.is_client_error() && status != 429 && status != 408 => {
                inbox.outbox.mark_draft_told(&draft, None, Parts { files: true, reply: true }).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The files of a draft as the server knows them, which has all of them then. `None` where it cannot have them: they stay here for now.
async fn given(core: &Arc<Core>, team: WorkspaceId, contact: ContactId) -> Result<Option<Vec<FileId>>, CallError> {
    if !core.drafts.takes_files(team) {
        return Ok(None);
    }
    let (mut given, mut bytes) = (Vec::new(), 0);
    for file in core.inbox().outbox.attachments(contact).await? {
        bytes += file.size;
        if gate::check_count(given.len() + 1).and(gate::check_files(bytes)).is_err() {
            // As the end of words that are too long: no text could carry it.
            break;
        }
        match upload::give(core, team, file.id).await {
            Ok(Given::There { upload, .. }) => given.push(upload),
            Ok(Given::Lost) => {}
            Err(CallError::Said { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(given))
}

/// Whether whoever keeps the version knows the files that are here. Words that were told alone go with the files that were there.
async fn has_files(core: &Core, ours: &Draft, told: &SaveDraft, answer: &SavedDraft) -> Result<bool> {
    let outbox = core.inbox().outbox;
    let Some(kept) = &answer.draft.files else { return Ok(false) };
    let Some(told) = &told.files else {
        if outbox.adopt_files(ours, kept, core.now(), &core.options.dice).await? {
            core.drafts.coming.notify_one();
            core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![ours.contact_id] });
        }
        return Ok(false);
    };
    let missing: Vec<FileId> = told.iter().copied().filter(|id| kept.iter().all(|file| file.id != *id)).collect();
    // Uploads of another life of the server's files: they are given again with the next version.
    outbox.forget_uploads(&missing).await?;
    Ok(missing.is_empty())
}

/// The same for reply settings: words that were told alone go with those that were there.
async fn has_reply(core: &Core, ours: &Draft, told: &SaveDraft, answer: &SavedDraft) -> Result<bool> {
    let Some(kept) = &answer.draft.reply else { return Ok(false) };
    if told.reply.is_none() && core.inbox().outbox.adopt_reply(ours, kept).await? {
        core.emit(ClientEvent::DraftChanged { contact_id: ours.contact_id });
        core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![ours.contact_id] });
    }
    Ok(told.reply.is_some())
}

/// Another desktop edited it later; but what is being typed here at this moment is later still.
async fn give_way(core: &Core, theirs: &DraftRow, ours: &Draft, keep: Parts) -> Result<()> {
    if core.presence.is_writing_to(ours.contact_id, Instant::now()) {
        core.inbox().outbox.touch_draft(ours.contact_id, core.now()).await?;
        core.drafts.edited.notify_one();
        return Ok(());
    }
    adopt(core, theirs, Some(ours), keep).await
}

/// Asks what was edited elsewhere. Answers false when some of it could not be taken over yet.
async fn hear(core: &Arc<Core>) -> Result<bool, CallError> {
    let Session::SignedIn { workspaces, .. } = core.session() else { return Ok(true) };
    let mut all = true;
    for team in workspaces {
        let reply = core.call(|caller| async move { caller.drafts(team.id).await }).await?;
        core.drafts.note_files(team.id, reply.takes_files);
        all &= take_over(core, team.id, &reply).await?;
        look_for_files(core, &reply).await?;
        tell_what_was_kept(core, team.id, &reply).await?;
    }
    Ok(all)
}

/// Notes where files can be fetched that were attached elsewhere.
async fn look_for_files(core: &Core, reply: &DraftsReply) -> Result<()> {
    for row in &reply.drafts {
        if core.inbox().outbox.mark_fetchable(row.files.as_deref().unwrap_or_default(), core.now()).await? {
            core.drafts.coming.notify_one();
        }
    }
    Ok(())
}

/// What is here and could not be told so far can be now: it is the version with it that is the newest.
async fn tell_what_was_kept(core: &Core, team: WorkspaceId, reply: &DraftsReply) -> Result<()> {
    let inbox = core.inbox();
    let can_be_told = |draft: &&Draft| {
        !draft.dirty && (draft.files_untold && reply.takes_files || draft.reply_untold && reply.takes_replies)
    };
    for draft in inbox.outbox.all_drafts().await?.iter().filter(can_be_told) {
        if inbox.cache.contact(draft.contact_id).await?.is_some_and(|contact| contact.workspace_id == team) {
            inbox.outbox.touch_draft(draft.contact_id, core.now()).await?;
        }
    }
    Ok(())
}

async fn take_over(core: &Core, workspace_id: WorkspaceId, reply: &DraftsReply) -> Result<bool> {
    let theirs = &reply.drafts;
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
            // Where drafts have no files, one of files alone is none. The same holds for reply settings.
            let gone = DraftRow {
                contact_id: ours.contact_id,
                content: None,
                files: reply.takes_files.then(Vec::new),
                reply: reply.takes_replies.then(ReplySettings::default),
                from: None,
                edited_at,
            };
            all &= replace(core, &gone, Some(ours)).await?;
        }
    }
    Ok(all)
}

/// Puts the server's version in the place of ours. Answers false when it is being typed over: then ours is told soon, and is newer.
async fn replace(core: &Core, row: &DraftRow, ours: Option<&Draft>) -> Result<bool> {
    if core.presence.is_writing_to(row.contact_id, Instant::now()) {
        return Ok(false);
    }
    // What could not be told yet is the newest there is of it.
    adopt(core, row, ours, ours.map(Draft::untold).unwrap_or_default()).await?;
    Ok(true)
}

async fn adopt(core: &Core, row: &DraftRow, ours: Option<&Draft>, keep: Parts) -> Result<()> {
    let outbox = core.inbox().outbox;
    let adopted = outbox.adopt_draft(row, ours, keep, core.now(), &core.options.dice).await?;
    if adopted.files {
        core.drafts.coming.notify_one();
    }
    if adopted.words || adopted.reply {
        core.emit(ClientEvent::DraftChanged { contact_id: row.contact_id });
    }
    if adopted != Adopted::default() {
        core.emit(ClientEvent::ConversationsChanged { contact_ids: vec![row.contact_id] });
    }
    Ok(())
}
