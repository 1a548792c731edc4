//! A text, as every side of the wire spells it: the row of `messages`.
//!
//! Read from Postgres by the store, sent over HTTP and sockets by the server, kept in the desktop's cache. Field names are
//! column names: programs that are not ours read the same JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    delivery::DeliveryStatus,
    ids::{ContactId, FileId, MessageId, UserId, WorkspaceId},
};

/// Which way a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Direction {
    /// From the contact.
    Inbound,
    /// To the contact.
    Outbound,
}

impl Direction {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// Whether files come with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MessageType {
    /// Text alone.
    Text,
    /// At least one file.
    Media,
}

/// How far a file is that the server keeps a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MediaState {
    /// It could not be fetched from Twilio, and is tried again by itself.
    Waiting,
    /// It is there: ask `GET /media/link` for a link to it.
    Stored,
    /// It could not be fetched, and is not tried again by itself.
    Failed,
}

/// One file of an MMS. Programs that are not ours know `url` and `content_type` alone; what another program wrote into the other
/// fields and makes no sense counts as missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export)]
pub struct Media {
    /// Where Twilio, or we, serve it.
    pub url: String,
    /// Its MIME type as it was told, where known.
    pub content_type: Option<String>,
    /// How far our copy is. Missing for an inbound file that nobody has looked at yet, and for a file that others keep.
    #[serde(default, deserialize_with = "if_it_makes_sense", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub state: Option<MediaState>,
    /// Our copy's id.
    #[serde(default, deserialize_with = "if_it_makes_sense", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub key: Option<FileId>,
    /// The MIME type that our copy is served with: what its content shows, whatever was told.
    #[serde(default, deserialize_with = "if_it_makes_sense", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub stored_type: Option<String>,
    /// Our copy's size in bytes.
    #[serde(default, deserialize_with = "if_it_makes_sense", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub size: Option<u32>,
    /// Why it is not there, in a plain sentence.
    #[serde(default, deserialize_with = "if_it_makes_sense", skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<String>,
}

fn if_it_makes_sense<'de, D, T>(field: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    Ok(serde_json::from_value(serde_json::Value::deserialize(field)?).ok())
}

/// Another program may have written anything into the list. What makes no sense keeps its place, as a file without an address, so that
/// the row can be read and its other files stay where they are.
fn files<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Vec<Media>, D::Error> {
    let files = Vec::<serde_json::Value>::deserialize(field)?;
    Ok(files.into_iter().map(|file| serde_json::from_value(file).unwrap_or_default()).collect())
}

/// The row of `messages`. Timestamps are RFC 3339 in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Ours, made where the text was written or first stored.
    pub id: MessageId,
    /// The team it belongs to.
    pub workspace_id: WorkspaceId,
    /// Whom it is from or to.
    pub contact_id: ContactId,
    /// The text; empty where an MMS has none.
    pub content: String,
    /// Which way it goes.
    pub direction: Direction,
    /// What became of it; for an inbound text `delivered`.
    pub status: DeliveryStatus,
    /// Twilio's id (`SM…` or `MM…`) once Twilio has it.
    pub twilio_sid: Option<String>,
    /// Whether files come with it.
    pub message_type: MessageType,
    /// The first file, for programs that know of one only.
    pub media_url: Option<String>,
    /// The first file's MIME type.
    pub media_type: Option<String>,
    /// Every file, in Twilio's order.
    #[serde(default, deserialize_with = "files")]
    pub media: Vec<Media>,
    /// Our number or Messaging Service, or the contact.
    #[serde(default)]
    pub from_number: Option<String>,
    /// The contact, or our number.
    #[serde(default)]
    pub to_number: Option<String>,
    /// Twilio's error code, once there was one; never erased by a later callback without one.
    #[serde(default)]
    pub error_code: Option<i32>,
    /// The same in plain words.
    #[serde(default)]
    pub error_message: Option<String>,
    /// Whether nobody can say at the moment if Twilio has it: it is being looked up, and not repeated before that.
    #[serde(default)]
    pub in_doubt: bool,
    /// For a text that was written for later: when it is to leave, or was.
    #[serde(default)]
    pub send_at: Option<DateTime<Utc>>,
    /// The agent who wrote it.
    #[serde(default)]
    pub sent_by: Option<Uuid>,
    /// The sender's own id for it, unique in the workspace: sending it again is sending it once.
    #[serde(default)]
    pub client_id: Option<String>,
    /// When it was written or received.
    pub created_at: DateTime<Utc>,
    /// When anything about it last changed.
    pub updated_at: DateTime<Utc>,
}

impl MessageRow {
    /// The agent who wrote it, if one of ours did.
    #[must_use]
    pub fn author(&self) -> Option<UserId> {
        self.sent_by.map(UserId)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_of_another_program_is_read_whatever_it_calls_its_state() {
        let written = json!({ "url": "https://x/a", "content_type": null, "state": "ok", "size": "large", "key": 7 });

        let file: Media = serde_json::from_value(written).unwrap();

        assert_eq!(file, Media { url: "https://x/a".to_owned(), ..Media::default() });
    }

    #[test]
    fn what_is_no_file_keeps_its_place_and_stops_nobody_from_reading_the_text() {
        let file = json!({ "url": "https://x/a", "content_type": null });

        let read = files(json!([7, { "url": null }, file])).unwrap();

        let addresses: Vec<_> = read.iter().map(|file| file.url.as_str()).collect();
        assert_eq!(addresses, ["", "", "https://x/a"]);
    }

    #[test]
    fn a_file_without_a_copy_is_written_as_ever() {
        let file =
            Media { url: "https://x/a".to_owned(), content_type: Some("image/png".to_owned()), ..Media::default() };

        assert_eq!(json!(file), json!({ "url": "https://x/a", "content_type": "image/png" }));
    }
}
