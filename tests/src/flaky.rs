//! A network that breaks: a proxy in front of a server, which cuts connections in the middle of what they carry.
//!
//! Used where answers are to be lost and pages to break off half-way. What is cut is decided by a seed; where a connection is by
//! then is up to the moment, as it is in life.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::AbortOnDropHandle;

/// Ends when dropped, with every connection through it.
#[derive(Debug)]
pub struct Flaky {
    address: SocketAddr,
    weather: Arc<Weather>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug, Default)]
struct Weather {
    rough: AtomicBool,
    cuts: AtomicUsize,
}

impl Flaky {
    /// In front of `target`; calm at first.
    pub async fn start(target: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let weather = Arc::new(Weather::default());
        let task = tokio::spawn(serve(listener, target, Arc::clone(&weather), StdRng::seed_from_u64(seed)));
        Self { address, weather, _task: AbortOnDropHandle::new(task) }
    }

    /// Base address for a desktop.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether connections are cut from now on.
    pub fn set_rough(&self, rough: bool) {
        self.weather.rough.store(rough, Ordering::SeqCst);
    }

    /// How many connections were cut so far.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.weather.cuts.load(Ordering::SeqCst)
    }
}

async fn serve(listener: TcpListener, target: SocketAddr, weather: Arc<Weather>, dice: StdRng) {
    let dice = Arc::new(Mutex::new(dice));
    while let Ok((client, _)) = listener.accept().await {
        let weather = Arc::clone(&weather);
        // One in three breaks on the way there, and loses a request; two on the way back, and lose an answer or half of a page.
        let (there, back) = {
            let mut dice = dice.lock().unwrap_or_else(PoisonError::into_inner);
            let after = dice.random_range(50..2_500);
            if dice.random_range(0..3) == 0 { (after, usize::MAX) } else { (usize::MAX, after) }
        };
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(target).await else { return };
            let (client_reads, client_writes) = client.into_split();
            let (server_reads, server_writes) = server.into_split();
            // Whichever way ends first, the whole connection is gone.
            tokio::select! {
                () = carry(client_reads, server_writes, there, &weather) => {}
                () = carry(server_reads, client_writes, back, &weather) => {}
            }
        });
    }
}

/// Until it ends, or until so many bytes were carried and it is rough.
async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, budget: usize, weather: &Weather) {
    let mut carried = 0;
    let mut bytes = [0; 1_024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let rough = weather.rough.load(Ordering::SeqCst);
        let end = if rough { read.min(budget.saturating_sub(carried)) } else { read };
        if to.write_all(&bytes[..end]).await.is_err() {
            return;
        }
        if end < read {
            weather.cuts.fetch_add(1, Ordering::SeqCst);
            return;
        }
        carried += read;
    }
}
