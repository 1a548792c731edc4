//! Whose turn it is on a connection, so that what hyper would say by itself is left to us.
//!
//! hyper answers what it cannot read with a bare status, and what comes too slowly not at all. [`Stream`] lies between hyper and the
//! connection: outside of a request nothing is written, and the connection comes back when hyper is done with it, for
//! [`super::refusal`] to have the last word. Used by [`super::serve`] alone.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{Response, StatusCode},
};
use hyper::body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, oneshot},
    time::{Sleep, sleep},
};

/// Nobody has said anything.
const SILENT: u8 = 0;
/// The client has begun to ask.
const ASKING: u8 = 1;
/// The request is understood, and its answer is on its way.
const ANSWERING: u8 = 2;
/// The answer is written, though perhaps not yet sent.
const ANSWERED: u8 = 3;
/// It is a WebSocket now.
const UPGRADED: u8 = 4;

/// Whose turn it is. Everything on a connection happens in one task, so that the order of what is seen here is the order of events.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<AtomicU8>);

impl Turns {
    /// Whether nothing has been said since the last answer. What came along with the last request is not seen from here.
    pub(super) fn is_silent(&self) -> bool {
        self.turn() == SILENT
    }

    /// Whether no request is being answered: what hyper writes now is a word of its own.
    pub(super) fn is_unasked(&self) -> bool {
        matches!(self.turn(), SILENT | ASKING)
    }

    /// hyper has understood a request.
    pub(super) fn answering(&self) {
        self.0.store(ANSWERING, Ordering::Relaxed);
    }

    /// An answer whose end is noticed.
    pub(super) fn watched(&self, answer: Response<Body>) -> Response<Answer> {
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.0.store(UPGRADED, Ordering::Relaxed);
        }
        answer.map(|body| Answer { body, turns: self.clone() })
    }

    fn turn(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn passes(&self, from: u8, to: u8) {
        let _ = self.0.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The body of an answer. hyper drops it when it has written all of it.
pub(super) struct Answer {
    body: Body,
    turns: Turns,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.turns.passes(ANSWERING, ANSWERED);
    }
}

/// A connection and its place among all connections, which is free again when the connection is gone, whatever it has become.
pub(super) struct Placed {
    pub(super) stream: TcpStream,
    pub(super) place: OwnedSemaphorePermit,
}

/// A connection as hyper has it.
pub(super) struct Stream {
    /// There until it is dropped.
    placed: Option<Placed>,
    turns: Turns,
    back: Option<oneshot::Sender<Placed>>,
    /// A client that takes nothing for so long is given up.
    patience: Duration,
    /// Runs while the client takes nothing.
    losing_it: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    /// Lends a connection, which comes back when hyper is done with it.
    pub(super) fn lend(placed: Placed, turns: Turns, patience: Duration) -> (Self, oneshot::Receiver<Placed>) {
        let (back, returned) = oneshot::channel();
        (Self { placed: Some(placed), turns, back: Some(back), patience, losing_it: None }, returned)
    }

    /// What has become of a write. One that waits for the client does not wait for ever.
    fn patiently(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.losing_it = None;
            return written;
        }
        let patience = self.patience;
        let losing_it = self.losing_it.get_or_insert_with(|| Box::pin(sleep(patience)));
        losing_it.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn connection(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let placed = self.placed.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Pin::new(&mut placed.stream))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let (Some(placed), Some(back)) = (self.placed.take(), self.back.take()) {
            // Nobody waits for a WebSocket.
            let _ = back.send(placed);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = self.connection()?.poll_read(cx, buf);
        if buf.filled().len() > before {
            self.turns.passes(SILENT, ASKING);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.turns.is_unasked() {
            return Poll::Ready(Ok(buf.len()));
        }
        let written = self.connection()?.poll_write(cx, buf);
        self.patiently(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes when it has nothing left to write.
        self.turns.passes(ANSWERED, SILENT);
        self.connection()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.turns.turn() == UPGRADED {
            return self.connection()?.poll_shutdown(cx);
        }
        // Whoever lent the connection says goodbye.
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.turns.is_unasked() {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        let written = self.connection()?.poll_write_vectored(cx, bufs);
        self.patiently(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.placed.as_ref().is_some_and(|placed| placed.stream.is_write_vectored())
    }
}
