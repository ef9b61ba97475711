//! The client: [`RestClient`].

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use wcs_hooks_protocol::HookContext;

use crate::{
    Error, Node, RestClientBuilder, Session,
    address::{self, Address, Credentials},
    turns::Turns,
};

/// A client of the REST API of any number of WCS servers. Cheap to clone: clones share connections and limits.
///
/// Redirects are not followed, proxies are not used, and nothing is sent twice.
///
/// ```
/// use wcs_hooks_rest_client::RestClient;
///
/// let wcs = RestClient::builder().build()?;
/// let node = wcs.node("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101")?;
/// assert_eq!(node.url(), "http://192.168.1.101:8081/rest-api");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RestClient {
    pub(crate) shared: Arc<Shared>,
}

/// What all clones have in common.
pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) turns: Turns,
    pub(crate) limits: Limits,
    credentials: Option<Credentials>,
    scheme: &'static str,
    port: u16,
    nodes: BTreeMap<String, Address>,
    only_mapped_nodes: bool,
}

/// What bounds a client.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) concurrency: usize,
    pub(crate) concurrency_per_node: usize,
    pub(crate) max_answer_bytes: usize,
    pub(crate) sessions_per_command: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            concurrency: 256,
            concurrency_per_node: 32,
            max_answer_bytes: 16 << 20,
            sessions_per_command: 100,
        }
    }
}

impl RestClient {
    /// A client to be put together.
    pub fn builder() -> RestClientBuilder {
        RestClientBuilder::default()
    }

    pub(crate) fn new(
        builder: RestClientBuilder,
        nodes: BTreeMap<String, Address>,
        http: reqwest::Client,
    ) -> Self {
        let default_port = if builder.scheme == "https" { 8444 } else { 8081 };
        Self {
            shared: Arc::new(Shared {
                http,
                turns: Turns::new(&builder.limits),
                limits: builder.limits,
                credentials: builder.credentials,
                scheme: builder.scheme,
                port: builder.port.unwrap_or(default_port),
                nodes,
                only_mapped_nodes: builder.only_mapped_nodes,
            }),
        }
    }

    /// The node of a `nodeId`: at the URL that it or its address is mapped to by [`RestClientBuilder::node`], else at the
    /// address behind its last `@`. Nothing is sent yet.
    ///
    /// # Errors
    /// If it is not mapped, and either has no address or only mapped nodes may be asked.
    pub fn node(&self, node_id: &str) -> Result<Node, Error> {
        let address = self.address(node_id).map_err(|problem| Error::node_id(node_id, problem))?;
        Ok(Node::new(self.clone(), self.with_credentials(address), Some(node_id.to_owned())))
    }

    fn address(&self, node_id: &str) -> Result<Address, String> {
        let Shared { nodes, scheme, port, only_mapped_nodes, .. } = &*self.shared;
        let by_host = || nodes.get(address::host(node_id)?);
        match nodes.get(node_id).or_else(by_host) {
            Some(address) => Ok(address.clone()),
            None if *only_mapped_nodes => {
                Err("only nodes that RestClientBuilder::node names may be asked, and this is none".to_owned())
            }
            None => Address::of_node_id(node_id, scheme, *port),
        }
    }

    /// The node at a URL such as `http://10.0.0.5:8081`, which gets `/rest-api` if it has no path. Credentials in it
    /// count instead of [the client's](RestClientBuilder::credentials).
    ///
    /// ```
    /// # use wcs_hooks_rest_client::RestClient;
    /// let node = RestClient::builder().build()?.node_at("http://me:secret@10.0.0.5:8081")?;
    /// assert_eq!(node.url(), "http://10.0.0.5:8081/rest-api");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If it is no URL of HTTP, or has parameters.
    pub fn node_at(&self, url: &str) -> Result<Node, Error> {
        let address = Address::of_url(url).map_err(|problem| Error::url(url, problem))?;
        Ok(Node::new(self.clone(), self.with_credentials(address), None))
    }

    fn with_credentials(&self, mut address: Address) -> Address {
        address.credentials = address.credentials.or_else(|| self.shared.credentials.clone());
        address
    }

    /// The session that a hook is about, to answer it back. A handler's `Context` of `wcs-hooks` can be given as it is.
    ///
    /// ```no_run
    /// # use wcs_hooks_rest_client::RestClient;
    /// use wcs_hooks_protocol::HookContext;
    ///
    /// # async fn example(wcs: RestClient, ctx: HookContext) -> Result<(), wcs_hooks_rest_client::Error> {
    /// wcs.session(&ctx)?.send_data("1", &"welcome").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`RestClient::node`].
    pub fn session(&self, context: &HookContext) -> Result<Session, Error> {
        Ok(Session::new(self.node(&context.node_id)?, context.session_id.clone()))
    }
}

/// Without credentials.
impl fmt::Debug for RestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestClient").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
