//! Connections: how many, how long one may take to say what it wants, and how they end.
//!
//! Called by [`crate::run`]. A connection that says nothing costs a place and a few kilobytes for a while, and then it is closed;
//! what is no request is refused in JSON; what is under way when the server is told to stop is finished. Knows nothing of what is asked.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{
        Request,
        header::{self, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue},
    },
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use self::turns::{Placed, Stream, Turns};

mod refusal;
mod turns;

/// No header of ours is anywhere near this long.
const MAX_HEADER: usize = 32 * 1024;
/// When the system has no place for another connection, it is tried again after this.
const OUT_OF_PLACES: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// So many at once, sockets included. The next ones wait in the system's queue.
    pub connections: usize,
    /// A connection that has not said what it wants within this, at first or after an answer, is closed.
    pub header_timeout: Duration,
    /// A connection that takes nothing of an answer for so long is closed.
    pub answer_timeout: Duration,
}

/// Takes connections until `stop`, then waits until those that are left have been answered.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let connections = TaskTracker::new();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, accept(&listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        // The semaphore is never closed.
        let Ok(place) = place else { break };
        connections.spawn(converse(Placed { stream, place }, peer, router.clone(), bounds, stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Small answers and events leave at once. Without it they would only be slower.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection cannot be taken");
                tokio::time::sleep(OUT_OF_PLACES).await;
            }
        }
    }
}

/// A client that hung up before it was its turn.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn converse(placed: Placed, peer: SocketAddr, router: Router, bounds: Bounds, stop: CancellationToken) {
    let turns = Turns::default();
    let (stream, mut returned) = Stream::lend(placed, turns.clone(), bounds.answer_timeout);
    let outcome = answer(stream, peer, router, bounds, &turns, &stop).await;
    // A WebSocket goes its own way.
    let Ok(Placed { stream, place }) = returned.try_recv() else { return };
    let last_word = match &outcome {
        Err(error) if error.is_timeout() && turns.is_silent() => None,
        Err(error) if turns.is_unasked() => refusal::of(error),
        Ok(()) | Err(_) => None,
    };
    if let Err(error) = outcome {
        tracing::trace!(%error, "a connection ended early");
    }
    refusal::part(stream, last_word).await;
    drop(place);
}

