//! What became of a file of contacts: the answer to `POST /contacts/import`.

use serde::{Deserialize, Serialize};

/// Answer to `POST /contacts/import`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReply {
    /// How many contacts are new.
    pub created: usize,
    /// How many were there before, and stay as they are.
    pub known: usize,
    /// How many stand in the file twice.
    pub duplicate: usize,
    /// How many cannot be used.
    pub invalid: usize,
    /// Each row of the file but for its header, in order.
    pub rows: Vec<ImportedRow>,
}

/// What became of one row of a file of contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRow {
    /// The line of the file in which it begins, from 1.
    pub line: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: ImportOutcome,
}

/// See [`ImportedRow`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ImportOutcome {
    /// A new contact.
    Created {
        /// Its number, in international form.
        phone: String,
    },
    /// A contact that was there before.
    Known {
        /// Its number.
        phone: String,
    },
    /// The same number as in an earlier row.
    Duplicate {
        /// The number.
        phone: String,
        /// The earlier row.
        of_line: u64,
    },
    /// Not a contact.
    Invalid {
        /// A plain sentence.
        reason: String,
    },
}
