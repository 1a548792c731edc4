//! What a request can end with besides success: one enum, one table of statuses, one JSON shape.
//!
//! Every handler and extractor answers with [`ApiError`]; the socket turns the same errors into `message_error`. Which type to use
//! where: `deskline_store::Error` and `deskline_twilio::Error` below, `ApiError` in handlers, `anyhow` in run loops and commands.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use deskline_domain::{
    gate::Refusal,
    message::MessageRow,
    protocol::{CODE_CLIENT_TOO_OLD, CODE_FEED_CHANGED, CODE_WRONG_STATE, ErrorBody},
};
use deskline_store::{OutboundError, SendingError};
use serde_json::Value;

use crate::{auth::TokenError, together::Panicked};

/// A text that has not left, or not yet.
#[derive(Clone, Debug)]
pub struct NotSent {
    /// 422: will not leave by itself. 502: is kept and tried again.
    pub status: StatusCode,
    /// Twilio's code, where there is one.
    pub code: Option<i32>,
    /// What happened and what to do.
    pub explanation: String,
    /// The text as it stands, if it was stored.
    pub message: Option<MessageRow>,
}

impl NotSent {
    /// The gate said no; nothing was stored.
    #[must_use]
    pub fn refused(refusal: Refusal) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: refusal.twilio_code(),
            explanation: refusal.to_string(),
            message: None,
        }
    }
}

/// Why a request is not answered as it hoped. The texts are the contract's.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No token, or one that is not taken.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Not a member of this workspace, whether it exists or not.
    #[error("You are not a member of this workspace")]
    NotAMember,
    /// A member, but not one who may do this.
    #[error("Only owners and admins of this workspace may do this")]
    AdminsOnly,
    /// A member, but not the owner.
    #[error("Only owners of this workspace may do this")]
    OwnersOnly,
    /// A field is missing that has to be there.
    #[error("Missing required fields")]
    MissingFields,
    /// A field or the body is not what it should be; the sentence says what.
    #[error("{0}")]
    BadRequest(String),
    /// Nobody of this workspace.
    #[error("Member not found")]
    MemberNotFound,
    /// No admin has allowed it.
    #[error("You may not work without the server. An admin of your team can allow it.")]
    NotDirect,
    /// No such contact in this workspace.
    #[error("Contact not found")]
    ContactNotFound,
    /// No Twilio account that was checked.
    #[error("Twilio not configured for this workspace")]
    NotConfigured,
    /// An account without numbers.
    #[error("No Twilio numbers available for this workspace")]
    NoNumbers,
    /// Twilio or the gate said no, or Twilio could not be asked.
    #[error("Error sending SMS")]
    NotSent(Box<NotSent>),
    /// Twilio does not take these credentials.
    #[error("Invalid Twilio credentials")]
    InvalidTwilioCredentials,
    /// Twilio could not be asked.
    #[error("Twilio cannot be reached")]
    TwilioUnreachable {
        /// Twilio's code, where there is one.
        code: Option<i32>,
        /// What happened and what to do.
        explanation: &'static str,
    },
    /// A webhook that nobody is waiting for.
    #[error("No workspace found for this number")]
    NoWorkspaceForNumber,
    /// A status callback for a text that nobody sent.
    #[error("Message not found")]
    MessageNotFound,
    /// A text that is in no state in which this can be done with it.
    #[error("{0}")]
    WrongState(&'static str),
    /// Not signed by Twilio.
    #[error("Invalid signature")]
    InvalidSignature,
    /// Wrong e-mail address, password or refresh token.
    #[error("Invalid login credentials")]
    InvalidLogin,
    /// A grant that Supabase knows and we do not.
    #[error("Unsupported grant type: use password or refresh_token")]
    UnsupportedGrant,
    /// Tokens are issued elsewhere.
    #[error("This server issues no tokens: DESKLINE_JWT_SECRET is not set. Sign in where your tokens come from.")]
    SignInElsewhere,
    /// Too many wrong passwords.
    #[error("Too many attempts. Wait a few minutes and try again.")]
    TooManyAttempts(Duration),
    /// A socket that asks faster than anybody types.
    #[error("Too many events at once. Wait a moment and try again.")]
    TooFast,
    /// The cursor is of another life of the feed.
    #[error("The change feed was replaced. Start over from a snapshot.")]
    FeedChanged,
    /// A desktop that is too old.
    #[error("This version of Deskline is too old for the server. Update it.")]
    ClientTooOld,
    /// A page of another origin.
    #[error("This origin is not allowed")]
    ForeignOrigin,
    /// A link to a file that is over.
    #[error("This link has expired")]
    LinkExpired,
    /// A file that is not here, or not yet.
    #[error("File not found")]
    FileNotFound,
    /// A file that cannot be sent; the sentence says why.
    #[error("{0}")]
    BadFile(String),
    /// A part that a file does not have.
    #[error("The file has no such part")]
    NoSuchPart,
    /// No such route.
    #[error("Not found")]
    NotFound,
    /// A route, but not with this method.
    #[error("Method not allowed")]
    MethodNotAllowed,
    /// A body over the limit.
    #[error("The body is too large")]
    TooLarge,
    /// A body that did not arrive in time.
    #[error("The body took too long to arrive")]
    TooSlow,
    /// The database is out of reach.
    #[error("The database cannot be reached. Try again in a moment.")]
    DatabaseUnavailable,
    /// Ours to fix. Logged where it is made into a response; the client is told nothing about it.
    #[error("Internal server error")]
    Internal(#[source] anyhow::Error),
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Token(TokenError::Required | TokenError::Invalid) => StatusCode::UNAUTHORIZED,
            Self::Token(TokenError::KeysUnreachable) | Self::DatabaseUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotAMember
            | Self::NotDirect
            | Self::AdminsOnly
            | Self::OwnersOnly
            | Self::InvalidSignature
            | Self::ForeignOrigin
            | Self::LinkExpired => StatusCode::FORBIDDEN,
            Self::MissingFields
            | Self::BadRequest(_)
            | Self::NotConfigured
            | Self::NoNumbers
            | Self::InvalidLogin
            | Self::UnsupportedGrant
            | Self::SignInElsewhere => StatusCode::BAD_REQUEST,
            Self::ContactNotFound
            | Self::MemberNotFound
            | Self::NoWorkspaceForNumber
            | Self::MessageNotFound
            | Self::FileNotFound
            | Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadFile(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoSuchPart => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::NotSent(not_sent) => not_sent.status,
            Self::InvalidTwilioCredentials => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TwilioUnreachable { .. } => StatusCode::BAD_GATEWAY,
            Self::TooManyAttempts(_) | Self::TooFast => StatusCode::TOO_MANY_REQUESTS,
            Self::FeedChanged | Self::WrongState(_) => StatusCode::CONFLICT,
            Self::ClientTooOld => StatusCode::UPGRADE_REQUIRED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        let plain = ErrorBody { error: self.to_string(), ..ErrorBody::default() };
        match self {
            Self::NotSent(not_sent) => ErrorBody {
                code: not_sent.code.map(Value::from),
                explanation: Some(not_sent.explanation.clone()),
                message: not_sent.message.clone(),
                ..plain
            },
            Self::TwilioUnreachable { code, explanation } => {
                ErrorBody { code: code.map(Value::from), explanation: Some((*explanation).to_owned()), ..plain }
            }
            Self::WrongState(_) => ErrorBody { code: Some(CODE_WRONG_STATE.into()), ..plain },
            Self::FeedChanged => ErrorBody { code: Some(CODE_FEED_CHANGED.into()), ..plain },
            Self::ClientTooOld => ErrorBody { code: Some(CODE_CLIENT_TOO_OLD.into()), ..plain },
            Self::InvalidLogin => ErrorBody { code: Some("invalid_credentials".into()), ..plain },
            Self::TooManyAttempts(_) => ErrorBody { code: Some("over_request_rate_limit".into()), ..plain },
            _ => plain,
        }
    }

    /// The same for a socket: what went wrong moves into the explanation, since the text is fixed.
    #[must_use]
    pub fn message_error(&self) -> ErrorBody {
        let body = self.body();
        let explanation = body.explanation.or(Some(body.error));
        ErrorBody { error: "Failed to send message".to_owned(), explanation, ..body }
    }

    /// Logs what only we can do something about; everything else is the client's business.
    pub fn log(&self) {
        if let Self::Internal(error) = self {
            tracing::error!(error = format!("{error:#}"), "a request failed inside");
        }
    }
}

/// Says that `code` is a word of Supabase Auth's: its client looks for codes where its own server names this version.
pub const SUPABASE_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(self.body())).into_response();
        if matches!(self, Self::InvalidLogin | Self::TooManyAttempts(_)) {
            response.headers_mut().insert(SUPABASE_VERSION, HeaderValue::from_static("2024-01-01"));
        }
        match &self {
            Self::Token(TokenError::Required | TokenError::Invalid) => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooManyAttempts(wait) => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            }
            _ => {}
        }
        response
    }
}

