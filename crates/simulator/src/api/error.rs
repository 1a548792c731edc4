//! Twilio's error JSON, and what Twilio says with each code.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// An answer that is none.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: i32,
    message: String,
}

/// Codes whose status is not 400, or whose message matters to somebody.
const KNOWN: &[(i32, StatusCode, &str)] = &[
    (20_003, StatusCode::UNAUTHORIZED, "Authenticate"),
    (20_004, StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
    (20_005, StatusCode::UNAUTHORIZED, "Account not active"),
    (20_404, StatusCode::NOT_FOUND, "The requested resource was not found"),
    (20_429, StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
    (20_500, StatusCode::INTERNAL_SERVER_ERROR, "An internal server error has occurred"),
    (20_503, StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
    (
        21_408,
        StatusCode::BAD_REQUEST,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    ),
    (21_602, StatusCode::BAD_REQUEST, "Message body is required."),
    (21_603, StatusCode::BAD_REQUEST, "A 'From' phone number is required."),
    (21_604, StatusCode::BAD_REQUEST, "A 'To' phone number is required."),
    (21_610, StatusCode::BAD_REQUEST, "Attempt to send to unsubscribed recipient"),
    (21_611, StatusCode::TOO_MANY_REQUESTS, "This 'From' number has exceeded the maximum number of queued messages"),
    (21_612, StatusCode::BAD_REQUEST, "The 'To' phone number is not currently reachable via SMS"),
    (21_614, StatusCode::BAD_REQUEST, "'To' number is not a valid mobile number"),
    (21_617, StatusCode::BAD_REQUEST, "The concatenated message body exceeds the 1600 character limit"),
    (21_620, StatusCode::BAD_REQUEST, "Invalid media URL(s)"),
    (21_623, StatusCode::BAD_REQUEST, "Number of media files exceeds allowed limit"),
    (21_705, StatusCode::BAD_REQUEST, "The Messaging Service Sid is invalid"),
];

impl ApiError {
    /// What Twilio says with a code.
    pub(super) fn of(code: i32) -> Self {
        match KNOWN.iter().find(|(known, ..)| *known == code) {
            Some((_, status, message)) => Self { status: *status, code, message: (*message).to_owned() },
            None => Self::saying(code, deskline_twilio::explain(code).text),
        }
    }

    /// 400 with a message of its own.
    pub(super) fn saying(code: i32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// 404 that names what is not there.
    pub(super) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self { status: StatusCode::NOT_FOUND, code: 20_404, message }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}
