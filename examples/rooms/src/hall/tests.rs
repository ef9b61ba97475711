use super::*;
use crate::rooms::Turn;

fn session(number: usize) -> Session {
    Session { node_id: "node@127.0.0.1".into(), session_id: number.to_string().into() }
}

fn hall(limits: &Limits) -> Arc<Hall> {
    Hall::new(limits.clone(), RestClient::builder().only_mapped_nodes().build().unwrap())
}

/// Nothing is delivered, since this test never waits.
#[tokio::test]
async fn what_cannot_be_refused_has_a_place() {
    let limits = Limits { participants: 3, streams_of_session: 2, waiting_messages: 8, ..Limits::default() };
    let hall = hall(&limits);
    let streams = || (0..limits.participants).flat_map(|number| [(number, "a"), (number, "b")]);
    let join = |number| hall.ask("hall", |rooms| rooms.join(&session(number), &number.to_string(), "hall"));
    let publish = |(number, id)| {
        let published = |rooms: &mut Rooms| rooms.publish(&session(number), "hall", id, id);
        hall.ask("hall", |rooms| published(rooms).map(|()| Vec::new()))
    };
    let say = || hall.ask("hall", |rooms| rooms.message(&session(0), "hall", None, "hi"));

    (0..limits.participants).for_each(|number| join(number).unwrap());
    streams().for_each(|stream| publish(stream).unwrap());
    let refused = std::iter::repeat_with(say).take(100).find_map(Result::err);
    assert_eq!(refused, Some(Refused::RoomIsBusy));
    assert_eq!((join(0), publish((0, "c"))), (Err(Refused::RoomIsBusy), Err(Refused::RoomIsBusy)));

    let leave = |number| hall.change(|rooms| rooms.leave(&session(number), "hall"));

    for turn in [Turn::Live, Turn::Failed] {
        for (number, id) in streams() {
            hall.note(|rooms| rooms.turn(&session(number), id, turn).into_iter().collect());
        }
    }
    (0..limits.participants).for_each(|number| leave(number).unwrap());
    assert!(hall.lock().queues["hall"].capacity() > 0);
    assert!(!hall.look(|rooms| rooms.has("hall")));
}

/// No node is mapped, so that delivery fails at once.
#[tokio::test]
async fn queues_of_rooms_that_have_ended_make_way() {
    let hall = hall(&Limits { rooms: 2, ..Limits::default() });
    for number in 0..100 {
        let room = format!("room {number}");
        hall.ask(&room, |rooms| rooms.join(&session(number), "alice", &room)).unwrap();
        hall.gone(&session(number));
        let is_waiting = |hall: &Hall| {
            let queue = &hall.lock().queues[&*room];
            queue.capacity() < queue.max_capacity()
        };
        while is_waiting(&hall) {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(hall.lock().queues.len(), 2);
}
