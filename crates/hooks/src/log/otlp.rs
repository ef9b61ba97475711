//! Spans for an OpenTelemetry collector.

use std::{fmt, time::Duration};

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{Layer, Registry};

use super::{LogError, TraceSettings};

const LONGEST_FLUSH: Duration = Duration::from_secs(5);

/// Spans are sent in batches, by a thread of its own.
pub(super) struct Exporting(SdkTracerProvider);

/// The provider knows headers, with which it logs in.
impl fmt::Debug for Exporting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporting").finish_non_exhaustive()
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(LONGEST_FLUSH) {
            tracing::warn!(%error, "not all spans could be sent");
        }
    }
}

pub(super) fn layer(
    settings: &TraceSettings,
) -> Result<(impl Layer<Registry> + Send + Sync + use<>, Exporting), LogError> {
    let endpoint = format!("{}/v1/traces", settings.endpoint.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build();
    let exporter = exporter.map_err(|cause| LogError::Endpoint { cause: cause.into() })?;
    let resource = Resource::builder().with_service_name(settings.service.clone()).build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("wcs-hooks"));
    let layer = layer.with_location(false).with_threads(false);
    Ok((layer, Exporting(provider)))
}
