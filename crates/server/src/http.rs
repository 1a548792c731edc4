//! Every route of the server, on one screen.
//!
//! Built by [`crate::run`]. One file a noun under `http/`; what all of them share is in `extract`, `signed_form` and `shape`.

use std::sync::Arc;

use axum::{
    Router,
    http::{Method, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use socketioxide::layer::SocketIoLayer;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowOrigin, CorsLayer},
};

use crate::{
    app::App,
    error::{ApiError, SUPABASE_VERSION},
};

pub mod audit;
pub mod auth;
pub mod caller;
pub mod client;
pub mod commands;
pub mod consent;
pub mod contacts;
pub mod dead_letters;
pub mod direct;
pub mod drafts;
pub mod extract;
pub mod health;
pub mod history;
pub mod media;
pub mod messages;
pub mod openapi;
pub mod retention;
pub mod scheduled;
pub mod self_test;
pub mod sending;
pub mod session;
pub mod shape;
pub mod signed_form;
pub mod sms;
pub mod status;
pub mod sync;
pub mod team;
pub mod twilio;
mod uploaded;
pub mod webhook;
pub mod webhooks;

/// The whole server, sockets included.
pub fn router(app: Arc<App>, sockets: SocketIoLayer) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list([app.config.frontend_origin.clone()]))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::RETRY_AFTER, SUPABASE_VERSION]);
    Router::new()
        // Twilio
        .route("/twilio/webhook", post(webhook::receive))
        .route("/twilio/status", post(status::receive))
        .route("/twilio/self-test", post(self_test::receive))
        // Agents and dashboards
        .route("/sms/send-sms", post(sms::send))
        .route("/sms/scheduled", get(scheduled::list))
        .route("/messages/{id}/schedule", post(scheduled::change))
        .route("/messages/{id}/cancel", post(scheduled::cancel))
        .route("/messages/{id}/retry", post(messages::retry))
        .route("/messages/{id}/ledger", get(messages::ledger))
        .route("/twilio/test-connection", post(twilio::test_connection))
        .route("/twilio/config", get(twilio::config))
        .route("/twilio/phone-numbers", get(twilio::phone_numbers))
        .route("/twilio/dead-letters", get(dead_letters::list))
        .route("/twilio/dead-letters/{sid}/route", post(dead_letters::route))
        .route("/twilio/audit", get(audit::show))
        .route("/twilio/webhooks", get(webhooks::show).post(webhooks::point))
        .route("/team", get(team::list).post(team::add))
        .route("/team/{userId}", post(team::change))
        .route("/team/{userId}/remove", post(team::remove))
        .route("/retention", get(retention::show).post(retention::change))
        .route("/export", get(contacts::export_all))
        .route("/contacts/{id}/opt-out", post(consent::opt_out))
        .route("/contacts/{id}/opt-in", post(consent::opt_in))
        .route("/contacts/{id}/consents", get(consent::list))
        .route("/contacts/{id}/history", get(history::history))
        .route("/opt-outs", get(consent::everybody))
        .route("/twilio/sending", get(sending::show).post(sending::change))
        .route("/contacts/import", post(contacts::import))
        .route("/contacts/{id}/export", get(contacts::export))
        // Files
        .route("/media", post(media::upload))
        .route("/media/link", get(media::link))
        .route("/media/retry", post(media::retry))
        .route("/media/{file}", get(media::serve))
        // Desktops
        .route("/session", get(session::show))
        .route("/sync", get(sync::page))
        .route("/commands", post(commands::execute))
        .route("/drafts", get(drafts::list).post(drafts::save))
        .route("/members/{user}/direct", post(direct::decide))
        .route("/auth/direct", post(direct::pick_up))
        .route("/auth/direct/return", post(direct::give_back))
        // Signing in
        .route("/auth/password", post(auth::change_password))
        .route("/auth/v1/token", post(auth::token))
        .route("/auth/v1/logout", post(auth::sign_out))
        // Machines that watch
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::show))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(sockets)
        .layer(from_fn_with_state(app.clone(), shape::guard))
        .layer(CatchPanicLayer::custom(shape::panicked))
        .layer(from_fn(shape::errors_are_json))
        .layer(cors)
        .layer(from_fn_with_state(app.clone(), shape::observe))
        .with_state(app)
}
