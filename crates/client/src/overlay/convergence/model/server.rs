//! The server: `store::execute` once more, on rows in memory, with a feed.

use std::collections::{BTreeMap, HashMap};

use deskline_domain::{
    command::{Action, Command},
    contact::ConversationStatus,
    ids::{CommandId, ContactId, LabelId, MessageId, NoteId},
};
use rand::{RngExt, rngs::StdRng};
use uuid::Uuid;

use super::{CONTACTS, Entity, LABELS, Page, Row, TEAM, USERS, contact};
use crate::{
    cache::{contacts::CachedContact, notes::CachedNote, team::CachedLabel},
    database::micros,
};

/// See [`super::super`].
pub(crate) struct Server {
    pub(super) contacts: BTreeMap<ContactId, CachedContact>,
    pub(super) notes: BTreeMap<NoteId, CachedNote>,
    pub(super) labels: BTreeMap<LabelId, CachedLabel>,
    texts: Vec<(MessageId, ContactId)>,
    changes: BTreeMap<Entity, i64>,
    head: i64,
    /// Whether each was done, and the feed's number after it.
    executed: HashMap<CommandId, (bool, i64)>,
    /// Who wrote to a conversation, and when: `None` for anybody but the desktops.
    writers: HashMap<ContactId, Vec<(i64, Option<usize>)>>,
    /// The newest command of each desktop about each conversation.
    newest: HashMap<(usize, ContactId), CommandId>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let mut server = Self {
            contacts: BTreeMap::new(),
            notes: BTreeMap::new(),
            labels: BTreeMap::new(),
            texts: Vec::new(),
            changes: BTreeMap::new(),
            head: 0,
            executed: HashMap::new(),
            writers: HashMap::new(),
            newest: HashMap::new(),
        };
        for n in 0..CONTACTS {
            let row = CachedContact {
                id: contact(n),
                workspace_id: TEAM,
                name: None,
                phone: format!("+1555{n}"),
                unread_count: 0,
                status: ConversationStatus::Open,
                opted_out: false,
                last_message_at: None,
                sort_at: 0,
                snoozed_until: None,
                assigned_to: None,
                labels: Vec::new(),
                attributes: BTreeMap::new(),
                blocked_at: None,
            };
            server.contacts.insert(row.id, row);
            server.note(Entity::Contact(contact(n)));
        }
        let urgent =
            CachedLabel { id: LabelId(Uuid::from_u128(1)), name: "urgent".to_owned(), color: "#000000".to_owned() };
        server.note(Entity::Label(urgent.id));
        server.labels.insert(urgent.id, urgent);
        server
    }

    fn note(&mut self, entity: Entity) {
        self.head += 1;
        self.changes.insert(entity, self.head);
    }

    fn wrote(&mut self, id: ContactId, who: Option<usize>) {
        self.note(Entity::Contact(id));
        self.writers.entry(id).or_default().push((self.head, who));
    }

    pub(super) const fn head(&self) -> i64 {
        self.head
    }

    /// Whether somebody but the desktop wrote to the conversation after a change.
    pub(super) fn was_written_by_others(&self, id: ContactId, desk: usize, after: i64) -> bool {
        self.writers.get(&id).into_iter().flatten().any(|(seq, who)| *seq > after && *who != Some(desk))
    }

    /// The feed's number when a command was carried out.
    pub(super) fn executed_at(&self, id: CommandId) -> i64 {
        self.executed[&id].1
    }

    /// What a contact, a dashboard or an admin does.
    pub(crate) fn change_from_outside(&mut self, dice: &mut StdRng) {
        let id = contact(dice.random_range(0..CONTACTS));
        match dice.random_range(0..16) {
            0 => self.delete_contact(id),
            1 => {
                if let Some(id) = self.labels.keys().nth(dice.random_range(0..LABELS)).copied() {
                    self.delete_label(id, None);
                }
            }
            2..5 => self.change(id, None, |row| row.unread_count = 0),
            5..8 => self.change(id, None, |row| row.assigned_to = Some(USERS[1])),
            8..10 => self.change(id, None, |row| row.name = Some("as others say".to_owned())),
            _ => self.receive(id),
        }
    }

    /// With its notes, as a foreign key does it.
    fn delete_contact(&mut self, id: ContactId) {
        if self.contacts.remove(&id).is_none() {
            return;
        }
        self.wrote(id, None);
        let of_it = self.notes.values().filter(|note| note.contact_id == id);
        for note in of_it.map(|note| note.id).collect::<Vec<NoteId>>() {
            self.notes.remove(&note);
            self.note(Entity::Note(note));
        }
    }

    /// A text comes in.
    fn receive(&mut self, id: ContactId) {
        if !self.contacts.contains_key(&id) {
            return;
        }
        let text = MessageId(Uuid::from_u128(0xd000 + u128::try_from(self.texts.len()).unwrap()));
        self.texts.push((text, id));
        self.note(Entity::Text(text));
        // It counts in what is read of the thread, even where the row says nothing of it.
        self.writers.entry(id).or_default().push((self.head, None));
        self.change(id, None, |row| {
            if row.blocked_at.is_none() {
                row.unread_count += 1;
                row.status = row.status.after_inbound();
                row.snoozed_until = row.snoozed_until.filter(|_| row.status == ConversationStatus::Snoozed);
            }
        });
    }

    fn change(&mut self, id: ContactId, who: Option<usize>, change: impl FnOnce(&mut CachedContact)) {
        let Some(row) = self.contacts.get_mut(&id) else { return };
        let before = row.clone();
        change(row);
        // As the feed's trigger: a row that stays as it is tells nothing.
        if *row != before {
            self.wrote(id, who);
        }
    }

    fn delete_label(&mut self, id: LabelId, who: Option<usize>) {
        if self.labels.remove(&id).is_none() {
            return;
        }
        self.note(Entity::Label(id));
        let carriers = self.contacts.values().filter(|row| row.labels.contains(&id));
        for carrier in carriers.map(|row| row.id).collect::<Vec<ContactId>>() {
            self.change(carrier, who, |row| row.labels.retain(|label| *label != id));
        }
    }

    /// Once: the feed's newest number, or `None` when it will never be carried out.
    pub(super) fn execute(&mut self, who: usize, command: &Command, what: &str) -> Option<i64> {
        if !self.executed.contains_key(&command.id) {
            if let Some(contact_id) = command.action.contact_id() {
                let before = self.newest.insert((who, contact_id), command.id);
                assert!(before < Some(command.id), "{what}: commands of a conversation are out of order");
            }
            let done = self.carry_out(who, command).is_some();
            self.executed.insert(command.id, (done, self.head));
        }
        self.executed[&command.id].0.then_some(self.head)
    }

    /// `None` when it is refused.
    fn carry_out(&mut self, who: usize, command: &Command) -> Option<()> {
        if let Some(id) = command.action.contact_id() {
            self.contacts.get(&id)?;
        }
        match command.action.clone() {
            Action::MarkRead { contact_id, up_to } => {
                let left = self.texts_after(contact_id, up_to);
                self.change(contact_id, Some(who), |row| row.unread_count = row.unread_count.min(left));
            }
            Action::AddLabel { contact_id, label_id } => {
                self.labels.get(&label_id)?;
                self.change(contact_id, Some(who), |row| {
                    if !row.labels.contains(&label_id) {
                        row.labels.push(label_id);
                    }
                });
            }
            Action::AddNote { contact_id, note_id, content, mentions } => {
                if self.notes.contains_key(&note_id) {
                    return None;
                }
                let note = CachedNote {
                    id: note_id,
                    workspace_id: TEAM,
                    contact_id,
                    author_id: USERS[who],
                    content,
                    mentions,
                    edited_at: None,
                    created_at: 7,
                };
                self.notes.insert(note_id, note);
                self.note(Entity::Note(note_id));
            }
            Action::EditNote { note_id, content, .. } => {
                let note = self.notes.get_mut(&note_id).filter(|note| note.author_id == USERS[who])?;
                note.content = content;
                note.edited_at = Some(7);
                self.note(Entity::Note(note_id));
            }
            Action::DeleteNote { note_id } => {
                self.notes.get(&note_id).filter(|note| note.author_id == USERS[who])?;
                self.notes.remove(&note_id);
                self.note(Entity::Note(note_id));
            }
            Action::CreateLabel { label_id, name, color } => {
                if self.labels.contains_key(&label_id) || self.labels.values().any(|label| label.name == name) {
                    return None;
                }
                self.labels.insert(label_id, CachedLabel { id: label_id, name, color });
                self.note(Entity::Label(label_id));
            }
            Action::UpdateLabel { label_id, name, color } => {
                if self.labels.values().any(|label| label.id != label_id && label.name == name) {
                    return None;
                }
                let label = self.labels.get_mut(&label_id)?;
                (label.name, label.color) = (name, color);
                self.note(Entity::Label(label_id));
            }
            Action::DeleteLabel { label_id } => {
                self.labels.get(&label_id)?;
                self.delete_label(label_id, Some(who));
            }
            Action::Close { contact_id, seen } if self.texts_after(contact_id, seen) > 0 => return None,
            action => {
                let id = action.contact_id()?;
                self.change(id, Some(who), |row| set(row, action));
            }
        }
        Some(())
    }

    fn texts_after(&self, contact_id: ContactId, up_to: Option<MessageId>) -> i64 {
        let seen = up_to.and_then(|id| self.texts.iter().position(|(text, _)| *text == id));
        let texts = self.texts.iter().enumerate();
        let left = texts.filter(|(n, (_, of))| *of == contact_id && seen.is_none_or(|seen| *n > seen)).count();
        i64::try_from(left).unwrap()
    }

    /// What changed after a number, at most `limit` rows.
    pub(super) fn page(&self, after: i64, limit: usize) -> Page {
        let mut changed: Vec<_> = self.changes.iter().filter(|(_, seq)| **seq > after).collect();
        changed.sort_by_key(|(_, seq)| **seq);
        let up_to = if changed.len() > limit { *changed[limit - 1].1 } else { self.head };
        changed.truncate(limit);
        let rows = changed.into_iter().map(|(entity, _)| (*entity, self.row(*entity))).collect();
        Page { after, up_to, is_last: up_to == self.head, rows }
    }

    fn row(&self, entity: Entity) -> Row {
        match entity {
            Entity::Contact(id) => Row::Contact(self.contacts.get(&id).cloned()),
            Entity::Note(id) => Row::Note(self.notes.get(&id).cloned()),
            Entity::Label(id) => Row::Label(self.labels.get(&id).cloned()),
            Entity::Text(id) => Row::Text(self.texts.iter().find(|(text, _)| *text == id).unwrap().1),
        }
    }
}

