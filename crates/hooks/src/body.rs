//! Reading a request's body, up to a limit.

use std::{
    any::Any,
    error::Error,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame};
use tokio::time::sleep;

use crate::{
    PeerAddress,
    body_memory::{BodyMemory, Reservation},
    denials::Denials,
    reply::TurnedAway,
};

/// The whole body. One that is too long is taken to its end too, unless that is far: a caller that is cut off while it
/// writes may not hear why. A proxy makes a 502 of it, and WCS calls again.
pub(crate) async fn read<B: Body<Error: 'static>>(
    body: B,
    limit: usize,
    mut held: Held<'_>,
) -> Result<Bytes, TurnedAway> {
    let mut body = pin!(body);
    let read = collect(body.as_mut(), limit, &mut held).await;
    let is_near = body.size_hint().lower() <= most_to_discard(limit);
    if matches!(read, Err(TurnedAway::TooLong)) && is_near && held.bytes(0).await.is_ok() {
        discard(body, limit).await;
    }
    read
}

/// Reserves memory for the bytes received before it waits for more. Bytes that arrive without a wait need none: each thread reads
/// one such body at a time.
async fn collect<B: Body<Error: 'static>>(
    mut body: Pin<&mut B>,
    limit: usize,
    held: &mut Held<'_>,
) -> Result<Bytes, TurnedAway> {
    if body.size_hint().lower() > limit as u64 {
        return Err(TurnedAway::TooLong);
    }
    let mut read = Pieces::default();
    let mut has_waited = false;
    loop {
        let room = limit - read.len();
        let piece = match at_once(body.as_mut(), room).await {
            Poll::Ready(piece) => piece?,
            Poll::Pending => {
                has_waited = true;
                read.take_out();
                held.bytes(read.whole.capacity()).await?;
                piece_of(next(body.as_mut()).await, room)?
            }
        };
        let Some(piece) = piece else { return Ok(read.into_bytes()) };
        if has_waited {
            held.bytes(read.capacity_for(piece.len(), limit)).await?;
        }
        read.add(piece, limit);
    }
}

/// The next piece, if it is there without waiting.
async fn at_once<B: Body<Error: 'static>>(
    mut body: Pin<&mut B>,
    room: usize,
) -> Poll<Result<Option<Bytes>, TurnedAway>> {
    poll_fn(|cx| Poll::Ready(body.as_mut().poll_frame(cx).map(|frame| piece_of(frame, room)))).await
}

/// The next piece of a body, which may be empty; `None` at its end.
fn piece_of<D: Buf, E: 'static>(
    frame: Option<Result<Frame<D>, E>>,
    room: usize,
) -> Result<Option<Bytes>, TurnedAway> {
    let Some(frame) = frame else { return Ok(None) };
    let Ok(mut data) = frame.map_err(|error| why(&error))?.into_data() else { return Ok(Some(Bytes::new())) };
    if data.remaining() > room {
        return Err(TurnedAway::TooLong);
    }
    Ok(Some(data.copy_to_bytes(data.remaining())))
}

async fn next<B: Body>(mut body: Pin<&mut B>) -> Option<Result<Frame<B::Data>, B::Error>> {
    poll_fn(|cx| body.as_mut().poll_frame(cx)).await
}

/// The part of a body received so far. A body that arrives in one piece is not copied.
#[derive(Default)]
struct Pieces {
    /// The first piece, still in the server's buffer, which may be larger.
    first: Bytes,
    /// In a buffer of its own.
    whole: Vec<u8>,
}

impl Pieces {
    fn len(&self) -> usize {
        self.first.len() + self.whole.len()
    }

    fn add(&mut self, piece: Bytes, limit: usize) {
        if piece.is_empty() {
            return;
        }
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        self.take_out();
        let capacity = self.capacity_for(piece.len(), limit);
        self.whole.reserve_exact(capacity - self.whole.len());
        self.whole.extend_from_slice(&piece);
    }

    /// The capacity that the buffer has with so many bytes more.
    fn capacity_for(&self, more: usize, limit: usize) -> usize {
        let (needed, now) = (self.len() + more, self.whole.capacity());
        if needed <= now { now } else { needed.max((2 * now).min(limit)) }
    }

    /// Out of the server's buffer.
    fn take_out(&mut self) {
        if !self.first.is_empty() {
            self.whole = std::mem::take(&mut self.first).into();
        }
    }

    fn into_bytes(self) -> Bytes {
        if self.whole.is_empty() { self.first } else { self.whole.into() }
    }
}

/// The memory that a request takes while its body is awaited. Nothing is reserved, nor looked at, before that.
pub(crate) struct Held<'r> {
    memory: &'r BodyMemory,
    denials: &'r Denials,
    peer: Option<PeerAddress>,
    headers: &'r HeaderMap,
    reserved: Option<(Reservation<'r>, usize)>,
}

/// Bytes that a request takes beside its headers and body: its future, and the server's state for it.
const REQUEST: usize = 4096;
/// Bytes that a header takes beside its name and value.
const HEADER: usize = 128;

/// How often, and at what distance, it is looked for memory that has become free.
const LOOKS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

impl<'r> Held<'r> {
    pub(crate) fn new(
        memory: &'r BodyMemory,
        denials: &'r Denials,
        peer: Option<PeerAddress>,
        headers: &'r HeaderMap,
    ) -> Self {
        Self { memory, denials, peer, headers, reserved: None }
    }

    /// From now on the head and so many bytes of the body. Callers that have not proved themselves do not wait for them.
    async fn bytes(&mut self, bytes: usize) -> Result<(), TurnedAway> {
        let (reservation, head) = self.reserved.get_or_insert_with(|| {
            let network = self.denials.stranger(self.peer).map(PeerAddress::network);
            (self.memory.reservation(network), size_of_head(self.headers))
        });
        let bytes = *head + bytes;
        if reservation.resize(bytes) {
            return Ok(());
        }
        if reservation.is_of_unauthenticated() {
            return Err(TurnedAway::NoMemory);
        }
        // A timer is large: most requests need none.
        Box::pin(wait(reservation, bytes)).await
    }
}

async fn wait(reservation: &mut Reservation<'_>, bytes: usize) -> Result<(), TurnedAway> {
    for _ in 0..LOOKS {
        sleep(PAUSE).await;
        if reservation.resize(bytes) {
            return Ok(());
        }
    }
    Err(TurnedAway::NoMemory)
}

fn size_of_head(headers: &HeaderMap) -> usize {
    let texts: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    REQUEST + HEADER * headers.capacity() + texts
}

fn why(error: &dyn Any) -> TurnedAway {
    let is_slow = error.downcast_ref().is_some_and(|error: &BodyError| error.is::<TookTooLong>());
    if is_slow { TurnedAway::TooSlow } else { TurnedAway::CutOff }
}

/// The error of bodies that come from a server of ours.
pub(crate) type BodyError = Box<dyn Error + Send + Sync>;

/// The error of a body for which the server does not wait any longer.
#[derive(Debug)]
pub(crate) struct TookTooLong;

impl fmt::Display for TookTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body took too long")
    }
}

impl Error for TookTooLong {}

/// Twice the limit: some of it may have been read already.
const fn most_to_discard(limit: usize) -> u64 {
    (limit as u64).saturating_mul(2)
}

async fn discard<B: Body>(mut body: Pin<&mut B>, limit: usize) {
    let mut left = most_to_discard(limit);
    while let Some(Ok(frame)) = next(body.as_mut()).await {
        let length = frame.data_ref().map_or(0, Buf::remaining) as u64;
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => break,
        }
    }
}
