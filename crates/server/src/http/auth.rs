//! `POST /auth/v1/token`: signing in, in the shape of Supabase Auth.
//!
//! A password or a refresh token in, a pair of tokens out. A refresh token is good once; using one again ends its whole family, since then
//! somebody has a copy. Whoever guesses passwords waits, and nobody else does.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Json,
    extract::{ConnectInfo, State},
};
use chrono::{DateTime, Utc};
use deskline_domain::{
    ids::UserId,
    protocol::{SessionUser, TokenReply},
};
use deskline_store::{RefreshToken, RefreshUse};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use uuid::Uuid;

use super::extract::{JsonBody, Query};
use crate::{
    app::App,
    auth::{password, time_delta},
    edge,
    error::ApiError,
    payload::Fields,
};

/// Both grants.
///
/// # Errors
/// 400 `Invalid login credentials` for everything that is wrong with them; 429 after too many wrong passwords.
pub async fn token(
    State(app): State<Arc<App>>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
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
            let (user, email) = by_password(&app, address, email, SecretString::from(password)).await?;
            grant(&app, user, Some(email), new_family(now), now).await
        }
        Some("refresh_token") => {
            let Ok(token) = fields.required_text("refresh_token") else { return Err(ApiError::InvalidLogin) };
            match app.store.use_refresh(&password::refresh_hash(token), now).await? {
                RefreshUse::Valid { user, family } => grant(&app, user, None, family, now).await,
                RefreshUse::Reused => {
                    tracing::warn!("a refresh token was used a second time; its session is ended");
                    Err(ApiError::InvalidLogin)
                }
                RefreshUse::Unknown | RefreshUse::Expired => Err(ApiError::InvalidLogin),
            }
        }
        _ => Err(ApiError::UnsupportedGrant),
    }
}

async fn by_password(
    app: &App,
    address: SocketAddr,
    email: &str,
    password: SecretString,
) -> Result<(UserId, String), ApiError> {
    let (address, email) = (address.ip().to_canonical(), email.trim());
    if let Some(wait) = app.limits.wait(address, email, Instant::now()) {
        return Err(ApiError::TooManyAttempts(wait));
    }
    if password.expose_secret().len() > password::MAX_LENGTH {
        return Err(ApiError::InvalidLogin);
    }
    let agent = app.store.user_by_email(email).await?;
    let hash = agent.as_ref().map(|agent| agent.password_hash.expose_secret().to_owned());
    let right = password::verify(password, hash).await.map_err(ApiError::Internal)?;
    match agent.filter(|_| right) {
        Some(agent) => {
            app.limits.succeeded(address, email);
            Ok((agent.id, agent.email))
        }
        None => {
            app.limits.failed(address, email, Instant::now());
            Err(ApiError::InvalidLogin)
        }
    }
}

fn new_family(now: DateTime<Utc>) -> Uuid {
    UserId::v7(now, edge::entropy()).0
}

async fn grant(
    app: &App,
    user: UserId,
    email: Option<String>,
    family: Uuid,
    now: DateTime<Utc>,
) -> Result<Json<TokenReply>, ApiError> {
    let email = match email {
        Some(email) => email,
        None => app.store.email_of(user).await?.ok_or(ApiError::InvalidLogin)?,
    };
    let (refresh_token, hash) = password::refresh_token(edge::entropy());
    let expires_at = now + time_delta(app.config.timers.refresh_token_life);
    app.store.insert_refresh(&RefreshToken { hash, family, user, expires_at }).await?;
    let (access_token, expires_in) = app.tokens.issue(user, &email, family, now).ok_or(ApiError::SignInElsewhere)?;
    Ok(Json(TokenReply {
        access_token,
        refresh_token: refresh_token.expose_secret().to_owned(),
        token_type: "bearer".to_owned(),
        expires_in,
        user: SessionUser { id: user, email: Some(email) },
    }))
}
