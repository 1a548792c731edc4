//! The supervisor of a connection: who are we, open a socket, catch up, follow; when anything breaks, wait and begin anew.
//!
//! Started by `client` as one task. Each round uses a fresh token and a fresh socket. The wait doubles, with jitter, up to a
//! limit, and is short again after a round that reached the head of the feed; [`Core::wake_all`] ends it at once, and
//! [`Core::begin_anew`] ends a round as well, wherever it is.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use deskline_domain::{change::ChangePage, ids::WorkspaceId, protocol::SessionReply};
use reqwest::StatusCode;
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{debug, info, warn};

use super::{
    ahead::Ahead,
    announce::announce,
    apply,
    backoff::Tries,
    live::{Aside, Live, Meaning, OpenError},
    pull,
    wire::{Ear, Wire},
};
use crate::{
    core::Core,
    credentials::Token,
    error::Error,
    notify::policy::Arrival,
    session::sign_in::check_protocol,
    upstream::{Introduction, answer::CallError},
    view::{Connection, NoticeKind, Session, WorkspaceView},
};

/// Looks over HTTP that found something although the socket was open. One may be a race; more mean that it is deaf.
const DEAF_AFTER: u32 = 3;

/// Looks over HTTP after which the teams are asked for again.
const SESSION_EVERY: u32 = 10;

/// Between two looks at whether the socket is still there, and whether colleagues have to be told something.
const TICK: Duration = Duration::from_millis(500);

/// Why a round ended.
#[derive(Debug)]
enum End {
    /// The server cannot be used at all.
    Failed(CallError),
    /// The server answers, and the socket does not stay.
    NoSocket(String),
}

impl From<CallError> for End {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(CallError::Local(error))
    }
}

/// Keeps the cache up to date until the session ends or the task is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    let mut tries = Tries::default();
    let mut anew = core.anew.subscribe();
    core.set_connection(Connection::Connecting);
    loop {
        let end = tokio::select! {
            biased;
            _ = anew.changed() => {
                // The window is not told: in a moment it is as before, or the next round finds out that it is not.
                core.presence.disconnect();
                core.set_caught_up(false);
                tries.reset();
                continue;
            }
            Err(end) = round(&core, &mut tries) => end,
        };
        core.presence.disconnect();
        core.announce_colleagues();
        if !matches!(end, End::NoSocket(_)) {
            core.set_caught_up(false);
        }
        match end {
            End::Failed(CallError::SignedOut | CallError::Unauthorized) => {
                core.set_connection(Connection::SignedOut);
                return;
            }
            // The window says so by itself; the server has nothing to do with it.
            End::Failed(CallError::Local(Error::DiskFull)) => core.set_connection(Connection::Connecting),
            // Somebody took a team away: the next round asks which are left.
            End::Failed(CallError::Said { status, .. }) if status == StatusCode::FORBIDDEN => {
                core.set_connection(Connection::Connecting);
            }
            End::Failed(CallError::Incompatible(reason)) => core.set_connection(Connection::Incompatible { reason }),
            End::Failed(error) => {
                if let CallError::Local(error) = &error {
                    warn!(%error, "Synchronising failed");
                }
                core.set_offline(offline_words(&error)).await;
            }
            End::NoSocket(reason) => {
                debug!(reason, "The socket is gone");
                core.set_connection(Connection::Connecting);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(tries.next(&core.options.patience, &core.options.dice)) => {}
            () = core.wake_sync.notified() => {}
        }
        // Whatever began anew while it waited is done with: the next round is new.
        anew.mark_unchanged();
    }
}

fn offline_words(error: &CallError) -> String {
    match error {
        CallError::NoAnswer { reason, .. } => format!("The server cannot be reached: {reason}."),
        CallError::Said { status, .. } => format!("The server has a problem of its own ({}).", status.as_u16()),
        CallError::Foreign { status } => format!("Something else than the server answers ({}).", status.as_u16()),
        CallError::Local(error) => error.to_string(),
        _ => "The server cannot be used.".to_owned(),
    }
}

/// From the first question to the end of the socket.
async fn round(core: &Arc<Core>, tries: &mut Tries) -> Result<std::convert::Infallible, End> {
    let workspaces = who_are_we(core).await;
    core.set_reached(workspaces.is_ok());
    let workspaces = workspaces?;
    // What waited for a time need not wait any longer: the server answers.
    make_due(core).await;
    let (mut socket, reason) = match open(core, &workspaces).await? {
        Ok(socket) => (Some(socket), String::new()),
        Err(reason) => (None, reason),
    };
    if socket.is_some() {
        // Hints that were given between the first question and now went past it.
        core.drafts.ask.notify_one();
    }
    let caught_up = catch_up(core, &workspaces, socket.as_mut()).await;
    let Some(mut socket) = socket else {
        caught_up?;
        return Err(End::NoSocket(reason));
    };
    caught_up?;
    tries.reset();
    follow(core, &workspaces, &mut socket).await
}

