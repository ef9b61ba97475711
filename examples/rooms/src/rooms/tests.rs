use super::{Effect, Limits, Refused, Rooms, Session, Turn};

fn session(name: &str) -> Session {
    Session { node_id: "node@127.0.0.1".into(), session_id: name.into() }
}

/// One step of a story. Sessions are called after their logins; `alice2` is another one of `alice`.
enum Step {
    Join(&'static str),
    Leave(&'static str),
    /// To whom, and what.
    Say(&'static str, Option<&'static str>, &'static str),
    /// The stream's `mediaSessionId`, which is its name too.
    Publish(&'static str, &'static str),
    Play(&'static str, &'static str),
    Turn(&'static str, &'static str, Turn),
    Gone(&'static str),
}

use Step::{Gone, Join, Leave, Play, Publish, Say};

fn login(session: &str) -> &str {
    session.trim_end_matches('2')
}

fn take(rooms: &mut Rooms, step: &Step) -> Result<Vec<Effect>, Refused> {
    match step {
        Join(who) => rooms.join(&session(who), login(who), "hall"),
        Leave(who) => rooms.leave(&session(who), "hall"),
        Say(who, to, text) => rooms.message(&session(who), "hall", *to, text),
        Publish(who, stream) => rooms.publish(&session(who), "hall", stream, stream).map(|()| Vec::new()),
        Play(who, stream) => rooms.play(&session(who), stream).map(|()| Vec::new()),
        Step::Turn(who, stream, turn) => Ok(rooms.turn(&session(who), stream, *turn).into_iter().collect()),
        Gone(who) => Ok(rooms.gone(&session(who))),
    }
}

/// What follows, as `recipients < news`; the refusal, if it is one.
fn told(result: Result<Vec<Effect>, Refused>) -> String {
    let line = |effect: &Effect| match effect {
        Effect::Tell { to, news, .. } => {
            let to: Vec<_> = to.iter().map(|session| &*session.session_id).collect();
            format!("{} < {news:?}", to.join(" "))
        }
        Effect::EndStream { session, id, .. } => format!("end {id} of {}", session.session_id),
    };
    match result {
        Ok(effects) => effects.iter().map(line).collect::<Vec<_>>().join("\n"),
        Err(refused) => format!("refused: {refused}"),
    }
}

/// The first steps are the past; what the last one leads to is compared.
fn check(title: &str, past: &[Step], step: &Step, expected: &[&str]) {
    let mut rooms = Rooms::default();
    for step in past {
        take(&mut rooms, step).unwrap();
    }
    assert_eq!(told(take(&mut rooms, step)), expected.join("\n"), "{title}");
}

const STATE_OF_NOBODY: &str = r#"{"info":[],"name":"STATE"}"#;

#[test]
fn people_come_and_go() {
    let alone = format!("alice < {STATE_OF_NOBODY}");
    let again = format!("alice2 < {STATE_OF_NOBODY}");
    let rows: &[(&str, &[Step], Step, &[&str])] = &[
        ("the first one", &[], Join("alice"), &[&alone]),
        (
            "the second one",
            &[Join("alice")],
            Join("bob"),
            &[r#"bob < {"info":["alice"],"name":"STATE"}"#, r#"alice < {"info":"bob","name":"JOINED"}"#],
        ),
        (
            "twice: others are not told",
            &[Join("alice"), Join("bob")],
            Join("bob"),
            &[r#"bob < {"info":["alice"],"name":"STATE"}"#],
        ),
        ("leaves", &[Join("alice"), Join("bob")], Leave("bob"), &[r#"alice < {"info":"bob","name":"LEFT"}"#]),
        ("the last one leaves", &[Join("alice")], Leave("alice"), &[]),
        (
            "leaves twice",
            &[Join("alice"), Leave("alice")],
            Leave("alice"),
            &["refused: you are not in this room"],
        ),
        ("never came", &[Join("alice")], Leave("bob"), &["refused: you are not in this room"]),
        ("is gone", &[Join("alice"), Join("bob")], Gone("bob"), &[r#"alice < {"info":"bob","name":"LEFT"}"#]),
        ("is gone twice", &[Join("alice"), Join("bob"), Gone("bob")], Gone("bob"), &[]),
        ("comes by another session, alone", &[Join("alice")], Join("alice2"), &[&again]),
        (
            "comes by another session",
            &[Join("alice"), Join("bob")],
            Join("alice2"),
            &[
                r#"bob < {"info":"alice","name":"LEFT"}"#,
                r#"alice2 < {"info":["bob"],"name":"STATE"}"#,
                r#"bob < {"info":"alice","name":"JOINED"}"#,
            ],
        ),
        ("the session of before is gone", &[Join("alice"), Join("bob"), Join("alice2")], Gone("alice"), &[]),
        (
            "the session of before leaves",
            &[Join("alice"), Join("bob"), Join("alice2")],
            Leave("alice"),
            &["refused: you are not in this room"],
        ),
    ];
    for (title, past, step, expected) in rows {
        check(title, past, step, expected);
    }
}

#[test]
fn messages() {
    let past = || [Join("alice"), Join("bob"), Join("carol")];
    let rows: &[(Step, &str)] = &[
        (Say("alice", None, "hi"), r#"bob carol < {"info":{"from":"alice","text":"hi"},"name":"MESSAGE"}"#),
        (Say("bob", Some("carol"), "hi"), r#"carol < {"info":{"from":"bob","text":"hi"},"name":"MESSAGE"}"#),
        (Say("bob", Some("bob"), "hi"), r#"bob < {"info":{"from":"bob","text":"hi"},"name":"MESSAGE"}"#),
        (Say("bob", Some("dave"), "hi"), "refused: no such participant"),
        (Say("dave", None, "hi"), "refused: you are not in this room"),
    ];
    for (step, expected) in rows {
        check(expected, &past(), step, &[expected]);
    }
    check("nobody hears it", &[Join("alice")], &Say("alice", None, "hi"), &[]);
}

#[test]
fn streams() {
    const PUBLISHED: &str = r#"bob < {"info":{"login":"alice","name":"a"},"name":"PUBLISHED"}"#;
    use Step::Turn as Turns;
    use Turn::{Failed, Live, Unpublished};
    let live = || vec![Join("alice"), Join("bob"), Publish("alice", "a"), Turns("alice", "a", Live)];
    let with = |mut past: Vec<Step>, more: Vec<Step>| {
        past.extend(more);
        past
    };
    let rows: Vec<(&str, Vec<Step>, Step, &[&str])> = vec![
        (
            "goes live",
            vec![Join("alice"), Join("bob"), Publish("alice", "a")],
            Turns("alice", "a", Live),
            &[PUBLISHED],
        ),
        ("goes live twice", live(), Turns("alice", "a", Live), &[]),
        (
            "ends",
            live(),
            Turns("alice", "a", Unpublished),
            &[r#"bob < {"info":{"login":"alice","name":"a"},"name":"UNPUBLISHED"}"#],
        ),
        (
            "fails",
            live(),
            Turns("alice", "a", Failed),
            &[r#"bob < {"info":{"login":"alice","name":"a"},"name":"FAILED"}"#],
        ),
        (
            "ends twice",
            with(live(), vec![Turns("alice", "a", Failed)]),
            Turns("alice", "a", Unpublished),
            &[],
        ),
        (
            "fails before it was live",
            vec![Join("alice"), Join("bob"), Publish("alice", "a")],
            Turns("alice", "a", Failed),
            &[],
        ),
        ("is not known", vec![Join("alice"), Join("bob")], Turns("alice", "a", Live), &[]),
        ("is played", live(), Play("bob", "a"), &[]),
        ("is played from outside", live(), Play("carol", "a"), &["refused: you are not in this room"]),
        ("is not there to be played", live(), Play("bob", "b"), &["refused: no such stream"]),
        (
            "is played too early",
            vec![Join("alice"), Join("bob"), Publish("alice", "a")],
            Play("bob", "a"),
            &["refused: no such stream"],
        ),
        (
            "is played too late",
            with(live(), vec![Turns("alice", "a", Unpublished)]),
            Play("bob", "a"),
            &["refused: no such stream"],
        ),
        (
            "a newcomer is told, streams first",
            live(),
            Join("carol"),
            &[
                r#"carol < {"info":[{"login":"alice","name":"a"},"bob"],"name":"STATE"}"#,
                r#"alice bob < {"info":"carol","name":"JOINED"}"#,
            ],
        ),
        ("is published from outside", live(), Publish("carol", "c"), &["refused: you are not in this room"]),
        (
            "its publisher leaves",
            live(),
            Leave("alice"),
            &[r#"bob < {"info":"alice","name":"LEFT"}"#, "end a of alice"],
        ),
        (
            "ends after its publisher has left",
            with(live(), vec![Leave("alice")]),
            Turns("alice", "a", Failed),
            &[],
        ),
        ("its publisher is gone", live(), Gone("alice"), &[r#"bob < {"info":"alice","name":"LEFT"}"#]),
        (
            "its publisher has left before it is live",
            vec![Join("alice"), Join("bob"), Publish("alice", "a"), Leave("alice")],
            Turns("alice", "a", Live),
            &["end a of alice"],
        ),
        (
            "its publisher has left and come again before it is live",
            vec![Join("alice"), Join("bob"), Publish("alice", "a"), Leave("alice"), Join("alice")],
            Turns("alice", "a", Live),
            &[PUBLISHED],
        ),
        (
            "its publisher has left before it fails",
            vec![Join("alice"), Join("bob"), Publish("alice", "a"), Leave("alice")],
            Turns("alice", "a", Failed),
            &[],
        ),
        (
            "its publisher comes by another session",
            live(),
            Join("alice2"),
            &[
                r#"bob < {"info":"alice","name":"LEFT"}"#,
                "end a of alice",
                r#"alice2 < {"info":["bob"],"name":"STATE"}"#,
                r#"bob < {"info":"alice","name":"JOINED"}"#,
            ],
        ),
    ];
    for (title, past, step, expected) in &rows {
        check(title, past, step, expected);
    }
}

/// What each limit refuses, when it is 1.
#[test]
fn limits() {
    let rows: &[(&str, Step, Refused)] = &[
        ("rooms", Join("bob"), Refused::TooManyRooms),
        ("sessions", Join("bob"), Refused::TooManySessions),
        ("participants", Join("bob"), Refused::RoomIsFull),
        ("rooms-of-session", Join("alice"), Refused::InTooManyRooms),
        ("streams-of-session", Publish("alice", "b"), Refused::TooManyStreams),
        ("name-bytes", Join("alice"), Refused::NameTooLong),
        ("text-bytes", Say("alice", None, "hi"), Refused::TextTooLong),
    ];
    for (limit, step, expected) in rows {
        let mut rooms = Rooms::default();
        // The limit of rooms is about another room, and so is that of one session's.
        let first = if limit.starts_with("rooms") { "attic" } else { "hall" };
        rooms.join(&session("alice"), "alice", first).unwrap();
        rooms.publish(&session("alice"), first, "a", "a").unwrap();
        *rooms.limits.named(limit).unwrap() = 1;
        assert_eq!(take(&mut rooms, step), Err(*expected), "{limit}");
    }
    assert_eq!(Limits::default().named("rooms of session"), None);
}

#[test]
fn names() {
    let mut rooms = Rooms::default();
    for (login, room) in [("", "hall"), ("alice", "")] {
        assert_eq!(rooms.join(&session("s"), login, room), Err(Refused::NoName));
    }
    rooms.join(&session("s"), "alice", "hall").unwrap();
    assert_eq!(rooms.join(&session("s"), "bob", "attic"), Err(Refused::OtherLogin));
}

/// Nothing is kept of those who have gone.
#[test]
fn nothing_is_left() {
    let stories: &[&[Step]] = &[
        &[Join("alice"), Join("bob"), Leave("alice"), Leave("bob")],
        &[Join("alice"), Join("bob"), Gone("bob"), Gone("alice")],
        &[Join("alice"), Join("alice2"), Gone("alice2")],
        &[Join("alice"), Publish("alice", "a"), Gone("alice")],
        &[Join("alice"), Publish("alice", "a"), Leave("alice"), Step::Turn("alice", "a", Turn::Live)],
        &[Join("alice"), Publish("alice", "a"), Leave("alice"), Step::Turn("alice", "a", Turn::Failed)],
    ];
    for (number, story) in stories.iter().enumerate() {
        let mut rooms = Rooms::default();
        for step in *story {
            take(&mut rooms, step).unwrap();
        }
        assert!(rooms.rooms.is_empty() && rooms.seats.is_empty(), "story {number}: {rooms:?}");
    }
}
