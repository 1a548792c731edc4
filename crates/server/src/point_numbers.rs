//! Points an account's numbers at this server: where Twilio reports inbound texts, and what becomes of what goes out.
//!
//! Called by `twilio connect`. Says what was there before, since it may have been another program's. Every text that we send names
//! its own address for status callbacks; that of the number is a net below, and another program's is left alone.

use deskline_twilio::{Client, Error, Number, NumberAddresses};
use url::Url;

use crate::Config;

/// What became of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// E.164.
    pub phone_number: String,
    /// A sentence for whoever runs the command.
    pub told: String,
}

/// Points every number that can text, or only tells where they point.
///
/// # Errors
/// As of any request to Twilio; numbers before the one that failed are pointed.
pub async fn point_numbers(client: &Client, config: &Config, keep: bool) -> Result<Vec<Pointed>, Error> {
    let webhook = config.signed_url("/twilio/webhook");
    let callback = config.signed_url("/twilio/status");
    let mut pointed = Vec::new();
    for number in client.list_numbers().await? {
        let told = tell(&number, &webhook, keep);
        if !keep {
            let addresses = NumberAddresses {
                sms_url: wanted(number.sms_url.as_deref(), &webhook, true),
                status_callback: wanted(number.status_callback.as_deref(), &callback, false),
            };
            if addresses != NumberAddresses::default() {
                client.update_number(&number.sid, &addresses).await?;
            }
        }
        pointed.push(Pointed { phone_number: number.phone_number, told });
    }
    Ok(pointed)
}

/// The address to set, if it is not there already. Another one is replaced or left alone.
fn wanted(now: Option<&str>, ours: &str, replace: bool) -> Option<Url> {
    match now.filter(|now| !now.is_empty()) {
        Some(now) if now == ours || !replace => None,
        _ => Url::parse(ours).ok(),
    }
}

fn tell(number: &Number, webhook: &str, keep: bool) -> String {
    let before = number.sms_url.as_deref().filter(|url| !url.is_empty());
    let application = number.sms_application_sid.as_deref().filter(|sid| !sid.is_empty());
    if let Some(application) = application {
        return format!(
            "is answered by the Twilio application {application}, whose addresses count: point that at {webhook}, or take the number out of it"
        );
    }
    match (before, keep) {
        (Some(before), _) if before == webhook => format!("reports its texts to {webhook}, as before"),
        (Some(before), false) => format!("reports its texts to {webhook} from now on; before: {before}"),
        (None, false) => format!("reports its texts to {webhook} from now on"),
        (Some(before), true) => format!("still reports its texts to {before}, and not to {webhook}"),
        (None, true) => format!("reports its texts to nobody; {webhook} would be ours"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const OURS: &str = "https://desk.example/twilio/webhook";

    #[rstest]
    #[case::nothing_there(None, true, true)]
    #[case::empty(Some(""), false, true)]
    #[case::ours(Some(OURS), true, false)]
    #[case::anothers_webhook(Some("https://other.example/"), true, true)]
    #[case::anothers_callback(Some("https://other.example/"), false, false)]
    fn an_address_is_set_where_it_is_missing(#[case] now: Option<&str>, #[case] replace: bool, #[case] set: bool) {
        assert_eq!(wanted(now, OURS, replace).is_some(), set);
    }
}
