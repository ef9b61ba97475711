//! Browsers, as far as their WebSockets go, through the simulator to a backend, and back by the REST API.

mod client;
mod commands;
mod rooms;
mod storms;

use axum::Router;
use tokio::net::TcpListener;

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn serve(listener: TcpListener, router: Router) {
    axum::serve(listener, router).await.unwrap();
}
