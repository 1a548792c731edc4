//! What this Twilio knows: accounts, numbers, keys, texts, who opted out, and what it was asked.
//!
//! Changed by the API and by [`crate::Simulator`]'s verbs, under one lock that is never held over an await.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    ops::RangeInclusive,
    time::Duration,
};

use chrono::{DateTime, Utc};
use deskline_domain::{delivery::DeliveryStatus, keyword::Keyword};
use deskline_twilio::{AccountSid, AuthToken, message::MessageDirection};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use url::Url;

use crate::{
    callback::Delivery,
    config::AccountConfig,
    faults::Faults,
    files::{Fetched, MediaFaults, Served},
    inner::Arrival,
    lifecycle::CallbackPlan,
};

/// A text that was created through the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// `SM…`, or `MM…` with files.
    pub sid: String,
    /// Whose.
    pub account_sid: AccountSid,
    /// Whom to.
    pub to: String,
    /// The number it came from, a Messaging Service's choice too.
    pub from: String,
    /// The Messaging Service that it was created with.
    pub messaging_service_sid: Option<String>,
    /// The text.
    pub body: String,
    /// Its files.
    pub media_urls: Vec<String>,
    /// Where its statuses are reported.
    pub status_callback: Option<String>,
    /// How far it is.
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error_code: Option<i32>,
    /// When it was taken.
    pub date_created: DateTime<Utc>,
}

/// A request to Twilio's API, whether or not it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// With its query.
    pub path: String,
}

impl Asked {
    /// Whether it would have created a text.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/Messages.json")
    }
}

/// A text, either way.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) direction: MessageDirection,
    pub(crate) text: Sent,
    pub(crate) media: Vec<String>,
    pub(crate) date_sent: Option<DateTime<Utc>>,
    pub(crate) date_updated: DateTime<Utc>,
}

/// A file of a text.
#[derive(Clone, Debug)]
pub(crate) struct StoredMedia {
    pub(crate) account_sid: AccountSid,
    pub(crate) message_sid: String,
    pub(crate) content_type: String,
    pub(crate) content: MediaContent,
    pub(crate) date_created: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) enum MediaContent {
    Bytes(Vec<u8>),
    Elsewhere(String),
}

pub(crate) struct Account {
    pub(crate) auth_token: AuthToken,
    pub(crate) friendly_name: String,
    pub(crate) numbers: Vec<OwnedNumber>,
    pub(crate) services: Vec<String>,
    pub(crate) keys: BTreeMap<String, Key>,
    pub(crate) date_created: DateTime<Utc>,
}

#[derive(Clone, Debug)]
pub(crate) struct OwnedNumber {
    pub(crate) sid: String,
    pub(crate) phone_number: String,
    pub(crate) friendly_name: String,
    pub(crate) sms_url: Option<String>,
    pub(crate) sms_application_sid: Option<String>,
    pub(crate) status_callback: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) friendly_name: String,
    pub(crate) secret: AuthToken,
    pub(crate) date_created: DateTime<Utc>,
}

/// What is needed to report one status.
pub(crate) struct Report {
    pub(crate) url: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) token: Option<AuthToken>,
}

/// Randomness for everything that Twilio makes up.
pub(crate) struct Ids(pub(crate) StdRng);

impl Ids {
    /// 32 hexadecimal digits.
    pub(crate) fn hex(&mut self) -> String {
        format!("{:032x}", self.0.random::<u128>())
    }

    /// A prefix and 32 hexadecimal digits.
    pub(crate) fn sid(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.hex())
    }
}

/// Everything.
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<AccountSid, Account>,
    /// The account that a test means when it names none.
    pub(crate) first_account: AccountSid,
    /// In the order in which they came.
    pub(crate) messages: Vec<Stored>,
    index: HashMap<String, usize>,
    pub(crate) media: HashMap<String, StoredMedia>,
    /// (our number, theirs).
    pub(crate) opted_out: HashSet<(String, String)>,
    pub(crate) faults: Faults,
    pub(crate) media_faults: MediaFaults,
    /// Whether the files of outbound texts are fetched.
    pub(crate) fetch_media: bool,
    pub(crate) fetched: Vec<Fetched>,
    pub(crate) served: Vec<Served>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) plan: CallbackPlan,
    pub(crate) next_plans: VecDeque<CallbackPlan>,
    pub(crate) plans_by_number: HashMap<String, CallbackPlan>,
    pub(crate) webhook: Option<Url>,
    pub(crate) ids: Ids,
}

impl State {
    pub(crate) fn new(accounts: &[AccountConfig], webhook: Option<Url>, seed: u64, now: DateTime<Utc>) -> Self {
        let mut state = Self {
            accounts: BTreeMap::new(),
            first_account: AccountSid::new(""),
            messages: Vec::new(),
            index: HashMap::new(),
            media: HashMap::new(),
            opted_out: HashSet::new(),
            faults: Faults::default(),
            media_faults: MediaFaults::default(),
            fetch_media: false,
            fetched: Vec::new(),
            served: Vec::new(),
            asked: Vec::new(),
            deliveries: Vec::new(),
            plan: CallbackPlan::normal(),
            next_plans: VecDeque::new(),
            plans_by_number: HashMap::new(),
            webhook,
            ids: Ids(StdRng::seed_from_u64(seed)),
        };
        for (index, account) in accounts.iter().enumerate() {
            let sid = state.add_account(account, now);
            if index == 0 {
                state.first_account = sid;
            }
        }
        state
    }

