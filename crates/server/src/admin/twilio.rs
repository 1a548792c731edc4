//! `deskline-server twilio`: connects an account, sets how its texts go out, and lists what could not be routed.
//!
//! Called by `main`. The auth token comes in through standard input and goes nowhere but to Twilio and into its encrypted column.

use anyhow::bail;
use clap::Subcommand;
use deskline_domain::ids::WorkspaceId;
use deskline_twilio::{Client, Credentials};
use secrecy::SecretString;

use super::{data, from_stdin, say, sending, store};
use crate::{Config, error::ApiError, http, point_numbers::point_numbers, public_url};

/// Twilio accounts.
#[derive(Debug, Subcommand)]
pub enum TwilioCommand {
    /// Checks an account with Twilio, stores it encrypted, syncs its numbers, points their webhooks at this server, and tries
    /// whether Twilio's requests get through. Prints the numbers.
    Connect {
        /// The workspace that texts with it.
        #[arg(long)]
        workspace: WorkspaceId,
        /// AC…
        #[arg(long)]
        account_sid: String,
        /// Reads the auth token from standard input.
        #[arg(long, required = true)]
        auth_token_stdin: bool,
        /// Leaves the numbers' webhooks at Twilio as they are, and only tells where they point.
        #[arg(long)]
        keep_webhooks: bool,
    },
    /// Shows how a workspace's texts go out, after changing it where something is given.
    Sending(sending::Sending),
    /// Lists the texts of an account that no workspace could take.
    DeadLetters {
        /// AC…
        #[arg(long)]
        account_sid: String,
    },
}

/// Connects a Twilio account, or lists what could not be routed.
///
/// # Errors
/// In plain words.
pub async fn twilio(config: &Config, command: TwilioCommand) -> anyhow::Result<()> {
    let store = store(config).await?;
    match command {
        TwilioCommand::Connect { workspace, account_sid, auth_token_stdin: _, keep_webhooks } => {
            data::known(&store, workspace).await?;
            let token = from_stdin("the auth token")?;
            let sid = account_sid.trim();
            let numbers = match http::twilio::connect(&store, config, workspace, sid, &token).await {
                Ok(numbers) => numbers,
                Err(ApiError::InvalidTwilioCredentials) => bail!(
                    "Invalid Twilio credentials: Twilio does not take this account SID with this auth token. Nothing was stored."
                ),
                Err(ApiError::TwilioUnreachable { explanation, .. }) => {
                    bail!("Twilio cannot be asked. {explanation} Nothing was stored.")
                }
                Err(error) => return Err(error.into()),
            };
            for number in numbers {
                say(&format!("{} {}", number.phone_number, number.friendly_name.unwrap_or_default()))?;
            }
            point(config, sid, &token, keep_webhooks).await
        }
        TwilioCommand::Sending(sending) => {
            data::known(&store, sending.workspace).await?;
            sending::run(&store, sending).await
        }
        TwilioCommand::DeadLetters { account_sid } => {
            for letter in store.dead_letters(account_sid.trim()).await? {
                say(&format!(
                    "{} {} from {} to {}",
                    letter.received_at.to_rfc3339(),
                    letter.twilio_sid,
                    letter.from,
                    letter.to
                ))?;
            }
            Ok(())
        }
    }
}

/// Points the numbers here and tries the way, for an account that is connected already. What is in the way is told and fails
/// nothing: the server may not run yet.
async fn point(config: &Config, sid: &str, token: &SecretString, keep: bool) -> anyhow::Result<()> {
    let keep = if public_url::is_loopback(config) && config.twilio_url.scheme() == "https" {
        say(
            "DESKLINE_PUBLIC_URL is not set to an address that Twilio can reach: the numbers' webhooks stay as they are.",
        )?;
        true
    } else {
        keep
    };
    let credentials = Credentials::token(sid, token.clone());
    let client = Client::new(config.twilio_url.clone(), credentials, config.timers.twilio_timeout);
    for number in point_numbers(&client, config, keep).await? {
        say(&format!("{} {}", number.phone_number, number.told))?;
    }
    match public_url::test(config, sid, &token.clone().into()).await {
        Ok(()) => say("Twilio's requests get through: a signed request to the public URL arrived as it was sent."),
        Err(problem) => say(&format!("Twilio's requests do not get through yet. {problem}")),
    }
}
