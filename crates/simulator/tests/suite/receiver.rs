//! A server as Deskline's own would be: takes forms, remembers them, and answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use deskline_twilio::{AuthToken, signature, twiml};
use tokio::net::TcpListener;
use url::Url;

/// A form as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) url: String,
    pub(crate) signature: String,
    pub(crate) params: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_signed_with(&self, token: &AuthToken) -> bool {
        signature::verify(token, &self.url, &self.params, &self.signature)
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: Url,
    forms: Arc<Mutex<Vec<Form>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let receiver = Self { url, forms: Arc::default(), answers: Arc::default() };
        let app = Router::new().route("/{*path}", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        receiver
    }

    pub(crate) fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    /// What the next forms are answered with; after that, 200.
    pub(crate) fn answer_next(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        self.forms.lock().unwrap().clone()
    }

    /// One field of every form, in the order of arrival.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.forms().iter().map(|form| form.field(name).unwrap_or_default().to_owned()).collect()
    }
}

async fn take(
    State(receiver): State<Receiver>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = headers.get("x-twilio-signature").map(|value| value.to_str().unwrap().to_owned());
    let form = Form {
        url: receiver.url.join(&uri.to_string()).unwrap().to_string(),
        signature: signature.unwrap_or_default(),
        params: url::form_urlencoded::parse(&body).into_owned().collect(),
    };
    receiver.forms.lock().unwrap().push(form);
    let status = receiver.answers.lock().unwrap().pop_front().unwrap_or(200);
    (StatusCode::from_u16(status).unwrap(), [("content-type", twiml::CONTENT_TYPE)], twiml::EMPTY).into_response()
}