    pub(crate) fn add_account(&mut self, config: &AccountConfig, now: DateTime<Utc>) -> AccountSid {
        let sid = config.sid.clone().unwrap_or_else(|| AccountSid::new(self.ids.sid("AC")));
        let auth_token = config.auth_token.clone().unwrap_or_else(|| AuthToken::new(self.ids.hex()));
        let numbers = config.numbers.iter().map(|number| OwnedNumber {
            sid: lasting_sid("PN", &(sid.as_str(), &number.phone_number)),
            phone_number: number.phone_number.clone(),
            friendly_name: number.friendly_name.clone(),
            sms_url: None,
            sms_application_sid: None,
            status_callback: None,
        });
        let account = Account {
            auth_token,
            friendly_name: config.friendly_name.clone(),
            numbers: numbers.collect(),
            services: config.messaging_services.clone(),
            keys: BTreeMap::new(),
            date_created: now,
        };
        self.accounts.insert(sid.clone(), account);
        sid
    }

    /// Keeps a text and makes it findable by its SID. One that was there before stays as it was.
    pub(crate) fn keep(&mut self, stored: Stored) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.index.entry(stored.text.sid.clone()) {
            entry.insert(self.messages.len());
            self.messages.push(stored);
        }
    }

    pub(crate) fn message(&self, account: &AccountSid, sid: &str) -> Option<&Stored> {
        self.messages.get(*self.index.get(sid)?).filter(|stored| stored.text.account_sid == *account)
    }

    pub(crate) fn message_mut(&mut self, sid: &str) -> Option<&mut Stored> {
        self.messages.get_mut(*self.index.get(sid)?)
    }

    pub(crate) fn remove_message(&mut self, sid: &str) {
        if let Some(at) = self.index.remove(sid) {
            self.messages.remove(at);
            self.index.values_mut().filter(|index| **index > at).for_each(|index| *index -= 1);
        }
    }

    /// The account that owns a number.
    pub(crate) fn owner(&self, number: &str) -> Option<&AccountSid> {
        let owns = |account: &Account| account.numbers.iter().any(|owned| owned.phone_number == number);
        self.accounts.iter().find(|(_, account)| owns(account)).map(|(sid, _)| sid)
    }

    /// The plan for a text that was just taken.
    pub(crate) fn plan_for(&mut self, to: &str) -> CallbackPlan {
        self.next_plans
            .pop_front()
            .or_else(|| self.plans_by_number.get(to).cloned())
            .unwrap_or_else(|| self.plan.clone())
    }

    /// Honours STOP and START as Twilio does: for this pair of numbers, before the text is reported.
    pub(crate) fn honour(&mut self, keyword: Option<Keyword>, ours: &str, theirs: &str) {
        let pair = (ours.to_owned(), theirs.to_owned());
        match keyword {
            Some(Keyword::Stop) => drop(self.opted_out.insert(pair)),
            Some(Keyword::Start) => drop(self.opted_out.remove(&pair)),
            Some(Keyword::Help) | None => {}
        }
    }

    /// Brings a text forward, and says what to report: `None` when the text is gone, `Some(None)` when nobody wants a report.
    pub(crate) fn reach(&mut self, sid: &str, status: DeliveryStatus, code: Option<i32>) -> Option<Option<Report>> {
        let stored = self.message_mut(sid)?;
        stored.text.status = stored.text.status.advance(status);
        stored.text.error_code = stored.text.error_code.or(code);
        stored.date_updated = crate::clock::now();
        if matches!(status, DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Undelivered) {
            stored.date_sent = stored.date_sent.or(Some(stored.date_updated));
        }
        let text = stored.text.clone();
        let Some(url) = text.status_callback.clone() else { return Some(None) };
        let token = self.accounts.get(&text.account_sid).map(|account| account.auth_token.clone());
        Some(Some(Report { url, params: status_params(&text, status, code), token }))
    }

    /// The arrival to tell people of, once a text was delivered.
    pub(crate) fn arrival(&self, sid: &str) -> Option<Arrival> {
        let text = &self.messages.get(*self.index.get(sid)?)?.text;
        let arrived = text.status == DeliveryStatus::Delivered;
        arrived.then(|| Arrival { to: text.to.clone(), from: text.from.clone() })
    }

    /// How long the next status waits.
    pub(crate) fn next_pause(&mut self, pace: &RangeInclusive<Duration>) -> Duration {
        if pace.start() >= pace.end() { *pace.start() } else { self.ids.0.random_range(pace.clone()) }
    }
}

/// The form that Twilio posts when a text reached a status.
fn status_params(text: &Sent, status: DeliveryStatus, code: Option<i32>) -> Vec<(String, String)> {
    let mut params: Vec<(&str, &str)> = vec![
        ("SmsSid", &text.sid),
        ("SmsStatus", status.as_str()),
        ("MessageStatus", status.as_str()),
        ("To", &text.to),
        ("MessageSid", &text.sid),
        ("AccountSid", text.account_sid.as_str()),
        ("From", &text.from),
        ("ApiVersion", "2010-04-01"),
    ];
    let code = code.map(|code| code.to_string());
    if let Some(code) = &code {
        params.push(("ErrorCode", code));
    }
    if let Some(service) = &text.messaging_service_sid {
        params.push(("MessagingServiceSid", service));
    }
    params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A SID that is the same in every run: a demonstration that is started again has the same numbers.
fn lasting_sid(prefix: &str, of: &impl Hash) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, of).hash(&mut hasher);
        hasher.finish()
    };
    format!("{prefix}{:016x}{:016x}", half(0), half(1))
}
