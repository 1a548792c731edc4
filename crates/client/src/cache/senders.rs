//! Which of the team's numbers a contact saw last, as far as the cache knows: a row that an older version of this program wrote has no recipient.

use deskline_domain::{ids::ContactId, outlook::LastSeen};

use super::Cache;
use crate::Result;

/// The newest text of a contact that tells a number, as the server looks for it (`store/src/senders.rs`): one that waits for its time, was
/// called off or did not arrive tells none, and a Messaging Service is no number.
pub(crate) const LAST_SEEN: &str = "select direction, iif(direction = 'inbound', to_number, from_number) from messages where contact_id = ? \
     and status not in ('scheduled', 'canceled', 'undelivered', 'failed') \
     and (direction = 'inbound' or from_number not like 'MG%') \
     order by created_at desc, id desc limit 1";

impl Cache {
    /// See the module.
    pub(crate) async fn last_seen(&self, contact_id: ContactId) -> Result<LastSeen> {
        let row: Option<(String, Option<String>)> =
            sqlx::query_as(LAST_SEEN).bind(contact_id.to_string()).fetch_optional(&self.pool).await?;
        Ok(match row {
            None => LastSeen::Nothing,
            Some((_, Some(number))) => LastSeen::Number(number),
            Some((direction, None)) if direction == "inbound" => LastSeen::WroteTo,
            Some(_) => LastSeen::Nothing,
        })
    }
}
