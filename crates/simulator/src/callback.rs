//! Posts signed forms to the server under test, as Twilio does: 5 seconds to connect, 15 in all, one more try when nobody answers.
//!
//! Used for webhooks and for status callbacks. What came back is kept in a [`Delivery`]; nothing is judged here.

use std::time::Duration;

use deskline_twilio::{AuthToken, signature};

use crate::inner::Inner;

/// A form on its way.
#[derive(Clone)]
pub(crate) struct Post {
    /// As it was told to Twilio; what is signed, character by character.
    pub(crate) url: String,
    /// Every field, in Twilio's order.
    pub(crate) params: Vec<(String, String)>,
    /// What to sign with; `None` leaves the header out.
    pub(crate) token: Option<AuthToken>,
}

/// What became of one webhook or callback.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The text that it is about.
    pub sid: String,
    /// Where it went; `None` when no address was set.
    pub url: Option<String>,
    /// Every field that was posted.
    pub params: Vec<(String, String)>,
    /// The last answer; `None` when nobody answered.
    pub answer: Option<Answer>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why nobody answered, the last time.
    pub problem: Option<String>,
}

impl Delivery {
    /// The answer's status, or 0 when there was none.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.answer.as_ref().map_or(0, |answer| answer.status)
    }

    /// Whether the server took it.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// A field that was posted.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body.
    pub body: String,
}

/// Longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Posts a form until somebody answers it with less than a 5xx, or the attempts are used up.
pub(crate) async fn deliver(inner: &Inner, sid: Option<String>, post: Post) -> Delivery {
    let Post { url, params, token } = post;
    let signature = token.as_ref().map(|token| signature::sign(token, &url, &params));
    let idempotency = inner.state().ids.hex();
    let mut delivery = Delivery {
        sid: sid.unwrap_or_default(),
        url: Some(url.clone()),
        params,
        answer: None,
        attempts: 0,
        problem: None,
    };
    let mut wait = inner.retry_wait;
    loop {
        delivery.attempts += 1;
        let mut request = inner
            .http
            .post(&url)
            .header("User-Agent", "TwilioProxy/1.1")
            .header("I-Twilio-Idempotency-Token", &idempotency)
            .form(&delivery.params);
        if let Some(signature) = &signature {
            request = request.header("X-Twilio-Signature", signature);
        }
        let answer = tokio::select! {
            answer = answer_to(request) => answer,
            () = inner.shutdown.cancelled() => {
                delivery.problem = Some("the simulator ended".to_owned());
                return delivery;
            }
        };
        match answer {
            Ok(answer) => {
                let done = answer.status < 500;
                delivery.answer = Some(answer);
                delivery.problem = None;
                if done {
                    return delivery;
                }
            }
            Err(error) => {
                tracing::debug!(attempt = delivery.attempts, error = %error.without_url(), "Nobody took a callback");
                delivery.problem = Some("nobody answered".to_owned());
            }
        }
        if delivery.attempts >= inner.attempts || !inner.sleep(wait).await {
            tracing::info!(attempts = delivery.attempts, "Gave up on a callback");
            return delivery;
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn answer_to(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    Ok(Answer { status, content_type, body: response.text().await? })
}
