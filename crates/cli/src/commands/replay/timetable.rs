//! When each exchange is sent: pure functions of what was recorded.

use std::{str::FromStr, sync::Mutex, time::Duration};

use tokio::sync::watch;

use crate::recording::Place;

/// How much faster than recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Speed {
    Times(f64),
    /// As soon as what had ended before has ended again.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.parse().ok().filter(|times: &f64| (0.001..=1_000_000.0).contains(times));
        times.map(Self::Times).ok_or_else(|| "a number from 0.001 to 1000000, or max".to_owned())
    }
}

/// The order and the times of exchanges.
#[derive(Debug)]
pub(super) struct Timetable {
    rows: Vec<Row>,
}

/// One exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    /// From the start of the replay.
    pub(super) due: Duration,
    /// So many of those that ended first have to have ended: all that had ended before this one began. Thus no more are
    /// under way than were, and a hook never overtakes what it followed.
    pub(super) behind: usize,
    /// Its place among all in the order of their ends.
    pub(super) rank: usize,
}

impl Timetable {
    /// For places in the order of their requests.
    pub(super) fn new(places: &[Place], speed: Speed) -> Self {
        let mut by_end: Vec<usize> = (0..places.len()).collect();
        by_end.sort_by_key(|place| places[*place].end_us);
        let mut ranks = vec![0; places.len()];
        for (rank, place) in by_end.iter().enumerate() {
            ranks[*place] = rank;
        }
        let first = places.first().map_or(0, |place| place.at_us);
        let row = |(&place, rank): (&Place, usize)| Row {
            place,
            due: due(place.at_us - first, speed),
            behind: by_end.partition_point(|other| places[*other].end_us < place.at_us),
            rank,
        };
        Self { rows: places.iter().zip(ranks).map(row).collect() }
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

fn due(at_us: u64, speed: Speed) -> Duration {
    let at = Duration::from_micros(at_us);
    match speed {
        Speed::Max => Duration::ZERO,
        Speed::Times(times) => Duration::try_from_secs_f64(at.as_secs_f64() / times).unwrap_or(Duration::MAX),
    }
}

/// Which exchanges have ended again.
#[derive(Debug)]
pub(super) struct Ended {
    by_rank: Mutex<Vec<bool>>,
    /// How many of those that ended first.
    first: watch::Sender<usize>,
}

impl Ended {
    pub(super) fn new(count: usize) -> Self {
        Self { by_rank: Mutex::new(vec![false; count]), first: watch::Sender::new(0) }
    }

    /// One has ended.
    pub(super) fn add(&self, row: Row) {
        // Nothing panics while it holds the lock.
        let Ok(mut by_rank) = self.by_rank.lock() else { return };
        by_rank[row.rank] = true;
        self.first.send_modify(|first| {
            *first += by_rank[*first..].iter().take_while(|has_ended| **has_ended).count();
        });
    }

    /// Until all have ended that this one has to come behind.
    pub(super) async fn wait(&self, row: Row) {
        // The sender is here.
        let _ = self.first.subscribe().wait_for(|first| *first >= row.behind).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// Places with these times, which must be in order.
    fn places<const N: usize>(times: [(u64, u64); N]) -> [Place; N] {
        times.map(|(at_us, end_us)| Place { at_us, end_us, ..Place::default() })
    }

    fn of<T>(times: &[Place], speed: Speed, what: impl Fn(&Row) -> T) -> Vec<T> {
        Timetable::new(times, speed).rows().iter().map(what).collect()
    }

    #[test]
    fn times_count_from_the_first_and_shrink_with_speed() {
        let places = places([(500, 600), (1500, 1600), (10_500, 10_600)]);
        let micros = |speed| of(&places, speed, |row| row.due.as_micros());
        assert_eq!(micros(Speed::Times(1.0)), [0, 1000, 10_000]);
        assert_eq!(micros(Speed::Times(10.0)), [0, 100, 1000]);
        assert_eq!(micros(Speed::Times(0.5)), [0, 2000, 20_000]);
        assert_eq!(micros(Speed::Max), [0, 0, 0]);
    }

    #[test]
    fn each_comes_behind_what_had_ended_before_it_began() {
        // Two at a time, then one that lasts as long as three others, then none of any length.
        let places = places([(0, 10), (5, 30), (11, 12), (13, 14), (31, 31), (31, 31), (40, 41)]);
        assert_eq!(of(&places, Speed::Max, |row| row.behind), [0, 0, 1, 2, 4, 4, 6]);
        assert_eq!(of(&places, Speed::Max, |row| row.rank), [0, 3, 1, 2, 4, 5, 6]);
    }

    #[test]
    fn nothing_is_a_timetable_too() {
        assert!(Timetable::new(&[], Speed::Max).rows().is_empty());
    }

    #[test]
    fn one_waits_until_all_before_it_have_ended() {
        let places = places([(0, 10), (5, 20), (30, 40)]);
        let timetable = Timetable::new(&places, Speed::Max);
        let [first, second, third] = timetable.rows().try_into().unwrap();
        let ended = Ended::new(3);
        assert!(ended.wait(second).now_or_never().is_some());
        ended.add(second);
        assert!(ended.wait(third).now_or_never().is_none());
        ended.add(first);
        assert!(ended.wait(third).now_or_never().is_some());
    }

    #[test]
    fn speeds() {
        for (text, speed) in
            [("1", Some(Speed::Times(1.0))), ("0.5", Some(Speed::Times(0.5))), ("max", Some(Speed::Max))]
        {
            assert_eq!(text.parse().ok(), speed);
        }
        for text in ["0", "-1", "NaN", "inf", "fast", ""] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }
}
