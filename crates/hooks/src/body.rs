//! Reading a request's body, up to a limit.

use std::{future::poll_fn, pin::pin};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;

use crate::reply::TurnedAway;

/// The whole body. One that comes in a piece is not copied.
pub(crate) async fn read<B: Body>(body: B, limit: usize) -> Result<Bytes, TurnedAway> {
    if body.size_hint().lower() > limit as u64 {
        return Err(TurnedAway::TooLong);
    }
    let mut body = pin!(body);
    let mut whole = Bytes::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|_| TurnedAway::CutOff)?;
        let Ok(mut data) = frame.into_data() else { continue };
        if whole.len() + data.remaining() > limit {
            return Err(TurnedAway::TooLong);
        }
        let piece = data.copy_to_bytes(data.remaining());
        whole = if whole.is_empty() { piece } else { joined(whole, &piece) };
    }
    Ok(whole)
}

/// Grows in place: the buffer is ours alone from the second piece on.
fn joined(whole: Bytes, piece: &[u8]) -> Bytes {
    let mut whole = BytesMut::from(whole);
    whole.extend_from_slice(piece);
    whole.freeze()
}
