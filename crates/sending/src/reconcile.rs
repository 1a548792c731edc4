//! Was this text taken? Asked of Twilio before a text whose outcome is unknown is sent again.
//!
//! Called by an attempt. Never sends and never writes. Twilio has no idempotency key, so the list of texts to this contact is
//! searched for one that says the same, came after ours was stored, and belongs to none of the texts that are known.

use std::time::Duration;

use deskline_store::{Send, SendFrom, Store};
use deskline_twilio::{Client, Error, Message, MessageFilter, message::MessageDirection};

use crate::attempt::earliest;

/// What Twilio puts before each text of an account that nobody pays for.
const TRIAL: &str = "Sent from your Twilio trial account - ";

/// What the search came to.
pub(crate) enum Found {
    /// Twilio has it: this one.
    Taken(Box<Message>),
    /// Twilio does not have it.
    NotThere,
    /// Twilio did not say.
    CannotTell(Error),
}

/// Searches, and where nothing is found searches once more after `pause`: a request that we gave up may only just have been taken.
///
/// # Errors
/// When the database fails.
pub(crate) async fn look(
    store: &Store,
    client: &Client,
    send: &Send,
    pause: Duration,
) -> deskline_store::Result<Found> {
    match look_once(store, client, send).await? {
        Found::NotThere => {}
        found => return Ok(found),
    }
    tokio::time::sleep(pause).await;
    look_once(store, client, send).await
}

async fn look_once(store: &Store, client: &Client, send: &Send) -> deskline_store::Result<Found> {
    let filter = MessageFilter {
        to: send.message.to_number.clone(),
        from: match &send.from {
            SendFrom::Number(number) => Some(number.clone()),
            SendFrom::MessagingService(_) => None,
        },
        date_sent_from: Some(earliest(send.message.created_at)),
    };
    let listed = match client.list_messages(&filter).await {
        Ok(listed) => listed,
        Err(error) => return Ok(Found::CannotTell(error)),
    };
    let alike: Vec<Message> = listed.into_iter().filter(|message| is_like(message, send)).collect();
    let sids: Vec<String> = alike.iter().map(|message| message.sid.clone()).collect();
    let known = store.known_sids(&sids).await?;
    // Listed newest first: the oldest that nobody knows is ours, since a contact's texts leave one after the other.
    let ours = alike.into_iter().rev().find(|message| !known.contains(&message.sid));
    Ok(ours.map_or(Found::NotThere, |message| Found::Taken(Box::new(message))))
}

fn is_like(message: &Message, send: &Send) -> bool {
    let same_sender = match &send.from {
        SendFrom::Number(_) => true,
        SendFrom::MessagingService(sid) => message.messaging_service_sid.as_ref() == Some(sid),
    };
    same_sender && message.direction == MessageDirection::OutboundApi && says(&message.body, &send.message.content)
}

/// Whether a listed text says what ours does. A trial account's texts have a sentence of Twilio's before them.
fn says(listed: &str, ours: &str) -> bool {
    listed.strip_prefix(TRIAL).unwrap_or(listed).trim() == ours.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_recognised_behind_the_sentence_of_a_trial_account() {
        assert!(says("Sent from your Twilio trial account - On my way ", "On my way"));
        assert!(says("On my way", " On my way"));
        assert!(!says("Not on my way", "on my way"));
    }
}
