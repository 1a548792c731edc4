//! The agent's own desk as a place that texts leave from: the keys that the keychain has, the database's clock, and this machine's dice.

use std::{collections::HashMap, fmt, time::Duration};

use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::MessageId,
    message::MessageRow,
    protocol::{DirectAccess, TwilioKey},
};
use deskline_sending::{Clock, Office, Pace};
use deskline_store::{Accepted, Send, Store};
use deskline_twilio::{Client, Credentials, client::TWILIO_URL};
use tokio::sync::{Notify, OnceCell};
use url::Url;

use crate::{
    network::Road,
    options::{Dice, Options},
};

/// See the module.
pub(super) struct Desk {
    pub(super) store: Store,
    clock: Clock,
    dice: Dice,
    pace: Pace,
    /// By SID.
    accounts: HashMap<String, Account>,
    road: Road,
    public_url: Option<String>,
    /// Rung when something may be due.
    pub(super) due: Notify,
}

/// One account of Twilio's, and the way to it once that was needed.
struct Account {
    url: Url,
    credentials: Credentials,
    client: OnceCell<Client>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) fn new(store: Store, access: &DirectAccess, own: &[TwilioKey], options: &Options, road: &Road) -> Self {
        let patience = options.patience;
        let pace = Pace { twilio_timeout: patience.twilio, retry_base: patience.first_retry, ..Pace::default() };
        let twilio = access.twilio_url.as_deref().unwrap_or(TWILIO_URL);
        let account = |url: &Url, key: &TwilioKey| {
            let credentials = Credentials::api_key(key.account_sid.as_str(), &key.sid, key.secret.clone());
            (key.account_sid.clone(), Account { url: url.clone(), credentials, client: OnceCell::new() })
        };
        let accounts = Url::parse(twilio)
            .map(|url| access.twilio_keys.iter().chain(own).map(|key| account(&url, key)).collect())
            .unwrap_or_default();
        let own = options.clock.clone();
        Self {
            store,
            clock: Clock::new(move || own.now()),
            dice: options.dice.clone(),
            pace,
            accounts,
            road: road.clone(),
            public_url: access.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
            due: Notify::new(),
        }
    }

    /// Before any step that writes a time: every office goes by the database's clock.
    pub(super) async fn read_clock(&self) -> deskline_store::Result<()> {
        self.clock.set(&self.store).await
    }

    pub(super) fn ring(&self) {
        self.due.notify_one();
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn lease(&self) -> Duration {
        self.pace.lease()
    }
}

impl Office for Desk {
    fn store(&self) -> &Store {
        &self.store
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn jitter(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.dice.bytes())) / f64::from(u32::MAX)
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    async fn twilio(&self, send: &Send) -> Result<Client, &'static str> {
        if !send.message.media.is_empty() {
            return Err("This text has files, which are with the team's server. It leaves when the server is back.");
        }
        let account = self.accounts.get(&send.account.account_sid);
        let account = account
            .ok_or("No desktop has a key of this Twilio account. The text leaves when the team's server is back.")?;
        let (url, credentials) = (account.url.clone(), account.credentials.clone());
        let made =
            account.client.get_or_try_init(|| self.road.twilio(url, credentials, self.pace.twilio_timeout)).await;
        made.cloned()
            .map_err(|_| "No secure connection to Twilio can be made. The text leaves when the team's server is back.")
    }

    fn status_callback(&self, id: MessageId) -> Option<Url> {
        Url::parse(&format!("{}/twilio/status?message={id}", self.public_url.as_deref()?)).ok()
    }

    async fn media_urls(&self, _: &MessageRow) -> deskline_store::Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn write_down(&self, accepted: Accepted) -> deskline_store::Result<MessageRow> {
        self.store.record_accepted_all(&[accepted]).await.pop().unwrap_or(Err(deskline_store::Error::UnknownMessage))
    }

    fn count(&self, _: &'static str) {}
}
