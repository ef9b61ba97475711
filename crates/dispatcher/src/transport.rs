//! The way to a backend over the network: [`HttpTransport`]. The only file that knows the HTTP client.

use std::{
    error::Error,
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    rt::{Read, ReadBufCursor, Write},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self, Client, ResponseFuture,
        connect::{Connected, Connection, HttpConnector, dns::GaiResolver},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};
use tower::{
    Service, ServiceExt,
    util::{MapErr, MapResponse},
};

use crate::{Failure, FailureKind, failure::BoxError};

/// How long a connection is kept for another request.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

type Resolver = MapErr<GaiResolver, fn(io::Error) -> UnknownHost>;
type Https = HttpsConnector<HttpConnector<Resolver>>;
type Stream = <Https as Service<Uri>>::Response;
type Connector = MapResponse<Https, fn(Stream) -> Watched<Stream>>;

/// HTTP/1.1 over TCP or TLS, with connections kept for later requests. Cheap to clone: clones share their connections.
///
/// Redirects are not followed, and there is no retrying in here: the dispatcher counts every attempt. Idle connections
/// are closed after 60 seconds.
///
/// ```
/// use wcs_hooks_dispatcher::{Dispatcher, HttpTransport, Settings};
///
/// let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::new()?);
/// # Ok::<(), wcs_hooks_dispatcher::TlsError>(())
/// ```
#[derive(Clone)]
pub struct HttpTransport {
    client: Arc<Client<Connector, Full<Bytes>>>,
}

impl HttpTransport {
    /// A transport that trusts the certificates that the system trusts.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new() -> Result<Self, TlsError> {
        Self::with_tls(Tls::default())
    }

    /// A transport with TLS of one's own.
    ///
    /// # Errors
    /// If a certificate or key cannot be used.
    pub fn with_tls(tls: Tls) -> Result<Self, TlsError> {
        let tls = tls.into_config()?;
        let mut tcp =
            HttpConnector::new_with_resolver(GaiResolver::new().map_err(UnknownHost as fn(io::Error) -> _));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let connector = https.map_response(Watched::new as fn(Stream) -> _);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self { client: Arc::new(client) })
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}

impl Service<Request<Full<Bytes>>> for HttpTransport {
    type Response = Response<Incoming>;
    type Error = legacy::Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> ResponseFuture {
        self.client.request(request)
    }
}

/// Whom the transport trusts, and how it shows who it is.
///
/// ```no_run
/// use wcs_hooks_dispatcher::{HttpTransport, Tls};
///
/// let tls = Tls::trusting(&std::fs::read("ca.pem")?)?
///     .with_client_certificate(&std::fs::read("client.pem")?, &std::fs::read("client.key")?)?;
/// let transport = HttpTransport::with_tls(tls)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Tls {
    /// `None` is what the system trusts.
    roots: Option<RootCertStore>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Tls {
    /// Trusts these certificates, in PEM, and no others.
    ///
    /// # Errors
    /// If there are none, or one cannot be read.
    pub fn trusting(ca_pem: &[u8]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca_pem)? {
            roots.add(certificate).map_err(TlsProblem::Rustls)?;
        }
        Ok(Self { roots: Some(roots), identity: None })
    }

    /// Shows the server this certificate, given in PEM with its chain behind it and its key.
    ///
    /// ```no_run
    /// use wcs_hooks_dispatcher::{HttpTransport, Tls};
    ///
    /// let tls = Tls::trusting(&std::fs::read("ca.pem")?)?;
    /// let tls = tls.with_client_certificate(&std::fs::read("client.pem")?, &std::fs::read("client.key")?)?;
    /// let transport = HttpTransport::with_tls(tls)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If one of the two cannot be read.
    pub fn with_client_certificate(mut self, chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(TlsProblem::Pem)?;
        self.identity = Some((certificates(chain_pem)?, key));
        Ok(self)
    }

    fn into_config(self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsProblem::Rustls)?
            .with_root_certificates(self.roots.unwrap_or_else(system_roots));
        match self.identity {
            Some((chain, key)) => {
                Ok(builder.with_client_auth_cert(chain, key).map_err(TlsProblem::Rustls)?)
            }
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

/// What the system trusts. Where that is nothing, as in a bare container, plain HTTP still works.
fn system_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!("the system trusts no certificate, so https backends cannot be reached");
    }
    roots
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates =
        CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(TlsProblem::Pem)?;
    if certificates.is_empty() {
        return Err(TlsProblem::Pem(pem::Error::NoItemsFound).into());
    }
    Ok(certificates)
}

/// A certificate or key cannot be used.
///
/// ```
/// use wcs_hooks_dispatcher::Tls;
///
/// assert!(Tls::trusting(b"no certificate").is_err());
/// ```
#[derive(Debug)]
pub struct TlsError(TlsProblem);

#[derive(Debug)]
enum TlsProblem {
    Pem(pem::Error),
    Rustls(rustls::Error),
}

impl From<TlsProblem> for TlsError {
    fn from(problem: TlsProblem) -> Self {
        Self(problem)
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            TlsProblem::Pem(error) => write!(f, "cannot read a certificate or key in PEM: {error}"),
            TlsProblem::Rustls(error) => write!(f, "cannot use a certificate or key: {error}"),
        }
    }
}

impl Error for TlsError {}

/// The name of a host could not be resolved.
#[derive(Debug)]
struct UnknownHost(io::Error);

impl fmt::Display for UnknownHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for UnknownHost {}

/// A connection failed while part of a request was still to be written.
#[derive(Debug)]
struct Unsent(io::Error);

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Unsent {}

/// A connection that marks its errors as [`Unsent`] while it has not taken all that was to be written.
struct Watched<S> {
    stream: S,
    is_writing: bool,
}

impl<S> Watched<S> {
    fn new(stream: S) -> Self {
        Self { stream, is_writing: false }
    }

    fn marked<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(
            |error| {
                if self.is_writing { io::Error::new(error.kind(), Unsent(error)) } else { error }
            },
        )
    }
}

impl<S: Read + Unpin> Read for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        Poll::Ready(self.marked(result))
    }
}

impl<S: Write + Unpin> Write for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, buf));
        self.is_writing = !matches!(result, Ok(written) if written == buf.len());
        Poll::Ready(self.marked(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        self.is_writing |= result.is_err();
        Poll::Ready(self.marked(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        let wanted: usize = bufs.iter().map(|buf| buf.len()).sum();
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs));
        self.is_writing = !matches!(result, Ok(written) if written == wanted);
        Poll::Ready(self.marked(result))
    }
}

impl<S: Connection> Connection for Watched<S> {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

/// What kind of failure an error is, by the types and kinds in its chain of causes.
pub(crate) fn failure(error: BoxError) -> Failure {
    let (mut kind, mut request_sent) = (FailureKind::Other, true);
    let mut cause: Option<&(dyn Error + 'static)> = Some(&*error);
    let mut is_connecting = false;
    while let Some(error) = cause {
        is_connecting |= error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect);
        request_sent &= !is_connecting && !is_unsent(error);
        kind = kind_of(error, is_connecting).unwrap_or(kind);
        cause = inner(error);
    }
    Failure::new(kind, request_sent, Some(error))
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
