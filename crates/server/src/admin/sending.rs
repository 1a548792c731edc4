//! `deskline-server twilio sending`: the default number, a Messaging Service and limits, as `POST /twilio/sending` changes them.
//!
//! Called by `twilio`. Running servers go by the new settings at once.

use anyhow::bail;
use clap::Args;
use deskline_domain::ids::WorkspaceId;
use deskline_store::{SendingChange, Store};

use super::say;

/// What to change. Without any of it, nothing is.
#[derive(Debug, Args)]
pub struct Sending {
    /// The workspace.
    #[arg(long)]
    pub(super) workspace: WorkspaceId,
    /// The number that new contacts hear from, such as +15550001111; `none` for the first.
    #[arg(long)]
    default_number: Option<Setting>,
    /// The Messaging Service that every text goes out through, MG…; `none` for the workspace's own numbers.
    #[arg(long)]
    messaging_service: Option<Setting>,
    /// A limit of segments a second, such as +15550001111=3; `none` for as fast as Twilio takes them. May be given several times.
    #[arg(long = "rate", value_name = "SENDER=RATE", value_parser = rate)]
    rates: Vec<(String, Option<f64>)>,
}

/// A value, or `none`.
#[derive(Clone, Debug)]
struct Setting(Option<String>);

impl std::str::FromStr for Setting {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self((text != "none").then(|| text.trim().to_owned())))
    }
}

fn rate(text: &str) -> Result<(String, Option<f64>), String> {
    let (sender, rate) = text.split_once('=').ok_or("it must look like +15550001111=3")?;
    let rate = match rate.trim() {
        "none" => None,
        rate => Some(rate.parse().map_err(|_| format!("{rate:?} is no number"))?),
    };
    Ok((sender.trim().to_owned(), rate))
}

/// Changes, then shows.
///
/// # Errors
/// In plain words; nothing is changed then.
pub(super) async fn run(store: &Store, sending: Sending) -> anyhow::Result<()> {
    let change = SendingChange {
        default_number: sending.default_number.map(|setting| setting.0),
        messaging_service_sid: sending.messaging_service.map(|setting| setting.0),
        rates: sending.rates,
    };
    if change != SendingChange::default()
        && let Err(error) = store.change_sending(sending.workspace, &change).await
    {
        bail!("{error}.");
    }
    let settings = store.sending_settings(sending.workspace).await?;
    say(&format!("default number: {}", settings.default_number.as_deref().unwrap_or("the first")))?;
    say(&format!("messaging service: {}", settings.messaging_service_sid.as_deref().unwrap_or("none")))?;
    for sender in settings.senders {
        let rate = sender.segments_per_second.map_or("no limit".to_owned(), |rate| format!("{rate} segments a second"));
        let held =
            sender.held_until.map_or(String::new(), |until| format!(", told to wait until {}", until.to_rfc3339()));
        say(&format!("{}: {rate}, {} waiting{held}", sender.sender, sender.waiting))?;
    }
    Ok(())
}
