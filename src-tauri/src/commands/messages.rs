//! A thread: reading it, writing in it, and what to do with a text that did not leave.

use deskline_client::{
    HoldConditions,
    view::{FilledReply, Later, LedgerLine, Message, MessagePage, MessageQuery, Reschedule, Unsent},
};
use deskline_domain::{
    ids::{AttachmentId, CannedReplyId, ContactId, MessageId},
    outlook::Outlook,
};
use tauri::State;
use uuid::Uuid;

use crate::{desk::Desk, error::Result};

#[tauri::command]
pub(crate) async fn messages(desk: State<'_, Desk>, query: MessageQuery) -> Result<MessagePage> {
    Ok(desk.client().await?.messages(query).await?)
}

#[tauri::command]
pub(crate) async fn messages_around(desk: State<'_, Desk>, id: Uuid, limit: u32) -> Result<MessagePage> {
    Ok(desk.client().await?.messages_around(id, limit).await?)
}

#[tauri::command]
pub(crate) async fn message(desk: State<'_, Desk>, message_id: MessageId) -> Result<Message> {
    Ok(desk.client().await?.message(message_id).await?)
}

#[tauri::command]
pub(crate) async fn send_message(
    desk: State<'_, Desk>,
    contact_id: ContactId,
    text: String,
    attachment_ids: Vec<AttachmentId>,
    message_id: MessageId,
) -> Result<Message> {
    Ok(desk.client().await?.send_shown(message_id, contact_id, text, &attachment_ids).await?)
}

#[tauri::command]
pub(crate) async fn send_later(
    desk: State<'_, Desk>,
    contact_id: ContactId,
    text: String,
    attachment_ids: Vec<AttachmentId>,
    later: Later,
) -> Result<Message> {
    Ok(desk.client().await?.send_later(contact_id, text, &attachment_ids, later).await?)
}

#[tauri::command]
pub(crate) async fn scheduled(desk: State<'_, Desk>, contact_id: ContactId) -> Result<Vec<Message>> {
    Ok(desk.client().await?.scheduled(contact_id).await?)
}

#[tauri::command]
pub(crate) async fn reschedule(desk: State<'_, Desk>, message_id: MessageId, change: Reschedule) -> Result<()> {
    Ok(desk.client().await?.reschedule(message_id, change).await?)
}

#[tauri::command]
pub(crate) async fn retry(desk: State<'_, Desk>, message_id: MessageId) -> Result<()> {
    Ok(desk.client().await?.retry(message_id).await?)
}

#[tauri::command]
pub(crate) async fn discard(desk: State<'_, Desk>, message_id: MessageId) -> Result<()> {
    Ok(desk.client().await?.discard(message_id).await?)
}

#[tauri::command]
pub(crate) async fn take_back(desk: State<'_, Desk>, message_id: MessageId) -> Result<String> {
    Ok(desk.client().await?.take_back(message_id).await?)
}

#[tauri::command]
pub(crate) async fn call_off(desk: State<'_, Desk>, message_id: MessageId) -> Result<()> {
    Ok(desk.client().await?.call_off(message_id).await?)
}

#[tauri::command]
pub(crate) async fn hold_conditions(desk: State<'_, Desk>) -> Result<HoldConditions> {
    Ok(desk.client().await?.hold_conditions().await?)
}

#[tauri::command]
pub(crate) async fn set_hold_conditions(desk: State<'_, Desk>, conditions: HoldConditions) -> Result<()> {
    Ok(desk.client().await?.set_hold_conditions(conditions).await?)
}

#[tauri::command]
pub(crate) async fn outbox(desk: State<'_, Desk>) -> Result<Vec<Message>> {
    Ok(desk.client().await?.outbox().await?)
}

#[tauri::command]
pub(crate) async fn unsent(desk: State<'_, Desk>) -> Result<Unsent> {
    Ok(desk.client().await?.unsent().await?)
}

#[tauri::command]
pub(crate) async fn outlook(desk: State<'_, Desk>, contact_id: ContactId, text: String) -> Result<Outlook> {
    Ok(desk.client().await?.outlook(contact_id, &text).await?)
}

#[tauri::command]
pub(crate) async fn fill_reply(
    desk: State<'_, Desk>,
    contact_id: ContactId,
    reply_id: CannedReplyId,
) -> Result<FilledReply> {
    Ok(desk.client().await?.fill_reply(contact_id, reply_id).await?)
}

#[tauri::command]
pub(crate) async fn ledger(desk: State<'_, Desk>, message_id: MessageId) -> Result<Vec<LedgerLine>> {
    Ok(desk.client().await?.ledger(message_id).await?)
}

#[tauri::command]
pub(crate) async fn fetch_files_again(desk: State<'_, Desk>, message_id: MessageId) -> Result<()> {
    Ok(desk.client().await?.fetch_files_again(message_id).await?)
}
