//! Somebody texts one of our numbers: the text is kept as Twilio keeps it, STOP is honoured, and the webhook is signed and posted.

use deskline_domain::{delivery::DeliveryStatus, keyword::Keyword, segments::measure};
use deskline_twilio::{AccountSid, AuthToken, message::MessageDirection};
use url::Url;

use crate::{
    Simulator,
    callback::{Delivery, Post},
    clock,
    inner::Urls,
    state::{MediaContent, Sent, State, Stored, StoredMedia},
};

/// A text to one of our numbers. Everything but `from`, `to` and `body` may stay as it is.
#[derive(Clone, Debug, Default)]
pub struct InboundText {
    /// Who writes: a number, a short code or a name.
    pub from: String,
    /// Our number.
    pub to: String,
    /// The text.
    pub body: String,
    /// Its files.
    pub media: Vec<InboundMedia>,
    /// `STOP`, `START` or `HELP`, as Advanced Opt-Out would say it.
    pub opt_out_type: Option<String>,
    /// A SID of the test's choice; the same one again is the same text again.
    pub sid: Option<String>,
    /// The Messaging Service that our number belongs to.
    pub messaging_service_sid: Option<String>,
    /// Another account than the one that owns `to`.
    pub account_sid: Option<AccountSid>,
    /// Fields that Twilio might add some day.
    pub extra: Vec<(String, String)>,
    /// How the webhook is signed.
    pub signing: Signing,
}

/// A file of an inbound text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMedia {
    /// Its MIME type.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// How a webhook is signed.
#[derive(Clone, Debug, Default)]
pub enum Signing {
    /// As Twilio does it.
    #[default]
    Good,
    /// Not at all.
    Missing,
    /// With a token that is not the account's.
    With(AuthToken),
}

impl InboundText {
    /// A plain text.
    pub fn new(from: impl Into<String>, to: impl Into<String>, body: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into(), body: body.into(), ..Self::default() }
    }
}

impl Simulator {
    /// Somebody texts; gives back what the server answered to the webhook.
    pub async fn receive_sms(&self, from: &str, to: &str, body: &str) -> Delivery {
        self.receive(InboundText::new(from, to, body)).await
    }

    /// Somebody texts; gives back what the server answered to the webhook.
    pub async fn receive(&self, text: InboundText) -> Delivery {
        let (sid, post) = {
            let urls = self.inner.urls.get();
            let mut state = self.inner.state();
            let (sid, params, account) = state.take_in(&text, urls);
            let url = state.webhook_of(&account, &text.to);
            let token = match text.signing {
                Signing::Good => state.accounts.get(&account).map(|account| account.auth_token.clone()),
                Signing::Missing => None,
                Signing::With(token) => Some(token),
            };
            (sid, url.map(|url| Post { url, params: params.clone(), token }).ok_or(params))
        };
        self.inner.changed();
        match post {
            Ok(post) => self.post(sid, post).await,
            Err(params) => Delivery {
                sid,
                url: None,
                params,
                answer: None,
                attempts: 0,
                problem: Some("no webhook address is set".to_owned()),
            },
        }
    }

    /// Posts an earlier text's webhook again, as Twilio does when an answer got lost. `None` when there was none.
    pub async fn receive_again(&self, sid: &str) -> Option<Delivery> {
        let delivery =
            self.deliveries().into_iter().find(|one| one.sid == sid && one.field("SmsStatus") == Some("received"))?;
        let account = AccountSid::new(delivery.field("AccountSid")?);
        let post = Post { url: delivery.url?, params: delivery.params, token: self.auth_token_of(&account) };
        Some(self.post(sid.to_owned(), post).await)
    }
}

impl State {
    /// Where a number's texts are reported.
    fn webhook_of(&self, account: &AccountSid, number: &str) -> Option<String> {
        let owned = self.accounts.get(account)?.numbers.iter().find(|owned| owned.phone_number == number);
        owned.and_then(|owned| owned.sms_url.clone()).or_else(|| self.webhook.as_ref().map(Url::to_string))
    }

    /// Keeps an inbound text, honours its keyword, and says what to post: (SID, form, account).
    fn take_in(&mut self, text: &InboundText, urls: Option<&Urls>) -> (String, Vec<(String, String)>, AccountSid) {
        let account = text
            .account_sid
            .clone()
            .or_else(|| self.owner(&text.to).cloned())
            .unwrap_or_else(|| self.first_account.clone());
        let prefix = if text.media.is_empty() { "SM" } else { "MM" };
        let sid = text.sid.clone().unwrap_or_else(|| self.ids.sid(prefix));
        self.honour(Keyword::read(text.opt_out_type.as_deref(), &text.body), &text.to, &text.from);

        let now = clock::now();
        let mut files = Vec::new();
        for file in &text.media {
            let media_sid = self.ids.sid("ME");
            let stored = StoredMedia {
                account_sid: account.clone(),
                message_sid: sid.clone(),
                content_type: file.content_type.clone(),
                content: MediaContent::Bytes(file.bytes.clone()),
                date_created: now,
            };
            self.media.insert(media_sid.clone(), stored);
            files.push((media_sid, file.content_type.clone()));
        }
        let kept = Sent {
            sid: sid.clone(),
            account_sid: account.clone(),
            to: text.to.clone(),
            from: text.from.clone(),
            messaging_service_sid: text.messaging_service_sid.clone(),
            body: text.body.clone(),
            media_urls: Vec::new(),
            status_callback: None,
            status: DeliveryStatus::Received,
            error_code: None,
            date_created: now,
        };
        let media = files.iter().map(|(sid, _)| sid.clone()).collect();
        self.keep(Stored {
            direction: MessageDirection::Inbound,
            text: kept,
            media,
            date_sent: Some(now),
            date_updated: now,
        });
        let params = form(text, &sid, &account, &files, urls);
        (sid, params, account)
    }
}

/// The form that Twilio posts for an inbound text.
fn form(
    text: &InboundText,
    sid: &str,
    account: &AccountSid,
    files: &[(String, String)],
    urls: Option<&Urls>,
) -> Vec<(String, String)> {
    let num_media = files.len().to_string();
    let num_segments = measure(&text.body).count.max(1).to_string();
    let country = if text.from.starts_with("+1") { "US" } else { "" };
    let mut params: Vec<(String, String)> = [
        ("ToCountry", "US"),
        ("ToState", ""),
        ("SmsMessageSid", sid),
        ("NumMedia", &num_media),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", sid),
        ("FromState", ""),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", &text.body),
        ("FromCountry", country),
        ("To", &text.to),
        ("ToZip", ""),
        ("NumSegments", &num_segments),
        ("MessageSid", sid),
        ("AccountSid", account.as_str()),
        ("From", &text.from),
        ("ApiVersion", "2010-04-01"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let optional = [("MessagingServiceSid", &text.messaging_service_sid), ("OptOutType", &text.opt_out_type)];
    for (name, value) in optional {
        params.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
    }
    let api = urls.map(|urls| urls.api.to_string()).unwrap_or_default();
    for (index, (media_sid, content_type)) in files.iter().enumerate() {
        let url = format!("{api}2010-04-01/Accounts/{account}/Messages/{sid}/Media/{media_sid}");
        params.push((format!("MediaUrl{index}"), url));
        params.push((format!("MediaContentType{index}"), content_type.clone()));
    }
    params.extend(text.extra.iter().cloned());
    params
}
