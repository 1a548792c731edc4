//! `POST /auth/v1/token` and `POST /auth/v1/logout`: signing in and out, in the shape of Supabase Auth; `POST /auth/password`: another password
//! of one's own.
//!
//! A password or a refresh token in, a pair of tokens out. A refresh token is good once; using one again ends its whole family, since then
//! somebody has a copy. For a few seconds, and until its successor is used, it is answered with the same successor instead: the answer may
//! have got lost on its way. Whoever guesses passwords waits, and nobody else does.

use std::{net::IpAddr, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::UserId,
    protocol::{SessionUser, TokenReply},
};
use deskline_store::{Agent, RefreshToken, RefreshUse, Rotation, Sessions};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    caller::Caller,
    client::ClientAddress,
    extract::{JsonBody, Query},
};
use crate::{
    app::App,
    auth::{
        password,
        refresh::{self, Refresh},
        time_delta,
    },
    edge,
    error::ApiError,
    payload::Fields,
};

/// No address is longer (RFC 5321, 4.5.3.1, and a margin).
const MAX_EMAIL: usize = 320;

/// Both grants.
///
/// # Errors
/// 400 `Invalid login credentials` for everything that is wrong with them; 429 after too many wrong passwords.
pub async fn token(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Json<TokenReply>, ApiError> {
    if app.config.jwt_secret.is_none() {
        return Err(ApiError::SignInElsewhere);
    }
    let fields = Fields::of(&body).map_err(|_| ApiError::InvalidLogin)?;
    let now = edge::now();
    match query.text("grant_type") {
        Some("password") => {
            let (Ok(email), Ok(password)) = (fields.required_text("email"), fields.required_text("password")) else {
                return Err(ApiError::InvalidLogin);
            };
            begin(&app, by_password(&app, address, email, SecretString::from(password)).await?, now).await
        }
        Some("refresh_token") => {
            let Ok(token) = fields.required_text("refresh_token") else { return Err(ApiError::InvalidLogin) };
            go_on(&app, token, now).await
        }
        _ => Err(ApiError::UnsupportedGrant),
    }
}

/// Ends sessions of the caller: `?scope=local` this one, `others` all but this one, and otherwise all, with their
/// access tokens and sockets.
///
/// # Errors
/// 401.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    query: Query,
) -> Result<StatusCode, ApiError> {
    let which = match (query.text("scope"), caller.session) {
        (Some("local"), Some(session)) => Some(Sessions::This(session)),
        (Some("others"), Some(session)) => Some(Sessions::Others(session)),
        // A token of somebody else's making belongs to no session of ours.
        (Some("local" | "others"), None) => None,
        _ => Some(Sessions::All),
    };
    if let Some(which) = which {
        app.store.end_sessions(caller.user_id, which, edge::now()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `{currentPassword, password}`: another password for the caller, whose other sessions all end.
///
/// # Errors
/// 401; 400 when the current one is wrong or the other one has a wrong length, and for users who live elsewhere; 429 after too many wrong
/// passwords.
pub async fn change_password(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let current = SecretString::from(fields.required_text("currentPassword")?);
    let next = SecretString::from(fields.required_text("password")?);
    let email = app.store.email_of(caller.user_id).await?.ok_or(ApiError::SignInElsewhere)?;
    by_password(&app, address, &email, current).await?;
    if !password::is_long_enough(&next) {
        return Err(ApiError::BadRequest(password::WRONG_LENGTH.to_owned()));
    }
    let hash = password::hash(next).await.map_err(ApiError::Internal)?;
    app.store.set_password(caller.user_id, &hash.into(), caller.session, edge::now()).await?;
    Ok(Json(json!({ "success": true })))
}

async fn by_password(app: &App, address: IpAddr, email: &str, password: SecretString) -> Result<Agent, ApiError> {
    let email = email.trim();
    if password.expose_secret().len() > password::MAX_LENGTH || email.len() > MAX_EMAIL {
        return Err(ApiError::InvalidLogin);
    }
    let attempt = app.limits.begin(address, email, Instant::now()).map_err(ApiError::TooManyAttempts)?;
    match agent_with(app, email, password).await {
        Ok(Some(agent)) => {
            app.limits.succeeded(&attempt);
            Ok(agent)
        }
        Ok(None) => Err(ApiError::InvalidLogin),
        Err(ours) => {
            app.limits.take_back(&attempt);
            Err(ours)
        }
    }
}

/// The agent with this address, if the password is right.
async fn agent_with(app: &App, email: &str, password: SecretString) -> Result<Option<Agent>, ApiError> {
    let agent = app.store.user_by_email(email).await?;
    let hash = agent.as_ref().map(|agent| agent.password_hash.expose_secret().to_owned());
    let right = password::verify(password, hash).await.map_err(ApiError::Internal)?;
    Ok(agent.filter(|_| right))
}

/// A new session.
async fn begin(app: &App, agent: Agent, now: DateTime<Utc>) -> Result<Json<TokenReply>, ApiError> {
    let (family, first) = (UserId::v7(now, edge::entropy()).0, Refresh::first(edge::entropy()));
    let expires_at = now + time_delta(app.config.timers.refresh_token_life);
    app.store.insert_refresh(&RefreshToken { hash: first.hash, family, user: agent.id, expires_at }).await?;
    reply(app, agent.id, agent.email, family, &first, now)
}

/// The same session, with the next token.
async fn go_on(app: &App, token: &str, now: DateTime<Utc>) -> Result<Json<TokenReply>, ApiError> {
    let next = app.tokens.refresh().ok_or(ApiError::SignInElsewhere)?.after(token);
    let rotation = Rotation {
        used: refresh::hash(token),
        next: next.hash,
        expires_at: now + time_delta(app.config.timers.refresh_token_life),
        reuse: time_delta(app.config.timers.refresh_reuse),
        now,
    };
    match app.store.rotate_refresh(&rotation).await? {
        RefreshUse::Valid { user, family } => {
            let email = app.store.email_of(user).await?.ok_or(ApiError::InvalidLogin)?;
            reply(app, user, email, family, &next, now)
        }
        RefreshUse::Reused => {
            tracing::warn!("a refresh token was used a second time; its session is ended");
            Err(ApiError::InvalidLogin)
        }
        RefreshUse::Unknown | RefreshUse::Expired => Err(ApiError::InvalidLogin),
    }
}

fn reply(
    app: &App,
    user: UserId,
    email: String,
    family: Uuid,
    refresh: &Refresh,
    now: DateTime<Utc>,
) -> Result<Json<TokenReply>, ApiError> {
    let (access_token, expires_in) = app.tokens.issue(user, &email, family, now).ok_or(ApiError::SignInElsewhere)?;
    Ok(Json(TokenReply {
        access_token,
        refresh_token: refresh.token.expose_secret().to_owned(),
        token_type: "bearer".to_owned(),
        expires_in,
        user: SessionUser { id: user, email: Some(email) },
    }))
}
