//! The change feed: each change to the shared tables has a number, and whoever has seen 412 asks for what came after 412.
//!
//! Numbered by the store's deferred trigger, read by `store::changes`, pushed by the server's fan-out and applied by the
//! client's `sync/apply`. A row travels as raw JSON and is decoded one by one, so that one bad row never stops a page.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    contact::ContactRow,
    ids::{FeedId, WorkspaceId},
    message::MessageRow,
    row::RawRow,
    team::{AuditRow, CannedReplyRow, LabelRow, MemberRow, NoteRow},
};

/// How far somebody has read one workspace's feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which life of the feed.
    pub feed: FeedId,
    /// The last change seen.
    pub seq: i64,
}

/// A stretch of the feed: every entity whose latest change lies in `(after, upTo]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePage {
    /// Whose feed.
    pub workspace_id: WorkspaceId,
    /// Which life of it.
    pub feed: FeedId,
    /// The page holds what came after this.
    pub after: i64,
    /// The cursor once it is applied. Equal to `after` when there was nothing.
    pub up_to: i64,
    /// The newest number when the page was read; larger than `upTo` when there is more.
    pub head: i64,
    /// In order of their numbers.
    pub changes: Vec<Change>,
}

impl ChangePage {
    /// Whether another page waits.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.up_to < self.head
    }
}

/// The latest change of one entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its number.
    pub seq: i64,
    /// Which table: see [`Entity`]. Text, since a newer server may know more.
    pub entity: String,
    /// The row's id.
    pub id: Uuid,
    /// Whether the row was there from this change on, or older and changed. Tells `new_message` from `message_updated`.
    #[serde(default)]
    pub created: bool,
    /// The row as it stands now; `None` once it is gone.
    pub row: Option<RawRow>,
}

/// The kinds of rows in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entity {
    /// `contacts`
    Contact,
    /// `messages`
    Message,
    /// `labels`
    Label,
    /// `notes`
    Note,
    /// `canned_replies`
    CannedReply,
    /// `workspace_members`; the row's id is the user's
    Member,
    /// `workspace_audits`; the row's id is the workspace's
    Audit,
}

impl Entity {
    /// The word in the feed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Message => "message",
            Self::Label => "label",
            Self::Note => "note",
            Self::CannedReply => "canned_reply",
            Self::Member => "member",
            Self::Audit => "audit",
        }
    }

    /// The kind that a word in the feed stands for; `None` for one of a newer server.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Contact, Self::Message, Self::Label, Self::Note, Self::CannedReply, Self::Member, Self::Audit]
            .into_iter()
            .find(|entity| entity.as_str() == word)
    }

    /// Reads a row of this kind.
    ///
    /// # Errors
    /// It is no such row. The error may quote a value of it.
    pub fn read(self, row: &RawRow) -> Result<Decoded, serde_json::Error> {
        match self {
            Self::Contact => row.read::<ContactRow>().map(|row| Decoded::Contact(Box::new(row))),
            Self::Message => row.read::<MessageRow>().map(|row| Decoded::Message(Box::new(row))),
            Self::Label => row.read::<LabelRow>().map(|row| Decoded::Label(Box::new(row))),
            Self::Note => row.read::<NoteRow>().map(|row| Decoded::Note(Box::new(row))),
            Self::CannedReply => row.read::<CannedReplyRow>().map(|row| Decoded::CannedReply(Box::new(row))),
            Self::Member => row.read::<MemberRow>().map(|row| Decoded::Member(Box::new(row))),
            Self::Audit => row.read::<AuditRow>().map(Decoded::Audit),
        }
    }
}

/// A change with its row read.
#[derive(Clone, Debug, PartialEq)]
pub enum Decoded {
    /// A contact is now so.
    Contact(Box<ContactRow>),
    /// A message is now so.
    Message(Box<MessageRow>),
    /// A label is now so.
    Label(Box<LabelRow>),
    /// A note is now so.
    Note(Box<NoteRow>),
    /// A canned reply is now so.
    CannedReply(Box<CannedReplyRow>),
    /// A member is now so.
    Member(Box<MemberRow>),
    /// The team's texts were compared with Twilio's.
    Audit(AuditRow),
    /// A row is gone.
    Deleted(Entity, Uuid),
    /// Something that a newer server tells of and this program does not know.
    Unknown,
}

/// A row that does not have the form it should have.
#[derive(Debug, thiserror::Error)]
#[error("change {seq}: the row of {entity} {id} cannot be read")]
pub struct BadRow {
    /// The change's number.
    pub seq: i64,
    /// The kind of row.
    pub entity: String,
    /// The row's id.
    pub id: Uuid,
    /// What is wrong with it. May quote a value, so it is never logged.
    #[source]
    pub source: serde_json::Error,
}

impl Change {
    /// Reads the row.
    ///
    /// # Errors
    /// [`BadRow`], which the caller sets aside and reports; the rest of the page goes on.
    pub fn decode(&self) -> Result<Decoded, BadRow> {
        let Some(entity) = Entity::parse(&self.entity) else { return Ok(Decoded::Unknown) };
        let Some(row) = &self.row else { return Ok(Decoded::Deleted(entity, self.id)) };
        entity.read(row).map_err(|source| BadRow { seq: self.seq, entity: self.entity.clone(), id: self.id, source })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(entity: &str, row: Option<serde_json::Value>) -> Change {
        Change { seq: 7, entity: entity.to_owned(), id: Uuid::nil(), created: false, row: row.map(RawRow::from) }
    }

    #[test]
    fn a_bad_row_is_an_error_of_its_own_that_names_it() {
        let error = change("contact", Some(json!({ "id": 12 }))).decode().unwrap_err();

        assert_eq!((error.seq, error.entity.as_str()), (7, "contact"));
    }

    #[test]
    fn a_deleted_row_and_an_unknown_kind_are_no_errors() {
        assert_eq!(change("message", None).decode().unwrap(), Decoded::Deleted(Entity::Message, Uuid::nil()));
        assert_eq!(change("hologram", Some(json!({}))).decode().unwrap(), Decoded::Unknown);
    }
}
