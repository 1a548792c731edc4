//! One comparison of one account: Twilio's list of a window against what is stored.
//!
//! Called by [`super::Auditor`]. Every step is idempotent on the text's SID, so that a comparison that breaks off is simply made
//! again.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use deskline_domain::{
    delivery::DeliveryStatus,
    ids::{MessageId, WorkspaceId},
    message::Media,
    phone::Sender,
};
use deskline_store::{
    Asked, AuditedHour, DeadLetter, Elsewhere, NewAudit, NewElsewhere, StatusOutcome, StatusReport, Store,
};
use deskline_twilio::{AccountSid, Client, InboundForm, Message, MessageFilter, explain, message::MessageDirection};
use serde_json::{Map, Value, json};

use super::AuditError;
use crate::{edge, routing};

/// A text that nobody has heard the end of is asked about for so long.
const ASKED_FOR: TimeDelta = TimeDelta::days(7);
/// And this often.
const ASKED_EVERY: TimeDelta = TimeDelta::hours(12);
/// At most so many in one comparison: each is a request.
const ASKED_AT_ONCE: i64 = 100;
/// SIDs that are looked for at once.
const CHUNK: usize = 1_000;

/// What to compare.
pub(super) struct Comparison<'a> {
    pub(super) store: &'a Store,
    pub(super) client: &'a Client,
    pub(super) account_sid: &'a str,
    /// Those that have the account.
    pub(super) workspaces: Vec<WorkspaceId>,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// Where a listed text stands.
enum Place {
    Here,
    /// Was missing, and is here now.
    Imported,
    /// None of the teams' business.
    Elsewhere,
    /// May be one that is on its way out.
    Pending,
    /// Cannot be stored.
    Missing,
}

