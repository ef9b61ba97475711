//! Counters in rows and columns: [`Grid`].

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

/// Counters at places that are known beforehand, such as a hook's row and a result's column. Counting is one atomic addition.
///
/// ```
/// use wcs_hooks_metrics::Grid;
///
/// let grid = Grid::<2>::new(3);
/// grid.add(2, 0);
/// assert_eq!(grid.get(2, 0), 1);
/// assert_eq!(grid.rows_in_use().collect::<Vec<_>>(), [(2, [1, 0])]);
/// ```
pub struct Grid<const COLUMNS: usize> {
    rows: Box<[[AtomicU64; COLUMNS]]>,
}

impl<const COLUMNS: usize> Grid<COLUMNS> {
    /// A grid of zeros.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows: (0..rows).map(|_| std::array::from_fn(|_| AtomicU64::new(0))).collect() }
    }

    /// One more at a place.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn add(&self, row: usize, column: usize) {
        self.rows[row][column].fetch_add(1, Ordering::Relaxed);
    }

    /// The count at a place.
    ///
    /// # Panics
    /// If there is no such place.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> u64 {
        self.rows[row][column].load(Ordering::Relaxed)
    }

    /// The rows that are not all zeros, with their numbers. Of these, zeros are shown too: Prometheus sees no growth in
    /// what was not there before.
    pub fn rows_in_use(&self) -> impl Iterator<Item = (usize, [u64; COLUMNS])> {
        let counts = |row: &[AtomicU64; COLUMNS]| row.each_ref().map(|count| count.load(Ordering::Relaxed));
        let rows = self.rows.iter().map(counts).enumerate();
        rows.filter(|(_, counts)| counts.iter().any(|count| *count > 0))
    }
}

impl<const COLUMNS: usize> fmt::Debug for Grid<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.rows_in_use()).finish()
    }
}
