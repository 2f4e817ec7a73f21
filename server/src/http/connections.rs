//! Connections before anything is asked on them: only so many of one address, and none that stays silent.

use super::caller::{Seat, Seats, TrustedProxies};
use axum_server::accept::Accept;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// How long a connection may take to say its first byte.
const SILENCE: Duration = Duration::from_secs(10);
/// The most connections of one address. A whole shop may share one, and each of its devices holds a line open beside its requests.
const MOST_PER_ADDRESS: u32 = 512;

/// Lets connections in. A proxy that the operator named brings everybody's, and is not counted.
#[derive(Clone)]
pub(crate) struct Doorkeeper {
    seats: Seats,
    proxies: TrustedProxies,
}

/// A connection that has its seat until it ends.
pub(crate) struct Seated {
    stream: TcpStream,
    _seat: Option<Seat>,
    /// Runs until the first byte.
    silence: Option<Pin<Box<Sleep>>>,
}

impl Doorkeeper {
    pub(crate) fn new(proxies: TrustedProxies) -> Self {
        Self { seats: Seats::new(MOST_PER_ADDRESS), proxies }
    }

    fn seat(&self, stream: TcpStream) -> io::Result<Seated> {
        let peer = stream.peer_addr()?.ip().to_canonical();
        let seat = if self.proxies.trusts(peer) { None } else { Some(self.seats.take(peer).ok_or(io::ErrorKind::QuotaExceeded)?) };
        Ok(Seated { stream, _seat: seat, silence: Some(Box::pin(tokio::time::sleep(SILENCE))) })
    }
}

impl<S> Accept<TcpStream, S> for Doorkeeper {
    type Stream = Seated;
    type Service = S;
    type Future = Ready<io::Result<(Seated, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.seat(stream).map(|seated| (seated, service)))
    }
}

impl AsyncRead for Seated {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.silence = None;
        } else if let Some(silence) = &mut self.silence
            && silence.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Seated {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A connection as the doorkeeper seats it, and its other end.
    async fn connect(door: &Doorkeeper) -> (io::Result<Seated>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (door.seat(listener.accept().await.unwrap().0), there)
    }

    #[tokio::test]
    async fn an_address_has_only_so_many_connections_and_a_named_proxy_as_many_as_it_likes() {
        let mut door = Doorkeeper { seats: Seats::new(1), proxies: TrustedProxies::default() };
        let (first, _there) = connect(&door).await;
        assert!(first.is_ok());
        assert!(connect(&door).await.0.is_err(), "the seat is taken");
        drop(first);
        assert!(connect(&door).await.0.is_ok(), "it was given back");
        door.proxies = TrustedProxies::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let (first, second) = (connect(&door).await, connect(&door).await);
        assert!(first.0.is_ok() && second.0.is_ok());
    }

    #[tokio::test]
    async fn a_connection_that_stays_silent_is_closed_and_one_that_spoke_is_not() {
        let door = Doorkeeper::new(TrustedProxies::default());
        let (silent, (spoke, mut there)) = (connect(&door).await, connect(&door).await);
        let (mut silent, mut spoke) = (silent.0.unwrap(), spoke.unwrap());
        there.write_all(b"GET").await.unwrap();
        spoke.read_exact(&mut [0; 3]).await.unwrap();
        // The clock jumps whenever nobody has anything else to do.
        tokio::time::pause();
        assert_eq!(silent.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let waited = tokio::time::timeout(SILENCE * 10, spoke.read_u8()).await;
        assert!(waited.is_err(), "it may take its time from there on");
    }
}
