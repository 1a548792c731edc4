//! The team's server over HTTP: one method a route, nothing kept between them.
//!
//! Called by `session`, `sync/pull` and the outbox's two tasks. Knows no cache. A token goes into a header and nowhere else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    change::{ChangePage, Cursor},
    command::Command,
    ids::{MessageId, WorkspaceId},
    protocol::{
        CommandsReply, LedgerReply, PROTOCOL, PROTOCOL_HEADER, PasswordGrant, SendSms, SendSmsReply, SessionReply,
        SnapshotPage, TokenReply,
    },
};
use reqwest::{RequestBuilder, header::DATE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::answer::{CallError, read};

/// Rows in a page of changes.
pub(crate) const PAGE: i64 = 500;

/// A server, before anybody signed in to it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    http: reqwest::Client,
    /// Base address without a slash at the end.
    pub(crate) address: String,
}

/// A server, and somebody who is signed in to it.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) server: Server,
    pub(crate) token: SecretString,
}

/// The HTTP client for all of it. `answer` limits each request from beginning to end.
pub(crate) fn http(answer: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(answer)
        .connect_timeout(answer.min(Duration::from_secs(10)))
        .user_agent(concat!("Deskline/", env!("CARGO_PKG_VERSION")))
        // A redirect would carry the token to somebody else.
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

impl Server {
    pub(crate) const fn new(http: reqwest::Client, address: String) -> Self {
        Self { http, address }
    }

    /// `POST /auth/v1/token?grant_type=password`
    pub(crate) async fn sign_in(&self, grant: &PasswordGrant) -> Result<TokenReply, CallError> {
        let request = self.post("/auth/v1/token").query(&[("grant_type", "password")]).json(grant);
        read(request.send().await?).await
    }

    /// `POST /auth/v1/token?grant_type=refresh_token`
    pub(crate) async fn refresh(&self, token: &SecretString) -> Result<TokenReply, CallError> {
        let request = self
            .post("/auth/v1/token")
            .query(&[("grant_type", "refresh_token")])
            .json(&json!({ "refresh_token": token.expose_secret() }));
        read(request.send().await?).await
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.address)).header(PROTOCOL_HEADER, PROTOCOL)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.address)).header(PROTOCOL_HEADER, PROTOCOL)
    }
}

impl Caller {
    /// `GET /session`, and what time it is there.
    pub(crate) async fn session(&self) -> Result<(SessionReply, Option<DateTime<Utc>>), CallError> {
        let answer = self.signed(self.server.get("/session")).send().await?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let at = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|at| at.to_utc());
        Ok((read(answer).await?, at))
    }

    /// `GET /sync?snapshot=…`
    pub(crate) async fn snapshot(
        &self,
        workspace_id: WorkspaceId,
        next: Option<&str>,
    ) -> Result<SnapshotPage, CallError> {
        let request = self
            .signed(self.server.get("/sync"))
            .query(&[("workspaceId", workspace_id.to_string().as_str()), ("snapshot", next.unwrap_or("start"))]);
        read(request.send().await?).await
    }

    /// `GET /sync?feed=…&after=…`
    pub(crate) async fn changes(&self, workspace_id: WorkspaceId, cursor: Cursor) -> Result<ChangePage, CallError> {
        let request = self.signed(self.server.get("/sync")).query(&[
            ("workspaceId", workspace_id.to_string()),
            ("feed", cursor.feed.to_string()),
            ("after", cursor.seq.to_string()),
            ("limit", PAGE.to_string()),
        ]);
        read(request.send().await?).await
    }

    /// `POST /commands`
    pub(crate) async fn commands(&self, commands: &[Command]) -> Result<CommandsReply, CallError> {
        read(self.signed(self.server.post("/commands")).json(commands).send().await?).await
    }

    /// `POST /sms/send-sms`
    pub(crate) async fn send(&self, text: &SendSms) -> Result<SendSmsReply, CallError> {
        read(self.signed(self.server.post("/sms/send-sms")).json(text).send().await?).await
    }

    /// `GET /messages/{id}/ledger`: whether the server has a text, and how it stands.
    pub(crate) async fn ledger(&self, id: MessageId) -> Result<LedgerReply, CallError> {
        read(self.signed(self.server.get(&format!("/messages/{id}/ledger"))).send().await?).await
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.token.expose_secret())
    }
}
