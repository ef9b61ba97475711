//! The numbers of a server's connections.

use std::time::SystemTime;

use wcs_hooks_metrics::{Page, Source};

use super::{ServerCounts, ServerHandle};

impl ServerHandle {
    /// The numbers of the server's connections and of its backend, as of this moment. What each means is in
    /// `docs/observability.md`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server, ServerSettings};
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// let mut settings = ServerSettings::default();
    /// settings.listen = vec!["127.0.0.1:0".parse()?];
    /// let server = Server::new(backend).settings(settings).bind()?;
    /// let page = server.handle().metrics();
    /// assert_eq!((page.value("wcs_hooks_connections", &[]), page.value("wcs_hooks_in_flight", &[])), (Some(0), Some(0)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn metrics(&self) -> Page {
        Page::of([self as &dyn Source])
    }
}

impl Source for ServerHandle {
    fn write(&self, page: &mut Page) {
        self.backend().write(page);
        let counts = self.counts();
        page.gauges("wcs_hooks_connections", "Connections that are open").add(&[], counts.open as u64);
        page.gauges("wcs_hooks_ready", "Whether hooks may be sent: 1, or 0 when it stops")
            .add(&[], u64::from(self.is_ready()));
        page.counters("wcs_hooks_connections_accepted", "Connections that were accepted")
            .add(&[], counts.accepted);
        page.counters("wcs_hooks_tls_failures", "TLS handshakes that failed or took too long")
            .add(&[], counts.handshake_failures);
        let help = "Times that no connection could be accepted";
        page.counters("wcs_hooks_accept_failures", help).add(&[], counts.accept_failures);
        let help = "Hooks that were cut because the drain took too long";
        page.counters("wcs_hooks_cut", help).add(&[], counts.cut);
        if let Some(expires) = self.certificate_expires() {
            let help = "When the server's certificate expires, in seconds since 1970";
            let since = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            page.gauges("wcs_hooks_certificate_expires_timestamp_seconds", help).add(&[], since.as_secs());
        }
        write_closed(page, &counts);
    }
}

fn write_closed(page: &mut Page, counts: &ServerCounts) {
    let help = "Connections that the server closed, by why";
    page.counters("wcs_hooks_connections_closed", help)
        .add(&[("reason", "too_many_of_address")], counts.too_many_of_address)
        .add(&[("reason", "too_many_unauthenticated")], counts.too_many_unauthenticated)
        .add(&[("reason", "slow_head")], counts.slow_heads)
        .add(&[("reason", "slow_body")], counts.slow_bodies)
        .add(&[("reason", "idle")], counts.idle);
}
