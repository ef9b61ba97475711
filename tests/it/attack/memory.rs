//! Who takes all memory, without a secret.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::timeout};
use wcs_hooks::{Callers, SigningKey};
use wcs_hooks_protocol::HookName;

use super::http2;
use crate::faults::{
    child::{Child, is_child, raise_limit, serve},
    raw::{Raw, head},
    server::{Seen, anyone, here, hooks, patient},
};

const KEY: &str = "1234567890";
const ATTACKERS: usize = 1000;
/// Connections of them that have come to their end, be it that they were refused.
const ROUNDS: usize = 1000;
/// An attack takes a second or two, where nothing else runs.
const LONGEST: Duration = Duration::from_mins(1);
const CALLS: usize = 50;
/// What peers without a secret may take at most, in bytes.
const BAR: usize = 150 << 20;
/// Within which a WCS is answered; one call in ten may wait for the machine, which the attackers are on too. A build without
/// optimization is many times slower: of that it is asked only that the attack keeps nobody out.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 100 });

fn forged(length: &str) -> String {
    let signature = "Authorization: WCS 00112233445566778899aabbccddeeff";
    format!("{}{signature}\r\n{length}\r\n\r\n", head(HookName::Connect))
}

/// What each connection sends, in pieces.
fn attack(name: &str) -> Vec<Vec<u8>> {
    const MIB: usize = 1 << 20;
    let long = format!("Content-Length: {MIB}");
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    let streams = || (0..500).map(|number| 2 * number + 1);
    match name {
        "bodies that stop" => vec![forged(&long).into(), vec![b' '; MIB - 1]],
        "bodies that are said to be long" => vec![forged(&long).into(), b"{".to_vec()],
        "forged bodies" => vec![forged(&long).into(), vec![b' '; MIB]],
        "chunks" => vec![forged("Transfer-Encoding: chunked").into(), chunk.repeat(30).into()],
        "heads" => vec![format!("{}x: {}", head(HookName::Connect), "x".repeat(7000)).into()],
        "many headers" => vec![format!("{}{}", head(HookName::Connect), "a:b\r\n".repeat(95)).into()],
        "streams" => {
            let streams =
                streams().map(|stream| [http2::head(stream, 0), http2::data(stream, 2000)].concat());
            [http2::preface()].into_iter().chain(streams).collect()
        }
        "heads of streams" => {
            [http2::preface()].into_iter().chain(streams().map(|stream| http2::head(stream, 50))).collect()
        }
        "streams that are reset" => {
            let streams = streams().map(|stream| [http2::head(stream, 0), http2::reset(stream)].concat());
            [http2::preface()].into_iter().chain(streams).collect()
        }
        _ => unreachable!("{name}"),
    }
}

/// Connection after connection, each until the server closes it.
async fn attacks(address: SocketAddr, pieces: Arc<Vec<Vec<u8>>>, rounds: Arc<AtomicUsize>) {
    loop {
        let mut client = Raw::connect_from([127, 0, 0, 2], address).await;
        for piece in pieces.iter() {
            if client.try_send(piece).await.is_err() {
                break;
            }
        }
        client.ended().await;
        rounds.fetch_add(1, Relaxed);
    }
}

fn signed(number: usize) -> String {
    let body = format!(r#"{{"nodeId":"n","appKey":"defaultApp","sessionId":"{number}"}}"#);
    let signature = SigningKey::new(&KEY.into()).sign(body.as_bytes());
    let length = body.len();
    format!("{}Authorization: {signature}\r\nContent-Length: {length}\r\n\r\n{body}", head(HookName::Connect))
}

/// How long calls take, for as long as the attack goes on.
async fn calls(address: SocketAddr, rounds: &AtomicUsize) -> Vec<Duration> {
    let mut client = Raw::connect(address).await;
    let mut took = Vec::new();
    while took.len() < CALLS || rounds.load(Relaxed) < ROUNDS {
        let started = Instant::now();
        assert_eq!(client.ask(signed(took.len())).await.status, 200);
        took.push(started.elapsed());
        tokio::task::yield_now().await;
    }
    took.sort();
    took
}

async fn is_held_off(test: &str, attack_name: &str) {
    if is_child() {
        raise_limit();
        let mut settings = anyone();
        settings.callers = Some(Callers::signed([KEY]));
        serve(hooks(&Seen::default()), patient(here()), settings).await;
    }
    raise_limit();
    let child = Child::of_test(&format!("attack::memory::{test}")).await;
    let (idle, rounds) = (child.memory(), Arc::<AtomicUsize>::default());
    let pieces = Arc::new(attack(attack_name));
    let mut attackers = JoinSet::new();
    for _ in 0..ATTACKERS {
        attackers.spawn(attacks(child.address, Arc::clone(&pieces), Arc::clone(&rounds)));
    }
    let took = timeout(LONGEST, calls(child.address, &rounds)).await.expect("the attack comes to its end");
    attackers.shutdown().await;
    let grown = child.peak_memory().saturating_sub(idle);
    let nine_of_ten = took[took.len() * 9 / 10];
    println!(
        "{attack_name}: {} MiB more than {}; {} calls, nine of ten within {nine_of_ten:?}, all within {:?}",
        grown >> 20,
        idle >> 20,
        took.len(),
        took.last()
    );
    assert!(grown <= BAR, "{attack_name}: {} MiB", grown >> 20);
    assert!(nine_of_ten <= SOON, "{attack_name}: {nine_of_ten:?}");
    child.stop_in_order().await;
}

macro_rules! held_off {
    ($($test:ident: $attack:literal),+ $(,)?) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            is_held_off(stringify!($test), $attack).await;
        }
    )+ };
}

held_off! {
    bodies_that_stop: "bodies that stop",
    bodies_that_are_said_to_be_long: "bodies that are said to be long",
    forged_bodies: "forged bodies",
    chunks: "chunks",
    heads: "heads",
    many_headers: "many headers",
    streams: "streams",
    heads_of_streams: "heads of streams",
    streams_that_are_reset: "streams that are reset",
}
