mod views;

use serde_json::json;

use super::{Effect, Effects, Refused, Rooms, Session, Turn};

const ROOM: &str = "hall";

fn session(name: &str) -> Session {
    Session { node_id: "node@127.0.0.1".into(), session_id: name.into() }
}

/// Sessions are called after their logins, streams and their `mediaSessionId` by one name.
fn take(rooms: &mut Rooms, step: &str) -> Effects {
    let words: Vec<_> = step.split(' ').collect();
    let who = session(words[0]);
    match words[..] {
        [name, "joins"] => rooms.join(&who, name.trim_end_matches('2'), ROOM),
        [_, "leaves"] => rooms.leave(&who, ROOM),
        [_, "is", "gone"] => Ok(rooms.gone(&who)),
        [_, "says", text] => rooms.message(&who, ROOM, None, text),
        [_, "tells", to] => rooms.message(&who, ROOM, Some(to), "psst"),
        [_, "publishes", stream] => rooms.publish(&who, ROOM, stream, stream).map(|()| Vec::new()),
        [_, "plays", stream] => rooms.play(&who, stream).map(|()| Vec::new()),
        [stream, "of", publisher, ref turn @ ..] => {
            let turn = match turn {
                ["is", "live"] => Turn::Live,
                ["is", "unpublished"] => Turn::Unpublished,
                ["fails"] => Turn::Failed,
                _ => panic!("{step}"),
            };
            Ok(rooms.turn(&session(publisher), stream, turn).into_iter().collect())
        }
        _ => panic!("{step}"),
    }
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Tell { to, news, .. } => {
            let to: Vec<_> = to.iter().map(|session| &*session.session_id).collect();
            let news = json!(news);
            format!("{} < {} {}", to.join(" "), news["name"].as_str().unwrap(), news["info"])
        }
        Effect::EndStream { session, id, .. } => format!("end {id} of {}", session.session_id),
    }
}

fn lines(effects: Effects) -> Vec<String> {
    match effects {
        Ok(effects) => effects.iter().map(line).collect(),
        Err(refused) => vec![format!("refused: {refused}")],
    }
}

#[test]
fn stories() {
    let stories = include_str!("stories.txt").split("\n\n").skip(1);
    for story in stories {
        let mut rows = story.lines();
        let (title, steps) = (rows.next().unwrap(), rows.next().unwrap());
        let (mut rooms, mut steps) = (Rooms::default(), steps.split(", ").peekable());
        let mut follows = Vec::new();
        while let Some(step) = steps.next() {
            follows = lines(take(&mut rooms, step));
            let is_refused = follows.iter().any(|line| line.starts_with("refused"));
            assert!(!is_refused || steps.peek().is_none(), "{title}: {step}: {follows:?}");
        }
        assert_eq!(follows, rows.collect::<Vec<_>>(), "{title}");
    }
}

#[test]
fn what_goes_over_the_wire() {
    let mut rooms = Rooms::default();
    let effects = take(&mut rooms, "alice joins").unwrap();
    let Effect::Tell { room, news, .. } = &effects[0] else { panic!("{effects:?}") };
    assert_eq!(news.payload(room), json!({"roomName": "hall", "name": "STATE", "info": []}));
}

/// What each limit refuses, when it is 1.
#[test]
fn limits() {
    let rows = [
        ("rooms", "bob joins", Refused::TooManyRooms),
        ("sessions", "bob joins", Refused::TooManySessions),
        ("participants", "bob joins", Refused::RoomIsFull),
        ("rooms-of-session", "alice joins", Refused::InTooManyRooms),
        ("streams-of-session", "alice publishes b", Refused::TooManyStreams),
        ("name-bytes", "alice joins", Refused::NameTooLong),
        ("text-bytes", "alice says hi", Refused::TextTooLong),
    ];
    for (limit, step, expected) in rows {
        let mut rooms = Rooms::default();
        // The limit of rooms is about another room, and so is that of one session's.
        let first = if limit.starts_with("rooms") { "attic" } else { ROOM };
        rooms.join(&session("alice"), "alice", first).unwrap();
        rooms.publish(&session("alice"), first, "a", "a").unwrap();
        *rooms.limits.named(limit).unwrap() = 1;
        assert_eq!(take(&mut rooms, step), Err(expected), "{limit}");
    }
}

#[test]
fn names() {
    let mut rooms = Rooms::default();
    for (login, room) in [("", ROOM), ("alice", "")] {
        assert_eq!(rooms.join(&session("s"), login, room), Err(Refused::NoName));
    }
    rooms.join(&session("s"), "alice", ROOM).unwrap();
    assert_eq!(rooms.join(&session("s"), "bob", "attic"), Err(Refused::OtherLogin));
}

#[test]
fn nothing_is_kept_of_those_who_have_gone() {
    let stories = [
        "alice joins, bob joins, alice leaves, bob leaves",
        "alice joins, bob joins, bob is gone, alice is gone",
        "alice joins, alice2 joins, alice2 is gone",
        "alice joins, alice publishes a, alice is gone",
        "alice joins, alice publishes a, alice leaves, a of alice is live",
        "alice joins, alice publishes a, alice leaves, a of alice fails",
    ];
    for story in stories {
        let mut rooms = Rooms::default();
        story.split(", ").for_each(|step| drop(take(&mut rooms, step).unwrap()));
        assert!(rooms.open.is_empty() && rooms.seats.is_empty(), "{story}: {rooms:?}");
    }
}