impl Comparison<'_> {
    pub(super) async fn run(&self, now: DateTime<Utc>) -> Result<NewAudit, AuditError> {
        let listed = self.listed().await?;
        let sids: Vec<String> = listed.iter().map(|(_, text)| text.sid.clone()).collect();
        let mut kept = HashMap::new();
        for chunk in sids.chunks(CHUNK) {
            kept.extend(self.store.kept(chunk).await?);
        }

        let mut hours: BTreeMap<(DateTime<Utc>, &str), AuditedHour> = BTreeMap::new();
        let (mut imported, mut settled) = (0, 0);
        // Oldest first, so that what is imported stands in a thread in the order in which it was written.
        for (at, text) in listed.iter().rev() {
            let place = match kept.get(&text.sid) {
                Some(status) => {
                    settled += i64::from(self.settle(text, *status, now).await?);
                    Place::Here
                }
                None => self.import_any(text, *at).await?,
            };
            imported += i64::from(matches!(place, Place::Imported));
            let (hour, number) = (at.duration_trunc(TimeDelta::hours(1)).unwrap_or(*at), number_of(text));
            let row = hours.entry((hour, number)).or_insert_with(|| AuditedHour {
                number: number.to_owned(),
                hour,
                twilio: 0,
                here: 0,
                elsewhere: 0,
            });
            row.twilio += 1;
            row.here += i32::from(matches!(place, Place::Here | Place::Imported));
            row.elsewhere += i32::from(matches!(place, Place::Elsewhere));
        }
        settled += self.ask_about_stuck(now).await?;
        Ok(NewAudit {
            account_sid: self.account_sid.to_owned(),
            window_from: self.from,
            window_to: self.to,
            hours: hours.into_values().collect(),
            imported,
            settled,
            only_here: self.store.only_here(self.account_sid, self.from, self.to, &sids).await?,
        })
    }

    /// A text that the database refuses is missing, and told as that; it stops none of the others.
    async fn import_any(&self, text: &Message, at: DateTime<Utc>) -> Result<Place, AuditError> {
        let place = match text.direction {
            MessageDirection::Inbound => self.import(text, at).await,
            _ => self.import_sent(text, at).await,
        };
        match place {
            Err(AuditError::Store(error)) if !error.is_unavailable() => {
                let error = format!("{:#}", anyhow::Error::from(error));
                tracing::error!(sid = text.sid, error, "a text that Twilio lists cannot be stored");
                Ok(Place::Missing)
            }
            place => place,
        }
    }

    /// The window's texts with the times at which Twilio took them, newest first.
    async fn listed(&self) -> Result<Vec<(DateTime<Utc>, Message)>, AuditError> {
        let filter = MessageFilter { date_sent_from: Some(self.from), ..MessageFilter::default() };
        let listed = self.client.list_messages(&filter).await?;
        let dated = listed.into_iter().filter_map(|text| Some((text.date_created?, text)));
        Ok(dated.filter(|(at, _)| *at >= self.from && *at < self.to).collect())
    }

    /// Takes a status into account that no callback brought. True when the text moved on.
    async fn settle(
        &self,
        text: &Message,
        status: Option<DeliveryStatus>,
        now: DateTime<Utc>,
    ) -> Result<bool, AuditError> {
        if status.is_none_or(|status| status.advance(text.status) == status) {
            return Ok(false);
        }
        let report = StatusReport {
            account_sid: self.account_sid.to_owned(),
            message_sid: text.sid.clone(),
            message_id: None,
            status: text.status,
            error_code: text.error_code,
            explanation: text.error_code.map(|code| explain(code).text.to_owned()),
            raw: json!({
                "Source": "audit", "MessageSid": text.sid, "MessageStatus": text.status, "ErrorCode": text.error_code,
            }),
            received_at: now,
        };
        Ok(matches!(self.store.record_status(&report).await?, StatusOutcome::Applied(_)))
    }

    /// A text that no webhook brought becomes one, as if it had.
    async fn import(&self, text: &Message, at: DateTime<Utc>) -> Result<Place, AuditError> {
        let Some(workspace) = self.workspace_of(Some(&text.to), text.messaging_service_sid.as_deref()).await? else {
            // Nobody has the number, so that its webhook does not lead here either.
            return Ok(Place::Elsewhere);
        };
        let files = self.files_of(text).await?;
        let form = InboundForm {
            account_sid: AccountSid::new(self.account_sid),
            message_sid: text.sid.clone(),
            from: text.from.clone().unwrap_or_default(),
            to: Some(text.to.clone()),
            messaging_service_sid: text.messaging_service_sid.clone(),
            body: text.body.clone(),
            media: files,
            opt_out_type: None,
        };
        let raw = raw_of(&form, at);
        if let Ok(from) = Sender::parse(&form.from) {
            let recorded = self.store.record_inbound(&routing::new_inbound(form, workspace, from, raw, at)).await?;
            return Ok(if recorded.fresh { Place::Imported } else { Place::Here });
        }
        let letter = DeadLetter {
            account_sid: self.account_sid.to_owned(),
            twilio_sid: form.message_sid,
            from: form.from,
            to: text.to.clone(),
            raw,
            received_at: at,
        };
        Ok(if self.store.record_dead_letter(&letter).await? { Place::Imported } else { Place::Here })
    }

    /// A text that was sent with the account, but not by us: it is put into the thread of a contact that the team knows.
    async fn import_sent(&self, text: &Message, at: DateTime<Utc>) -> Result<Place, AuditError> {
        let from = text.from.as_deref();
        let Some(workspace_id) = self.workspace_of(from, text.messaging_service_sid.as_deref()).await? else {
            return Ok(Place::Elsewhere);
        };
        let sent = NewElsewhere {
            id: MessageId::v7(at, edge::entropy()),
            workspace_id,
            from: number_of(text).to_owned(),
            to: text.to.clone(),
            twilio_sid: text.sid.clone(),
            body: text.body.clone(),
            media: self.files_of(text).await?,
            status: text.status,
            error: text.error_code.map(|code| (code, explain(code).text.to_owned())),
            created_at: at,
        };
        Ok(match self.store.record_elsewhere(&sent).await? {
            Elsewhere::Stored(_) => Place::Imported,
            Elsewhere::Known => Place::Here,
            Elsewhere::Pending => Place::Pending,
            Elsewhere::NoContact => Place::Elsewhere,
        })
    }

    async fn workspace_of(
        &self,
        number: Option<&str>,
        service: Option<&str>,
    ) -> Result<Option<WorkspaceId>, AuditError> {
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        let asked = Asked { number: word(number), service: word(service), ..Asked::default() };
        let known = self.store.look_up(asked).await?;
        Ok(routing::claimants(&known).into_iter().find(|workspace| self.workspaces.contains(workspace)))
    }

    async fn files_of(&self, text: &Message) -> Result<Vec<Media>, AuditError> {
        Ok(if text.num_media > 0 { self.client.list_media(&text.sid).await? } else { Vec::new() })
    }

    /// Asks about older texts, one by one: many carriers never say more than "sent".
    async fn ask_about_stuck(&self, now: DateTime<Utc>) -> Result<i64, AuditError> {
        let stuck =
            self.store.stuck(self.account_sid, now - ASKED_FOR, self.from, now - ASKED_EVERY, ASKED_AT_ONCE).await?;
        let mut settled = 0;
        for text in stuck {
            match self.client.fetch_message(&text.twilio_sid).await {
                // The store compares it with what is known.
                Ok(found) => {
                    let known = self.store.kept(std::slice::from_ref(&text.twilio_sid)).await?;
                    let status = known.get(&text.twilio_sid).copied().flatten();
                    settled += i64::from(self.settle(&found, status, now).await?);
                }
                Err(error) if error.status() == Some(404) => {
                    tracing::debug!(message = %text.id, "Twilio does not have a text any more whose end nobody has heard of");
                }
                Err(error) => return Err(error.into()),
            }
            self.store.note_lookup(text.id, now).await?;
        }
        Ok(settled)
    }
}

/// Our side of a text.
fn number_of(text: &Message) -> &str {
    match text.direction {
        MessageDirection::Inbound => &text.to,
        _ => text.from.as_deref().or(text.messaging_service_sid.as_deref()).unwrap_or_default(),
    }
}

/// The form that the webhook would have brought, as far as it is known.
fn raw_of(form: &InboundForm, at: DateTime<Utc>) -> Value {
    let mut raw = Map::new();
    let mut put = |name: &str, value: &str| drop(raw.insert(name.to_owned(), value.into()));
    put("Source", "audit");
    put("DateCreated", &at.to_rfc3339());
    put("AccountSid", form.account_sid.as_str());
    put("MessageSid", &form.message_sid);
    put("From", &form.from);
    put("To", form.to.as_deref().unwrap_or_default());
    if let Some(service) = &form.messaging_service_sid {
        put("MessagingServiceSid", service);
    }
    put("Body", &form.body);
    put("NumMedia", &form.media.len().to_string());
    for (index, file) in form.media.iter().enumerate() {
        put(&format!("MediaUrl{index}"), &file.url);
        put(&format!("MediaContentType{index}"), file.content_type.as_deref().unwrap_or_default());
    }
    Value::Object(raw)
}
