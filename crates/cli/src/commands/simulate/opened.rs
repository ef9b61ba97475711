//! The ports: bound first, so that their addresses are known, and served when everything else stands.

use std::{error::Error, io, net::SocketAddr, sync::Arc};

use axum::Router;
use rustls::ServerConfig;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use wcs_hooks_dispatcher::Secret;
use wcs_hooks_simulator::Gateway;

use crate::output::{BOLD, Output};

/// Ports that nobody serves yet.
pub(super) struct Opened {
    ws: Port,
    tls: Option<(Port, Arc<ServerConfig>)>,
    rest: Port,
}

struct Port {
    listener: TcpListener,
    address: SocketAddr,
}

impl Port {
    async fn open(address: &str) -> Result<Self, Box<dyn Error>> {
        let in_use = |error: io::Error| format!("cannot listen on {address}: {error}");
        let listener = TcpListener::bind(address).await.map_err(in_use)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }
}

impl Opened {
    /// Binds the addresses.
    ///
    /// # Errors
    /// If one is no address or is taken.
    pub(super) async fn open(
        ws: &str,
        tls: Option<(&str, Arc<ServerConfig>)>,
        rest: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let tls = match tls {
            Some((address, config)) => Some((Port::open(address).await?, config)),
            None => None,
        };
        Ok(Self { ws: Port::open(ws).await?, tls, rest: Port::open(rest).await? })
    }

    /// Where the REST API will be.
    pub(super) fn rest_url(&self) -> String {
        format!("http://{}", self.rest.address)
    }

    /// Whether it is reached from other machines too.
    pub(super) fn is_rest_reached_by_others(&self) -> bool {
        !self.rest.address.ip().is_loopback()
    }

    /// Says what will be where. Programs read the first line.
    pub(super) fn announce(&self, has_page: bool, output: &Output) -> io::Result<()> {
        let ws = format!("ws://{}", self.ws.address);
        let wss = self.tls.as_ref().map(|(port, _)| format!("wss://{}", port.address));
        let page = has_page.then(|| format!("http://{}/demo/", self.ws.address));
        for url in [Some(&ws), wss.as_ref()].into_iter().flatten() {
            output.line(format_args!("listening on {url}"))?;
        }
        output.line(format_args!("REST API on {}", self.rest_url()))?;
        if let Some(page) = &page {
            output.line(format_args!("open {BOLD}{page}{BOLD:#} in a browser; ctrl-c ends it"))?;
        }
        output.object(&json!({ "listening": ws, "tls": wss, "rest": self.rest_url(), "page": page }))
    }

    /// Serves all of them, and a page before the gateway if there is one.
    pub(super) fn serve(
        self,
        gateway: &Gateway,
        page: Option<Router>,
        rest: Option<(String, Secret)>,
    ) -> Serving {
        let mut api = gateway.rest_api().with_control();
        if let Some((user, password)) = rest {
            api = api.credentials(&user, &password);
        }
        let ws = match page {
            Some(page) => page.fallback_service(gateway.router()),
            None => gateway.router(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async { axum::serve(self.ws.listener, ws).await });
        tasks.spawn(async { axum::serve(self.rest.listener, api.into_router()).await });
        if let Some((port, config)) = self.tls {
            let gateway = gateway.clone();
            tasks.spawn(async move { gateway.serve_tls(port.listener, config).await });
        }
        Serving { tasks }
    }
}

/// Ends when it is dropped.
pub(super) struct Serving {
    tasks: JoinSet<io::Result<()>>,
}

impl Serving {
    /// Waits until one of the ports is not served any more, which should not happen.
    pub(super) async fn failed(&mut self) -> Box<dyn Error> {
        match self.tasks.join_next().await {
            Some(Ok(Err(error))) => error.into(),
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => "a port is not served any more".into(),
        }
    }
}
