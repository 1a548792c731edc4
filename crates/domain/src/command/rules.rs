//! What can be said about a command by looking at it alone: whether only admins may do it, and whether its texts are in order.
//!
//! Asked by the desktop before it queues a command, and again by `store::execute`, which then looks at the rows.

use chrono::Datelike;

use super::Action;
use crate::{
    canned::{self, BadVariable, is_attribute_name},
    contact::ConversationStatus,
    gate::MAX_CHARACTERS,
    ids::UserId,
};

/// Names of contacts, members, labels and canned replies are no longer than this, in characters.
pub const MAX_NAME: usize = 200;
/// The longest note, in characters.
pub const MAX_NOTE: usize = 10_000;
/// Members that one note can mention.
pub const MAX_MENTIONS: usize = 50;
/// The longest attribute of a contact, in characters.
pub const MAX_ATTRIBUTE: usize = 1_000;
/// Attributes of one contact.
pub const MAX_ATTRIBUTES: i64 = 100;
/// Labels of one workspace.
pub const MAX_LABELS: i64 = 500;
/// Canned replies of one workspace.
pub const MAX_CANNED_REPLIES: i64 = 500;

/// Why a command can never be carried out, whatever the rows say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCommand {
    /// A NUL, which Postgres does not take.
    #[error("This text contains a character that cannot be stored (NUL). Remove it and try again.")]
    Nul,
    /// Nothing but white space where a name should be.
    #[error("A name is missing.")]
    NoName,
    /// More than [`MAX_NAME`].
    #[error("This name is longer than {MAX_NAME} characters.")]
    LongName,
    /// Not `#rrggbb`.
    #[error("A colour is written as # and six hexadecimal digits, such as #3366ff.")]
    NoColor,
    /// A blank note or canned reply.
    #[error("There is no text in it.")]
    NoText,
    /// More than [`MAX_NOTE`].
    #[error("A note can have 10,000 characters at most.")]
    LongNote,
    /// More than [`MAX_MENTIONS`].
    #[error("A note can mention {MAX_MENTIONS} members at most.")]
    ManyMentions,
    /// Longer than any text that can be sent.
    #[error("A canned reply can have 1,600 characters at most, as every text.")]
    LongReply,
    /// See [`BadVariable`].
    #[error(transparent)]
    Variable(#[from] BadVariable),
    /// See [`is_attribute_name`].
    #[error("The name of an attribute is made of up to 50 lower-case letters, digits and _, and begins with a letter.")]
    AttributeName,
    /// More than [`MAX_ATTRIBUTE`].
    #[error("An attribute can have 1,000 characters at most.")]
    LongAttribute,
    /// `Snoozed` is no status that can be set.
    #[error("To snooze a conversation, say until when.")]
    SnoozeWithoutTime,
    /// Later than any calendar goes.
    #[error("A conversation cannot be snoozed that long.")]
    SnoozeTooLong,
    /// Merging a contact with itself.
    #[error("A contact cannot be merged with itself.")]
    SameContact,
}

impl Action {
    /// Whether it is for owners and admins alone.
    #[must_use]
    pub const fn is_for_admins(&self) -> bool {
        matches!(
            self,
            Self::CreateLabel { .. }
                | Self::UpdateLabel { .. }
                | Self::DeleteLabel { .. }
                | Self::CreateCannedReply { .. }
                | Self::UpdateCannedReply { .. }
                | Self::DeleteCannedReply { .. }
        )
    }

    /// Whether everything in it is in order.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn check(&self) -> Result<(), BadCommand> {
        match self {
            Self::SetStatus { status: ConversationStatus::Snoozed, .. } => Err(BadCommand::SnoozeWithoutTime),
            Self::Snooze { until, .. } if !(1970..3000).contains(&until.year()) => Err(BadCommand::SnoozeTooLong),
            Self::CreateLabel { name, color, .. } | Self::UpdateLabel { name, color, .. } => {
                check_name(name)?;
                check_color(color)
            }
            Self::AddNote { content, mentions, .. } | Self::EditNote { content, mentions, .. } => {
                check_note(content, mentions)
            }
            Self::CreateCannedReply { name, content, .. } | Self::UpdateCannedReply { name, content, .. } => {
                check_name(name)?;
                check_text(content, MAX_CHARACTERS, BadCommand::LongReply)?;
                Ok(canned::check(content)?)
            }
            Self::RenameContact { name, .. } | Self::RenameMember { name, .. } => check_name(name),
            Self::SetAttribute { name, value, .. } => check_attribute(name, value),
            Self::RemoveAttribute { name, .. } if !is_attribute_name(name) => Err(BadCommand::AttributeName),
            Self::MergeContacts { contact_id, from } if contact_id == from => Err(BadCommand::SameContact),
            Self::MarkRead { .. }
            | Self::MarkUnread { .. }
            | Self::Assign { .. }
            | Self::Unassign { .. }
            | Self::SetStatus { .. }
            | Self::Close { .. }
            | Self::Resend { .. }
            | Self::Snooze { .. }
            | Self::AddLabel { .. }
            | Self::RemoveLabel { .. }
            | Self::DeleteLabel { .. }
            | Self::DeleteNote { .. }
            | Self::DeleteCannedReply { .. }
            | Self::RemoveAttribute { .. }
            | Self::MergeContacts { .. }
            | Self::Block { .. }
            | Self::Unblock { .. } => Ok(()),
        }
    }
}

