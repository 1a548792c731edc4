//! What owners and admins do for their team. Each of these asks the server, and says in plain words when it cannot be reached: nothing of it is
//! kept on this machine, and nothing waits.
//!
//! Who may do what, the server decides.

use deskline_domain::{
    ids::{UserId, WorkspaceId},
    protocol::{ImportOutcome, ImportReply},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::Client;
use crate::{
    Result,
    error::Error,
    view::admin::{
        DeadLetter, ImportReport, MemberAdded, SendingChange, TeamMember, TeamNumber, TwilioState, Webhooks,
    },
};

/// An export that is larger is one for the command line.
const LARGEST_EXPORT: usize = 512 << 20;
/// What is wrong with so many rows of a file is told.
const PROBLEMS: usize = 100;

#[derive(Deserialize)]
struct Team {
    members: Vec<TeamMember>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    account_sid: Option<String>,
    is_configured: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Numbers {
    phone_numbers: Vec<TeamNumber>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sending {
    default_number: Option<String>,
    messaging_service_sid: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeadLetters {
    dead_letters: Vec<DeadLetter>,
}

#[derive(Deserialize)]
struct Retention {
    days: Option<i32>,
}

/// All of these fail with [`Error::SignedOut`], [`Error::Unreachable`], and [`Error::Server`] with the server's reason.
impl Client {
    /// Everybody in the team.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn members(&self, workspace_id: WorkspaceId) -> Result<Vec<TeamMember>> {
        Ok(self.ask::<Team>("/team", workspace_id).await?.members)
    }

    /// Takes somebody into the team.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn add_member(&self, workspace_id: WorkspaceId, email: &str, role: &str) -> Result<MemberAdded> {
        self.tell("/team", json!({ "workspaceId": workspace_id, "email": email.trim(), "role": role })).await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn change_role(&self, workspace_id: WorkspaceId, user_id: UserId, role: &str) -> Result<()> {
        let body = json!({ "workspaceId": workspace_id, "role": role });
        self.tell::<Value>(&format!("/team/{user_id}"), body).await.map(drop)
    }

    /// Takes a member out of the team.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn remove_member(&self, workspace_id: WorkspaceId, user_id: UserId) -> Result<()> {
        let body = json!({ "workspaceId": workspace_id });
        self.tell::<Value>(&format!("/team/{user_id}/remove"), body).await.map(drop)
    }

    /// Lets a member's desktops work without the server, or takes that back.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn allow_direct(&self, workspace_id: WorkspaceId, user_id: UserId, allowed: bool) -> Result<()> {
        let body = json!({ "workspaceId": workspace_id, "allowed": allowed });
        self.tell::<Value>(&format!("/members/{user_id}/direct"), body).await.map(drop)
    }

    /// How the team texts.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn twilio(&self, workspace_id: WorkspaceId) -> Result<TwilioState> {
        let config: Config = self.ask("/twilio/config", workspace_id).await?;
        let numbers: Numbers = self.ask("/twilio/phone-numbers", workspace_id).await?;
        let sending: Sending = self.ask("/twilio/sending", workspace_id).await?;
        Ok(TwilioState {
            account_sid: config.account_sid,
            is_configured: config.is_configured,
            numbers: numbers.phone_numbers,
            default_number: sending.default_number,
            messaging_service_sid: sending.messaging_service_sid,
        })
    }

    /// Checks an account with Twilio, and connects it. The token goes to the server, which encrypts it, and is kept nowhere here.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn connect_twilio(
        &self,
        workspace_id: WorkspaceId,
        account_sid: &str,
        auth_token: &SecretString,
    ) -> Result<TwilioState> {
        let body = json!({
            "workspaceId": workspace_id, "accountSid": account_sid.trim(), "authToken": auth_token.expose_secret().trim(),
        });
        self.tell::<Value>("/twilio/test-connection", body).await?;
        self.twilio(workspace_id).await
    }

    /// Changes how the team texts.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn change_sending(&self, workspace_id: WorkspaceId, change: SendingChange) -> Result<()> {
        let cleared = |text: String| if text.trim().is_empty() { Value::Null } else { Value::String(text) };
        let mut body = json!({ "workspaceId": workspace_id });
        if let Some(number) = change.default_number {
            body["defaultNumber"] = cleared(number);
        }
        if let Some(sid) = change.messaging_service_sid {
            body["messagingServiceSid"] = cleared(sid);
        }
        self.tell::<Value>("/twilio/sending", body).await.map(drop)
    }

    /// Where Twilio reports the team's texts.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn webhooks(&self, workspace_id: WorkspaceId) -> Result<Webhooks> {
        self.ask("/twilio/webhooks", workspace_id).await
    }

    /// Points the team's numbers at the server.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn point_webhooks(&self, workspace_id: WorkspaceId) -> Result<Webhooks> {
        self.tell("/twilio/webhooks", json!({ "workspaceId": workspace_id })).await
    }

    /// Texts that no team could take.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn dead_letters(&self, workspace_id: WorkspaceId) -> Result<Vec<DeadLetter>> {
        Ok(self.ask::<DeadLetters>("/twilio/dead-letters", workspace_id).await?.dead_letters)
    }

    /// Makes one a text of this team.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn take_dead_letter(&self, workspace_id: WorkspaceId, twilio_sid: &str) -> Result<()> {
        // What is no SID would be another route.
        if !twilio_sid.chars().all(|character| character.is_ascii_alphanumeric()) {
            return Err(Error::NotFound("text"));
        }
        let body = json!({ "workspaceId": workspace_id });
        self.tell::<Value>(&format!("/twilio/dead-letters/{twilio_sid}/route"), body).await.map(drop)
    }

    /// After how many days texts are deleted; `None` for never.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn retention(&self, workspace_id: WorkspaceId) -> Result<Option<i32>> {
        Ok(self.ask::<Retention>("/retention", workspace_id).await?.days)
    }

    /// Sets it.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn set_retention(&self, workspace_id: WorkspaceId, days: Option<i32>) -> Result<()> {
        self.tell::<Value>("/retention", json!({ "workspaceId": workspace_id, "days": days })).await.map(drop)
    }

    /// Makes contacts of a CSV file whose first line names the columns: phone, name, and attributes.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn import_contacts(&self, workspace_id: WorkspaceId, file: Vec<u8>) -> Result<ImportReport> {
        let core = self.core();
        let imported = core.call(|caller| {
            let file = file.clone();
            async move { caller.import(workspace_id, file).await }
        });
        Ok(report(imported.await.map_err(|error| error.into_error(&core.server()))?))
    }

    /// Everything that is stored of the team, a JSON object a line.
    ///
    /// # Errors
    /// See the `impl`.
    pub async fn export(&self, workspace_id: WorkspaceId) -> Result<Vec<u8>> {
        let core = self.core();
        let exported = core.call(|caller| async move { caller.export(workspace_id, LARGEST_EXPORT).await });
        exported.await.map_err(|error| error.into_error(&core.server()))
    }

    async fn ask<T: DeserializeOwned + Send>(&self, path: &str, workspace_id: WorkspaceId) -> Result<T> {
        let core = self.core();
        let asked = core.call(|caller| async move { caller.ask(path, workspace_id).await });
        asked.await.map_err(|error| error.into_error(&core.server()))
    }

    async fn tell<T: DeserializeOwned + Send>(&self, path: &str, body: Value) -> Result<T> {
        let (core, body) = (self.core(), &body);
        let told = core.call(|caller| async move { caller.tell(path, body).await });
        told.await.map_err(|error| error.into_error(&core.server()))
    }
}

fn report(reply: ImportReply) -> ImportReport {
    let wrong = reply.rows.into_iter().filter_map(|row| match row.outcome {
        ImportOutcome::Invalid { reason } => Some(format!("line {}: {reason}", row.line)),
        _ => None,
    });
    ImportReport {
        created: reply.created,
        known: reply.known,
        duplicate: reply.duplicate,
        problems: wrong.take(PROBLEMS).collect(),
        invalid: reply.invalid,
    }
}
