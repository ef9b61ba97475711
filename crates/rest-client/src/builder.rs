//! How a client is put together: [`RestClientBuilder`].

use std::{collections::BTreeMap, error, fmt, time::Duration};

use reqwest::{Certificate, ClientBuilder, redirect};
use tokio::sync::Semaphore;
use wcs_hooks_protocol::{Secret, redact};

use crate::{
    RestClient,
    address::{Address, Credentials},
    client::Limits,
};

/// How long a connection is kept for another command. Shorter than what servers keep, so that a command is not sent into
/// one that is being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a [`RestClient`] is made of. Made by [`RestClient::builder`].
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks_rest_client::RestClient;
///
/// let wcs = RestClient::builder()
///     .credentials("rest", "the password")
///     .timeout(Duration::from_secs(3))
///     .node("192.168.1.101", "http://10.0.0.5:8081")
///     .build()?;
/// # Ok::<(), wcs_hooks_rest_client::BuildError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct RestClientBuilder {
    pub(crate) scheme: &'static str,
    pub(crate) port: Option<u16>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) limits: Limits,
    pub(crate) only_mapped_nodes: bool,
    nodes: Vec<(String, String)>,
    extra_ca: Vec<Vec<u8>>,
}

impl Default for RestClientBuilder {
    fn default() -> Self {
        Self {
            scheme: "http",
            port: None,
            credentials: None,
            limits: Limits::default(),
            only_mapped_nodes: false,
            nodes: Vec::new(),
            extra_ca: Vec::new(),
        }
    }
}

impl RestClientBuilder {
    /// Asks nodes over TLS. Its port is 8444 unless [`RestClientBuilder::port`] says otherwise; without this, plain HTTP at
    /// 8081. Spec §10.
    pub fn https(mut self) -> Self {
        self.scheme = "https";
        self
    }

    /// The port of nodes that are found by their `nodeId`. By default 8081, and 8444 over TLS; older builds of WCS had 9091
    /// and 8888.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// User and password for Basic authentication, which WCS asks for unless `disable_rest_auth` is set. None by default.
    ///
    /// They are sent to whatever address a `nodeId` names: see [`RestClientBuilder::only_mapped_nodes`].
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.credentials = Some(Credentials { user: user.into(), password: password.into() });
        self
    }

    /// How long a command may take, from the call to the last byte of the answer. 5 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// How long connecting may take, a part of [`RestClientBuilder::timeout`]. 2 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.limits.connect_timeout = timeout;
        self
    }

    /// How many commands may be under way at once, over all nodes; more wait for their turn, which counts as a part of
    /// [`RestClientBuilder::timeout`]. 256 by default, and at least 1.
    pub fn concurrency(mut self, commands: usize) -> Self {
        self.limits.concurrency = commands.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// [`RestClientBuilder::concurrency`] of one node, so that a node that does not answer holds up only its own. 32 by
    /// default, and at least 1.
    pub fn concurrency_per_node(mut self, commands: usize) -> Self {
        self.limits.concurrency_per_node = commands.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The most bytes that an answer may have. 16 MiB by default: a stream in the answer to `find_all` has about 1 KiB.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_answer_bytes = bytes;
        self
    }

    /// How many sessions [`RestClient::send_to_all`] puts into one command, which builds of WCS that know `sessionIds` take.
    /// 100 by default, and at least 1; with 1, every session has a command of its own, which all builds take.
    pub fn sessions_per_command(mut self, sessions: usize) -> Self {
        self.limits.sessions_per_command = sessions.max(1);
        self
    }

    /// The URL at which a node is asked, by its `nodeId` or by the address in it: for servers behind NAT, and for those
    /// whose `nodeId` has no address. A URL without a path gets `/rest-api`. Hooks of WCS 4 may have no `nodeId`: map `""`.
    ///
    /// ```
    /// # use wcs_hooks_rest_client::RestClient;
    /// let wcs = RestClient::builder().node("192.168.1.101", "https://wcs-1.example.com:8444").build()?;
    /// let node = wcs.node("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101")?;
    /// assert_eq!(node.url(), "https://wcs-1.example.com:8444/rest-api");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn node(mut self, node: impl Into<String>, url: impl Into<String>) -> Self {
        self.nodes.push((node.into(), url.into()));
        self
    }

    /// Asks only nodes that were named by [`RestClientBuilder::node`]. Whoever can call the backend chooses the `nodeId`: set
    /// this if hooks are neither signed nor otherwise authenticated, so that nobody chooses whom the backend calls.
    pub fn only_mapped_nodes(mut self) -> Self {
        self.only_mapped_nodes = true;
        self
    }

    /// Trusts these certificates too, in PEM, beside those that the system trusts.
    pub fn extra_ca(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.extra_ca.push(pem.into());
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// If a URL of [`RestClientBuilder::node`] or a certificate cannot be read, or TLS cannot be set up.
    pub fn build(self) -> Result<RestClient, BuildError> {
        let nodes = self.nodes.iter().map(mapped).collect::<Result<BTreeMap<_, _>, _>>()?;
        let http = self.http()?;
        Ok(RestClient::new(self, nodes, http))
    }

    fn http(&self) -> Result<reqwest::Client, BuildError> {
        let mut authorities = Vec::new();
        for pem in &self.extra_ca {
            let found = Certificate::from_pem_bundle(pem).map_err(|error| BuildError::certificate(&error))?;
            if found.is_empty() {
                return Err(BuildError("extra_ca: there is no certificate in PEM in it".to_owned()));
            }
            authorities.extend(found);
        }
        let trusting_the_system = self.plain_http().tls_certs_merge(authorities.iter().cloned()).build();
        trusting_the_system.or_else(|error| self.trusting_only(authorities, &error))
    }

    /// In a bare container the system trusts nothing. Plain HTTP and authorities of one's own work all the same.
    fn trusting_only(
        &self,
        authorities: Vec<Certificate>,
        system: &reqwest::Error,
    ) -> Result<reqwest::Client, BuildError> {
        let http = self.plain_http().tls_certs_only(authorities).build();
        let http = http.map_err(|error| BuildError::certificate(&error))?;
        tracing::warn!(
            error = crate::error::causes(system),
            "what the system trusts cannot be used for https"
        );
        Ok(http)
    }

    fn plain_http(&self) -> ClientBuilder {
        reqwest::Client::builder()
            .user_agent(concat!("wcs-hooks/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(self.limits.connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(self.limits.concurrency_per_node)
    }
}

fn mapped((node, url): &(String, String)) -> Result<(String, Address), BuildError> {
    match Address::of_url(url) {
        Ok(address) => Ok((node.clone(), address)),
        Err(problem) => Err(BuildError(format!("node {node:?}: {:?}: {problem}", redact::url(url)))),
    }
}

/// Without credentials.
impl fmt::Debug for RestClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestClientBuilder")
            .field("scheme", &self.scheme)
            .field("port", &self.port)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A client cannot be made of what was set.
///
/// ```
/// use wcs_hooks_rest_client::RestClient;
///
/// let error = RestClient::builder().node("10.0.0.1", "localhost").build().unwrap_err();
/// assert!(error.to_string().starts_with(r#"node "10.0.0.1": "localhost": not a URL"#));
/// ```
#[derive(Debug)]
pub struct BuildError(String);

impl BuildError {
    fn certificate(error: &reqwest::Error) -> Self {
        Self(format!("extra_ca: a certificate cannot be used: {}", crate::error::causes(error)))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for BuildError {}

#[cfg(test)]
mod tests;
