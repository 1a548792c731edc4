//! What an answer to `POST /sms/send-sms` means for the text: the one table, without any I/O.
//!
//! Asked by [`super::sender`] after each request. Sending the same text again with the same id is always safe, so that
//! whatever is not certain is simply repeated; only the server's own word parks a text.

use std::time::Duration;

use deskline_domain::{
    delivery::DeliveryStatus,
    gate::OPTED_OUT_CODE,
    message::MessageRow,
    protocol::{LedgerReply, SendSmsReply},
};
use reqwest::StatusCode;

use super::hold::Held;
use crate::{upstream::answer::CallError, view::Failure};

/// What to do with the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// The server has it; what becomes of it now is the server's business and comes through the feed.
    HandedOver { status: DeliveryStatus, has_sid: bool },
    /// Keep it and try again.
    Retry {
        /// Not before this, where the server asked for it.
        after: Option<Duration>,
        /// Whether the server may have it all the same.
        in_doubt: bool,
    },
    /// Keep it until somebody decides.
    Park(Failure),
    /// Keep it, and ask whether it still fits.
    Hold(Held),
    /// Keep it untried until somebody signs in or updates: trying again changes nothing.
    Wait,
}

/// Decides.
pub(crate) fn decide(answer: &Result<SendSmsReply, CallError>) -> Decision {
    match answer {
        Ok(reply) => handed_over(&reply.message),
        Err(CallError::Said { body, .. }) if body.message.is_some() => {
            // Stored: as failed (422), or to be tried again by the server (502).
            body.message.as_ref().map_or(Decision::Wait, handed_over)
        }
        Err(CallError::Said { status, body, retry_after }) => {
            if may_pass(*status) {
                // Of a 5xx nobody knows how far it came; the others were turned away at the door.
                Decision::Retry { after: *retry_after, in_doubt: status.is_server_error() }
            } else {
                let code =
                    body.code.as_ref().and_then(serde_json::Value::as_i64).and_then(|code| i32::try_from(code).ok());
                Decision::Park(said_no(code, body.explanation.as_deref().unwrap_or(&body.error)))
            }
        }
        Err(CallError::LockedOut) => Decision::Retry { after: None, in_doubt: true },
        Err(CallError::NoAnswer { never_left, .. }) => Decision::Retry { after: None, in_doubt: !never_left },
        Err(CallError::Foreign { .. }) => Decision::Retry { after: None, in_doubt: true },
        Err(CallError::SignedOut | CallError::Unauthorized | CallError::Incompatible(_)) => Decision::Wait,
        // Nothing was asked: the fault lies on this machine.
        Err(CallError::FeedChanged | CallError::Local(_)) => Decision::Retry { after: None, in_doubt: true },
    }
}

/// Decides about a text that would be held or parked, and that the server may have all the same: what the server says of its id.
pub(crate) fn decide_in_doubt(answer: Result<LedgerReply, CallError>, otherwise: Decision) -> Decision {
    match answer {
        Ok(reply) => handed_over(&reply.message),
        Err(CallError::Said { status, .. }) if status == StatusCode::NOT_FOUND => otherwise,
        Err(error) => decide(&Err(error)),
    }
}

/// Decides about a text of which a file did not get to the server: the text itself has not left with this try.
pub(crate) fn decide_upload(error: CallError) -> Decision {
    match decide(&Err(error)) {
        Decision::Retry { after, .. } => Decision::Retry { after, in_doubt: false },
        decision => decision,
    }
}

fn handed_over(row: &MessageRow) -> Decision {
    Decision::HandedOver { status: row.status, has_sid: row.twilio_sid.is_some() }
}

/// Whether the same request may go through later.
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY)
}

