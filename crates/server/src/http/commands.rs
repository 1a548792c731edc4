//! `POST /commands`: what an agent did, but for sending texts. A list of commands in, a list of outcomes out.

use std::sync::Arc;

use axum::{Json, extract::State};
use deskline_domain::{
    command::{Action, Command},
    protocol::{CommandOutcome, CommandsReply},
};
use serde_json::Value;

use super::{caller::Caller, extract::JsonBody};
use crate::{app::App, error::ApiError};

const MOST: usize = 500;

/// Carries each out, in order. A command that this server does not understand is refused by itself, and the others go ahead.
///
/// # Errors
/// 400 for what is no list; 503 when the database fails on the way: the whole list may be sent again.
pub async fn execute(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<CommandsReply>, ApiError> {
    let commands = match body {
        Value::Array(commands) if commands.len() <= MOST => commands,
        Value::Array(_) => return Err(ApiError::BadRequest(format!("More than {MOST} commands at once"))),
        _ => return Err(ApiError::BadRequest("The body must be a list of commands".to_owned())),
    };
    let mut outcomes = Vec::with_capacity(commands.len());
    for command in commands {
        outcomes.push(match serde_json::from_value::<Command>(command) {
            Ok(command) => {
                let outcome = app.store.execute(caller.user_id, &command, app.clock.now()).await?;
                if matches!(command.action, Action::Resend { .. }) {
                    app.sender.ring();
                }
                outcome
            }
            Err(_) => CommandOutcome::Refused {
                reason: "This server does not understand the command. It may have to be updated.".to_owned(),
            },
        });
    }
    Ok(Json(CommandsReply { outcomes }))
}