impl From<deskline_store::Error> for ApiError {
    fn from(error: deskline_store::Error) -> Self {
        match error {
            error if error.is_unavailable() => {
                tracing::warn!(error = format!("{:#}", anyhow::Error::from(error)), "the database cannot be reached");
                Self::DatabaseUnavailable
            }
            deskline_store::Error::BadToken => Self::BadRequest(error.to_string()),
            deskline_store::Error::BadRow { table, .. } => {
                Self::Internal(anyhow::anyhow!("a row of {table} cannot be read"))
            }
            error => Self::Internal(error.into()),
        }
    }
}

impl From<Panicked> for ApiError {
    fn from(error: Panicked) -> Self {
        Self::Internal(error.into())
    }
}

impl From<OutboundError> for ApiError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::ContactNotFound => Self::ContactNotFound,
            OutboundError::NotConfigured => Self::NotConfigured,
            OutboundError::NoNumbers => Self::NoNumbers,
            OutboundError::Refused(refusal) => Self::NotSent(Box::new(NotSent::refused(refusal))),
            OutboundError::MessageNotFound => Self::MessageNotFound,
            OutboundError::WrongState(why) => Self::WrongState(why),
            OutboundError::BadClientId | OutboundError::BadTime => Self::BadRequest(error.to_string()),
            OutboundError::Store(error) => error.into(),
        }
    }
}

impl From<SendingError> for ApiError {
    fn from(error: SendingError) -> Self {
        match error {
            SendingError::NotConfigured => Self::NotConfigured,
            SendingError::NotOurs | SendingError::BadRate | SendingError::BadService => {
                Self::BadRequest(error.to_string())
            }
            SendingError::Store(error) => error.into(),
        }
    }
}
