//! What somebody has begun to write, at all desktops of its author: `GET /drafts`, `POST /drafts` and the event `draft`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    command::rules::MAX_NOTE,
    ids::{ContactId, FileId, UserId, WorkspaceId},
};

/// The longest draft, in characters: longer than any text that can be sent, since a draft may have to be shortened.
pub const MAX_DRAFT: usize = 10_000;

/// What stands in the composer beside the words and the files, and follows them to the author's other desktops.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct ReplySettings {
    /// Whether a text for later is called off when the contact writes first.
    pub cancel_on_reply: bool,
    /// The private note that was begun and not kept.
    pub note: String,
}

impl ReplySettings {
    /// As they are kept: a blank note is none, and the end of one that is longer than any note can be stays where it was written. So does a NUL,
    /// which no database takes.
    #[must_use]
    pub fn fitting(&self) -> Self {
        let note = if self.note.trim().is_empty() { "" } else { &self.note };
        Self { note: note.chars().filter(|character| *character != '\0').take(MAX_NOTE).collect(), ..*self }
    }
}

impl std::fmt::Debug for ReplySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplySettings").field("cancel_on_reply", &self.cancel_on_reply).finish_non_exhaustive()
    }
}

/// Body of `POST /drafts`: a version of what the caller has begun to write to a contact. Nobody else ever sees it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaveDraft {
    /// The team.
    pub workspace_id: WorkspaceId,
    /// To whom.
    pub contact_id: ContactId,
    /// The text; missing or blank when it was sent or deleted, or is one of files or of reply settings alone.
    #[serde(default)]
    pub content: Option<String>,
    /// The files that go with it, in order: what `POST /media` called them. One that the caller did not upload to this team, or that was removed
    /// meanwhile, is left out. Missing, as older desktops have it: they stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileId>>,
    /// What stands beside them. Missing, as older desktops have it: it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplySettings>,
    /// The number that it is to go out from, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How many milliseconds ago it was edited. The version that was edited last stays, whatever the clocks of two desktops say.
    #[serde(default)]
    pub age_ms: u64,
}

impl std::fmt::Debug for SaveDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveDraft").field("contact_id", &self.contact_id).finish_non_exhaustive()
    }
}

/// A draft as it stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftRow {
    /// To whom.
    pub contact_id: ContactId,
    /// The text; `None` when it was sent or deleted, or is one of files or of reply settings alone.
    pub content: Option<String>,
    /// The files that go with it, in order; `None` where whoever answers knows nothing of them, as an older server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<DraftFile>>,
    /// What stands beside them; `None` where whoever answers knows nothing of it, as an older server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplySettings>,
    /// The number that it is to go out from, where one was chosen.
    #[serde(default)]
    pub from: Option<String>,
    /// When it was last edited, by the server's clock: the name of this version.
    pub edited_at: DateTime<Utc>,
}

impl std::fmt::Debug for DraftRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftRow")
            .field("contact_id", &self.contact_id)
            .field("edited_at", &self.edited_at)
            .finish_non_exhaustive()
    }
}

/// A file of a draft.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftFile {
    /// What the server calls it.
    pub id: FileId,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Its MIME type.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// Where it can be fetched for a while, by whoever has the address; `mediaUrls` of [`super::SendSms`] take it. `None` where there is no server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl std::fmt::Debug for DraftFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftFile").field("id", &self.id).field("size", &self.size).finish_non_exhaustive()
    }
}

/// Answer to `POST /drafts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedDraft {
    /// Whether the version that was sent is the one that stays. If not, another desktop edited it later.
    pub saved: bool,
    /// The one that stays.
    pub draft: DraftRow,
}

/// Answer to `GET /drafts?workspaceId=…`: everything that the caller has begun, without what was sent or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftsReply {
    /// In the order in which they were edited.
    pub drafts: Vec<DraftRow>,
    /// Whether a version that is told here may have files. An older server has none.
    #[serde(default)]
    pub takes_files: bool,
    /// Whether a version that is told here may have reply settings. An older server has none.
    #[serde(default)]
    pub takes_replies: bool,
}

/// Payload of `draft`, to the sockets of one user alone: something was edited at a desktop, so ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftTold {
    /// The team.
    pub workspace_id: WorkspaceId,
    /// Whose draft.
    pub user_id: UserId,
    /// To whom.
    pub contact_id: ContactId,
    /// Which version.
    pub edited_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_was_begun_is_kept_as_long_as_notes_are_and_a_blank_one_is_none() {
        let noted = |note: &str| ReplySettings { cancel_on_reply: true, note: note.to_owned() }.fitting();

        assert_eq!(noted(" \n"), ReplySettings { cancel_on_reply: true, note: String::new() });
        assert_eq!(noted(" half a\0 thought").note, " half a thought");
        assert_eq!(noted(&"é".repeat(MAX_NOTE + 1)).note.chars().count(), MAX_NOTE);
    }

    #[test]
    fn what_was_written_in_a_note_is_in_no_log() {
        let version = ReplySettings { cancel_on_reply: true, note: "for my eyes".to_owned() };

        assert!(!format!("{version:?}").contains("eyes"));
    }

    #[test]
    fn reply_settings_that_say_less_are_read_as_nothing_begun() {
        let read: ReplySettings = serde_json::from_str("{}").unwrap();

        assert_eq!(read, ReplySettings::default());
    }
}
