//! Who reads everything that it is told, knows who is there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::{ROOM, session, take};
use crate::rooms::{Effect, News, OfStream, Present, Rooms, Session};

/// The others and their streams, as the SDK keeps them.
type View = BTreeMap<String, BTreeSet<String>>;

/// What each session believes.
#[derive(Default)]
struct Clients(HashMap<Session, View>);

impl Clients {
    fn read(&mut self, effects: &[Effect]) {
        for effect in effects {
            let Effect::Tell { to, news, .. } = effect else { continue };
            for session in to {
                learn(self.0.entry(session.clone()).or_default(), news);
            }
        }
    }
}

fn learn(view: &mut View, news: &News) {
    match news {
        News::State(present) => *view = view_of(present),
        News::Joined(login) => drop(view.insert(login.to_string(), BTreeSet::new())),
        News::Left(login) => drop(view.remove(&**login)),
        // The SDK fails if it does not know the publisher.
        News::Published(OfStream { login, name }) => {
            assert!(
                view.get_mut(&**login).unwrap().insert(name.to_string()),
                "{login} publishes {name} twice"
            );
        }
        News::Unpublished(OfStream { login, name }) | News::Failed(OfStream { login, name }) => {
            assert!(view.get_mut(&**login).unwrap().remove(&**name), "{login} does not publish {name}");
        }
        News::Message { from, .. } => assert!(view.contains_key(&**from), "{from} is not known"),
    }
}

fn view_of(present: &[Present]) -> View {
    let mut view = View::new();
    for entry in present {
        match entry {
            Present::Stream(OfStream { login, name }) => {
                view.entry(login.to_string()).or_default().insert(name.to_string());
            }
            Present::Participant(login) => drop(view.entry(login.to_string()).or_default()),
        }
    }
    view
}

fn check(rooms: &Rooms, clients: &Clients) {
    let Some(room) = rooms.open.get(ROOM) else { return };
    for who in room.all() {
        let login = &rooms.seats[&who].login;
        assert_eq!(clients.0[&who], view_of(&room.state_for(login)), "{login}");
    }
}

fn step() -> impl Strategy<Value = String> {
    const SESSIONS: [&str; 5] = ["alice", "alice2", "bob", "bob2", "carol"];
    let step = prop_oneof![
        5 => Just("{who} joins"),
        2 => Just("{who} leaves"),
        1 => Just("{who} is gone"),
        2 => Just("{who} says hi"),
        4 => Just("{who} publishes {who}-{n}"),
        4 => Just("{who}-{n} of {who} is live"),
        2 => Just("{who}-{n} of {who} is unpublished"),
        1 => Just("{who}-{n} of {who} fails"),
    ];
    (step, prop::sample::select(&SESSIONS[..]), 0..2_u8)
        .prop_map(|(step, who, n)| step.replace("{who}", who).replace("{n}", &n.to_string()))
}

proptest! {
    #[test]
    fn views_are_right_after_every_step(steps in prop::collection::vec(step(), 0..60)) {
        let (mut rooms, mut clients) = (Rooms::default(), Clients::default());
        for step in steps {
            clients.read(&take(&mut rooms, &step).unwrap_or_default());
            check(&rooms, &clients);
        }
    }
}

#[test]
fn a_room_with_thousands() {
    const MANY: usize = 2000;
    let mut rooms = Rooms::default();
    rooms.limits.participants = MANY;
    for number in 0..MANY {
        let login = number.to_string();
        let effects = rooms.join(&session(&login), &login, ROOM).unwrap();
        assert_eq!(effects.len(), if number == 0 { 1 } else { 2 });
    }
    let told = |effects: Vec<Effect>| match &effects[..] {
        [Effect::Tell { to, .. }] => to.len(),
        _ => panic!("{effects:?}"),
    };
    assert_eq!(told(rooms.message(&session("0"), ROOM, None, "hi").unwrap()), MANY - 1);
    for number in 1..MANY {
        assert_eq!(told(rooms.gone(&session(&number.to_string()))), MANY - number);
    }
}
