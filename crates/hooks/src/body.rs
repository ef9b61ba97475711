//! Reading a request's body, up to a limit.

use std::{
    any::Any,
    error::Error,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;

use crate::reply::TurnedAway;

/// The whole body. One that is too long is taken to its end too, unless that is far: a caller that is cut off while it
/// writes may not hear why. A proxy makes a 502 of it, and WCS calls again.
pub(crate) async fn read<B: Body<Error: 'static>>(body: B, limit: usize) -> Result<Bytes, TurnedAway> {
    let mut body = pin!(body);
    let read = collect(body.as_mut(), limit).await;
    if matches!(read, Err(TurnedAway::TooLong)) && body.size_hint().lower() <= most_to_discard(limit) {
        discard(body, limit).await;
    }
    read
}

/// A body in a piece is not copied.
async fn collect<B: Body<Error: 'static>>(mut body: Pin<&mut B>, limit: usize) -> Result<Bytes, TurnedAway> {
    if body.size_hint().lower() > limit as u64 {
        return Err(TurnedAway::TooLong);
    }
    let mut whole = Bytes::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| why(&error))?;
        let Ok(mut data) = frame.into_data() else { continue };
        if whole.len() + data.remaining() > limit {
            return Err(TurnedAway::TooLong);
        }
        let piece = data.copy_to_bytes(data.remaining());
        whole = if whole.is_empty() { piece } else { joined(whole, &piece) };
    }
    Ok(whole)
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
    while let Some(Ok(frame)) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let length = frame.data_ref().map_or(0, Buf::remaining) as u64;
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => break,
        }
    }
}

/// Grows in place: the buffer is ours alone from the second piece on.
fn joined(whole: Bytes, piece: &[u8]) -> Bytes {
    let mut whole = BytesMut::from(whole);
    whole.extend_from_slice(piece);
    whole.freeze()
}