/// Asks who we are, keeps the teams, and checks that both speak the same version.
async fn who_are_we(core: &Arc<Core>) -> Result<Vec<WorkspaceId>, CallError> {
    let Introduction { reply, at, is_complete } = core.call(|caller| async move { caller.session().await }).await?;
    core.server_says(at);
    check_protocol(reply.protocol).map_err(|error| CallError::Incompatible(error.to_string()))?;
    if is_complete {
        keep_workspaces(core, &reply).await?;
        core.keep_direct(reply.direct);
    }
    core.renew_lease().await;
    Ok(reply.workspaces.iter().map(|workspace| workspace.id).collect())
}

async fn keep_workspaces(core: &Core, reply: &SessionReply) -> Result<(), Error> {
    let Session::SignedIn { workspaces, .. } = core.session() else { return Ok(()) };
    let told: Vec<WorkspaceView> = reply
        .workspaces
        .iter()
        .map(|workspace| WorkspaceView { id: workspace.id, name: workspace.name.clone(), role: workspace.role.clone() })
        .collect();
    if told == workspaces {
        return Ok(());
    }
    core.inbox().cache.save_workspaces(&reply.workspaces).await?;
    let gone = workspaces.iter().filter(|before| !told.iter().any(|now| now.id == before.id));
    for team in gone {
        info!(workspace_id = %team.id, "The agent is no longer a member of a team; what it had here was removed");
        core.change_local_copy(|copy| {
            copy.tell(
                NoticeKind::AccessRemoved,
                format!(
                    "You are no longer a member of {}. Its conversations were removed from this computer.",
                    team.name
                ),
            );
        });
    }
    let vault = core.vault.lock().await;
    core.set_session(core.view(&vault, told));
    core.emit(crate::ClientEvent::Reload);
    Ok(())
}

/// Opens what follows all teams: a socket, or Postgres's notifications while the server is away.
async fn open(core: &Arc<Core>, workspaces: &[WorkspaceId]) -> Result<Result<Wire, String>, CallError> {
    if let Some(direct) = core.roads.in_use() {
        return Ok(Ok(Wire::Postgres(Ear::new(core, direct.listen(), workspaces.to_vec()))));
    }
    Ok(open_socket(core, workspaces).await?.map(|live| Wire::Socket(Box::new(live))))
}

/// A token that the socket refuses is renewed, once. The inner error says why there is none although the server answers.
async fn open_socket(core: &Arc<Core>, workspaces: &[WorkspaceId]) -> Result<Result<Live, String>, CallError> {
    let patience = core.options.patience.socket;
    let caller = core.caller(None).await?;
    let connection = core.presence.connect();
    let ears = Arc::clone(core);
    let hear = move |aside: Aside| match aside {
        Aside::Activity(told) => {
            ears.presence.hear(connection, told, Instant::now());
            ears.announce_colleagues();
        }
        Aside::Draft(told) => ears.drafts.tell(told),
        Aside::AnyDraft => ears.drafts.ask.notify_one(),
    };
    let opened = match Live::open(&caller, &core.road, patience, hear.clone()).await {
        Err(OpenError::TokenRefused) => {
            let caller = core.caller(Some(Token(caller.token))).await?;
            Live::open(&caller, &core.road, patience, hear).await
        }
        other => other,
    };
    let mut live = match opened {
        Ok(live) => live,
        Err(OpenError::TokenRefused) => return Ok(Err("the socket refuses the token".to_owned())),
        Err(OpenError::Failed(reason)) => return Ok(Err(reason)),
    };
    for workspace_id in workspaces {
        if let Err(reason) = live.follow(*workspace_id).await {
            return Ok(Err(reason));
        }
    }
    Ok(Ok(live))
}

/// Fetches whatever the cache lacks: the first page of each team first, then team after team.
async fn catch_up(
    core: &Arc<Core>,
    workspaces: &[WorkspaceId],
    mut socket: Option<&mut Wire>,
) -> Result<(), CallError> {
    let _bringing = core.inbox().cache.index.bring_in();
    let mut waiting: VecDeque<(WorkspaceId, Ahead)> = workspaces.iter().map(|id| (*id, Ahead::default())).collect();
    while let Some((workspace_id, mut ahead)) = waiting.pop_front() {
        if let Some(socket) = socket.as_deref_mut() {
            socket.skip_pages();
        }
        let step = pull::step(core, workspace_id, &mut ahead).await?;
        if step.more {
            waiting.push_back((workspace_id, ahead));
        }
        if let Some((done, total)) = step.progress {
            core.set_connection(Connection::Syncing { done, total: total.max(done) });
        }
    }
    core.set_caught_up(true);
    Ok(())
}

