//! A server that answers by rule, and what tests ask of it: one client, one text.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::any,
};
use deskline_twilio::{AuthToken, Client, Credentials, From, NewMessage};
use tokio::net::TcpListener;
use url::Url;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.headers.get(header::AUTHORIZATION)?.to_str().ok()
    }
}

/// A server that answers by rule, and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct Fake {
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<dyn Fn(&Seen) -> Response + Send + Sync>,
    pub(crate) address: SocketAddr,
}

impl Fake {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self { seen: Arc::default(), answer: Arc::new(answer), address: listener.local_addr().unwrap() };
        let app = Router::new().fallback(any(Self::handle)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        fake
    }

    async fn handle(State(fake): State<Self>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let seen = Seen { uri: parts.uri, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() };
        fake.seen.lock().unwrap().push(seen.clone());
        (fake.answer)(&seen)
    }

    pub(crate) fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn client(url: Url) -> Client {
    Client::new(url, Credentials::token("AC1", AuthToken::new("token")), Duration::from_secs(20))
}

pub(crate) fn text() -> NewMessage {
    NewMessage {
        to: "+15552223333".to_owned(),
        from: From::Number("+15550001111".to_owned()),
        body: "Grüße & 50% 👋".to_owned(),
        media_urls: vec!["https://files.example/a.png".to_owned(), "https://files.example/b.png".to_owned()],
        status_callback: Some(Url::parse("https://desk.example/twilio/status?message=7").unwrap()),
    }
}

pub(crate) fn answer(status: u16, content_type: &'static str, body: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, content_type)], body).into_response()
}
