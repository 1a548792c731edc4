//! The team's server over HTTP: one method a route, nothing kept between them.
//!
//! Called by `session`, `sync/pull` and the outbox's two tasks. Knows no cache. A token goes into a header and nowhere else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use deskline_domain::{
    change::{ChangePage, Cursor},
    command::Command,
    ids::{ContactId, MessageId, WorkspaceId},
    protocol::{
        CanceledReply, CommandsReply, ConsentsReply, DirectAccess, DraftsReply, HistoryReply, ImportReply, LedgerReply,
        MediaLink, PROTOCOL, PROTOCOL_HEADER, PasswordGrant, SaveDraft, SavedDraft, SendSms, SendSmsReply,
        SendingReply, SessionReply, SnapshotPage, TokenReply, UploadReply,
    },
};
use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, DATE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{CallError, read, read_nothing};
use crate::view::admin::OptOuts;

/// How long a file of contacts or of a whole team may take.
const PATIENCE_WITH_FILES: Duration = Duration::from_secs(600);

/// Rows in a page of changes: as many as a server gives. Each page is one transaction, and the larger it is, the fewer pages of the file are
/// written twice.
pub(crate) const PAGE: i64 = 1_000;

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

/// What the slowest line that is of any use needs for so many bytes, beside the time of an answer.
pub(crate) fn time_for(bytes: usize) -> Duration {
    const BYTES_A_SECOND: usize = 16 * 1024;
    Duration::from_secs(u64::try_from(bytes / BYTES_A_SECOND).unwrap_or(u64::MAX))
}

/// What a link leads to, at most `largest` bytes of it. The link is the permission: no token goes with it.
pub(crate) async fn download(
    http: &reqwest::Client,
    link: &str,
    patience: Duration,
    largest: usize,
) -> Result<Vec<u8>, CallError> {
    whole(http.get(link).timeout(patience).header(PROTOCOL_HEADER, PROTOCOL).send().await?, largest).await
}

