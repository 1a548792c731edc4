//! The file in an upload: the body itself, or the first file of a browser's form.
//!
//! Read by `POST /media`. What the file is and whether it may be sent is for the route to say.

use std::convert::Infallible;

use axum::{
    body::Bytes,
    extract::Request,
    http::{HeaderMap, header},
};
use deskline_domain::gate::MAX_MEDIA_BYTES;
use futures_util::stream;

use super::extract::body_up_to;
use crate::{app::App, error::ApiError};

/// What a form may hold besides its file.
const FORM: usize = 64 << 10;

/// A file as it came.
pub(super) struct Uploaded {
    pub(super) content: Bytes,
    /// Its MIME type, as told.
    pub(super) told: Option<String>,
    /// What its owner calls it, where the form says so.
    pub(super) name: Option<String>,
}

impl Uploaded {
    /// Reads it whole.
    ///
    /// # Errors
    /// 413, 408; 400 for a body that breaks off and for a form without a file.
    pub(super) async fn read(request: Request, app: &App) -> Result<Self, ApiError> {
        let largest = usize::try_from(MAX_MEDIA_BYTES).unwrap_or(usize::MAX);
        let told = told(request.headers());
        let Some(boundary) = told.as_ref().and_then(|told| multer::parse_boundary(told).ok()) else {
            return Ok(Self { content: body_up_to(request, app, largest).await?, told, name: None });
        };
        let form = body_up_to(request, app, largest + FORM).await?;
        let file = first_file(form, boundary).await.map_err(|_| {
            ApiError::BadRequest("The body is no form as browsers send it (multipart/form-data)".to_owned())
        })?;
        let file = file.ok_or_else(|| ApiError::BadRequest("There is no file in the form".to_owned()))?;
        if file.content.len() > largest { Err(ApiError::TooLarge) } else { Ok(file) }
    }
}

fn told(headers: &HeaderMap) -> Option<String> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok().map(str::to_owned)
}

/// The first part with the name of a file.
async fn first_file(form: Bytes, boundary: String) -> multer::Result<Option<Uploaded>> {
    let whole = stream::once(async { Ok::<_, Infallible>(form) });
    let mut parts = multer::Multipart::new(whole, boundary);
    while let Some(part) = parts.next_field().await? {
        let Some(name) = part.file_name().map(str::to_owned) else { continue };
        let told = told(part.headers());
        return Ok(Some(Uploaded {
            content: part.bytes().await?,
            told,
            name: Some(name).filter(|name| !name.is_empty()),
        }));
    }
    Ok(None)
}
