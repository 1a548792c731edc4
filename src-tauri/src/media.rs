//! Pictures for the window, at `deskline-media://localhost/…`: `message/<id>/<place>/<size>` and `attachment/<id>/<size>`.
//!
//! Answers the window and nobody else, with pictures that the engine encoded itself and nothing that came from outside as it came. Nothing
//! of it is to be stored: the encrypted copy is the only one.

use deskline_client::{
    Client, ErrorCode,
    view::{Picture, PictureSize},
};
use deskline_domain::ids::{AttachmentId, MessageId};
use tauri::{
    Manager, Runtime, UriSchemeContext, UriSchemeResponder,
    http::{Request, Response, StatusCode, header},
};

use crate::{desk::Desk, window};

/// The addresses begin with it.
pub(crate) const SCHEME: &str = "deskline-media";

/// What an address names.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Message(MessageId, u32, PictureSize),
    Attachment(AttachmentId, PictureSize),
}

impl Asked {
    fn read(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let size = match *parts.last()? {
            "small" => PictureSize::Small,
            "large" => PictureSize::Large,
            _ => return None,
        };
        match parts[..] {
            ["message", id, place, _] => Some(Self::Message(id.parse().ok()?, place.parse().ok()?, size)),
            ["attachment", id, _] => Some(Self::Attachment(id.parse().ok()?, size)),
            _ => None,
        }
    }

    async fn of(self, client: &Client) -> deskline_client::Result<Picture> {
        match self {
            Self::Message(id, place, size) => client.picture(id, place, size).await,
            Self::Attachment(id, size) => client.picture_of_attachment(id, size).await,
        }
    }
}

/// Answers one request.
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands arguments over by value")]
pub(crate) fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let asked = (context.webview_label() == window::LABEL).then(|| Asked::read(request.uri().path())).flatten();
    let desk = context.app_handle().state::<Desk>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let answer = match (asked, desk.client().await) {
            (Some(asked), Ok(client)) => asked.of(&client).await.map_err(|error| error.code()),
            (None, _) => Err(ErrorCode::NotFound),
            (_, Err(error)) => Err(error.code),
        };
        responder.respond(respond(answer));
    });
}

/// The window asks a command for the sentence; here, a number is enough.
fn respond(answer: Result<Picture, ErrorCode>) -> Response<Vec<u8>> {
    let (status, content_type, body) = match answer {
        Ok(picture) => (StatusCode::OK, picture.content_type, picture.bytes),
        Err(ErrorCode::NotFound) => (StatusCode::NOT_FOUND, "text/plain".to_owned(), Vec::new()),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "text/plain".to_owned(), Vec::new()),
    };
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(body);
    // All of it is ours, and good.
    response.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000007";

    #[test]
    fn an_address_names_a_picture_or_nothing() {
        let id = Uuid::from_u128(7);
        let read = |path: &str| Asked::read(&path.replace("ID", ID));

        assert_eq!(read("/message/ID/2/small"), Some(Asked::Message(id.into(), 2, PictureSize::Small)));
        assert_eq!(read("/attachment/ID/large"), Some(Asked::Attachment(id.into(), PictureSize::Large)));
        for path in
            ["/", "", "/message/ID/small", "/message/ID/-1/small", "/attachment/../small", "/message/ID/0/original"]
        {
            assert_eq!(read(path), None, "{path}");
        }
    }

    #[test]
    fn nothing_that_is_answered_may_be_stored() {
        let picture = Picture { content_type: "image/png".to_owned(), bytes: vec![1] };

        for answer in [Ok(picture), Err(ErrorCode::NotFound), Err(ErrorCode::Unreachable)] {
            let ok = answer.is_ok();
            let response = respond(answer);
            assert_eq!(response.status().is_success(), ok);
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        }
    }
}
