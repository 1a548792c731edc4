//! The last word to a client that hyper gave up on: in JSON, as every other error.
//!
//! Used by [`super::serve`]. What never became a request is refused here and nowhere else.

use std::time::Duration;

use axum::http::StatusCode;
use deskline_domain::protocol::ErrorBody;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A client has this long to notice that the connection is over, …
const PARTING: Duration = Duration::from_secs(2);
/// … and may have this much on its way until then.
const ON_ITS_WAY: u64 = 4 << 20;

/// What to say to somebody whose request could not be read. `None` where nobody is there any more.
pub(super) fn of(error: &hyper::Error) -> Option<String> {
    let (status, text) = if error.is_timeout() {
        (StatusCode::REQUEST_TIMEOUT, "The request took too long to arrive")
    } else if error.is_parse_too_large() {
        (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The address or the header is too large")
    } else if error.is_parse() {
        (StatusCode::BAD_REQUEST, "This is no HTTP/1.1 request")
    } else {
        return None;
    };
    let body = serde_json::to_string(&ErrorBody { error: text.to_owned(), ..ErrorBody::default() }).ok()?;
    Some(format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// Says the last word, if there is one, and goodbye. What is still on its way is read and thrown away for a moment: a connection that is
/// closed before would be reset, and the last answer with it.
pub(super) async fn part(mut stream: TcpStream, last_word: Option<String>) {
    let parting = async {
        if let Some(word) = last_word {
            stream.write_all(word.as_bytes()).await?;
        }
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(ON_ITS_WAY), &mut tokio::io::sink()).await
    };
    // Whether the client heard it is its own affair.
    let _ = tokio::time::timeout(PARTING, parting).await;
}