/// Answers one request after the other until the client leaves, says something that cannot be understood, or has to leave.
async fn answer(
    stream: Stream,
    peer: SocketAddr,
    router: Router,
    bounds: Bounds,
    turns: &Turns,
    stop: &CancellationToken,
) -> hyper::Result<()> {
    let service = service_fn(|mut request: Request<Incoming>| {
        turns.answering();
        request.extensions_mut().insert(ConnectInfo(peer));
        if request.headers().contains_key(header::UPGRADE) {
            copy_head(&mut request);
        }
        let answer = router.clone().oneshot(request);
        async { answer.await.map(|answer| turns.watched(answer)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_header_size(MAX_HEADER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    }
}

/// As hyper hands out a request's head, it is part of the buffer of 8 kB that the connection was read into. Who keeps the head keeps all of
/// that, and engineioxide keeps a WebSocket's for as long as the socket lives.
fn copy_head<B>(request: &mut Request<B>) {
    let copied = |(name, value): (&HeaderName, &HeaderValue)| {
        HeaderValue::from_bytes(value.as_bytes()).map(|value| (name.clone(), value))
    };
    let headers: Result<HeaderMap, InvalidHeaderValue> = request.headers().iter().map(copied).collect();
    // Both were parsed from these very bytes before.
    if let (Ok(headers), Ok(uri)) = (headers, request.uri().to_string().parse()) {
        *request.headers_mut() = headers;
        *request.uri_mut() = uri;
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use rstest::rstest;
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::Notify,
    };

    use super::*;

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: desk\r\n\r\n";

    struct Serving {
        address: SocketAddr,
        stop: CancellationToken,
        asked: Arc<Notify>,
        answer: Arc<Notify>,
        task: tokio::task::JoinHandle<()>,
    }

    /// A server that answers when it is told to, under `/long` with more than fits on the way.
    async fn start(connections: usize, header_timeout: Duration) -> Serving {
        let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let router = {
            let (asked, answer) = (asked.clone(), answer.clone());
            Router::new().route("/long", get(async || vec![b'x'; 64 << 20])).route(
                "/",
                get(async move || {
                    asked.notify_one();
                    answer.notified().await;
                    "done"
                }),
            )
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let bounds = Bounds { connections, header_timeout, answer_timeout: Duration::from_millis(50) };
        let task = tokio::spawn(serve(listener, router, bounds, stop.clone()));
        Serving { address, stop, asked, answer, task }
    }

    async fn ask(address: SocketAddr, what: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(what).await.unwrap();
        stream
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    /// The status and the body of an answer that is the last one, and as long as it says.
    fn last_answer(text: &str) -> (u16, Value) {
        let answer = &text[text.rfind("HTTP/1.1 4").unwrap_or_else(|| panic!("there is no answer in {text:?}"))..];
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.contains("connection: close"), "{head}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        assert!(head.contains("content-type: application/json"), "{head}");
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    #[tokio::test]
    async fn a_connection_that_does_not_say_what_it_wants_is_closed() {
        let serving = start(10, Duration::from_millis(50)).await;

        let silent = ask(serving.address, b"").await;
        let halfway = ask(serving.address, b"GET / HTTP/1.1\r\nhost: de").await;

        assert_eq!(rest(silent).await, "", "it has not asked for an answer");
        assert_eq!(last_answer(&rest(halfway).await), (408, json!({ "error": "The request took too long to arrive" })));
    }

    #[rstest]
    #[case::no_http(b"hello\r\n\r\n")]
    #[case::no_words(b"\0\x01\x02\xff\xfe\r\n\r\n")]
    #[case::tls(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03")]
    #[case::no_version(b"GET /\r\nhost: desk\r\n\r\n")]
    #[case::a_version_to_come(b"GET / HTTP/3.0\r\nhost: desk\r\n\r\n")]
    #[case::http_2_at_once(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    #[case::a_space_in_the_path(b"GET /a b HTTP/1.1\r\nhost: desk\r\n\r\n")]
    #[case::a_nul_in_the_path(b"GET /a\0b HTTP/1.1\r\nhost: desk\r\n\r\n")]
    #[case::a_nul_in_a_header(b"GET / HTTP/1.1\r\nhost: de\0sk\r\n\r\n")]
    #[case::a_space_before_the_colon(b"GET / HTTP/1.1\r\nhost : desk\r\n\r\n")]
    #[case::a_folded_header(b"GET / HTTP/1.1\r\nhost: desk\r\nx: a\r\n b\r\n\r\n")]
    #[case::two_lengths(b"POST / HTTP/1.1\r\nhost: desk\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab")]
    #[case::a_negative_length(b"POST / HTTP/1.1\r\nhost: desk\r\ncontent-length: -1\r\n\r\n")]
    #[case::an_endless_length(b"POST / HTTP/1.1\r\nhost: desk\r\ncontent-length: 99999999999999999999\r\n\r\n")]
    #[case::another_coding(b"POST / HTTP/1.1\r\nhost: desk\r\ntransfer-encoding: gzip\r\n\r\n")]
    #[tokio::test]
    async fn what_is_no_request_is_refused_in_json(#[case] what: &[u8]) {
        let serving = start(10, Duration::from_secs(60)).await;

        let answer = rest(ask(serving.address, what).await).await;

        assert_eq!(last_answer(&answer), (400, json!({ "error": "This is no HTTP/1.1 request" })));
    }

    #[rstest]
    #[case::at_once(true)]
    #[case::after_the_answer(false)]
    #[tokio::test]
    async fn a_request_that_is_none_after_a_good_one_is_refused_in_json(#[case] at_once: bool) {
        let serving = start(10, Duration::from_secs(60)).await;
        serving.answer.notify_one();

        let mut stream =
            ask(serving.address, if at_once { b"GET / HTTP/1.1\r\nhost: desk\r\n\r\nnonsense\r\n\r\n" } else { ASK })
                .await;
        if !at_once {
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.unwrap();
            stream.write_all(b"nonsense\r\n\r\n").await.unwrap();
        }
        let answers = rest(stream).await;

        assert!(answers.contains("done"), "{answers}");
        assert_eq!(last_answer(&answers).0, 400);
    }

    #[tokio::test]
    async fn who_sends_more_than_is_read_hears_the_answer_all_the_same() {
        let serving = start(10, Duration::from_secs(60)).await;
        serving.answer.notify_one();
        let length = 3 << 20;

        let mut stream = TcpStream::connect(serving.address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: desk\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let answer = rest(stream).await;

        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    }

    #[tokio::test]
    async fn who_finds_no_place_waits_until_one_is_free() {
        let serving = start(1, Duration::from_secs(60)).await;
        let first = ask(serving.address, ASK).await;
        serving.asked.notified().await;

        let mut second = ask(serving.address, ASK).await;
        serving.answer.notify_one();
        // The first connection keeps its place until it hangs up.
        drop(first);
        serving.asked.notified().await;
        serving.answer.notify_one();

        let mut answer = [0; 12];
        second.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }

    #[tokio::test]
    async fn who_does_not_take_the_answer_loses_the_place() {
        let serving = start(1, Duration::from_secs(60)).await;
        let deaf = ask(serving.address, b"GET /long HTTP/1.1\r\nhost: desk\r\n\r\n").await;

        let mut next = ask(serving.address, ASK).await;
        serving.answer.notify_one();

        let mut answer = [0; 12];
        next.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        drop(deaf);
    }

    #[tokio::test]
    async fn what_is_under_way_is_answered_and_nobody_new_is_let_in() {
        let serving = start(10, Duration::from_secs(60)).await;
        let under_way = ask(serving.address, ASK).await;
        let idle = ask(serving.address, b"").await;
        serving.asked.notified().await;

        serving.stop.cancel();
        assert_eq!(rest(idle).await, "", "it was waiting for nothing");
        serving.answer.notify_one();

        assert!(rest(under_way).await.ends_with("done"));
        serving.task.await.unwrap();
        assert!(TcpStream::connect(serving.address).await.is_err());
    }

    #[rstest]
    #[case::header(&format!("GET / HTTP/1.1\r\nhost: desk\r\nx: {}\r\n\r\n", "a".repeat(2 * MAX_HEADER)))]
    #[case::address(&format!("GET /?{} HTTP/1.1\r\nhost: desk\r\n\r\n", "a".repeat(2 * MAX_HEADER)))]
    #[case::many_headers(&format!("GET / HTTP/1.1\r\nhost: desk\r\n{}\r\n", "x: a\r\n".repeat(1_000)))]
    #[case::that_never_ends(&format!("GET / HTTP/1.1\r\nhost: desk\r\nx: {}", "a".repeat(4 * MAX_HEADER)))]
    #[tokio::test]
    async fn a_header_that_is_too_large_is_refused_in_json(#[case] what: &str) {
        let serving = start(10, Duration::from_secs(60)).await;

        let answer = rest(ask(serving.address, what.as_bytes()).await).await;

        assert_eq!(last_answer(&answer), (431, json!({ "error": "The address or the header is too large" })));
    }
}
