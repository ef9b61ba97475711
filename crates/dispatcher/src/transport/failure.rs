//! What kind of failure an error is, by the types and kinds in its chain of causes.

use std::{error::Error, io};

use hyper_util::client::legacy;

use super::{TransportError, UnknownHost, watched::Unsent};
use crate::{Failure, FailureKind, failure::BoxError};

/// What kind of failure an error is, by the types and kinds in its chain of causes.
pub(crate) fn failure(error: BoxError) -> Failure {
    let (mut kind, mut request_sent) = (FailureKind::Other, true);
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    let mut is_connecting = false;
    while let Some(error) = cause {
        is_connecting |= is_connect(error);
        request_sent &= !is_connecting && !is_unsent(error);
        kind = kind_of(error, is_connecting).unwrap_or(kind);
        cause = inner(error);
    }
    Failure::new(kind, request_sent, Some(error))
}

/// hyper-util's own client may stand in.
fn is_connect(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(TransportError::is_connect)
        || error.downcast_ref().is_some_and(legacy::Error::is_connect)
}

/// The next cause. That of an `io::Error` is the error in it, not that error's own cause.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner as _),
        None => error.source(),
    }
}

fn is_unsent(error: &(dyn Error + 'static)) -> bool {
    let of_hyper = |error: &hyper::Error| error.is_canceled() || error.is_closed();
    error.is::<Unsent>() || error.downcast_ref::<hyper::Error>().is_some_and(of_hyper)
}

/// What one error in the chain tells; later ones tell more.
fn kind_of(error: &(dyn Error + 'static), is_connecting: bool) -> Option<FailureKind> {
    if error.is::<UnknownHost>() {
        return Some(FailureKind::UnknownHost);
    }
    if error.is::<rustls::Error>() {
        return Some(FailureKind::Tls);
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return kind_of_hyper(error);
    }
    kind_of_io(error.downcast_ref::<io::Error>()?.kind(), is_connecting)
}

fn kind_of_hyper(error: &hyper::Error) -> Option<FailureKind> {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Some(FailureKind::ClosedWithoutAnswer);
    }
    error.is_parse().then_some(FailureKind::InvalidAnswer)
}

/// A connection that ends while it is being made ended in the TLS handshake: TCP knows no such end.
fn kind_of_io(kind: io::ErrorKind, is_connecting: bool) -> Option<FailureKind> {
    use io::ErrorKind as Io;
    match kind {
        Io::ConnectionRefused => Some(FailureKind::ConnectionRefused),
        Io::TimedOut => Some(FailureKind::Timeout),
        Io::HostUnreachable | Io::NetworkUnreachable | Io::AddrNotAvailable => Some(FailureKind::Unreachable),
        Io::UnexpectedEof if is_connecting => Some(FailureKind::Tls),
        Io::UnexpectedEof => Some(FailureKind::ClosedWithoutAnswer),
        Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe => Some(FailureKind::Reset),
        _ => None,
    }
}