/// What needs nothing but the row.
fn set(row: &mut CachedContact, action: Action) {
    match action {
        Action::MarkUnread { .. } => row.unread_count = row.unread_count.max(1),
        Action::Assign { user_id, .. } => row.assigned_to = Some(user_id),
        Action::Unassign { .. } => row.assigned_to = None,
        Action::SetStatus { status, .. } => {
            row.status = status;
            row.snoozed_until = None;
        }
        Action::Close { .. } => {
            row.status = ConversationStatus::Closed;
            row.snoozed_until = None;
        }
        Action::Snooze { until, .. } => {
            row.status = ConversationStatus::Snoozed;
            row.snoozed_until = Some(micros(until));
        }
        Action::RemoveLabel { label_id, .. } => row.labels.retain(|label| *label != label_id),
        Action::RenameContact { name, .. } => row.name = Some(name.trim().to_owned()),
        Action::SetAttribute { name, value, .. } => drop(row.attributes.insert(name, value)),
        Action::RemoveAttribute { name, .. } => drop(row.attributes.remove(&name)),
        Action::Block { .. } => drop(row.blocked_at.get_or_insert(7)),
        Action::Unblock { .. } => row.blocked_at = None,
        other => unreachable!("the desktops of this play do not do this: {other:?}"),
    }
}