/// Whether something may be called so.
///
/// # Errors
/// [`BadCommand::Nul`], [`BadCommand::NoName`], [`BadCommand::LongName`].
pub fn check_name(name: &str) -> Result<(), BadCommand> {
    match check_text(name, MAX_NAME, BadCommand::LongName) {
        Err(BadCommand::NoText) => Err(BadCommand::NoName),
        checked => checked,
    }
}

/// Whether a contact may have this attribute.
///
/// # Errors
/// [`BadCommand::AttributeName`], [`BadCommand::Nul`], [`BadCommand::LongAttribute`].
pub fn check_attribute(name: &str, value: &str) -> Result<(), BadCommand> {
    if !is_attribute_name(name) {
        return Err(BadCommand::AttributeName);
    }
    match check_text(value, MAX_ATTRIBUTE, BadCommand::LongAttribute) {
        Err(BadCommand::NoText) => Ok(()),
        checked => checked,
    }
}

fn check_color(color: &str) -> Result<(), BadCommand> {
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) { Ok(()) } else { Err(BadCommand::NoColor) }
}

fn check_note(content: &str, mentions: &[UserId]) -> Result<(), BadCommand> {
    if mentions.len() > MAX_MENTIONS {
        return Err(BadCommand::ManyMentions);
    }
    check_text(content, MAX_NOTE, BadCommand::LongNote)
}

fn check_text(text: &str, longest: usize, too_long: BadCommand) -> Result<(), BadCommand> {
    if text.contains('\0') {
        Err(BadCommand::Nul)
    } else if text.trim().is_empty() {
        Err(BadCommand::NoText)
    } else if text.chars().count() > longest {
        Err(too_long)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::ids::{CannedReplyId, ContactId, LabelId, NoteId};

    const ANN: ContactId = ContactId(Uuid::from_u128(1));

    fn label(name: &str, color: &str) -> Action {
        Action::CreateLabel { label_id: LabelId(Uuid::nil()), name: name.to_owned(), color: color.to_owned() }
    }

    fn note(content: &str, mentions: usize) -> Action {
        let mentions = vec![UserId(Uuid::nil()); mentions];
        Action::AddNote { contact_id: ANN, note_id: NoteId(Uuid::nil()), content: content.to_owned(), mentions }
    }

    fn reply(content: &str) -> Action {
        let canned_reply_id = CannedReplyId(Uuid::nil());
        Action::CreateCannedReply { canned_reply_id, name: "hours".to_owned(), content: content.to_owned() }
    }

    fn attribute(name: &str, value: &str) -> Action {
        Action::SetAttribute { contact_id: ANN, name: name.to_owned(), value: value.to_owned() }
    }

    #[rstest]
    #[case::label(label("Urgent", "#C0ffee"), Ok(()))]
    #[case::blank_label(label(" ", "#c0ffee"), Err(BadCommand::NoName))]
    #[case::long_label(label(&"é".repeat(201), "#c0ffee"), Err(BadCommand::LongName))]
    #[case::nul_label(label("a\0b", "#c0ffee"), Err(BadCommand::Nul))]
    #[case::color_word(label("Urgent", "red"), Err(BadCommand::NoColor))]
    #[case::short_color(label("Urgent", "#fff"), Err(BadCommand::NoColor))]
    #[case::note(note("He called.", 50), Ok(()))]
    #[case::blank_note(note("\n", 0), Err(BadCommand::NoText))]
    #[case::long_note(note(&"é".repeat(10_001), 0), Err(BadCommand::LongNote))]
    #[case::mentions(note("Everybody!", 51), Err(BadCommand::ManyMentions))]
    #[case::reply(reply("Hi {{contact.name}}"), Ok(()))]
    #[case::long_reply(reply(&"é".repeat(1_601)), Err(BadCommand::LongReply))]
    #[case::variable(reply("{{bike"), Err(BadCommand::Variable(BadVariable::Unclosed)))]
    #[case::attribute(attribute("bike_2", ""), Ok(()))]
    #[case::attribute_name(attribute("Bike", "red"), Err(BadCommand::AttributeName))]
    #[case::attribute_nul(attribute("bike", "\0"), Err(BadCommand::Nul))]
    #[case::long_attribute(attribute("bike", &"é".repeat(1_001)), Err(BadCommand::LongAttribute))]
    #[case::snoozed(Action::SetStatus { contact_id: ANN, status: ConversationStatus::Snoozed }, Err(BadCommand::SnoozeWithoutTime))]
    #[case::closed(Action::SetStatus { contact_id: ANN, status: ConversationStatus::Closed }, Ok(()))]
    #[case::forever(Action::Snooze { contact_id: ANN, until: DateTime::<chrono::Utc>::MAX_UTC }, Err(BadCommand::SnoozeTooLong))]
    #[case::itself(Action::MergeContacts { contact_id: ANN, from: ANN }, Err(BadCommand::SameContact))]
    fn a_command_is_checked_by_its_looks(#[case] action: Action, #[case] expected: Result<(), BadCommand>) {
        assert_eq!(action.check(), expected);
    }

    #[test]
    fn the_wire_spells_a_command_in_camel_case() {
        let action: Action = serde_json::from_str(
            r##"{ "type": "createLabel", "labelId": "00000000-0000-0000-0000-000000000000", "name": "Urgent", "color": "#c0ffee" }"##,
        )
        .unwrap();

        assert_eq!(action, label("Urgent", "#c0ffee"));
        assert!(action.is_for_admins() && !note("He called.", 0).is_for_admins());
    }
}
