//! A network that breaks: a proxy in front of one server or several, with weather.
//!
//! Used where answers are to be lost, pages to break off half-way and servers to be out of reach. What is cut is decided by a seed; where
//! a connection is by then is up to the moment, as it is in life. In front of several servers it is the one address that they share: each
//! connection goes to one of them, and to another one when that is dead.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::task::AbortOnDropHandle;

/// What an overloaded server, or a proxy without one, says to everything.
const PROBLEM: &str = "{\"error\":\"Something went wrong on our side\"}";

/// What becomes of connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weather {
    /// Everything arrives.
    #[default]
    Calm,
    /// Each connection is cut after a while, on the way there or on the way back.
    Rough,
    /// Every connection is cut, and each new one at once.
    Away,
    /// Connections stay, and nothing arrives: a cable that was pulled somewhere on the way.
    Stalled,
    /// Requests arrive, and no answer does.
    OneWay,
    /// Every request is answered with 500.
    Failing,
}

/// Ends when dropped, with every connection through it.
#[derive(Debug)]
pub struct Flaky {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    cuts: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl Flaky {
    /// In front of `target`; calm at first.
    pub async fn start(target: SocketAddr, seed: u64) -> Self {
        Self::before(vec![target], seed).await
    }

    /// In front of several servers; calm at first.
    pub async fn before(targets: Vec<SocketAddr>, seed: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let weather = watch::Sender::new(Weather::Calm);
        let cuts = Arc::new(AtomicUsize::new(0));
        let dice = StdRng::seed_from_u64(seed);
        let task = tokio::spawn(serve(listener, targets, weather.subscribe(), Arc::clone(&cuts), dice));
        Self { address, weather, cuts, _task: AbortOnDropHandle::new(task) }
    }

    /// Base address for a desktop.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What becomes of connections from now on, those that are open included.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// How many connections were cut so far because it was rough.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// How many bytes a connection may carry when it is rough.
#[derive(Clone, Copy)]
struct Budget {
    there: usize,
    back: usize,
}

async fn serve(
    listener: TcpListener,
    targets: Vec<SocketAddr>,
    weather: watch::Receiver<Weather>,
    cuts: Arc<AtomicUsize>,
    mut dice: StdRng,
) {
    while let Ok((client, _)) = listener.accept().await {
        // One in three breaks on the way there, and loses a request; two on the way back, and lose an answer or half of a page.
        let after = dice.random_range(50..2_500);
        let budget = if dice.random_range(0..3) == 0 {
            Budget { there: after, back: usize::MAX }
        } else {
            Budget { there: usize::MAX, back: after }
        };
        let mut order = targets.clone();
        order.rotate_left(dice.random_range(0..targets.len()));
        tokio::spawn(connection(client, order, budget, weather.clone(), Arc::clone(&cuts)));
    }
}

async fn connection(
    mut client: TcpStream,
    targets: Vec<SocketAddr>,
    budget: Budget,
    weather: watch::Receiver<Weather>,
    cuts: Arc<AtomicUsize>,
) {
    let mut changes = weather.clone();
    let now = *changes.borrow_and_update();
    let carried = async {
        match now {
            Weather::Away => {}
            Weather::Failing => fail(&mut client).await,
            _ => {
                let Some(server) = connect(&targets).await else { return };
                let (client_reads, client_writes) = client.split();
                let (server_reads, server_writes) = server.into_split();
                // Whichever way ends first, the whole connection is gone.
                tokio::select! {
                    () = carry(client_reads, server_writes, budget.there, true, weather.clone(), &cuts) => {}
                    () = carry(server_reads, client_writes, budget.back, false, weather, &cuts) => {}
                }
            }
        }
    };
    let worse = changes.wait_for(|weather| matches!(weather, Weather::Away | Weather::Failing) && *weather != now);
    tokio::select! {
        () = carried => {}
        _ = worse => {}
    }
}

async fn connect(targets: &[SocketAddr]) -> Option<TcpStream> {
    for target in targets {
        if let Ok(server) = TcpStream::connect(target).await {
            return Some(server);
        }
    }
    None
}

/// Reads whatever is asked, and says that it did not work.
async fn fail(client: &mut TcpStream) {
    let mut asked = [0; 16 * 1_024];
    _ = client.read(&mut asked).await;
    let length = PROBLEM.len();
    let answer = format!(
        "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{PROBLEM}"
    );
    _ = client.write_all(answer.as_bytes()).await;
    _ = client.shutdown().await;
}

/// Until it ends, or until so many bytes were carried and it is rough.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    budget: usize,
    there: bool,
    mut weather: watch::Receiver<Weather>,
    cuts: &AtomicUsize,
) {
    let mut carried = 0;
    let mut bytes = [0; 1_024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let stuck = |weather: &Weather| *weather == Weather::Stalled || (*weather == Weather::OneWay && !there);
        let Ok(now) = weather.wait_for(|weather| !stuck(weather)).await.map(|weather| *weather) else { return };
        let end = if now == Weather::Rough { read.min(budget.saturating_sub(carried)) } else { read };
        if to.write_all(&bytes[..end]).await.is_err() {
            return;
        }
        if end < read {
            cuts.fetch_add(1, Ordering::SeqCst);
            return;
        }
        carried += read;
    }
}
