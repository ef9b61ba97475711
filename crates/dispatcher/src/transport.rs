//! The way to a backend over the network: [`HttpTransport`]. The only module that knows the HTTP client.

use std::{
    error::Error,
    fmt, io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, Uri,
    header::HOST,
    uri::{Authority, Scheme},
};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{HttpConnector, dns::GaiResolver};
use tower::{Service, ServiceExt, util::MapErr};

mod error;
mod failure;
mod pool;
mod tls;
mod watched;

pub use error::TransportError;
pub(crate) use failure::failure;
pub use tls::{Tls, TlsError};

use error::Phase;
use pool::{Pool, Sender};
use watched::Watched;

/// Where connections go.
type Origin = (Scheme, Authority);
type Resolver = MapErr<GaiResolver, fn(io::Error) -> UnknownHost>;

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
    client: Arc<Client>,
}

struct Client {
    connector: HttpsConnector<HttpConnector<Resolver>>,
    pool: Arc<Pool>,
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
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { client: Arc::new(Client { connector, pool: Arc::default() }) })
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}

impl Service<Request<Full<Bytes>>> for HttpTransport {
    type Response = Response<Incoming>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Full<Bytes>>) -> Self::Future {
        let client = Arc::clone(&self.client);
        Box::pin(async move {
            let host = client.pool.host(aim(&mut request)?);
            let mut sender = match host.take() {
                Some(sender) => sender,
                None => Box::pin(client.connect(host.origin())).await?,
            };
            let response = sender.try_send_request(request).await.map_err(TransportError::unanswered)?;
            host.keep(sender);
            Ok(response)
        })
    }
}

impl Client {
    async fn connect(&self, (scheme, authority): &Origin) -> Result<Sender, TransportError> {
        let connecting = |error| TransportError::new(Phase::Connect, error);
        let uri = Uri::builder().scheme(scheme.clone()).authority(authority.clone()).path_and_query("/");
        let uri = uri.build().map_err(|error| connecting(error.into()))?;
        let stream = self.connector.clone().oneshot(uri).await.map_err(connecting)?;
        let sending = |error: hyper::Error| TransportError::new(Phase::SendRequest, error.into());
        let (mut sender, connection) = http1::handshake(Watched::new(stream)).await.map_err(sending)?;
        let connection = tokio::spawn(async {
            let ended = connection.await;
            if let Err(error) = &ended {
                tracing::debug!(%error, "connection ended");
            }
            ended
        });
        if let Err(closed) = sender.ready().await {
            // The connection knows why.
            return Err(sending(connection.await.ok().and_then(Result::err).unwrap_or(closed)));
        }
        self.pool.sweep();
        Ok(sender)
    }
}

/// Takes out of a request where its connection goes to, which leaves what stands in its first line.
fn aim(request: &mut Request<Full<Bytes>>) -> Result<Origin, TransportError> {
    let uri = mem::take(request.uri_mut()).into_parts();
    let (Some(scheme), Some(authority)) = (uri.scheme, uri.authority) else {
        return Err(TransportError::new(Phase::Connect, "the URL has no scheme or no host".into()));
    };
    if let Some(path) = uri.path_and_query {
        *request.uri_mut() = path.into();
    }
    if !request.headers().contains_key(HOST)
        && let Ok(host) = HeaderValue::try_from(in_header(&scheme, &authority))
    {
        request.headers_mut().insert(HOST, host);
    }
    Ok((scheme, authority))
}

/// As it stands in `Host`: without the scheme's own port, and without a user and password.
fn in_header<'a>(scheme: &Scheme, authority: &'a Authority) -> &'a str {
    let usual = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let text = authority.as_str();
    match authority.port_u16() {
        Some(port) if port != usual => text.rsplit_once('@').map_or(text, |(_, host)| host),
        _ => authority.host(),
    }
}

/// The name of a host could not be resolved.
#[derive(Debug)]
struct UnknownHost(io::Error);

impl fmt::Display for UnknownHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for UnknownHost {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_aimed_at_its_url() {
        for (url, origin, host, path) in [
            ("http://h", "http://h", "h", "/"),
            ("http://h:80/a?b", "http://h:80", "h", "/a?b"),
            ("http://h:443/", "http://h:443", "h:443", "/"),
            ("https://[::1]:443/a", "https://[::1]:443", "[::1]", "/a"),
            ("https://h:8081/a", "https://h:8081", "h:8081", "/a"),
            ("http://u:p@h:8081/a", "http://u:p@h:8081", "h:8081", "/a"),
        ] {
            let mut request = Request::post(url).body(Full::default()).unwrap();
            let (scheme, authority) = aim(&mut request).unwrap();
            assert_eq!(format!("{scheme}://{authority}"), origin);
            assert_eq!(
                (request.headers()[HOST].as_bytes(), &*request.uri().to_string()),
                (host.as_bytes(), path)
            );
        }
    }

    #[test]
    fn a_host_that_was_given_stays() {
        let mut request = Request::post("http://h/a").header(HOST, "other").body(Full::default()).unwrap();
        aim(&mut request).unwrap();
        assert_eq!(request.headers()[HOST], "other");
    }

    #[test]
    fn a_path_is_no_aim() {
        let mut request = Request::post("/a").body(Full::default()).unwrap();
        assert!(aim(&mut request).unwrap_err().is_connect());
    }
}
