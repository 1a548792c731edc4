//! Single rows of `contacts` and `messages`, by id.
//!
//! Asked by the fan-out (an event needs the contact of its text) and by the routes.

use deskline_domain::{
    contact::ContactRow,
    ids::{ContactId, MessageId, WorkspaceId},
    message::MessageRow,
};

use crate::{Result, Store};

impl Store {
    /// The contact, if it is this workspace's.
    ///
    /// # Errors
    /// [`crate::Error::Database`]; [`crate::Error::BadRow`].
    pub async fn contact(&self, workspace: WorkspaceId, id: ContactId) -> Result<Option<ContactRow>> {
        todo!()
    }

    /// The message, if it is this workspace's.
    ///
    /// # Errors
    /// [`crate::Error::Database`]; [`crate::Error::BadRow`].
    pub async fn message(&self, workspace: WorkspaceId, id: MessageId) -> Result<Option<MessageRow>> {
        todo!()
    }
}