async fn whole(mut response: reqwest::Response, largest: usize) -> Result<Vec<u8>, CallError> {
    let status = response.status();
    if !status.is_success() {
        // Reads why.
        return Err(read::<Value>(response).await.err().unwrap_or(CallError::Foreign { status }));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > largest {
            return Err(CallError::Foreign { status });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
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

    /// `GET /readyz`
    pub(crate) async fn is_ready(&self, patience: Duration) -> bool {
        let answer = self.get("/readyz").timeout(patience).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
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

    /// `POST /auth/v1/logout?scope=local`
    pub(crate) async fn sign_out(&self) -> Result<(), CallError> {
        let request = self.server.post("/auth/v1/logout").query(&[("scope", "local")]);
        read_nothing(self.signed(request).send().await?).await
    }

    /// `POST /auth/direct`
    pub(crate) async fn direct_access(&self) -> Result<DirectAccess, CallError> {
        read(self.signed(self.server.post("/auth/direct")).send().await?).await
    }

    /// `POST /auth/direct/return`
    pub(crate) async fn return_role(&self, role: &str) -> Result<(), CallError> {
        let request = self.server.post("/auth/direct/return").json(&json!({ "role": role }));
        read_nothing(self.signed(request).send().await?).await
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

    /// `POST /drafts`
    pub(crate) async fn save_draft(&self, draft: &SaveDraft) -> Result<SavedDraft, CallError> {
        read(self.signed(self.server.post("/drafts")).json(draft).send().await?).await
    }

    /// `GET /drafts`
    pub(crate) async fn drafts(&self, workspace_id: WorkspaceId) -> Result<DraftsReply, CallError> {
        let request = self.signed(self.server.get("/drafts")).query(&[("workspaceId", workspace_id.to_string())]);
        read(request.send().await?).await
    }

    /// `POST /sms/send-sms`
    pub(crate) async fn send(&self, text: &SendSms) -> Result<SendSmsReply, CallError> {
        read(self.signed(self.server.post("/sms/send-sms")).json(text).send().await?).await
    }

    /// `POST /messages/{id}/cancel`
    pub(crate) async fn cancel(&self, id: MessageId) -> Result<CanceledReply, CallError> {
        read(self.signed(self.server.post(&format!("/messages/{id}/cancel"))).send().await?).await
    }

    /// `POST /messages/{id}/schedule`: another time or text for one that waits for its time. `change` has the route's fields.
    pub(crate) async fn reschedule(&self, id: MessageId, change: &Value) -> Result<(), CallError> {
        let request = self.server.post(&format!("/messages/{id}/schedule")).json(change);
        read::<Value>(self.signed(request).send().await?).await.map(drop)
    }

    /// `POST /media`: a file of a text that goes next. Waits as long as a slow line needs for it.
    pub(crate) async fn upload(
        &self,
        workspace_id: WorkspaceId,
        content_type: &str,
        name: Option<&str>,
        content: Vec<u8>,
        answer: Duration,
    ) -> Result<UploadReply, CallError> {
        let mut request = self
            .signed(self.server.post("/media"))
            .timeout(answer + time_for(content.len()))
            .query(&[("workspaceId", workspace_id.to_string())])
            .header(CONTENT_TYPE, content_type);
        if let Some(name) = name {
            request = request.query(&[("name", name)]);
        }
        read(request.body(content).send().await?).await
    }

    /// `GET /media/link`: where a file of a text can be fetched for a while.
    pub(crate) async fn media_link(
        &self,
        workspace_id: WorkspaceId,
        message_id: MessageId,
        place: u32,
    ) -> Result<MediaLink, CallError> {
        let request = self.signed(self.server.get("/media/link")).query(&[
            ("workspaceId", workspace_id.to_string()),
            ("messageId", message_id.to_string()),
            ("index", place.to_string()),
        ]);
        read(request.send().await?).await
    }

    /// `GET /messages/{id}/ledger`: whether the server has a text, and how it stands.
    pub(crate) async fn ledger(&self, id: MessageId) -> Result<LedgerReply, CallError> {
        read(self.signed(self.server.get(&format!("/messages/{id}/ledger"))).send().await?).await
    }

    /// What a route for owners and admins answers about a team. `client/admin` knows the routes.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, path: &str, workspace_id: WorkspaceId) -> Result<T, CallError> {
        let request = self.server.get(path).query(&[("workspaceId", workspace_id.to_string())]);
        read(self.signed(request).send().await?).await
    }

    /// Tells such a route something. The body names the team.
    pub(crate) async fn tell<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, CallError> {
        read(self.signed(self.server.post(path)).json(body).send().await?).await
    }

    /// `POST /contacts/import`: a CSV file.
    pub(crate) async fn import(&self, workspace_id: WorkspaceId, file: Vec<u8>) -> Result<ImportReply, CallError> {
        let request = self.server.post("/contacts/import").query(&[("workspaceId", workspace_id.to_string())]);
        let request = request.timeout(PATIENCE_WITH_FILES).header(CONTENT_TYPE, "text/csv").body(file);
        read(self.signed(request).send().await?).await
    }

    /// `GET /export`: everything of a team, at most `largest` bytes of it.
    pub(crate) async fn export(&self, workspace_id: WorkspaceId, largest: usize) -> Result<Vec<u8>, CallError> {
        let request = self.server.get("/export").query(&[("workspaceId", workspace_id.to_string())]);
        whole(self.signed(request).timeout(PATIENCE_WITH_FILES).send().await?, largest).await
    }

    /// `GET /twilio/sending`: what a team sends from.
    pub(crate) async fn sending(&self, workspace_id: WorkspaceId) -> Result<SendingReply, CallError> {
        let request = self.server.get("/twilio/sending").query(&[("workspaceId", workspace_id.to_string())]);
        read(self.signed(request).send().await?).await
    }

    /// `GET /contacts/{id}/consents`: who opted a contact out or in.
    pub(crate) async fn consents(
        &self,
        workspace_id: WorkspaceId,
        contact_id: ContactId,
    ) -> Result<ConsentsReply, CallError> {
        let request = self.server.get(&format!("/contacts/{contact_id}/consents"));
        read(self.signed(request.query(&[("workspaceId", workspace_id.to_string())])).send().await?).await
    }

    /// `GET /contacts/{id}/history`: who did what with a conversation.
    pub(crate) async fn history(
        &self,
        workspace_id: WorkspaceId,
        contact_id: ContactId,
    ) -> Result<HistoryReply, CallError> {
        let request = self.server.get(&format!("/contacts/{contact_id}/history"));
        read(self.signed(request.query(&[("workspaceId", workspace_id.to_string())])).send().await?).await
    }

    /// `GET /opt-outs`
    pub(crate) async fn opt_outs(&self, workspace_id: WorkspaceId, search: &str) -> Result<OptOuts, CallError> {
        let request = self.server.get("/opt-outs");
        let request = request.query(&[("workspaceId", workspace_id.to_string().as_str()), ("search", search)]);
        read(self.signed(request).send().await?).await
    }

    /// `POST /media/retry`: files of a text that the server had given up.
    pub(crate) async fn fetch_again(&self, workspace_id: WorkspaceId, message_id: MessageId) -> Result<(), CallError> {
        let body = json!({ "workspaceId": workspace_id, "messageId": message_id });
        let request = self.signed(self.server.post("/media/retry")).json(&body);
        read::<Value>(request.send().await?).await.map(drop)
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.token.expose_secret())
    }
}
