//! A desktop: a cache, an outbox and what a window would show of both. Overlay and order are the engine's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
    ids::{CommandId, ContactId, LabelId, MessageId, NoteId},
};
use rand::{RngExt, rngs::StdRng};
use uuid::Uuid;

use super::{
    CONTACTS, Entity, LABELS, Page, Row, TEAM, USERS, contact, later, note_without_clock, server::Server, without_clock,
};
use crate::{
    cache::{
        contacts::CachedContact,
        notes::CachedNote,
        team::{CachedLabel, CachedTeam},
    },
    outbox::order::{self, Untold},
    overlay,
};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    RequestLost,
    AnswerLost,
    /// Some commands cannot be carried out now; each waits for itself.
    Stumbles,
    Answered,
}

struct Waiting {
    untold: Untold,
    /// The number from which on the feed shows it.
    done: Option<i64>,
}

/// See [`super::super`].
pub(crate) struct Desk {
    number: usize,
    contacts: BTreeMap<ContactId, CachedContact>,
    notes: BTreeMap<NoteId, CachedNote>,
    labels: BTreeMap<LabelId, CachedLabel>,
    texts: BTreeMap<ContactId, BTreeSet<MessageId>>,
    cursor: i64,
    /// Every change up to here is in the rows.
    whole: i64,
    outbox: Vec<Waiting>,
    received: Option<Page>,
    ids: u128,
}

/// Everything that a window could show.
#[derive(Debug, PartialEq)]
struct Shown {
    contacts: Vec<CachedContact>,
    notes: Vec<CachedNote>,
    labels: Vec<CachedLabel>,
}

