//! The page on which people chat.

use std::{io, net::SocketAddr};

use axum::{Router, http::header, response::Html, routing::get};
use tokio::net::TcpListener;

const PAGE: &str = include_str!("../web/index.html");

/// It runs its own script only, and talks to WCS only.
const POLICY: &str =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src ws: wss:";

/// Begins to serve it, until the program ends; gives its URL.
pub(crate) async fn serve(address: SocketAddr) -> io::Result<String> {
    let listener = TcpListener::bind(address).await;
    let listener =
        listener.map_err(|error| io::Error::new(error.kind(), format!("--page {address}: {error}")))?;
    let url = format!("http://{}/", listener.local_addr()?);
    let page = get(async || ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE)));
    tokio::spawn(async { axum::serve(listener, Router::new().route("/", page)).await });
    Ok(url)
}
