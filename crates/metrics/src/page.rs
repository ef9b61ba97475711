//! The page that Prometheus reads: [`Page`].

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    sync::Arc,
    time::Duration,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text},
    metrics::MetricType,
    registry::Registry,
};

use crate::Histogram;

/// The `Content-Type` of [`Page::to_text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Labels and their values.
pub type Labels<'a> = &'a [(&'static str, &'a str)];

/// What has numbers to show.
///
/// ```
/// use wcs_hooks_metrics::{Page, Source};
///
/// struct Cache {
///     entries: Vec<String>,
/// }
///
/// impl Source for Cache {
///     fn write(&self, page: &mut Page) {
///         page.gauges("cache_entries", "Entries of the cache").add(&[], self.entries.len() as u64);
///     }
/// }
///
/// let page = Page::of([&Cache { entries: Vec::new() } as &dyn Source]);
/// assert_eq!(page.value("cache_entries", &[]), Some(0));
/// ```
pub trait Source: Send + Sync {
    /// Writes the numbers of this moment.
    fn write(&self, page: &mut Page);
}

impl<S: Source + ?Sized> Source for Arc<S> {
    fn write(&self, page: &mut Page) {
        (**self).write(page);
    }
}

/// Metrics of one moment. What is added twice, with the same name and labels, is added up: two backends behind one server
/// share their page.
///
/// ```
/// use wcs_hooks_metrics::Page;
///
/// let mut page = Page::default();
/// page.counters("visits", "Visits since the start").add(&[("door", "front")], 3);
/// assert_eq!(page.value("visits", &[("door", "front")]), Some(3));
/// assert_eq!(page.to_text(), "\
/// ## HELP visits Visits since the start.
/// ## TYPE visits counter
/// visits_total{door=\"front\"} 3
/// ## EOF
/// ".replace("##", "#"));
/// ```
#[derive(Debug, Default, Clone)]
pub struct Page {
    families: BTreeMap<&'static str, Family>,
}

#[derive(Debug, Clone)]
struct Family {
    help: &'static str,
    kind: MetricType,
    samples: BTreeMap<Vec<(&'static str, String)>, Value>,
}

#[derive(Debug, Clone)]
enum Value {
    Counter(u64),
    Gauge(u64),
    Seconds(Duration),
    Histogram { sum: f64, buckets: Vec<(f64, u64)> },
}

impl Page {
    /// The page of these sources.
    pub fn of<'a>(sources: impl IntoIterator<Item = &'a dyn Source>) -> Self {
        let mut page = Self::default();
        for source in sources {
            source.write(&mut page);
        }
        page
    }

    /// Numbers that only go up. `_total` is put behind the name.
    pub fn counters(&mut self, name: &'static str, help: &'static str) -> Counters<'_> {
        Counters(self.family(name, help, MetricType::Counter))
    }

    /// Numbers that go up and down.
    pub fn gauges(&mut self, name: &'static str, help: &'static str) -> Gauges<'_> {
        Gauges(self.family(name, help, MetricType::Gauge))
    }

    /// How many of which size.
    pub fn histograms(&mut self, name: &'static str, help: &'static str) -> Histograms<'_> {
        Histograms(self.family(name, help, MetricType::Histogram))
    }

    fn family(&mut self, name: &'static str, help: &'static str, kind: MetricType) -> &mut Family {
        let empty = || Family { help, kind, samples: BTreeMap::new() };
        self.families.entry(name).or_insert_with(empty)
    }

    /// The value of a metric with these labels, in the order in which they were added; of a histogram, how many values it
    /// has. `None` if it is not on the page.
    #[must_use]
    pub fn value(&self, name: &str, labels: Labels<'_>) -> Option<u64> {
        Some(self.families.get(name)?.samples.get(&owned(labels))?.count())
    }

    /// The sum over all labels of a metric; 0 if it is not on the page.
    #[must_use]
    pub fn sum(&self, name: &str) -> u64 {
        let family = self.families.get(name);
        family.map_or(0, |family| family.samples.values().map(Value::count).sum())
    }

    /// In the OpenMetrics text format, which Prometheus reads as [`CONTENT_TYPE`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(self.clone()));
        let mut out = String::new();
        let written = text::encode(&mut out, &registry);
        debug_assert!(written.is_ok(), "a String takes everything");
        out
    }
}

/// Counters of one name. See [`Page::counters`].
#[derive(Debug)]
pub struct Counters<'a>(&'a mut Family);

/// Gauges of one name. See [`Page::gauges`].
#[derive(Debug)]
pub struct Gauges<'a>(&'a mut Family);

/// Histograms of one name. See [`Page::histograms`].
#[derive(Debug)]
pub struct Histograms<'a>(&'a mut Family);

impl Counters<'_> {
    /// A counter with these labels.
    pub fn add(&mut self, labels: Labels<'_>, value: u64) -> &mut Self {
        self.0.add(labels, Value::Counter(value));
        self
    }
}

