//! What a simulator is started with. The defaults suit a test: a free port, one account, two numbers, no delays.

use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use deskline_twilio::{AccountSid, AuthToken};
use url::Url;

/// What a simulator is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where Twilio's API is served. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the control API and the files of messages are served: another port, which stays reachable when the API is not.
    pub listen_beside: SocketAddr,
    /// Where inbound texts are reported, unless a number has an address of its own. Can be set later.
    pub webhook: Option<Url>,
    /// The accounts that exist. At least one; see [`Config::default`].
    pub accounts: Vec<AccountConfig>,
    /// Makes SIDs, tokens and delays repeatable. Without one they differ from run to run, so that two runs on one database do
    /// not give two texts the same SID.
    pub seed: Option<u64>,
    /// How long a status waits before it follows the one before it.
    pub pace: RangeInclusive<Duration>,
    /// How often a webhook or callback is tried in all, when nobody answers or the answer is 5xx. Twilio tries twice.
    pub attempts: u32,
    /// How long the second attempt waits; each later one waits twice as long, a minute at most.
    pub retry_wait: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            listen_beside: SocketAddr::from(([127, 0, 0, 1], 0)),
            webhook: None,
            accounts: vec![AccountConfig::default()],
            seed: None,
            pace: Duration::ZERO..=Duration::ZERO,
            attempts: 2,
            retry_wait: Duration::from_millis(100),
        }
    }
}

/// An account.
#[derive(Clone, Debug)]
pub struct AccountConfig {
    /// `AC…`; made up when missing.
    pub sid: Option<AccountSid>,
    /// Made up when missing.
    pub auth_token: Option<AuthToken>,
    /// What its owner calls it.
    pub friendly_name: String,
    /// Its numbers.
    pub numbers: Vec<NumberConfig>,
    /// Its Messaging Services (`MG…`), each of which sends from any of the numbers.
    pub messaging_services: Vec<String>,
}

impl Default for AccountConfig {
    fn default() -> Self {
        Self {
            sid: None,
            auth_token: None,
            friendly_name: "Fernway Cycles".to_owned(),
            numbers: vec![
                NumberConfig::new("+15550001111", "Front desk"),
                NumberConfig::new("+15550002222", "Workshop"),
            ],
            messaging_services: Vec::new(),
        }
    }
}

/// A number of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberConfig {
    /// E.164.
    pub phone_number: String,
    /// What its owner calls it.
    pub friendly_name: String,
}

impl NumberConfig {
    /// A number and its name.
    pub fn new(phone_number: impl Into<String>, friendly_name: impl Into<String>) -> Self {
        Self { phone_number: phone_number.into(), friendly_name: friendly_name.into() }
    }
}
