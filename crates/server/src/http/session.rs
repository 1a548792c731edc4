//! `GET /session`: who a token is for, and what this server speaks.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::protocol::{PROTOCOL, SessionReply, SessionUser};

use super::caller::Caller;
use crate::{app::App, error::ApiError};

/// Tells.
///
/// # Errors
/// 401.
pub async fn show(State(app): State<Arc<App>>, Caller(caller): Caller) -> Result<Json<SessionReply>, ApiError> {
    let email = match caller.email {
        Some(email) => Some(email),
        None => app.store.email_of(caller.user_id).await?,
    };
    Ok(Json(SessionReply {
        user: SessionUser { id: caller.user_id, email },
        workspaces: app.store.workspaces_of(caller.user_id).await?,
        direct: app.config.direct_database_url.is_some()
            && !app.store.direct_workspaces_of(caller.user_id).await?.is_empty(),
        protocol: PROTOCOL,
        server_version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}
