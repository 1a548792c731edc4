//! `deskline-server doctor`: everything that has to be right before texts come and go, one line each.
//!
//! Called by `main` only. Looks and changes nothing; quotes no secret. A line is `ok` or says what to do.

use std::io::Write;

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use deskline_store::{Error, SchemaState, SecretKey, Store, TwilioAccount};
use deskline_twilio::{Client, Credentials};
use secrecy::ExposeSecret;

use crate::{Config, ConfigError, database, edge, public_url};

/// Clocks that differ by more make tokens expire early and audits look at the wrong hours.
const MOST_SKEW: TimeDelta = TimeDelta::seconds(30);

/// Runs every check that can be made.
///
/// # Errors
/// When any of them failed, after all were told.
pub async fn run(config: Result<Config, ConfigError>) -> anyhow::Result<()> {
    let mut doctor = Doctor::default();
    match config.and_then(|config| config.check_token_keys().map(|()| config)) {
        Ok(config) => {
            doctor.well("settings", "all there")?;
            doctor.examine(&config).await?;
        }
        Err(error) => doctor.ill("settings", &error.to_string())?,
    }
    match doctor.problems {
        0 => Ok(()),
        1 => bail!("There is 1 problem."),
        problems => bail!("There are {problems} problems."),
    }
}

#[derive(Default)]
struct Doctor {
    problems: usize,
}

impl Doctor {
    fn well(&self, what: &str, said: &str) -> std::io::Result<()> {
        writeln!(std::io::stdout(), "ok       {what}: {said}")
    }

    fn ill(&mut self, what: &str, said: &str) -> std::io::Result<()> {
        self.problems += 1;
        writeln!(std::io::stdout(), "PROBLEM  {what}: {said}")
    }

    async fn examine(&mut self, config: &Config) -> anyhow::Result<()> {
        let key = SecretKey::from_hex(config.secret_key.expose_secret())?;
        let store = match database::at(config.database_url.expose_secret(), key) {
            Ok(store) => store,
            Err(error) => return Ok(self.ill("database", &error.to_string())?),
        };
        if let Err(error) = store.ping().await {
            return Ok(self.ill("database", &database::in_plain_words(&error.into()))?);
        }
        self.well("database", "answers")?;
        match store.schema().await? {
            SchemaState::Current => self.well("schema", "up to date")?,
            SchemaState::Newer => self.ill("schema", "newer than this program. Update deskline-server.")?,
            SchemaState::Empty | SchemaState::Older => {
                self.ill("schema", "older than this program. Run `deskline-server migrate`.")?;
                return Ok(());
            }
        }
        let strangers = store.readable_by_strangers().await?;
        if !strangers.is_empty() {
            self.ill(
                "database",
                &format!("{} can read texts or agents, and hosts such as Supabase serve that to everybody. Revoke it: see docs/operations.md, Supabase.", strangers.join(" and ")),
            )?;
        }
        self.clock("the database's clock", store.clock().await.ok())?;
        let accounts = self.accounts(&store).await?;
        for account in &accounts {
            self.account(config, account).await?;
        }
        self.public_url(config, accounts.first()).await?;
        Ok(())
    }

    fn clock(&mut self, whose: &str, time: Option<DateTime<Utc>>) -> std::io::Result<()> {
        let Some(skew) = time.map(|time| edge::now() - time) else { return Ok(()) };
        if skew.abs() > MOST_SKEW {
            let seconds = skew.num_seconds();
            self.ill("clock", &format!("this machine is {seconds} seconds ahead of {whose}. Set it by NTP."))
        } else {
            self.well("clock", &format!("agrees with {whose}"))
        }
    }

    /// Opens every stored token.
    async fn accounts(&mut self, store: &Store) -> anyhow::Result<Vec<TwilioAccount>> {
        let mut usable = Vec::new();
        for sid in store.configured_accounts().await? {
            match store.twilio_account_by_sid(&sid).await {
                Ok(found) => {
                    self.well("secret key", &format!("opens the token of {sid}"))?;
                    usable.extend(found.into_iter().map(|(_, account)| account).find(TwilioAccount::can_send));
                }
                Err(Error::Key(_)) => self.ill(
                    "secret key",
                    &format!("DESKLINE_SECRET_KEY does not open the token of {sid}. Put the old key back, or run `deskline-server twilio connect` again."),
                )?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(usable)
    }

    async fn account(&mut self, config: &Config, account: &TwilioAccount) -> anyhow::Result<()> {
        let sid = account.account_sid.as_str();
        let credentials = Credentials::token(sid, account.auth_token.clone());
        let client = Client::new(config.twilio_url.clone(), credentials, config.timers.twilio_timeout);
        match client.check().await {
            Ok(found) if found.is_active() => self.well("Twilio", &format!("takes the token of {sid}"))?,
            Ok(found) => self.ill("Twilio", &format!("{sid} is {}. See Twilio's console.", found.status))?,
            Err(error) => {
                self.ill("Twilio", &format!("{sid}: {}", error.explanation().text))?;
                return Ok(());
            }
        }
        self.clock("Twilio's clock", client.time().await.ok())?;
        let webhook = config.signed_url("/twilio/webhook");
        for number in client.list_numbers().await.unwrap_or_default() {
            let phone = &number.phone_number;
            let application = number.sms_application_sid.as_deref().is_some_and(|sid| !sid.is_empty());
            if !application && number.sms_url.as_deref() == Some(webhook.as_str()) {
                self.well("number", &format!("{phone} reports its texts here"))?;
            } else if let Some(service) = &account.messaging_service_sid {
                // Which numbers are in the service, and where it reports, is told by another API than the one that we speak.
                self.well(
                    "number",
                    &format!("{phone} reports its texts as {service} says; {webhook} must stand there"),
                )?;
            } else {
                let what = format!(
                    "{phone} does not report its texts to {webhook}. Run `deskline-server twilio connect` without --keep-webhooks."
                );
                self.ill("number", &what)?;
            }
        }
        Ok(())
    }

    async fn public_url(&mut self, config: &Config, account: Option<&TwilioAccount>) -> std::io::Result<()> {
        let url = config.public_url.as_str();
        if public_url::is_loopback(config) && config.twilio_url.scheme() == "https" {
            return self.ill("public URL", &format!("Twilio cannot reach {url}. Set DESKLINE_PUBLIC_URL."));
        }
        let Some(account) = account else {
            return self.ill("public URL", "cannot be tried without an account. Run `deskline-server twilio connect`.");
        };
        match public_url::test(config, &account.account_sid, &account.auth_token.clone().into()).await {
            Ok(()) => self.well("public URL", &format!("{url} leads here, and signatures survive the way")),
            Err(problem) => self.ill("public URL", &problem.to_string()),
        }
    }
}
