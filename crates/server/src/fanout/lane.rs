//! One workspace's way to the sockets that joined it: a cursor in the change feed, and whoever listens.
//!
//! Started by the first socket that joins, ends when the last one left. Reads each change once, in order, and never waits for a socket.

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use deskline_domain::{
    change::{ChangePage, Cursor, Entity},
    contact::ContactRow,
    ids::{ContactId, WorkspaceId},
    protocol::{ActivityTold, DraftTold},
};
use socketioxide::socket::Sid;
use tokio::{
    sync::{Notify, OnceCell},
    time::Instant,
};
use uuid::Uuid;

use super::{
    Fanout, Wants,
    render::{self, Rendered},
    wire::Wire,
};

/// Changes read at once: few enough that a page of very long texts still fits a frame.
const PAGE: i64 = 100;
/// The longest pause after the database failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One workspace with listeners.
pub struct Lane {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Set once its task runs.
    pub(super) started: OnceCell<()>,
    rung: Notify,
    listeners: Mutex<Vec<Listener>>,
}

#[derive(Clone)]
struct Listener {
    wire: Arc<Wire>,
    wants: Wants,
}

impl Lane {
    pub(super) fn new(workspace: WorkspaceId) -> Self {
        Self { workspace, started: OnceCell::new(), rung: Notify::new(), listeners: Mutex::default() }
    }

    /// Adds a socket, or raises what it wants. Who follows pages does not go back to rows.
    pub(super) fn add(&self, wire: Arc<Wire>, wants: Wants) {
        let mut listeners = self.listeners();
        match listeners.iter_mut().find(|listener| listener.wire.sid == wire.sid) {
            Some(listener) => listener.wants = listener.wants.max(wants),
            None => listeners.push(Listener { wire, wants }),
        }
    }

    pub(super) fn remove(&self, sid: Sid) {
        self.listeners().retain(|listener| listener.wire.sid != sid);
    }

    /// Tells every socket but the one that it comes from.
    pub(super) fn tell(&self, told: &ActivityTold) {
        let Some(event) = render::activity(told) else { return };
        for listener in self.listeners().iter().filter(|listener| listener.wire.session != told.session) {
            listener.wire.push(event.name, event.payload.clone());
        }
    }

    /// Tells the sockets of the draft's author, and no other.
    pub(super) fn tell_author(&self, told: &DraftTold) {
        let Some(event) = render::draft(told) else { return };
        for listener in self.listeners().iter().filter(|listener| listener.wire.user == told.user_id) {
            listener.wire.push(event.name, event.payload.clone());
        }
    }

    /// Tells every desktop.
    pub(super) fn tell_desktops(&self, event: &Rendered) {
        for listener in self.listeners().iter().filter(|listener| listener.wants == Wants::Pages) {
            listener.wire.push(event.name, event.payload.clone());
        }
    }

    pub(super) fn is_deserted(&self) -> bool {
        self.listeners().is_empty()
    }

