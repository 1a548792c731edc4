//! Carries one request to one of the two servers, as Twilio and its customers do: again, on the other one, until it is answered.
//!
//! Used by the posters for webhooks, callbacks and replies. An answer that a server must never give ends the run.

use std::{sync::Arc, time::Duration};

use deskline_twilio::{AuthToken, signature};
use reqwest::{RequestBuilder, StatusCode};
use tokio::time::{Instant, sleep};

use crate::{
    servers::PUBLIC_URL,
    tally::Tally,
    world::{Team, World},
};

/// Twilio waits no longer for an answer.
const TWILIO_WAITS: Duration = Duration::from_secs(15);
/// A program that replies waits longer than the server waits for Twilio.
const OTHERS_WAIT: Duration = Duration::from_secs(60);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);
/// Nothing takes longer, whatever is killed.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(180);

/// Carries requests.
pub(crate) struct Courier {
    pub(crate) world: Arc<World>,
    pub(crate) tally: Arc<Tally>,
    http: reqwest::Client,
}

/// A form of Twilio's, signed.
pub(crate) struct Form {
    /// With its query.
    pub(crate) path: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) signature: String,
}

impl Form {
    /// Signs it with a team's token.
    pub(crate) fn new(team: &Team, path: String, fields: Vec<(String, String)>) -> Self {
        let signature = signature::sign(&team.auth_token, &format!("{PUBLIC_URL}{path}"), &fields);
        Self { path, fields, signature }
    }

    /// Signs it with somebody else's.
    pub(crate) fn forged(path: String, fields: Vec<(String, String)>) -> Self {
        let signature = signature::sign(&AuthToken::new("somebody else's"), &format!("{PUBLIC_URL}{path}"), &fields);
        Self { path, fields, signature }
    }
}

/// What an agent's program was told.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) body: serde_json::Value,
}

impl Courier {
    pub(crate) fn new(world: Arc<World>, tally: Arc<Tally>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client can be made");
        Self { world, tally, http }
    }

    /// Posts a form until it is answered with `expected`, beginning with the server `first`. Answers how often it was posted.
    pub(crate) async fn deliver(&self, form: &Form, expected: StatusCode, first: usize) -> u32 {
        let mut attempts = 0;
        self.insist(
            &form.path,
            first,
            |url| {
                attempts += 1;
                let request = self.http.post(url).timeout(TWILIO_WAITS);
                request.header("X-Twilio-Signature", &form.signature).form(&form.fields)
            },
            |status| status == expected,
        )
        .await;
        attempts
    }

    /// Sends a reply until it is sent or refused for good.
    pub(crate) async fn reply(&self, team: usize, body: &serde_json::Value, first: usize) -> Told {
        let answer = self
            .insist(
                "/sms/send-sms",
                first,
                |url| self.http.post(url).timeout(OTHERS_WAIT).bearer_auth(&self.world.teams[team].bearer).json(body),
                |status| matches!(status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY),
            )
            .await;
        Told { status: answer.0, body: serde_json::from_str(&answer.1).unwrap_or_default() }
    }

    async fn insist(
        &self,
        path: &str,
        first: usize,
        mut request: impl FnMut(String) -> RequestBuilder,
        is_the_end: impl Fn(StatusCode) -> bool,
    ) -> (StatusCode, String) {
        let (mut which, began) = (first, Instant::now());
        loop {
            self.tally.posts.add(1);
            match request(format!("{}{path}", self.world.servers.url(which))).send().await {
                // The status is what counts: whoever has it may forget the text, even if the rest of the answer is cut off.
                Ok(answer) if is_the_end(answer.status()) => {
                    return (answer.status(), answer.text().await.unwrap_or_default());
                }
                Ok(answer) if answer.status().is_server_error() => self.tally.try_again(answer.status().as_u16()),
                Ok(answer) => {
                    let (status, body) = (answer.status(), answer.text().await.unwrap_or_default());
                    panic!("server {which} answered {path} with {status} {body}, which it must not whatever is killed")
                }
                Err(_) => self.tally.cut.add(1),
            }
            assert!(
                began.elapsed() < GIVEN_UP_AFTER,
                "{path} is not answered for {GIVEN_UP_AFTER:?}; the servers' logs lie in {}",
                self.world.folder.display()
            );
            which = 1 - which;
            sleep(PAUSE).await;
        }
    }
}
