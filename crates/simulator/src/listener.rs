//! The sockets under the API: connections that can be cut without an answer, and a port that can refuse them.
//!
//! A web framework always answers; Twilio's outages do not. So connections are served one by one here, each with a handle by
//! which a handler can end it, and the listening socket itself goes away while the API is out of reach.

use std::{io, net::SocketAddr};

use axum::{Router, http::Request, response::Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{mpsc, oneshot},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// A connection, from the side of a handler.
#[derive(Clone)]
pub(crate) struct Connection(CancellationToken);

impl Connection {
    /// Ends the connection without an answer, and never returns.
    pub(crate) async fn cut(&self) -> Response {
        self.0.cancel();
        std::future::pending().await
    }
}

/// A port that serves a router, and can be told to refuse connections.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    orders: mpsc::Sender<Order>,
}

struct Order {
    refuse: bool,
    done: oneshot::Sender<io::Result<()>>,
}

impl Listener {
    /// Binds the port and serves until `shutdown`.
    pub(crate) async fn start(
        address: SocketAddr,
        router: Router,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> io::Result<Self> {
        let reserved = reserve(address)?;
        let address = match &reserved {
            Some(socket) => socket.local_addr()?,
            None => address,
        };
        let listener = listen(address, reserved.is_some()).await?;
        let address = listener.local_addr()?;
        let (orders, receiver) = mpsc::channel(1);
        let served = Served { address, reserved, router, tasks: tasks.clone(), shutdown };
        tasks.spawn(served.run(listener, receiver));
        Ok(Self { address, orders })
    }

    /// Refuses connections from now on and cuts those that are open, or takes connections again.
    pub(crate) async fn refuse(&self, refuse: bool) -> io::Result<()> {
        let (done, told) = oneshot::channel();
        let gone = |_| io::Error::other("the simulator has ended");
        self.orders.send(Order { refuse, done }).await.map_err(|_| gone(()))?;
        told.await.map_err(|_| gone(()))?
    }
}

/// Keeps a free port from being given to anybody else while nothing listens on it. A port that was asked for by number lies
/// outside the range that is given away, and stays guarded against a second simulator by being bound once.
#[cfg(unix)]
fn reserve(address: SocketAddr) -> io::Result<Option<TcpSocket>> {
    if address.port() != 0 {
        return Ok(None);
    }
    let socket = socket_for(address)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(Some(socket))
}

#[cfg(not(unix))]
fn reserve(_: SocketAddr) -> io::Result<Option<TcpSocket>> {
    Ok(None)
}

async fn listen(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    if !shared {
        return TcpListener::bind(address).await;
    }
    let socket = socket_for(address)?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(1_024)
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }
}

/// A stretch of time in which the port takes connections. They all end with it.
struct Stretch {
    token: CancellationToken,
    connections: TaskTracker,
}

impl Stretch {
    fn new(shutdown: &CancellationToken) -> Self {
        Self { token: shutdown.child_token(), connections: TaskTracker::new() }
    }

    /// Cuts every connection, and waits until the last one is closed.
    async fn end(&self) {
        self.token.cancel();
        self.connections.close();
        self.connections.wait().await;
    }
}

struct Served {
    address: SocketAddr,
    reserved: Option<TcpSocket>,
    router: Router,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Served {
    async fn run(self, listener: TcpListener, mut orders: mpsc::Receiver<Order>) {
        let mut listening = Some(listener);
        let mut stretch = Stretch::new(&self.shutdown);
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                stream = accept(listening.as_ref()) => self.serve(stream, &stretch),
                order = orders.recv() => {
                    let Some(Order { refuse, done }) = order else {
                        // Nobody can give orders any more; serve as before until the end.
                        self.serve_on(listening.as_ref(), &stretch).await;
                        return;
                    };
                    let outcome = if refuse {
                        listening = None;
                        stretch.end().await;
                        Ok(())
                    } else if listening.is_none() {
                        stretch = Stretch::new(&self.shutdown);
                        listen(self.address, self.reserved.is_some()).await.map(|listener| listening = Some(listener))
                    } else {
                        Ok(())
                    };
                    // Whoever gave the order may have stopped waiting.
                    let _ = done.send(outcome);
                }
            }
        }
    }

    async fn serve_on(&self, listener: Option<&TcpListener>, stretch: &Stretch) {
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                stream = accept(listener) => self.serve(stream, stretch),
            }
        }
    }

    fn serve(&self, stream: TcpStream, stretch: &Stretch) {
        let alive = stretch.token.child_token();
        let (router, connection) = (self.router.clone(), Connection(alive.clone()));
        let served = stretch.connections.track_future(async move {
            let service = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(connection.clone());
                router.clone().oneshot(request)
            });
            tokio::select! {
                biased;
                () = alive.cancelled() => {}
                served = http1::Builder::new().serve_connection(TokioIo::new(stream), service) => {
                    if let Err(error) = served {
                        tracing::trace!(%error, "A connection ended early");
                    }
                }
            }
        });
        self.tasks.spawn(served);
    }
}

/// The next connection; never, while nothing listens.
async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Small answers must not wait for more to come. Without it they would only be slower.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            // Out of file descriptors, or a client that hung up in between: the next one may fare better.
            Err(error) => {
                tracing::warn!(%error, "A connection could not be accepted");
                tokio::task::yield_now().await;
            }
        }
    }
}
