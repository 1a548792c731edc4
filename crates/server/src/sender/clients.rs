//! One Twilio client an account, kept for its open connections.
//!
//! Asked by the sender for each attempt. A changed token makes a new client.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use deskline_store::TwilioAccount;
use deskline_twilio::{Client, Credentials};
use secrecy::ExposeSecret;
use url::Url;

/// The clients that were needed so far.
pub(super) struct Clients {
    base_url: Url,
    timeout: Duration,
    known: Mutex<HashMap<String, Client>>,
}

impl Clients {
    pub(super) fn new(base_url: Url, timeout: Duration) -> Self {
        Self { base_url, timeout, known: Mutex::default() }
    }

    /// The account's client.
    pub(super) fn of(&self, account: &TwilioAccount) -> Client {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&account.account_sid)
            && client.credentials().secret.expose_secret() == account.auth_token.expose_secret()
        {
            return client.clone();
        }
        let credentials = Credentials::token(account.account_sid.as_str(), account.auth_token.clone());
        let client = Client::new(self.base_url.clone(), credentials, self.timeout);
        known.insert(account.account_sid.clone(), client.clone());
        client
    }
}