fn said_no(code: Option<i32>, words: &str) -> Failure {
    let explanation = match words {
        "Contact not found" => "This contact no longer exists on the server.".to_owned(),
        "Twilio not configured for this workspace" => {
            "This team has no Twilio account yet. An admin must connect one; then send the text again.".to_owned()
        }
        "You are not a member of this workspace" => {
            "You are no longer a member of this team, so that the text cannot be sent.".to_owned()
        }
        "No Twilio numbers available for this workspace" => {
            "This team has no number to send from. An admin must add one; then send the text again.".to_owned()
        }
        words => words.to_owned(),
    };
    Failure { code, explanation, can_retry: code != Some(OPTED_OUT_CODE), can_discard: true }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use deskline_domain::{
        message::{Direction, MessageType},
        protocol::ErrorBody,
    };
    use rstest::rstest;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn row(status: DeliveryStatus, sid: Option<&str>) -> MessageRow {
        MessageRow {
            id: Uuid::nil().into(),
            workspace_id: Uuid::nil().into(),
            contact_id: Uuid::nil().into(),
            content: "on my way".to_owned(),
            direction: Direction::Outbound,
            status,
            twilio_sid: sid.map(ToOwned::to_owned),
            message_type: MessageType::Text,
            media_url: None,
            media_type: None,
            media: Vec::new(),
            from_number: None,
            to_number: None,
            error_code: None,
            error_message: None,
            in_doubt: false,
            send_at: None,
            sent_by: None,
            client_id: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn ok(status: DeliveryStatus) -> Result<SendSmsReply, CallError> {
        Ok(SendSmsReply { success: true, message: row(status, Some("SM1")), twilio_sid: Some("SM1".to_owned()) })
    }

    fn said(status: u16, error: &str, message: Option<MessageRow>) -> Result<SendSmsReply, CallError> {
        let code = (status == 422).then(|| json!(21_610));
        Err(CallError::Said {
            status: StatusCode::from_u16(status).unwrap(),
            body: Box::new(ErrorBody { error: error.to_owned(), code, explanation: None, message }),
            retry_after: (status == 429).then_some(Duration::from_secs(7)),
        })
    }

    fn no_answer(never_left: bool) -> Result<SendSmsReply, CallError> {
        Err(CallError::NoAnswer { reason: "reset".to_owned(), never_left })
    }

    fn foreign(status: u16) -> Result<SendSmsReply, CallError> {
        Err(CallError::Foreign { status: StatusCode::from_u16(status).unwrap() })
    }

    const fn handed(status: DeliveryStatus, has_sid: bool) -> Decision {
        Decision::HandedOver { status, has_sid }
    }

    const fn retry(in_doubt: bool) -> Decision {
        Decision::Retry { after: None, in_doubt }
    }

    #[rstest]
    #[case::taken(ok(DeliveryStatus::Queued), handed(DeliveryStatus::Queued, true))]
    #[case::refused_by_twilio_and_stored(
        said(422, "Error sending SMS", Some(row(DeliveryStatus::Failed, None))),
        handed(DeliveryStatus::Failed, false)
    )]
    #[case::twilio_away_and_stored(
        said(502, "Error sending SMS", Some(row(DeliveryStatus::Queued, None))),
        handed(DeliveryStatus::Queued, false)
    )]
    #[case::twilio_away_and_not_stored(said(502, "Error sending SMS", None), retry(true))]
    #[case::database_away(said(500, "Internal error", None), retry(true))]
    #[case::too_many(said(429, "Too many requests", None), Decision::Retry { after: Some(Duration::from_secs(7)), in_doubt: false })]
    #[case::offline(no_answer(true), retry(false))]
    #[case::answer_lost(no_answer(false), retry(true))]
    #[case::a_proxys_page(foreign(404), retry(true))]
    #[case::a_captive_portal(foreign(200), retry(true))]
    #[case::signed_out(Err(CallError::SignedOut), Decision::Wait)]
    #[case::too_old(Err(CallError::Incompatible("update".to_owned())), Decision::Wait)]
    fn an_answer_means(#[case] answer: Result<SendSmsReply, CallError>, #[case] expected: Decision) {
        assert_eq!(decide(&answer), expected);
    }

    #[test]
    fn a_text_in_doubt_that_does_not_fit_any_more_is_held_only_if_the_server_has_never_heard_of_it() {
        let ledger = LedgerReply { message: row(DeliveryStatus::Queued, None), entries: Vec::new() };
        let not_found = said(404, "Message not found", None).map(|_| unreachable!());

        let held = || Decision::Hold(Held::ContactWrote);
        assert_eq!(decide_in_doubt(Ok(ledger), held()), handed(DeliveryStatus::Queued, false));
        assert_eq!(decide_in_doubt(not_found, held()), held());
        let error = CallError::NoAnswer { reason: "reset".to_owned(), never_left: true };
        assert_eq!(decide_in_doubt(Err(error), held()), retry(false));
    }

    #[test]
    fn a_file_that_does_not_get_there_leaves_no_doubt_about_its_text_and_one_that_is_refused_parks_it() {
        let lost = CallError::NoAnswer { reason: "reset".to_owned(), never_left: false };
        assert_eq!(decide_upload(lost), retry(false));

        let refused = said(415, "Twilio takes no files of the type application/zip.", None).unwrap_err();
        let Decision::Park(failure) = decide_upload(refused) else { panic!("a refused file must park its text") };
        assert!(failure.explanation.starts_with("Twilio takes no files"), "{failure:?}");
    }

    #[rstest]
    #[case::contact_gone(404, "Contact not found", "This contact no longer exists on the server.", true)]
    #[case::not_a_member(403, "Forbidden", "Forbidden", true)]
    #[case::opted_out(422, "Error sending SMS", "Error sending SMS", false)]
    fn the_servers_no_parks_the_text_with_its_reason(
        #[case] status: u16,
        #[case] error: &str,
        #[case] explanation: &str,
        #[case] can_retry: bool,
    ) {
        let Decision::Park(failure) = decide(&said(status, error, None)) else { panic!("{status} must park the text") };

        assert_eq!(
            (failure.explanation.as_str(), failure.can_retry, failure.can_discard),
            (explanation, can_retry, true)
        );
    }
}
