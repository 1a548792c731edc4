//! Files: attaching them to a draft, and looking at those of texts. Their bytes reach the window through [`crate::media`].

use deskline_client::{
    Error, ErrorCode,
    view::{Attachment, MediaView, NewFile},
};
use deskline_domain::ids::{AttachmentId, ContactId, MessageId};
use tauri::{
    State, Url,
    ipc::{InvokeBody, Request},
};

use crate::{
    clipboard,
    desk::Desk,
    downloads,
    error::{CommandError, Result},
};

/// The header that says what the bytes of [`attach`] are: `contactId`, `name` and `contentType`, as a query.
const ABOUT: &str = "about";

/// The body is the file itself: as JSON, it would be several times as large.
#[tauri::command]
pub(crate) async fn attach(desk: State<'_, Desk>, request: Request<'_>) -> Result<Attachment> {
    let (InvokeBody::Raw(content), Some((contact_id, mut file))) = (request.body(), about(&request)) else {
        return Err(CommandError { code: ErrorCode::Internal, message: "This file cannot be read.".to_owned() });
    };
    file.content.clone_from(content);
    Ok(desk.client().await?.attach(contact_id, file).await?)
}

fn about(request: &Request<'_>) -> Option<(ContactId, NewFile)> {
    read_about(request.headers().get(ABOUT)?.to_str().ok()?)
}

fn read_about(query: &str) -> Option<(ContactId, NewFile)> {
    let url = Url::parse(&format!("about:file?{query}")).ok()?;
    let field = |name: &str| {
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
    };
    let contact_id = field("contactId")?.parse().ok()?;
    Some((contact_id, NewFile { name: field("name"), content_type: field("contentType"), content: Vec::new() }))
}

/// The picture on the system's clipboard. WebKitGTK gives none to a page.
#[tauri::command]
pub(crate) async fn attach_clipboard(desk: State<'_, Desk>, contact_id: ContactId) -> Result<Option<Attachment>> {
    let client = desk.client().await?;
    match clipboard::picture().await {
        Some(picture) => Ok(Some(client.attach_pixels(contact_id, picture.width, picture.height, picture.rgba).await?)),
        None => Ok(None),
    }
}

#[tauri::command]
pub(crate) async fn detach(desk: State<'_, Desk>, attachment_id: AttachmentId) -> Result<()> {
    Ok(desk.client().await?.detach(attachment_id).await?)
}

#[tauri::command]
pub(crate) async fn load_picture(desk: State<'_, Desk>, message_id: MessageId, place: u32) -> Result<MediaView> {
    Ok(desk.client().await?.load_picture(message_id, place).await?)
}

/// Answers where it was put. Nothing opens it by itself.
#[tauri::command]
pub(crate) async fn save_file(desk: State<'_, Desk>, message_id: MessageId, place: u32) -> Result<String> {
    let file = desk.client().await?.file(message_id, place).await?;
    let saved = tauri::async_runtime::spawn_blocking(move || downloads::save(&file.name, &file.content)).await;
    match saved {
        Ok(Ok(path)) => Ok(path.display().to_string()),
        Ok(Err((path, source))) => Err(Error::Io { path, source }.into()),
        Err(_) => Err(Error::NotAllowed("The program is closing.").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_is_read_from_its_header() {
        let id = uuid::Uuid::from_u128(7);

        let (contact_id, file) =
            read_about(&format!("contactId={id}&name=Gr%C3%BC%C3%9Fe+1.pdf&contentType=")).unwrap();

        assert_eq!(contact_id.0, id);
        assert_eq!((file.name.as_deref(), file.content_type), (Some("Grüße 1.pdf"), None));
        assert!(read_about("name=x").is_none());
    }
}
