//! What became of a text, from the agent's chair: one mapping for texts in the cache, one for those in the outbox.

use deskline_domain::{delivery::DeliveryStatus, gate::OPTED_OUT_CODE, message::Direction};
use deskline_twilio::explain::explain;

use crate::{
    cache::messages::CachedMessage,
    outbox::entries::EntryState,
    view::{Failure, MessageState},
};

/// For a text that the server has.
pub(crate) fn of_cached(message: &CachedMessage) -> MessageState {
    match message.direction {
        Direction::Inbound => MessageState::Received,
        Direction::Outbound if message.in_doubt => MessageState::Unknown,
        Direction::Outbound if waits_for_its_time(message) => MessageState::Scheduled,
        Direction::Outbound => of_status(message.status, message.has_sid),
    }
}

/// Whether the server keeps it until then. A row that another program calls `scheduled` has no time, and Twilio has one with a SID.
pub(crate) fn waits_for_its_time(message: &CachedMessage) -> bool {
    message.status == DeliveryStatus::Scheduled && !message.has_sid && message.send_at.is_some()
}

/// For a text that this machine wrote and the cache lacks. `in_doubt` tells that the server may have it all the same.
pub(crate) fn of_entry(state: &EntryState, in_doubt: bool) -> MessageState {
    match state {
        EntryState::Queued if in_doubt => MessageState::Unknown,
        EntryState::Queued => MessageState::Waiting,
        EntryState::Sending => MessageState::OnServer,
        // A failure is told with its reason, and that stands in the server's row, which is on its way.
        EntryState::HandedOver { status, .. } if status.is_failure() => MessageState::OnServer,
        EntryState::HandedOver { status: DeliveryStatus::Scheduled, has_sid: false } => MessageState::Scheduled,
        EntryState::HandedOver { status, has_sid } => of_status(*status, *has_sid),
        EntryState::Parked(_) => MessageState::Parked,
        EntryState::Held(_) => MessageState::Held,
    }
}

fn of_status(status: DeliveryStatus, has_sid: bool) -> MessageState {
    match status {
        DeliveryStatus::Queued | DeliveryStatus::Scheduled if !has_sid => MessageState::OnServer,
        DeliveryStatus::Queued | DeliveryStatus::Scheduled | DeliveryStatus::Accepted | DeliveryStatus::Sending => {
            MessageState::Accepted
        }
        DeliveryStatus::Sent => MessageState::Sent,
        DeliveryStatus::Delivered | DeliveryStatus::Received => MessageState::Delivered,
        DeliveryStatus::Read => MessageState::Read,
        DeliveryStatus::Canceled => MessageState::Canceled,
        DeliveryStatus::Undelivered | DeliveryStatus::Failed => MessageState::Failed,
    }
}

/// Why a text that the server has did not arrive.
pub(crate) fn failure(message: &CachedMessage) -> Option<Failure> {
    if of_cached(message) != MessageState::Failed {
        return None;
    }
    let explanation = match message.error_code {
        Some(code) => explain(code).text.to_string(),
        None => message
            .error_message
            .clone()
            .unwrap_or_else(|| "It could not be delivered, and nobody said why. Try again later.".to_owned()),
    };
    Some(Failure {
        code: message.error_code,
        explanation,
        // Only the contact can undo an opt-out.
        can_retry: message.error_code != Some(OPTED_OUT_CODE),
        can_discard: false,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_text_that_the_server_may_have_is_unknown_and_one_that_it_lacks_waits() {
        assert_eq!(of_entry(&EntryState::Queued, true), MessageState::Unknown);
        assert_eq!(of_entry(&EntryState::Queued, false), MessageState::Waiting);
    }

    #[rstest]
    #[case(DeliveryStatus::Queued, false, MessageState::OnServer)]
    #[case(DeliveryStatus::Queued, true, MessageState::Accepted)]
    #[case(DeliveryStatus::Accepted, true, MessageState::Accepted)]
    #[case(DeliveryStatus::Sending, true, MessageState::Accepted)]
    #[case(DeliveryStatus::Sent, true, MessageState::Sent)]
    #[case(DeliveryStatus::Delivered, true, MessageState::Delivered)]
    #[case(DeliveryStatus::Read, true, MessageState::Read)]
    #[case(DeliveryStatus::Undelivered, true, MessageState::Failed)]
    #[case(DeliveryStatus::Failed, false, MessageState::Failed)]
    #[case(DeliveryStatus::Canceled, true, MessageState::Canceled)]
    fn a_status_is_told_from_the_agents_chair(
        #[case] status: DeliveryStatus,
        #[case] has_sid: bool,
        #[case] expected: MessageState,
    ) {
        assert_eq!(of_status(status, has_sid), expected);
        if !status.is_failure() {
            assert_eq!(of_entry(&EntryState::HandedOver { status, has_sid }, true), expected);
        }
    }
}
