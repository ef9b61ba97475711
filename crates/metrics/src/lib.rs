//! Numbers that are counted while hooks are answered or sent, and the page of them that Prometheus reads.
//!
//! Counting is an atomic addition at a place that is known beforehand; names and labels come in when a [`Page`] is
//! written.
//!
//! ```
//! use std::time::Duration;
//! use wcs_hooks_metrics::{Histogram, Page};
//!
//! let durations = Histogram::of_seconds();
//! durations.record(Duration::from_millis(3));
//!
//! let mut page = Page::default();
//! page.histograms("lookup_seconds", "Time of a look-up").add(&[("table", "users")], &durations);
//! assert!(page.to_text().contains("lookup_seconds_count{table=\"users\"} 1\n"));
//! ```

mod gauge;
mod grid;
mod histogram;
mod page;

pub use gauge::{Entered, Gauge};
pub use grid::Grid;
pub use histogram::{Histogram, Measure};
pub use page::{CONTENT_TYPE, Counters, Gauges, Histograms, Labels, Page, Source};