/// Applies what the socket brings, and looks by itself now and then.
async fn follow(
    core: &Arc<Core>,
    workspaces: &[WorkspaceId],
    socket: &mut Wire,
) -> Result<std::convert::Infallible, End> {
    let connection = if socket.is_direct() { Connection::Direct } else { Connection::Live };
    info!(?connection, "Following the feed");
    core.set_connection(connection);
    let mut looks = 0_u32;
    let mut deaf = 0_u32;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_look = Instant::now() + core.options.patience.poll_every;
    loop {
        tokio::select! {
            meaning = socket.next() => match meaning {
                Meaning::Page(page) => {
                    deaf = 0;
                    on_page(core, &page).await?;
                }
                Meaning::Look => {
                    look(core, workspaces).await?;
                }
                Meaning::Lost(reason) => return Err(End::NoSocket(reason)),
                Meaning::TokenRefused => return Err(End::NoSocket("the socket refuses the token".to_owned())),
                Meaning::Nothing | Meaning::Ready => {}
            },
            () = core.wake_sync.notified() => {
                look(core, workspaces).await?;
                make_due(core).await;
            }
            () = core.check_sync.notified() => {
                look(core, workspaces).await?;
            }
            () = tokio::time::sleep_until(next_look) => {
                looks += 1;
                if looks.is_multiple_of(SESSION_EVERY) && who_are_we(core).await? != workspaces {
                    return Err(End::NoSocket("the teams are other ones now".to_owned()));
                }
                deaf = if look(core, workspaces).await? { deaf + 1 } else { 0 };
                if deaf >= DEAF_AFTER {
                    return Err(End::NoSocket("the socket says nothing although there is news".to_owned()));
                }
            }
            () = core.presence.changed.notified() => {
                tell_colleagues(core, workspaces, socket).await?;
                continue;
            }
            _ = tick.tick() => {
                if socket.is_over() {
                    return Err(End::NoSocket("the server closed the connection".to_owned()));
                }
                tell_colleagues(core, workspaces, socket).await?;
                core.announce_colleagues();
                continue;
            }
        }
        next_look = Instant::now() + core.options.patience.poll_every;
    }
}

/// Says what the agent does, as far as it is time to say it.
async fn tell_colleagues(core: &Core, workspaces: &[WorkspaceId], socket: &Wire) -> Result<(), End> {
    for told in core.presence.due(workspaces, Instant::now()) {
        socket.tell(&told).await.map_err(End::NoSocket)?;
    }
    Ok(())
}

/// Asks for what every team lacks; answers whether there was anything.
async fn look(core: &Arc<Core>, workspaces: &[WorkspaceId]) -> Result<bool, CallError> {
    let _bringing = core.inbox().cache.index.bring_in();
    let mut news = false;
    for workspace_id in workspaces {
        let mut ahead = Ahead::default();
        loop {
            let step = pull::step(core, *workspace_id, &mut ahead).await?;
            news |= step.news;
            if !step.more {
                break;
            }
        }
    }
    core.set_caught_up(true);
    core.renew_lease().await;
    Ok(news)
}

/// Applies a pushed page, or asks for what lies between the cursor and its end.
async fn on_page(core: &Arc<Core>, page: &ChangePage) -> Result<(), CallError> {
    let inbox = core.inbox();
    let Some(progress) = inbox.cache.progress(page.workspace_id).await? else { return Ok(()) };
    if let Some(applied) = apply::changes(&inbox.cache, page, core.now()).await? {
        announce(core, page.workspace_id, &applied, Arrival::Live).await;
        if !page.has_more() {
            return Ok(());
        }
    } else if page.feed == progress.cursor.feed && page.up_to <= progress.cursor.seq {
        return Ok(());
    }
    look(core, &[page.workspace_id]).await?;
    Ok(())
}

/// What waits for a time falls due.
async fn make_due(core: &Core) {
    if let Err(error) = core.inbox().outbox.make_due(core.now()).await {
        warn!(%error, "The outbox cannot be written");
    }
    core.wake_sender.notify_one();
    core.wake_courier.notify_one();
    core.drafts.ask.notify_one();
}
