//! Twilio's forms: read as they arrived, and verified over exactly that before anything in them is believed.
//!
//! Extractor of the two callbacks. The account is the one that the form names, never one that is found through a number; `X-Forwarded-*`
//! headers count for nothing, since the signed address is our public one with the path and query that arrived.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, OriginalUri, Request},
    http::HeaderMap,
};
use deskline_domain::ids::WorkspaceId;
use deskline_store::Asked;
use deskline_twilio::{signature, webhook};
use serde_json::{Map, Value};

use super::extract::{Query, body};
use crate::{app::App, error::ApiError, form, routing};

const SIGNATURE: &str = "x-twilio-signature";

/// A form, not yet believed.
pub struct SignedForm {
    /// Names and values, in order.
    pub params: Vec<(String, String)>,
    /// The query string of the address that it was posted to.
    pub query: Query,
    url: String,
    signature: Option<String>,
}

/// What is known about the account that a form names.
pub struct Account {
    /// Whether any workspace has it.
    pub known: bool,
    /// The workspaces that have it and whose token verifies the form.
    pub signed_for: Vec<WorkspaceId>,
    /// The workspaces that what the form says of its destination belongs to, the best claim first.
    pub owners: Vec<WorkspaceId>,
}

impl FromRequest<Arc<App>> for SignedForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let uri = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
        let path_and_query = uri.path_and_query().map_or("/", |both| both.as_str());
        let url = app.config.signed_url(path_and_query);
        let query = Query::read(uri.query())?;
        let signature = signature_of(request.headers());
        let body = body(request, app).await?;
        let params = form::parse(&body).map_err(|error| ApiError::BadRequest(error.to_string()))?;
        let form = Self { params, query, url, signature };
        if form.params.iter().any(|(name, value)| name.contains('\0') || name != "Body" && value.contains('\0')) {
            return Err(ApiError::BadRequest("the form contains a character that cannot be used (NUL)".to_owned()));
        }
        Ok(form)
    }
}

/// The signature, if there is exactly one.
fn signature_of(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(SIGNATURE).iter();
    let only = all.next().filter(|_| all.next().is_none())?;
    only.to_str().ok().map(str::to_owned)
}

impl SignedForm {
    /// Looks up whose the form may be, and verifies it with each token that is stored for the account that it names.
    ///
    /// # Errors
    /// When the database fails; when no token verifies the form and one of them cannot be opened.
    pub async fn account(&self, app: &App) -> Result<Account, ApiError> {
        let known = app.intake.look_up(self.asked()).await?;
        let owners = routing::claimants(&known);
        let given = self.signature.as_deref().unwrap_or_default();
        let mut account = Account { known: !known.accounts.is_empty(), signed_for: Vec::new(), owners };
        let mut unreadable = None;
        for (workspace, stored) in known.accounts {
            match stored {
                Ok(stored) => {
                    if signature::verify(&stored.auth_token.into(), &self.url, &self.params, given) {
                        account.signed_for.push(workspace);
                    }
                }
                Err(error) => unreadable = Some(error),
            }
        }
        match unreadable {
            Some(error) if account.signed_for.is_empty() => Err(error.into()),
            _ => Ok(account),
        }
    }

    /// What the form says of itself, as far as it says anything.
    fn asked(&self) -> Asked {
        let field = |name: &str| self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let text = |name: &str| field(name).unwrap_or_default().to_owned();
        let account_sid = webhook::account_sid(&self.params).map(|sid| sid.to_string()).unwrap_or_default();
        Asked { account_sid, number: text("To"), service: text("MessagingServiceSid") }
    }

    /// The address that the signature is verified over.
    #[must_use]
    pub fn signed_url(&self) -> &str {
        &self.url
    }

    /// The form as an object for the ledger. A name that came several times has a list. A NUL, which the database does not take, is
    /// shown as U+FFFD.
    #[must_use]
    pub fn raw(&self) -> Value {
        let mut object = Map::new();
        for (name, value) in &self.params {
            let value = Value::from(value.replace('\0', "\u{fffd}"));
            match object.get_mut(name) {
                None => drop(object.insert(name.clone(), value)),
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        Value::Object(object)
    }
}
