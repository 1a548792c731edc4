//! Leads one socket through a proxy: a door on this machine that one connection may pass, and a tunnel behind it.
//!
//! The socket's library connects to the host of its address and knows no proxy. So it is given the address of the door, speaks plainly as far
//! as that, and the tunnel's TLS with the server begins here, with the same certificates. The door is on the loopback device and closes
//! behind the first who comes through: another program of this machine that gets there first gains a connection to the server, and
//! no token.

use std::{io, time::Duration};

use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Intercept,
    },
    rt::TokioIo,
};
use native_tls::TlsConnector;
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use tower_service::Service as _;
use tracing::debug;
use url::Url;

/// An open way. Closed when dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    /// What to connect to in the place of the server.
    pub(crate) door: String,
    /// What the server expects in the header `Host`.
    pub(crate) host: String,
    _way: AbortOnDropHandle<()>,
}

/// What is between the door and the server.
trait Way: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Way for T {}

impl Relay {
    /// Connects to the server through the proxy, and opens the door.
    ///
    /// # Errors
    /// A few words about what did not work.
    pub(crate) async fn to(
        server: &Url,
        proxy: &Intercept,
        tls: TlsConnector,
        patience: Duration,
    ) -> Result<Self, String> {
        let far = timeout(patience, connect(server, proxy, tls))
            .await
            .map_err(|_| "the proxy does not answer".to_owned())??;
        let no_door = |error: io::Error| format!("no way to the proxy could be made ({error})");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_door)?;
        let door = format!("http://{}", listener.local_addr().map_err(no_door)?);
        let way = tokio::spawn(async move {
            if let Ok(Ok((near, _))) = timeout(patience, listener.accept()).await {
                drop(listener);
                carry(near, far).await;
            }
        });
        Ok(Self { door, host: host(server), _way: AbortOnDropHandle::new(way) })
    }
}

async fn connect(server: &Url, proxy: &Intercept, tls: TlsConnector) -> Result<Box<dyn Way>, String> {
    if proxy.uri().scheme_str() != Some("http") {
        return Err("Deskline can use HTTP proxies alone".to_owned());
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let mut tunnel = Tunnel::new(proxy.uri().clone(), connector);
    if let Some(login) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(login.clone());
    }
    let end = server.as_str().parse().map_err(|_| "the address cannot be read".to_owned())?;
    let plain: TokioIo<TcpStream> = tunnel.call(end).await.map_err(|error| in_words(&error))?;
    let plain = plain.into_inner();
    if server.scheme() != "https" {
        return Ok(Box::new(plain));
    }
    let name = server.host_str().unwrap_or_default();
    let secure = tokio_native_tls::TlsConnector::from(tls).connect(name, plain).await;
    secure.map(|secure| Box::new(secure) as Box<dyn Way>).map_err(|error| error.to_string())
}

fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = cause.to_string();
        source = cause.source();
    }
    format!("the proxy does not let it through ({words})")
}

async fn carry(mut near: TcpStream, mut far: Box<dyn Way>) {
    if let Err(error) = copy_bidirectional(&mut near, &mut far).await {
        debug!(%error, "The way through the proxy broke");
    }
}

/// With the port where it is not the scheme's own.
fn host(server: &Url) -> String {
    let name = server.host_str().unwrap_or_default();
    server.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}
