//! Bodies as structs.

use wcs_hooks::{HookKind, HookName};
use wcs_hooks_protocol::{
    Object, Payload,
    payloads::{
        BugReport, Call, Connection, Data, Dtmf, HlsPlay, Logs, Message, Notice, Recording, RtspPlay,
        SessionDebug, Stream, Subscription, Transfer, Xcap,
    },
    redact,
};

use crate::backend;

/// A body is read as every payload without a panic, reading it changes nothing, and every hook is answered: what is no
/// object or has a key twice at any depth with 400, and what nobody changes as it came.
///
/// # Panics
/// If that does not hold.
pub fn payloads(bytes: &[u8]) {
    let _ = redact::json(&String::from_utf8_lossy(bytes));
    if let Ok(object) = Object::from_slice(bytes) {
        read_as_each(&object);
    }
    answered(HookName::ALL[bytes.len() % HookName::ALL.len()], bytes);
}

/// The length chooses the hook: all of them in a run, one for each body.
fn answered(hook: HookName, body: &[u8]) {
    let (status, answer) = backend::answer(hook, body);
    assert!(matches!(status, 200 | 400), "{hook}: {status}");
    if status == 200 {
        let object = Object::from_slice(body).expect("200 is for objects");
        assert_eq!(object.duplicate_key(), None, "{hook}: 200");
    }
    if status == 200 && hook != HookName::Connect && hook.kind() != HookKind::Access {
        assert_eq!(answer, body, "{hook}");
    }
}

fn read_as_each(object: &Object<'_>) {
    read::<BugReport>(object);
    read::<Call>(object);
    read::<Connection>(object);
    read::<Data>(object);
    read::<Dtmf>(object);
    read::<HlsPlay>(object);
    read::<Logs>(object);
    read::<Message>(object);
    read::<Notice>(object);
    read::<Recording>(object);
    read::<RtspPlay>(object);
    read::<SessionDebug>(object);
    read::<Stream>(object);
    read::<Subscription>(object);
    read::<Transfer>(object);
    read::<Xcap>(object);
}

fn read<P: Payload>(object: &Object<'_>) {
    let Ok(reading) = P::read(object) else {
        return;
    };
    assert!(reading.payload.changes(object).is_empty(), "{:?}", reading.payload.changes(object));
    let written = reading.payload.to_json();
    let again = P::from_json(written.as_bytes()).expect("an object that was written");
    assert_eq!(again.to_json(), written);
}
