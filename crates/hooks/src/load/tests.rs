use std::{sync::Arc, time::Duration};

use tokio::{task::yield_now, time::Instant};

use super::*;

fn load(hooks: usize, hooks_per_app: usize, waiting_events: usize) -> Load {
    Load::new(2, &Limits { hooks, hooks_per_app, waiting_events, ..Limits::default() })
}

fn soon() -> Deadline {
    Deadline::new(Duration::from_secs(1))
}

#[test]
fn places_are_limited_for_all_and_for_each_app() {
    for (hooks, hooks_per_app, expected) in [(3, 9, [3, 0]), (3, 3, [3, 0]), (3, 2, [2, 1]), (9, 2, [2, 2])] {
        let load = load(hooks, hooks_per_app, 0);
        let taken = [0, 1].map(|app| (0..10).map_while(|_| load.enter(app)).collect::<Vec<_>>());
        assert_eq!([taken[0].len(), taken[1].len()], expected, "{hooks} {hooks_per_app}");
        assert_eq!(load.in_flight(), expected.iter().sum::<usize>());
        drop(taken);
        assert_eq!(load.in_flight(), 0);
    }
}

#[test]
fn a_place_of_an_app_is_given_back_if_there_is_none_of_all() {
    let load = load(3, 2, 0);
    let mut taken = [0, 0, 1].map(|app| load.enter(app));
    assert!(taken.iter().all(Option::is_some) && load.enter(1).is_none());
    taken[0] = None;
    assert!(load.enter(1).is_some());
}

#[tokio::test(start_paused = true)]
async fn the_line_is_bounded_in_length_and_time() {
    let load = Arc::new(load(1, 1, 1));
    let place = load.enter(0).unwrap();
    let waiting = tokio::spawn({
        let load = Arc::clone(&load);
        async move { load.enter_in_line(0, &mut soon()).await.is_some() }
    });
    yield_now().await;
    assert_eq!((load.in_flight(), load.waiting()), (1, 1));
    assert!(load.enter_in_line(0, &mut soon()).await.is_none());
    drop(place);
    assert!(waiting.await.unwrap());

    let _place = load.enter(0).unwrap();
    let started = Instant::now();
    assert!(load.enter_in_line(0, &mut soon()).await.is_none());
    assert_eq!((started.elapsed(), load.waiting()), (Duration::from_secs(1), 0));
}

#[tokio::test(start_paused = true)]
async fn more_places_are_taken_by_those_who_wait() {
    let load = Arc::new(load(1, 1, 9));
    let _place = load.enter(0).unwrap();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let load = Arc::clone(&load);
            tokio::spawn(async move {
                let taken = load.enter_in_line(0, &mut soon()).await;
                taken.map(std::mem::forget).is_some()
            })
        })
        .collect();
    yield_now().await;
    load.limit(&Limits { hooks: 3, hooks_per_app: 3, ..Limits::default() });
    let mut entered = 0;
    for waiting in waiting {
        entered += usize::from(waiting.await.unwrap());
    }
    assert_eq!((entered, load.in_flight()), (2, 3));
}

/// Many that come, wait, are cancelled or give up: no place is lost, none is had twice, and nobody waits for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_place_is_lost() {
    let load = Arc::new(load(3, 2, 100));
    let most = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let (load, now) = (Arc::clone(&load), Arc::clone(&most));
            tokio::spawn(async move {
                for round in 0..100 {
                    let app = (task + round) % 2;
                    let mut without_end = Deadline::new(Duration::ZERO);
                    let mut entering = pin!(load.enter_in_line(app, &mut without_end));
                    if round % 3 == 0
                        && tokio::time::timeout(Duration::ZERO, entering.as_mut()).await.is_err()
                    {
                        continue;
                    }
                    if round % 3 != 0 {
                        let _taken = entering.await.unwrap();
                        assert!(now[app].fetch_add(1, SeqCst) < 2);
                        yield_now().await;
                        now[app].fetch_sub(1, SeqCst);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!((load.in_flight(), load.waiting()), (0, 0));
}