    /// Something changed, or somebody left.
    pub(super) fn wake(&self) {
        self.rung.notify_one();
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a lane from a cursor on, until nobody listens.
pub(super) async fn run(fanout: Arc<Fanout>, lane: Arc<Lane>, from: Cursor) {
    let mut reader = Reader {
        fanout: fanout.clone(),
        lane: lane.clone(),
        cursor: from,
        head_seen: from.seq,
        told_as_new: HashSet::new(),
        members_checked: Instant::now(),
    };
    let mut pause = Duration::ZERO;
    loop {
        let mut rung = pin!(lane.rung.notified());
        // First listen, then look.
        rung.as_mut().enable();
        match reader.pull_all().await {
            Ok(()) => {
                if pause > Duration::ZERO {
                    fanout.metrics.lanes_behind.dec();
                }
                pause = Duration::ZERO;
            }
            Err(error) => {
                if pause == Duration::ZERO {
                    fanout.metrics.lanes_behind.inc();
                }
                tracing::warn!(workspace = %lane.workspace, error = format!("{:#}", anyhow::Error::from(error)), "changes cannot be read");
                pause = (pause * 2).clamp(Duration::from_millis(100), LONGEST_PAUSE);
            }
        }
        if fanout.end_if_deserted(&lane) {
            if pause > Duration::ZERO {
                fanout.metrics.lanes_behind.dec();
            }
            return;
        }
        if pause > Duration::ZERO {
            tokio::select! {
                () = fanout.cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            continue;
        }
        tokio::select! {
            () = fanout.cancel.cancelled() => return,
            () = rung => {}
            () = tokio::time::sleep(fanout.timers.poll_every) => {}
        }
    }
}

struct Reader {
    fanout: Arc<Fanout>,
    lane: Arc<Lane>,
    cursor: Cursor,
    /// The cursor when it last was at the head of the feed.
    head_seen: i64,
    /// Rows that were told as new since: when they change before the head is reached, they are told as changed.
    told_as_new: HashSet<Uuid>,
    members_checked: Instant,
}

impl Reader {
    async fn pull_all(&mut self) -> deskline_store::Result<()> {
        let began = Instant::now();
        let mut heard = false;
        loop {
            let mut page =
                self.fanout.store.changes_since(self.lane.workspace, self.cursor.seq, self.head_seen, PAGE).await?;
            for change in &mut page.changes {
                change.created = change.created && self.told_as_new.insert(change.id);
            }
            let replaced = page.feed != self.cursor.feed || page.head < self.cursor.seq;
            if page.changes.is_empty() && !replaced {
                self.cursor.seq = page.up_to.max(self.cursor.seq);
                self.at_head();
                break;
            }
            heard = true;
            let (next, more) = if replaced { (page.head, false) } else { (page.up_to, page.has_more()) };
            let reached = Cursor { feed: page.feed, seq: next };
            self.emit(page, replaced).await?;
            self.cursor = reached;
            if !more {
                self.at_head();
                break;
            }
        }
        if heard {
            self.fanout.metrics.fanout_seconds.observe(began.elapsed().as_secs_f64());
        }
        Ok(())
    }

    fn at_head(&mut self) {
        self.head_seen = self.cursor.seq;
        self.told_as_new.clear();
    }

    /// Puts a page on every wire. Of a feed that was replaced, desktops hear that it was; nobody can say what is new in it.
    async fn emit(&mut self, mut page: ChangePage, replaced: bool) -> deskline_store::Result<()> {
        let members_changed = page.changes.iter().any(|change| change.entity == Entity::Member.as_str());
        if members_changed || self.members_checked.elapsed() >= self.fanout.timers.members_checked_every {
            self.drop_former_members().await;
        }
        let listeners = self.lane.listeners().clone();
        let rows = listeners.iter().any(|listener| listener.wants == Wants::Rows) && !replaced;
        let events = if rows { render::rows(&page, &self.contacts_of(&page).await?) } else { Vec::new() };
        page.changes.sort_unstable_by_key(|change| change.seq);
        let whole_page =
            listeners.iter().any(|listener| listener.wants == Wants::Pages).then(|| render::page(&page)).flatten();
        for listener in &listeners {
            let events = match listener.wants {
                Wants::Rows => &events[..],
                Wants::Pages => whole_page.as_slice(),
            };
            for event in events {
                let own =
                    event.of_message.is_some_and(|message| self.fanout.origin(message) == Some(listener.wire.sid));
                if !own {
                    listener.wire.push(event.name, event.payload.clone());
                }
            }
        }
        Ok(())
    }

    /// The contacts of new texts, as far as the page does not have them itself.
    async fn contacts_of(&self, page: &ChangePage) -> deskline_store::Result<HashMap<ContactId, ContactRow>> {
        let mut contacts = HashMap::new();
        for id in render::contacts_missing(page) {
            if let Some(contact) = self.fanout.store.contact(self.lane.workspace, id).await? {
                contacts.insert(id, contact);
            }
        }
        Ok(contacts)
    }

    /// Membership may end while a socket listens. The feed says so; and what the feed cannot say is looked at now and then.
    async fn drop_former_members(&mut self) {
        self.members_checked = Instant::now();
        let mut users: Vec<_> = self.lane.listeners().iter().map(|listener| listener.wire.user).collect();
        users.sort_unstable();
        users.dedup();
        for user in users {
            if let Ok(None) = self.fanout.store.role_of(self.lane.workspace, user).await {
                self.lane.listeners().retain(|listener| listener.wire.user != user);
            }
        }
    }
}
