//! Every hook of the catalogue, with every field of its payload set, typed, through both ends.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use wcs_hooks::{AllowAll, Context, Hook, HookName, Hooks, KeepAlive, Payload, hook};
use wcs_hooks_dispatcher::Dispatcher;
use wcs_hooks_protocol::{Field, FieldKind};

use crate::support::{Recorder, app, context, everything_on, object, open};

/// A value that the field can have.
fn sample(field: &Field) -> Value {
    match field.kind {
        FieldKind::Text if !field.words.is_empty() => field.words[0].into(),
        FieldKind::Text | FieldKind::Secret => format!("the {} of \"/ü\u{1F600}", field.name).into(),
        FieldKind::Bool => true.into(),
        FieldKind::Integer => 9_007_199_254_740_993_i64.into(),
        FieldKind::Object => json!({"muted": true}),
        FieldKind::Array if !field.words.is_empty() => json!(field.words),
        FieldKind::Array => json!(["a", "b"]),
        FieldKind::Any => json!({"any": [1, null, {"x": 0.5}]}),
        kind => panic!("no sample for {kind:?}"),
    }
}

/// A payload with every field set, and one that this version does not know.
fn full<P: Payload>() -> P {
    let mut fields: Map<String, Value> =
        P::FIELDS.iter().map(|field| (field.name.to_owned(), sample(field))).collect();
    fields.remove("restClientConfig");
    fields.insert("fromANewerWcs".to_owned(), json!({"n": null}));
    let payload = P::from_json(Value::Object(fields.clone()).to_string().as_bytes()).unwrap();
    assert_eq!(object(&payload.to_json()), fields, "a field was not read");
    payload
}

/// Payloads that handlers were given, as JSON.
type Given = Arc<Mutex<Vec<String>>>;

macro_rules! answer {
    (access $payload:ident) => {
        Ok(drop($payload))
    };
    (event $payload:ident) => {
        Ok(drop($payload))
    };
    (keep_alive $payload:ident) => {
        Ok::<_, wcs_hooks::EventError>({
            drop($payload);
            KeepAlive::Continue
        })
    };
    ($kind:ident $payload:ident) => {
        Ok($payload)
    };
}

/// Sends a payload; gives the fields that WCS goes on with.
macro_rules! send {
    (connect $dispatcher:ident $Marker:ident $payload:ident) => {{
        let session = $dispatcher.connect_as(&app("defaultApp"), context(), $payload).await.unwrap();
        session.opening().fields().to_owned()
    }};
    (access $dispatcher:ident $Marker:ident $payload:ident) => {
        $dispatcher.play(&app("defaultApp"), hook::$Marker, $payload).await.fields().to_owned()
    };
    ($kind:ident $dispatcher:ident $Marker:ident $payload:ident) => {{
        let session =
            $dispatcher.connect_as(&app("defaultApp"), context(), Default::default()).await.unwrap();
        session.send(hook::$Marker, $payload).await.fields().to_owned()
    }};
}

macro_rules! hooks_with {
    (connect $Marker:ident $given:ident) => {
        Hooks::new(Noting($given))
    };
    ($kind:ident $Marker:ident $given:ident) => {
        Hooks::new(AllowAll).on(hook::$Marker, move |_: Context, payload| {
            note(&$given, &payload);
            async { answer!($kind payload) }
        })
    };
}

/// A handler that lets WCS go on.
macro_rules! handled {
    (connect $Marker:ident $hooks:ident) => {
        $hooks
    };
    ($kind:ident $Marker:ident $hooks:ident) => {
        $hooks.on(hook::$Marker, async |_: Context, payload| answer!($kind payload))
    };
}

struct Noting(Given);

impl wcs_hooks::ConnectHandler for Noting {
    async fn connect(
        &self,
        _: Context,
        connection: wcs_hooks::payloads::Connection,
    ) -> wcs_hooks::HookResult<wcs_hooks::payloads::Connection> {
        note(&self.0, &connection);
        Ok(connection)
    }
}

fn note<P: Payload>(given: &Given, payload: &P) {
    given.lock().unwrap().push(payload.to_json());
}

macro_rules! define_tests {
    ($(
        $(#[doc = $topic_docs:literal])*
        $Trait:ident for $topic:ident { $(
            $(#[doc = $docs:literal])*
            $kind:ident $func:ident = $name:literal $(| $other:literal)*: $Marker:ident($Payload:ident)
                $(-> $Report:ident)? $(may $repeat:ident)? $({ $($rest:tt)* })?;
        )* }
    )*) => {
        /// A handler for every hook, each letting WCS go on.
        pub(crate) fn handling_everything() -> Hooks {
            let hooks = Hooks::new(AllowAll);
            $($( let hooks = handled!($kind $Marker hooks); )*)*
            hooks
        }
        $($(
        #[tokio::test]
        async fn $func() {
            let (given, recorder) = (Given::default(), Recorder::default());
            let hooks = { let given = Arc::clone(&given); hooks_with!($kind $Marker given) };
            let service = recorder.listening_to(open(hooks.with_sdp()));
            let dispatcher = Dispatcher::new(everything_on("defaultApp"), service);
            let payload = full::<<hook::$Marker as Hook>::Payload>();
            let expected = payload.to_json();
            let fields = send!($kind dispatcher $Marker payload);
            check::<hook::$Marker>(&recorder, &given, &expected, &fields);
        }
    )*)* };
}

wcs_hooks_protocol::__with_hooks!(define_tests);

/// What was sent is what the handler was given and what was answered; WCS goes on with the same.
fn check<H: Hook>(recorder: &Recorder, given: &Given, expected: &str, fields: &str) {
    let call = recorder.last();
    assert_eq!((&*call.hook, call.status), (H::NAME.as_str(), 200));
    assert_eq!(*given.lock().unwrap(), [expected], "{}", H::NAME);
    assert!(call.sent.ends_with(&format!(",{}", &expected[1..])), "{}: {}", H::NAME, call.sent);
    let answer = call.answer.split(r#","restClientConfig":"#).next().unwrap();
    let echo = if H::NAME == HookName::Connect { format!("{answer}}}") } else { answer.to_owned() };
    assert_eq!(echo, call.sent, "{}", H::NAME);
    assert_eq!(fields, call.sent, "{}", H::NAME);
}
