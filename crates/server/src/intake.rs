//! What Twilio posts, taken many at a time: whose is it, and storing it.
//!
//! Called by the callbacks. Under load, what arrives while one transaction commits shares the next one; while it is quiet, a text is
//! stored at once. Answers only once a text is durable.

use deskline_store::{Asked, Known, NewInbound, Store};

use crate::{error::ApiError, together::Together};

/// Transactions that store texts at the same time: one is filled while another one commits.
const TRANSACTIONS: usize = 2;
/// Looks at the same time.
const LOOKS: usize = 2;
/// Texts in one transaction, and forms in one look.
const MOST: usize = 64;

/// Takes what Twilio posts.
pub struct Intake {
    looks: Together<Asked, deskline_store::Result<Known>>,
    texts: Together<NewInbound, deskline_store::Result<bool>>,
}

impl Intake {
    /// Ready to take. Connects to nothing yet.
    #[must_use]
    pub fn start(store: &Store) -> Self {
        let (looking, storing) = (store.clone(), store.clone());
        Self {
            looks: Together::start(LOOKS, MOST, move |asked: Vec<Asked>| {
                let store = looking.clone();
                async move { store.look_up_all(&asked).await }
            }),
            texts: Together::start(TRANSACTIONS, MOST, move |texts: Vec<NewInbound>| {
                let store = storing.clone();
                async move { store.record_inbound_all(&texts).await }
            }),
        }
    }

    /// Who has what a form names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_up(&self, asked: Asked) -> Result<Known, ApiError> {
        Ok(self.looks.ask(asked).await??)
    }

    /// Stores a text. True when it is new.
    ///
    /// # Errors
    /// When the database fails, or does not take this text.
    pub async fn store(&self, text: NewInbound) -> Result<bool, ApiError> {
        Ok(self.texts.ask(text).await??)
    }
}
