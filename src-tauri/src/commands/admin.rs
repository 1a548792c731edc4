//! What owners and admins do for their team. All of it asks the server.

use deskline_client::{
    Error, ErrorCode,
    view::admin::{DeadLetter, ImportReport, MemberAdded, OptOuts, SendingChange, TeamMember, TwilioState, Webhooks},
};
use deskline_domain::ids::{UserId, WorkspaceId};
use secrecy::SecretString;
use tauri::{
    State,
    ipc::{InvokeBody, Request},
};

use crate::{
    desk::Desk,
    downloads,
    error::{CommandError, Result},
};

/// The header of [`import_contacts`] that names the team.
const TEAM: &str = "team";

#[tauri::command]
pub(crate) async fn members(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<Vec<TeamMember>> {
    Ok(desk.client().await?.members(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn add_member(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    email: String,
    role: String,
) -> Result<MemberAdded> {
    Ok(desk.client().await?.add_member(workspace_id, &email, &role).await?)
}

#[tauri::command]
pub(crate) async fn change_role(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    user_id: UserId,
    role: String,
) -> Result<()> {
    Ok(desk.client().await?.change_role(workspace_id, user_id, &role).await?)
}

#[tauri::command]
pub(crate) async fn remove_member(desk: State<'_, Desk>, workspace_id: WorkspaceId, user_id: UserId) -> Result<()> {
    Ok(desk.client().await?.remove_member(workspace_id, user_id).await?)
}

#[tauri::command]
pub(crate) async fn allow_direct(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    user_id: UserId,
    allowed: bool,
) -> Result<()> {
    Ok(desk.client().await?.allow_direct(workspace_id, user_id, allowed).await?)
}

#[tauri::command]
pub(crate) async fn twilio(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<TwilioState> {
    Ok(desk.client().await?.twilio(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn connect_twilio(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    account_sid: String,
    auth_token: String,
) -> Result<TwilioState> {
    Ok(desk.client().await?.connect_twilio(workspace_id, &account_sid, &SecretString::from(auth_token)).await?)
}

#[tauri::command]
pub(crate) async fn change_sending(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    change: SendingChange,
) -> Result<()> {
    Ok(desk.client().await?.change_sending(workspace_id, change).await?)
}

#[tauri::command]
pub(crate) async fn webhooks(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<Webhooks> {
    Ok(desk.client().await?.webhooks(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn point_webhooks(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<Webhooks> {
    Ok(desk.client().await?.point_webhooks(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn opt_outs(desk: State<'_, Desk>, workspace_id: WorkspaceId, search: String) -> Result<OptOuts> {
    Ok(desk.client().await?.opt_outs(workspace_id, &search).await?)
}

#[tauri::command]
pub(crate) async fn dead_letters(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<Vec<DeadLetter>> {
    Ok(desk.client().await?.dead_letters(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn take_dead_letter(
    desk: State<'_, Desk>,
    workspace_id: WorkspaceId,
    twilio_sid: String,
) -> Result<()> {
    Ok(desk.client().await?.take_dead_letter(workspace_id, &twilio_sid).await?)
}

#[tauri::command]
pub(crate) async fn retention(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<Option<i32>> {
    Ok(desk.client().await?.retention(workspace_id).await?)
}

#[tauri::command]
pub(crate) async fn set_retention(desk: State<'_, Desk>, workspace_id: WorkspaceId, days: Option<i32>) -> Result<()> {
    Ok(desk.client().await?.set_retention(workspace_id, days).await?)
}

/// The body is the CSV file itself.
#[tauri::command]
pub(crate) async fn import_contacts(desk: State<'_, Desk>, request: Request<'_>) -> Result<ImportReport> {
    let team = request.headers().get(TEAM).and_then(|team| team.to_str().ok()?.parse().ok());
    let (InvokeBody::Raw(file), Some(workspace_id)) = (request.body(), team) else {
        return Err(CommandError { code: ErrorCode::Internal, message: "This file cannot be read.".to_owned() });
    };
    Ok(desk.client().await?.import_contacts(workspace_id, file.clone()).await?)
}

/// Answers where everything of the team was put.
#[tauri::command]
pub(crate) async fn export_team(desk: State<'_, Desk>, workspace_id: WorkspaceId) -> Result<String> {
    let content = desk.client().await?.export(workspace_id).await?;
    let name = format!("deskline-{workspace_id}.jsonl");
    match tauri::async_runtime::spawn_blocking(move || downloads::save(&name, &content)).await {
        Ok(Ok(path)) => Ok(path.display().to_string()),
        Ok(Err((path, source))) => Err(Error::Io { path, source }.into()),
        Err(_) => Err(Error::NotAllowed("The program is closing.").into()),
    }
}
