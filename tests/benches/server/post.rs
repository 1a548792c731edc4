//! Posts requests that were written beforehand, as lean as `pgbench` is: what is measured is the server, not the generator.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// One connection that is kept open.
pub(crate) struct Lane {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
    line: String,
}

impl Lane {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server takes connections");
        stream.set_nodelay(true).expect("a socket can be told not to wait");
        Self { stream: BufReader::new(stream), body: Vec::new(), line: String::new() }
    }

    /// Posts one request. Panics when the answer is no 200: a benchmark of refusals is none.
    pub(crate) async fn post(&mut self, request: &[u8]) {
        self.stream.get_mut().write_all(request).await.expect("the server reads");
        let mut length = 0;
        let mut good = None;
        loop {
            self.line.clear();
            self.stream.read_line(&mut self.line).await.expect("the server answers");
            let line = self.line.trim_end();
            if line.is_empty() {
                break;
            }
            good = good.or(Some(line.starts_with("HTTP/1.1 200")));
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).await.expect("the server answers in full");
        assert!(good == Some(true), "the server refused: {}", String::from_utf8_lossy(&self.body));
    }
}

/// Posts as fast as so many connections can, each its next request after its last answer. Answers how many, and in which time.
pub(crate) async fn flood(
    address: SocketAddr,
    connections: usize,
    requests: Arc<Vec<Vec<u8>>>,
    span: Duration,
) -> (usize, Duration) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut lanes = Vec::new();
    for _ in 0..connections {
        lanes.push(Lane::open(address).await);
    }
    let start = Instant::now();
    let tasks: Vec<_> = lanes
        .into_iter()
        .map(|mut lane| {
            let (next, requests) = (next.clone(), requests.clone());
            tokio::spawn(async move {
                let mut done = 0;
                while start.elapsed() < span {
                    let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    lane.post(request).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.expect("a lane ends well");
    }
    (done, start.elapsed())
}
