//! What an agent does about a text that failed.

use deskline_domain::ids::{ContactId, MessageId};
use sqlx::PgConnection;

use super::{Deed, Verdict, reading::wrote_since};
use crate::{OutboundError, Result, TwilioAccount, resend::put_into_line};

/// Puts it into the line again, where the server's worker finds it.
pub(super) async fn resend(
    tx: &mut PgConnection,
    deed: Deed,
    contact: ContactId,
    id: MessageId,
    seen: Option<MessageId>,
    account: Option<&TwilioAccount>,
) -> Result<Verdict> {
    if wrote_since(tx, deed, contact, seen).await? {
        return Ok(Err(NOT_SEEN.into()));
    }
    let refusal = match put_into_line(tx, deed.workspace, id, deed.user, deed.now, None, account).await? {
        Ok(_) => return Ok(Ok(())),
        Err(OutboundError::Store(error)) => return Err(error),
        Err(OutboundError::MessageNotFound) => "This text is no longer there.".into(),
        Err(OutboundError::NotConfigured) => {
            "This team has no Twilio account that can send. An admin must connect one.".into()
        }
        Err(OutboundError::NoNumbers) => "This team has no number to send from. An admin must add one.".into(),
        Err(refusal) => refusal.to_string().into(),
    };
    Ok(Err(refusal))
}

const NOT_SEEN: &str =
    "The contact has written something that you had not seen. Look at it, and send the text again if it still fits.";
