//! Connections: how many, how long one may take to say what it wants, and how they end.
//!
//! Called by [`crate::run`]. A connection that says nothing costs a place and a few kilobytes for a while, and then it is closed;
//! what is under way when the server is told to stop is finished. Knows nothing of what is asked.

use std::{
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

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
        connections.spawn(converse(Placed { stream, _place: place }, peer, router.clone(), bounds, stop.clone()));
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

async fn converse(stream: Placed, peer: SocketAddr, router: Router, bounds: Bounds, stop: CancellationToken) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_header_size(MAX_HEADER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::trace!(%error, "a connection ended early");
    }
}

/// A connection and its place, which is free again when the connection is gone, whatever it has become.
struct Placed {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for Placed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
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

    /// A server that answers when it is told to.
    async fn start(connections: usize, header_timeout: Duration) -> Serving {
        let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let router = {
            let (asked, answer) = (asked.clone(), answer.clone());
            Router::new().route(
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
        let task = tokio::spawn(serve(listener, router, Bounds { connections, header_timeout }, stop.clone()));
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

    #[tokio::test]
    async fn a_connection_that_does_not_say_what_it_wants_is_closed() {
        let serving = start(10, Duration::from_millis(50)).await;

        let silent = ask(serving.address, b"").await;
        let halfway = ask(serving.address, b"GET / HTTP/1.1\r\nhost: de").await;

        assert_eq!(rest(silent).await, "");
        assert!(!rest(halfway).await.contains("200"), "closed without an answer that it has not asked for");
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

    #[tokio::test]
    async fn a_header_that_never_ends_is_refused() {
        let serving = start(10, Duration::from_secs(60)).await;
        let header = format!("GET / HTTP/1.1\r\nhost: desk\r\nx: {}\r\n\r\n", "a".repeat(2 * MAX_HEADER));

        let mut stream = TcpStream::connect(serving.address).await.unwrap();
        // The server may hang up before it has read all of it.
        let _ = stream.write_all(header.as_bytes()).await;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();

        assert_eq!(&answer, b"HTTP/1.1 431");
    }
}
