//! The rows and the feed of the server in memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    command::{Action, Command},
    ids::{CannedReplyId, CommandId, ContactId, FeedId, LabelId, MessageId, UserId, WorkspaceId},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Drafts, Fault};

/// What one server knows.
pub(crate) struct State {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) feed: FeedId,
    pub(crate) head: i64,
    pushed: i64,
    rows: BTreeMap<(&'static str, Uuid), Value>,
    /// Latest change and first change of each row.
    changes: BTreeMap<(&'static str, Uuid), (i64, i64)>,
    /// Rows of a snapshot page.
    pub(crate) snapshot_page: usize,
    pub(crate) access: HashSet<String>,
    pub(crate) refresh: HashSet<String>,
    pub(crate) expires_in: i64,
    tokens: u32,
    pub(crate) faults: Vec<(String, Fault)>,
    pub(crate) down: bool,
    pub(crate) end_of_hanging: CancellationToken,
    pub(crate) asked: Vec<String>,
    pub(crate) sent: Vec<(String, String)>,
    kept: u128,
    /// Files that it keeps: type, name and content.
    pub(crate) files: HashMap<Uuid, (String, Option<String>, Vec<u8>)>,
    /// What was begun. One without any is older than drafts are.
    pub(crate) drafts: Option<Drafts>,
    pub(crate) commands: Vec<Command>,
    /// Why commands were refused.
    refused: HashMap<CommandId, String>,
    /// The agent's, in the team.
    pub(crate) role: &'static str,
    /// A request with a command of this conversation is answered so, and nothing of it is done.
    pub(crate) stumbles_over: Option<(ContactId, StatusCode)>,
    /// What the team sends from.
    pub(crate) numbers: Vec<&'static str>,
    /// Whether sockets are accepted.
    pub(crate) sockets: bool,
    /// Whether the agent is a member of the team.
    pub(crate) member: bool,
    /// What time it says that it is; by itself it says what the system does.
    pub(crate) date: Option<DateTime<Utc>>,
}

impl State {
    pub(crate) fn says_that_it_is(&mut self, time: DateTime<Utc>) {
        self.date = Some(time);
    }

    pub(crate) fn new() -> Self {
        Self {
            workspace_id: WorkspaceId(Uuid::from_u128(0x0a)),
            user_id: UserId(Uuid::from_u128(0x0b)),
            feed: FeedId(Uuid::from_u128(0xfeed_0001)),
            head: 0,
            pushed: 0,
            rows: BTreeMap::new(),
            changes: BTreeMap::new(),
            snapshot_page: 100,
            access: HashSet::new(),
            refresh: HashSet::new(),
            expires_in: 3_600,
            tokens: 0,
            faults: Vec::new(),
            down: false,
            end_of_hanging: CancellationToken::new(),
            asked: Vec::new(),
            date: None,
            sent: Vec::new(),
            kept: 0,
            files: HashMap::new(),
            drafts: None,
            commands: Vec::new(),
            refused: HashMap::new(),
            role: "agent",
            stumbles_over: None,
            numbers: Vec::new(),
            sockets: false,
            member: true,
        }
    }

    /// The time at the server: each change is a second after the one before.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::seconds(self.head)
    }

    pub(crate) fn row(&self, entity: &'static str, id: Uuid) -> &Value {
        &self.rows[&(entity, id)]
    }

    pub(crate) fn has(&self, entity: &'static str, id: Uuid) -> bool {
        self.rows.contains_key(&(entity, id))
    }

    /// Writes a row and numbers the change.
    pub(crate) fn put(&mut self, entity: &'static str, id: Uuid, row: Value) {
        self.head += 1;
        self.rows.insert((entity, id), row);
        let head = self.head;
        self.changes.entry((entity, id)).and_modify(|(latest, _)| *latest = head).or_insert((head, head));
    }

    pub(crate) fn delete(&mut self, entity: &'static str, id: Uuid) {
        self.head += 1;
        self.rows.remove(&(entity, id));
        let head = self.head;
        self.changes.entry((entity, id)).and_modify(|(latest, _)| *latest = head);
    }

    pub(crate) fn change(&mut self, entity: &'static str, id: Uuid, change: impl FnOnce(&mut Value)) {
        let mut row = self.row(entity, id).clone();
        change(&mut row);
        self.put(entity, id, row);
    }

    pub(crate) fn put_contact(&mut self, name: &str, phone: &str) -> ContactId {
        let id = Uuid::from_u128(0xc000_0000 + u128::from(self.head.unsigned_abs()));
        let now = self.now();
        let row = json!({
            "id": id, "workspace_id": self.workspace_id, "name": name, "phone": phone, "phone_number": phone,
            "unread_count": 0, "conversation_status": "Open", "opted_out_at": null, "last_message_at": now,
            "created_at": now, "updated_at": now,
        });
        self.put("contact", id, row);
        ContactId(id)
    }

    pub(crate) fn put_audit(&mut self, twilio: i64, here: i64) {
        let (id, now) = (self.workspace_id, self.now() + TimeDelta::seconds(1));
        let row = json!({
            "id": id, "workspace_id": id, "twilio": twilio, "here": here, "checked_at": now, "updated_at": now,
        });
        self.put("audit", id.0, row);
    }

    pub(crate) fn put_inbound(&mut self, contact_id: ContactId, text: &str) -> MessageId {
        let id = Uuid::from_u128(0xd000_0000 + u128::from(self.head.unsigned_abs()));
        let now = self.now();
        let mut row = self.message(id, contact_id.0, text, "inbound", "delivered");
        row["twilio_sid"] = json!(format!("SM{id}"));
        self.put("message", id, row);
        self.change("contact", contact_id.0, |row| {
            row["unread_count"] = json!(row["unread_count"].as_i64().unwrap() + 1);
            row["last_message_at"] = json!(now);
        });
        MessageId(id)
    }

    pub(crate) fn put_answer(&mut self, contact_id: ContactId, text: &str) {
        let id = Uuid::from_u128(0xe000_0000 + u128::from(self.head.unsigned_abs()));
        let mut row = self.message(id, contact_id.0, text, "outbound", "sent");
        row["sent_by"] = json!(Uuid::from_u128(0x0d));
        self.put("message", id, row);
    }

    pub(crate) fn message(&self, id: Uuid, contact_id: Uuid, text: &str, direction: &str, status: &str) -> Value {
        let now = self.now();
        json!({
            "id": id, "workspace_id": self.workspace_id, "contact_id": contact_id, "content": text,
            "direction": direction, "status": status, "twilio_sid": null, "message_type": "text", "media_url": null,
            "media_type": null, "created_at": now, "updated_at": now,
        })
    }

    /// Stores a text once a client id, with Twilio's id if Twilio has taken it, and answers its row.
    /// Takes a file to be sent.
    pub(crate) fn keep(&mut self, content_type: &str, name: Option<&str>, content: &[u8]) -> Uuid {
        self.kept += 1;
        let id = Uuid::from_u128(0xf11e_0000 + self.kept);
        self.files.insert(id, (content_type.to_owned(), name.map(ToOwned::to_owned), content.to_vec()));
        id
    }

    /// What stands in `media` for these files.
    pub(crate) fn media(&self, files: &[Uuid]) -> Value {
        let one = |id: &Uuid| {
            let (content_type, _, content) = &self.files[id];
            json!({
                "url": format!("http://elsewhere.example/media/{id}"), "content_type": content_type, "state": "stored",
                "key": id, "stored_type": content_type, "size": content.len(),
            })
        };
        Value::from_iter(files.iter().map(one))
    }

    /// A text with files comes in.
    pub(crate) fn put_picture(&mut self, contact_id: ContactId, content_type: &str, content: &[u8]) -> MessageId {
        let file = self.keep(content_type, None, content);
        let media = self.media(&[file]);
        let id = self.put_inbound(contact_id, "");
        self.change("message", id.0, |row| {
            row["media"] = media;
            row["message_type"] = json!("media");
        });
        id
    }

    pub(crate) fn store(&mut self, contact_id: Uuid, text: &str, client_id: &str, status: &str, taken: bool) -> Value {
        let id = Uuid::parse_str(client_id).unwrap();
        if !self.has("message", id) {
            let mut row = self.message(id, contact_id, text, "outbound", status);
            row["client_id"] = json!(client_id);
            row["sent_by"] = json!(self.user_id);
            row["twilio_sid"] = if taken { json!(format!("SM{id}")) } else { Value::Null };
            let now = row["created_at"].clone();
            self.sent.push((client_id.to_owned(), text.to_owned()));
            self.put("message", id, row);
            self.change("contact", contact_id, |row| row["last_message_at"] = now);
        }
        self.row("message", id).clone()
    }

    /// Carries a command out, once: the feed's number after it, or why it never will be.
    pub(crate) fn execute(&mut self, command: &Command) -> Result<i64, String> {
        if !self.commands.iter().any(|done| done.id == command.id) {
            self.commands.push(command.clone());
            let verdict = self.carry_out(command);
            if let Err(reason) = verdict {
                self.refused.insert(command.id, reason.to_owned());
            }
        }
        self.refused.get(&command.id).map_or(Ok(self.head), |reason| Err(reason.clone()))
    }

    fn carry_out(&mut self, command: &Command) -> Result<(), &'static str> {
        if command.action.contact_id().is_some_and(|id| !self.has("contact", id.0)) {
            return Err("This contact is no longer there.");
        }
        let now = self.now();
        match &command.action {
            Action::MarkRead { contact_id, up_to } => self.mark_read(*contact_id, *up_to),
            Action::MarkUnread { contact_id } => self.change("contact", contact_id.0, |row| {
                row["unread_count"] = json!(row["unread_count"].as_i64().unwrap().max(1));
            }),
            Action::Assign { contact_id, user_id } => {
                self.change("contact", contact_id.0, |row| row["assigned_to"] = json!(user_id));
            }
            Action::Unassign { contact_id } => {
                self.change("contact", contact_id.0, |row| row["assigned_to"] = Value::Null);
            }
            Action::SetStatus { contact_id, status } => self.change("contact", contact_id.0, |row| {
                row["conversation_status"] = json!(status);
                row["snoozed_until"] = Value::Null;
            }),
            Action::Close { contact_id, seen } => {
                let at = seen.map(|id| self.row("message", id.0)["created_at"].as_str().unwrap().to_owned());
                let wrote = self.inbound_after(*contact_id, at.as_deref()) > 0;
                if wrote {
                    return Err("The contact has written something that you had not seen.");
                }
                self.change("contact", contact_id.0, |row| {
                    row["conversation_status"] = json!("Closed");
                    row["snoozed_until"] = Value::Null;
                });
            }
            Action::Resend { message_id, .. } if self.row("message", message_id.0)["status"] != "failed" => {
                return Err("This text did not fail.");
            }
            Action::Resend { message_id, .. } => self.change("message", message_id.0, |row| {
                row["status"] = json!("queued");
                row["error_code"] = Value::Null;
            }),
            Action::Snooze { contact_id, until } => self.change("contact", contact_id.0, |row| {
                row["conversation_status"] = json!("Snoozed");
                row["snoozed_until"] = json!(until);
            }),
            Action::RenameContact { contact_id, name } => {
                self.change("contact", contact_id.0, |row| row["name"] = json!(name.trim()));
            }
            Action::AddLabel { label_id, .. } if !self.has("label", label_id.0) => {
                return Err("This label is no longer there.");
            }
            Action::AddLabel { contact_id, label_id } => self.change("contact", contact_id.0, |row| {
                let mut labels = row["labels"].as_array().cloned().unwrap_or_default();
                if !labels.contains(&json!(label_id)) {
                    labels.push(json!(label_id));
                }
                row["labels"] = json!(labels);
            }),
            Action::CreateLabel { label_id, name, color } => self.put_label(*label_id, name, color),
            Action::AddNote { contact_id, note_id, content, mentions } => {
                let row = json!({
                    "id": note_id, "workspace_id": self.workspace_id, "contact_id": contact_id,
                    "author_id": self.user_id, "content": content, "mentions": mentions, "edited_at": null,
                    "created_at": now, "updated_at": now,
                });
                self.put("note", note_id.0, row);
            }
            Action::EditNote { note_id, .. } if !self.has("note", note_id.0) => {
                return Err("This note is no longer there.");
            }
            Action::EditNote { note_id, content, .. } => self.change("note", note_id.0, |row| {
                row["content"] = json!(content);
                row["edited_at"] = json!(now);
            }),
            Action::DeleteNote { note_id } => self.delete("note", note_id.0),
            other => panic!("this server does not know how to carry out {other:?}"),
        }
        Ok(())
    }

    fn mark_read(&mut self, contact_id: ContactId, up_to: Option<MessageId>) {
        let read_to = up_to.map(|id| self.row("message", id.0)["created_at"].as_str().unwrap().to_owned());
        let unread = self.inbound_after(contact_id, read_to.as_deref());
        self.change("contact", contact_id.0, |row| row["unread_count"] = json!(unread));
    }

    fn inbound_after(&self, contact_id: ContactId, at: Option<&str>) -> usize {
        self.rows
            .iter()
            .filter(|((entity, _), row)| {
                *entity == "message"
                    && row["contact_id"] == json!(contact_id)
                    && row["direction"] == "inbound"
                    && at.is_none_or(|at| row["created_at"].as_str().unwrap() > at)
            })
            .count()
    }

    pub(crate) fn put_label(&mut self, id: LabelId, name: &str, color: &str) {
        let now = self.now();
        let row = json!({
            "id": id, "workspace_id": self.workspace_id, "name": name, "color": color, "created_at": now, "updated_at": now,
        });
        self.put("label", id.0, row);
    }

    pub(crate) fn put_member(&mut self, id: UserId, email: &str, role: &str) {
        let now = self.now();
        let row = json!({
            "id": id, "workspace_id": self.workspace_id, "user_id": id, "role": role, "name": null, "email": email,
            "created_at": now, "updated_at": now,
        });
        self.put("member", id.0, row);
    }

    pub(crate) fn put_canned_reply(&mut self, id: CannedReplyId, name: &str, content: &str) {
        let now = self.now();
        let row = json!({
            "id": id, "workspace_id": self.workspace_id, "name": name, "content": content, "created_at": now, "updated_at": now,
        });
        self.put("canned_reply", id.0, row);
    }

    /// The feed after a number, at most `limit` changes.
    pub(crate) fn changes_after(&self, after: i64, limit: usize) -> Value {
        let mut list: Vec<_> = self.changes.iter().filter(|(_, (seq, _))| *seq > after).collect();
        list.sort_by_key(|(_, (seq, _))| *seq);
        let complete = list.len() <= limit;
        list.truncate(limit);
        let up_to = if complete { self.head } else { list.last().unwrap().1.0 };
        let changes: Vec<Value> = list
            .into_iter()
            .map(|((entity, id), (seq, created))| {
                json!({ "seq": seq, "entity": entity, "id": id, "created": *created > after, "row": self.rows.get(&(*entity, *id)) })
            })
            .collect();
        json!({
            "workspaceId": self.workspace_id, "feed": self.feed, "after": after, "upTo": up_to.max(after),
            "head": self.head, "changes": changes,
        })
    }

    /// A page of the snapshot: all rows, contacts first, from a place on.
    pub(crate) fn snapshot(&self, from: usize) -> Value {
        let all: Vec<_> = self.rows.iter().collect();
        let to = (from + self.snapshot_page).min(all.len());
        let of = |kind: &str| -> Vec<&Value> {
            all[from.min(to)..to].iter().filter(|((entity, _), _)| *entity == kind).map(|(_, row)| *row).collect()
        };
        json!({
            "workspaceId": self.workspace_id, "feed": self.feed, "head": self.head, "contacts": of("contact"),
            "messages": of("message"), "notes": of("note"), "labels": of("label"), "cannedReplies": of("canned_reply"),
            "members": of("member"), "audit": of("audit").first(), "next": (to < all.len()).then(|| to.to_string()), "total": all.len(),
        })
    }

    /// What sockets were not told yet.
    pub(crate) fn next_push(&mut self) -> Option<Value> {
        if self.pushed == self.head {
            return None;
        }
        let page = self.changes_after(self.pushed, usize::MAX);
        self.pushed = self.head;
        Some(page)
    }

    /// As if sockets had been told everything.
    pub(crate) fn skip_push(&mut self) {
        self.pushed = self.head;
    }

    pub(crate) fn give_tokens(&mut self) -> Value {
        self.tokens += 1;
        let (access, refresh) = (format!("access-secret-{}", self.tokens), format!("refresh-secret-{}", self.tokens));
        self.access.insert(access.clone());
        self.refresh.insert(refresh.clone());
        json!({
            "access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": self.expires_in,
            "user": { "id": self.user_id, "email": "agent@example.com" },
        })
    }
}