impl Gauges<'_> {
    /// A gauge with these labels.
    pub fn add(&mut self, labels: Labels<'_>, value: u64) -> &mut Self {
        self.0.add(labels, Value::Gauge(value));
        self
    }

    /// A time with these labels, in seconds and parts of them. [`Page::value`] has the whole ones.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wcs_hooks_metrics::Page;
    ///
    /// let mut page = Page::default();
    /// page.gauges("lag_seconds", "How late it is").add_seconds(&[], Duration::from_millis(1250));
    /// assert!(page.to_text().contains("\nlag_seconds 1.25\n"));
    /// ```
    pub fn add_seconds(&mut self, labels: Labels<'_>, value: Duration) -> &mut Self {
        self.0.add(labels, Value::Seconds(value));
        self
    }
}

impl Histograms<'_> {
    /// A histogram with these labels.
    pub fn add(&mut self, labels: Labels<'_>, histogram: &Histogram) -> &mut Self {
        let value = Value::Histogram { sum: histogram.sum(), buckets: histogram.buckets() };
        self.0.add(labels, value);
        self
    }
}

impl Family {
    fn add(&mut self, labels: Labels<'_>, value: Value) {
        match self.samples.entry(owned(labels)) {
            Entry::Occupied(before) => before.into_mut().grow(value),
            Entry::Vacant(free) => _ = free.insert(value),
        }
    }
}

fn owned(labels: Labels<'_>) -> Vec<(&'static str, String)> {
    labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

impl Value {
    fn grow(&mut self, other: Self) {
        match (self, other) {
            (Self::Counter(value), Self::Counter(more)) | (Self::Gauge(value), Self::Gauge(more)) => {
                *value += more;
            }
            (Self::Seconds(value), Self::Seconds(more)) => *value = value.saturating_add(more),
            (Self::Histogram { sum, buckets }, Self::Histogram { sum: more, buckets: others }) => {
                *sum += more;
                for ((_, count), (_, more)) in buckets.iter_mut().zip(others) {
                    *count += more;
                }
            }
            _ => debug_assert!(false, "one name for metrics of two kinds"),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Counter(value) | Self::Gauge(value) => *value,
            Self::Seconds(value) => value.as_secs(),
            Self::Histogram { buckets, .. } => buckets.iter().map(|(_, count)| *count).sum(),
        }
    }

    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        match self {
            Self::Counter(value) => encoder.encode_counter::<NoLabelSet, u64, u64>(value, None),
            Self::Gauge(value) => encoder.encode_gauge(value),
            Self::Seconds(value) => encoder.encode_gauge(&value.as_secs_f64()),
            Self::Histogram { sum, buckets } => {
                encoder.encode_histogram::<NoLabelSet>(*sum, self.count(), buckets, None)
            }
        }
    }
}

impl Collector for Page {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, family) in &self.families {
            let help = format!("{}.", family.help);
            let mut metric = encoder.encode_descriptor(name, &help, None, family.kind)?;
            for (labels, value) in &family.samples {
                match labels.as_slice() {
                    [] => value.encode(&mut metric)?,
                    labels => value.encode(&mut metric.encode_family(&labels)?)?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(count: usize) -> Page {
        let histogram = Histogram::of_bytes();
        (0..count).for_each(|_| histogram.record(300_usize));
        let mut page = Page::default();
        page.histograms("sizes_bytes", "Sizes").add(&[("hook", "a\"b")], &histogram);
        page.gauges("open", "Open").add(&[], count as u64);
        page
    }

    #[test]
    fn text_is_what_prometheus_reads() {
        let text = page(2).to_text();
        for line in [
            "# TYPE open gauge",
            "open 2",
            "# TYPE sizes_bytes histogram",
            r#"sizes_bytes_sum{hook="a\"b"} 600.0"#,
            r#"sizes_bytes_bucket{le="256.0",hook="a\"b"} 0"#,
            r#"sizes_bytes_bucket{le="512.0",hook="a\"b"} 2"#,
            r#"sizes_bytes_bucket{le="+Inf",hook="a\"b"} 2"#,
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }
    }

    #[test]
    fn the_same_metric_twice_is_added_up() {
        let sources = [Fixed(page(2)), Fixed(page(3))];
        let both = Page::of(sources.iter().map(|source| source as &dyn Source));
        assert_eq!(both.value("open", &[]), Some(5));
        assert_eq!(both.value("sizes_bytes", &[("hook", "a\"b")]), Some(5));
        assert_eq!((both.sum("open"), both.sum("absent")), (5, 0));
    }

    struct Fixed(Page);

    impl Source for Fixed {
        fn write(&self, page: &mut Page) {
            for (name, family) in &self.0.families {
                let into = page.family(name, family.help, family.kind);
                for (labels, value) in &family.samples {
                    let labels: Vec<_> = labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    into.add(&labels, value.clone());
                }
            }
        }
    }
}