impl Desk {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number,
            contacts: BTreeMap::new(),
            notes: BTreeMap::new(),
            labels: BTreeMap::new(),
            texts: BTreeMap::new(),
            cursor: 0,
            whole: 0,
            outbox: Vec::new(),
            received: None,
            ids: 0,
        }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// Whether every change is here.
    pub(crate) fn has_all(&self, server: &Server) -> bool {
        self.whole == server.head()
    }

    /// The agent does something to what the window shows.
    pub(crate) fn act(&mut self, dice: &mut StdRng, now: DateTime<Utc>, what: &str) {
        let Some(action) = self.choose(dice, now) else { return };
        let id = CommandId(self.fresh_id());
        if let Action::MarkRead { contact_id: read, .. } = action {
            self.outbox.retain(
                |one| !matches!(one.untold.command.action, Action::MarkRead { contact_id, .. } if contact_id == read),
            );
        }
        let command = Command { id, workspace_id: TEAM, at: now, action };
        self.outbox.push(Waiting { untold: Untold { command: command.clone(), next_at: now, attempt: 0 }, done: None });

        for row in self.shown().contacts {
            let mut again = row.clone();
            overlay::to_contact(&command, self.unread_left(&command), &mut again);
            assert_eq!(
                without_clock(again),
                row,
                "{what}: what was just done is not on screen, or doing it twice is another thing"
            );
        }
    }

    fn fresh_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids << 8 | u128::try_from(self.number).unwrap())
    }

    /// Something that a window offers.
    fn choose(&mut self, dice: &mut StdRng, now: DateTime<Utc>) -> Option<Action> {
        let contact_id = contact(dice.random_range(0..CONTACTS));
        self.contacts.get(&contact_id)?;
        let shown = self.shown();
        let mine = shown.notes.iter().find(|note| note.author_id == USERS[self.number]);
        // An id is made once: a label that is gone never comes back.
        let known = shown.labels.get(dice.random_range(0..LABELS)).map(|label| label.id);
        let label_id = known.unwrap_or_else(|| LabelId(self.fresh_id()));
        let has_label = known.is_some();
        let word = format!("{}", dice.random_range(0..4));
        let color = "#ffffff".to_owned();
        Some(match dice.random_range(0..20) {
            0 | 1 => {
                let up_to = self.texts.get(&contact_id).and_then(|texts| texts.last().copied());
                Action::MarkRead { contact_id, up_to }
            }
            2 => Action::MarkUnread { contact_id },
            3 => Action::Assign { contact_id, user_id: USERS[dice.random_range(0..2)] },
            4 => Action::Unassign { contact_id },
            5 => {
                let seen = self.texts.get(&contact_id).and_then(|texts| texts.last().copied());
                Action::Close { contact_id, seen }
            }
            6 => Action::SetStatus { contact_id, status: ConversationStatus::Open },
            7 => Action::Snooze { contact_id, until: later(now, dice.random_range(1..9)) },
            8 | 9 if has_label => Action::AddLabel { contact_id, label_id },
            10 if has_label => Action::RemoveLabel { contact_id, label_id },
            11 => Action::RenameContact { contact_id, name: word },
            12 => Action::SetAttribute { contact_id, name: "bike".to_owned(), value: word },
            13 => Action::RemoveAttribute { contact_id, name: "bike".to_owned() },
            14 => Action::Block { contact_id },
            15 => Action::Unblock { contact_id },
            16 => Action::AddNote { contact_id, note_id: NoteId(self.fresh_id()), content: word, mentions: vec![] },
            17 => Action::EditNote { note_id: mine?.id, content: word, mentions: vec![] },
            18 => Action::DeleteNote { note_id: mine?.id },
            _ if !has_label => Action::CreateLabel { label_id, name: word, color },
            _ if dice.random_range(0..4) == 0 => Action::DeleteLabel { label_id },
            _ => Action::UpdateLabel { label_id, name: word, color },
        })
    }

    /// Tells the server what may be told.
    pub(crate) fn tell(&mut self, server: &mut Server, dice: &mut StdRng, now: DateTime<Utc>, fate: Fate, what: &str) {
        let untold = self.outbox.iter().filter(|one| one.done.is_none());
        let untold: Vec<Untold> = untold.map(|one| one.untold.clone()).collect();
        let mut line = order::Line::default();
        for Untold { command, .. } in order::due(&untold, now, dice.random_range(1..6)) {
            let later = now + TimeDelta::seconds(dice.random_range(1..6));
            let stumbles = fate == Fate::Stumbles && dice.random_range(0..2) == 0;
            if fate == Fate::RequestLost || stumbles || !line.lets(&command) {
                line.hold(&command);
                self.change(command.id, |one| one.untold.next_at = later);
                continue;
            }
            match server.execute(self.number, &command, what) {
                _ if fate == Fate::AnswerLost => self.change(command.id, |one| one.untold.next_at = later),
                Some(seq) => self.change(command.id, |one| one.done = Some(seq)),
                None => self.outbox.retain(|one| one.untold.command.id != command.id),
            }
        }
    }

    fn change(&mut self, id: CommandId, change: impl FnMut(&mut Waiting)) {
        self.outbox.iter_mut().filter(|one| one.untold.command.id == id).for_each(change);
    }

    /// The socket brings a page, which is applied later.
    pub(crate) fn receive(&mut self, server: &Server, dice: &mut StdRng) {
        self.received = Some(server.page(self.cursor, dice.random_range(1..8)));
    }

    pub(crate) fn apply_received(&mut self) {
        if let Some(page) = self.received.take() {
            self.apply(page);
        }
    }

    /// Asks for a page and applies it.
    pub(crate) fn ask(&mut self, server: &Server, dice: &mut StdRng) {
        self.apply(server.page(self.cursor, dice.random_range(1..8)));
    }

    fn apply(&mut self, page: Page) {
        if page.after != self.cursor {
            return;
        }
        for (entity, row) in page.rows {
            match (entity, row) {
                (Entity::Contact(id), Row::Contact(Some(row))) => drop(self.contacts.insert(id, row)),
                (Entity::Contact(id), _) => drop(self.contacts.remove(&id)),
                (Entity::Note(id), Row::Note(Some(row))) => drop(self.notes.insert(id, row)),
                (Entity::Note(id), _) => drop(self.notes.remove(&id)),
                (Entity::Label(id), Row::Label(Some(row))) => drop(self.labels.insert(id, row)),
                (Entity::Label(id), _) => drop(self.labels.remove(&id)),
                (Entity::Text(id), Row::Text(of)) => _ = self.texts.entry(of).or_default().insert(id),
                (Entity::Text(_), _) => unreachable!("texts of this play stay"),
            }
        }
        self.cursor = page.up_to;
        if page.is_last {
            self.whole = page.up_to;
        }
    }

    /// What the cache shows by now is forgotten; unless somebody else wrote meanwhile, nothing on screen moves.
    pub(crate) fn forget(&mut self, server: &Server, what: &str) {
        let before = self.shown();
        let mut since: BTreeMap<ContactId, i64> = BTreeMap::new();
        let whole = self.whole;
        self.outbox.retain(|one| {
            let goes = one.done.is_some_and(|seq| seq <= whole);
            if let Some(id) = one.untold.command.action.contact_id().filter(|_| goes) {
                let at = server.executed_at(one.untold.command.id);
                since.entry(id).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
            !goes
        });
        let after = self.shown();
        // A label that somebody deleted goes from every conversation, and that is no flicker of theirs.
        let stays = |label: &CachedLabel| after.labels.iter().any(|other| other.id == label.id);
        let labels: Vec<LabelId> = before.labels.iter().filter(|label| stays(label)).map(|label| label.id).collect();
        let of_these = |row: &CachedContact| {
            let mut row = row.clone();
            row.labels.retain(|label| labels.contains(label));
            row
        };
        for (one, other) in before.contacts.iter().zip(&after.contacts) {
            let (one, other) = (of_these(one), of_these(other));
            let alone = since.get(&one.id).is_none_or(|at| !server.was_written_by_others(one.id, self.number, *at));
            assert!(!alone || one == other, "{what}: the screen flickers from {one:?} to {other:?}");
        }
    }

    fn unread_left(&self, command: &Command) -> i64 {
        let Action::MarkRead { contact_id, up_to } = command.action else { return 0 };
        let texts = self.texts.get(&contact_id).into_iter().flatten();
        i64::try_from(texts.filter(|text| up_to.is_none_or(|up_to| **text > up_to)).count()).unwrap()
    }

    fn shown(&self) -> Shown {
        let commands: Vec<&Command> = self.outbox.iter().map(|one| &one.untold.command).collect();
        let mut team = CachedTeam { labels: self.labels.values().cloned().collect(), ..CachedTeam::default() };
        for command in &commands {
            overlay::to_team(command, &mut team);
        }
        team.labels.sort_by_key(|label| label.id);

        let contacts = self.contacts.values().cloned().map(|mut row| {
            for command in &commands {
                overlay::to_contact(command, self.unread_left(command), &mut row);
            }
            // A window has no name for a label that is gone, and shows none.
            row.labels.retain(|id| team.labels.iter().any(|label| label.id == *id));
            without_clock(row)
        });
        let contacts = contacts.collect();

        let added = commands.iter().filter_map(|command| overlay::added_note(command, USERS[self.number]));
        let notes = self.notes.values().cloned().chain(added.filter(|note| !self.notes.contains_key(&note.id)));
        let notes = notes.filter_map(|note| commands.iter().try_fold(note, |note, one| overlay::to_note(one, note)));
        let mut notes: Vec<CachedNote> = notes.map(note_without_clock).collect();
        notes.sort_by_key(|note| note.id);
        Shown { contacts, notes, labels: team.labels }
    }

    pub(crate) fn assert_shows(&self, server: &Server, seed: u64) {
        let rows = Shown {
            contacts: server.contacts.values().cloned().map(without_clock).collect(),
            notes: server.notes.values().cloned().map(note_without_clock).collect(),
            labels: server.labels.values().cloned().collect(),
        };
        assert_eq!(self.shown(), rows, "seed {seed}: desktop {} shows something else than the server", self.number);
    }
}
