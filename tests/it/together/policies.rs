//! What the code says takes effect, by the `restClientConfig` that follows from the handlers.

use wcs_hooks::{
    AllowAll, ConnectHandler, Context, EventError, HookKind, HookName, HookPolicy, HookResult, Hooks,
    KeepAlive, OrRefuse, Refusal, Secret, Unhandled, hook,
    payloads::{Call, Connection, HlsPlay, RtspPlay, Stream},
    status::SessionStatus,
};
use wcs_hooks_dispatcher::{Dispatcher, FailMessage, PlayerRefusal, Settings, SipAnswer, ToClient};
use wcs_hooks_protocol::{Effect, Object, Outcome};

use super::stream;
use crate::{
    every_hook::handling_everything,
    support::{Recorder, app, context, dispatcher, object, open, session},
};

fn told(to_client: ToClient) -> FailMessage {
    match to_client {
        ToClient::Fail(fail) => fail,
        other => panic!("not told: {other:?}"),
    }
}

#[tokio::test]
async fn a_stream_renamed_on_publish_is_published_under_the_new_name() {
    let hooks = Hooks::new(AllowAll).on(hook::PublishStream, async |_, mut stream: Stream| {
        stream.name = format!("studio-{}", stream.name);
        Ok(stream)
    });
    let verdict = session(&open(hooks)).await.send(hook::PublishStream, stream("b4e7")).await;
    assert_eq!(verdict.effect(), Effect::GoOn);
    assert_eq!(verdict.payload::<Stream>().unwrap(), stream("studio-b4e7"));
}

#[tokio::test]
async fn a_refusal_breaks_the_operation_and_the_client_is_told_why() {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, _| {
            Err(Refusal::forbidden("keine Berechtigung für \u{201e}b4e7\u{201c}"))
        })
        .on(hook::OnCall, async |_, _| Err(Refusal::too_many_requests("busy")))
        .on(hook::OnData, async |_, _| Err("x".parse::<u8>().unwrap_err().into()));
    let session = session(&open(hooks)).await;

    let verdict = session.send(hook::PublishStream, stream("b4e7")).await;
    assert_eq!((verdict.effect(), verdict.outcome()), (Effect::BreakOperation, Outcome::Status(403)));
    let expected = FailMessage {
        info: "keine Berechtigung für \u{201e}b4e7\u{201c}".into(),
        api_method: Some("StreamStatusEvent".into()),
        id: Some("m1".into()),
    };
    assert_eq!(told(verdict.to_client()), expected);

    let verdict = session.send(hook::OnCall, Call { call_id: "c1".into(), ..Call::default() }).await;
    assert_eq!((verdict.effect(), verdict.sip_answer()), (Effect::RefuseCaller, Some(SipAnswer::FORBIDDEN)));
    assert_eq!(told(verdict.to_client()).info, "busy");

    let verdict = session.send_raw("OnDataEvent", &Object::parse(r#"{"operationId":"o1"}"#).unwrap()).await;
    assert_eq!((verdict.effect(), verdict.outcome()), (Effect::BreakOperation, Outcome::Status(500)));
    assert_eq!(told(verdict.to_client()).info, "Internal Server Error");
}

#[tokio::test]
async fn a_declined_connection_opens_no_session() {
    struct Nobody;

    impl ConnectHandler for Nobody {
        async fn connect(&self, _: Context, _: Connection) -> HookResult<Connection> {
            Err(Refusal::unauthorized("Wrong credentials"))
        }
    }

    let dispatcher = dispatcher(open(Hooks::new(Nobody)));
    let declined = dispatcher.connect(&app("defaultApp"), Connection::default()).await.unwrap_err();
    assert_eq!(declined.to_string(), "the backend declined the connection: 401 Wrong credentials");
    assert_eq!(
        told(declined.verdict().to_client()).message(),
        r#"{"message":"fail","data":[{"status":"FAILED","info":"Wrong credentials","apiMethod":"ConnectionStatusEvent"}]}"#,
    );
}

fn in_sessions() -> impl Iterator<Item = HookName> {
    let is_in_session = |hook: &&HookName| !matches!(hook.kind(), HookKind::Connect | HookKind::Access);
    HookName::ALL.iter().filter(is_in_session).copied()
}

#[tokio::test]
async fn hooks_that_nobody_handles_are_not_sent() {
    let silent = session(&open(Hooks::new(AllowAll))).await;
    let asked = session(&open(Hooks::new(AllowAll).with_unhandled_hooks())).await;
    let handled = session(&open(handling_everything())).await;
    let empty = Object::parse("{}").unwrap();
    for hook in in_sessions() {
        let verdict = silent.send_raw(hook.as_str(), &empty).await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::NotAsked, 0), "{hook}");
        for session in [&asked, &handled] {
            let verdict = session.send_raw(hook.as_str(), &empty).await;
            assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::Accepted, 1), "{hook}");
        }
    }
}

#[tokio::test]
async fn an_sdp_stays_with_wcs_unless_it_is_asked_for() {
    for with_sdp in [false, true] {
        let hooks = Hooks::new(AllowAll).on(hook::PublishStream, async |_, stream| Ok(stream));
        let recorder = Recorder::default();
        let service = recorder.listening_to(open(if with_sdp { hooks.with_sdp() } else { hooks }));
        let dispatcher = Dispatcher::new(Settings::default(), service);
        let session = dispatcher.connect(&app("defaultApp"), Connection::default()).await.unwrap();
        let published = Stream { sdp: Some("v=0\r\n".into()), ..stream("b4e7") };
        let verdict = session.send(hook::PublishStream, published.clone()).await;
        assert_eq!(object(&recorder.last().sent).contains_key("sdp"), with_sdp);
        assert_eq!(verdict.payload::<Stream>().unwrap(), published);
    }
}

/// A backend that excluded the context could not know who asks.
#[tokio::test]
async fn what_is_excluded_is_not_sent_and_the_context_always_is() {
    let excluding = HookPolicy {
        rest_exclude: ["name", "nodeId", "sessionId"].map(str::to_owned).into(),
        ..HookPolicy::default()
    };
    let hooks = Hooks::new(AllowAll).policy(HookName::PublishStream, excluding);
    let recorder = Recorder::default();
    let dispatcher = Dispatcher::new(Settings::default(), recorder.listening_to(open(hooks)));
    let session = dispatcher.connect_as(&app("defaultApp"), context(), Connection::default()).await.unwrap();
    let verdict = session.send(hook::PublishStream, stream("b4e7")).await;
    let (sent, kept) = (object(&recorder.last().sent), object(verdict.fields()));
    assert_eq!((sent.get("name"), &kept["name"]), (None, &"b4e7".into()));
    for fields in [&sent, &kept] {
        let context = ["nodeId", "appKey", "sessionId"].map(|name| fields[name].as_str().unwrap());
        assert_eq!(context, [&*session.context().node_id, "defaultApp", &session.context().session_id]);
    }
}

/// Supplies the account that the backend keeps for every client.
struct Account;

impl ConnectHandler for Account {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        connection.sip_register_required = Some(true);
        connection.sip_login = Some("10009".into());
        connection.sip_password = Some(Secret::from("p4ss"));
        connection.sip_domain = Some("sip.example.com".into());
        Ok(connection)
    }
}

#[tokio::test]
async fn a_sip_account_of_the_backend_reaches_wcs_and_not_the_client() {
    let session = session(&open(Hooks::new(Account))).await;
    let connection = session.connection().unwrap();
    assert_eq!(connection.sip_login.as_deref(), Some("10009"));
    assert_eq!(connection.sip_password, Some(Secret::from("p4ss")));

    let to_client = [
        session.send_status(SessionStatus::Established).await,
        session.send(hook::RegistrationStatus, connection).await,
    ];
    for verdict in to_client {
        let ToClient::Delivered(fields) = verdict.to_client() else { panic!("{}", verdict.hook()) };
        let fields = object(&fields);
        assert_eq!(fields["sipRegisterRequired"], true);
        for name in ["sipLogin", "sipPassword", "sipDomain"] {
            assert!(!fields.contains_key(name), "{name}");
        }
    }
}

#[tokio::test]
async fn a_call_is_redirected() {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PlaceCall, async |_, call: Call| Ok(Call { callee: "1001".into(), ..call }))
        .overwriting(hook::PlaceCall, ["callee"]);
    let call =
        Call { call_id: "c1".into(), caller: "alice".into(), callee: "sales".into(), ..Call::default() };
    let verdict = session(&open(hooks)).await.send(hook::PlaceCall, call.clone()).await;
    assert!(verdict.goes_on());
    assert_eq!(verdict.payload::<Call>().unwrap(), Call { callee: "1001".into(), ..call });
}

/// Players come without a session, so without a policy: a refusal always counts, and so does a fault.
#[tokio::test]
async fn players_are_turned_away() {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PlayHls, async |_, play: HlsPlay| {
            play.custom.get("aclAuth").filter(|token| *token == "good").map(drop).or_forbidden("no ticket")
        })
        .on(hook::PlayRtsp, async |_, play: RtspPlay| match play.url() {
            "rtsp://wcs/open" => Ok(()),
            "rtsp://wcs/fault" => Err("x".parse::<u8>().unwrap_err().into()),
            _ => Err(Refusal::forbidden("no")),
        });
    let (dispatcher, app) = (dispatcher(open(hooks)), app("defaultApp"));
    for (token, refusal) in [("good", None), ("bad", Some(PlayerRefusal::Unauthorized))] {
        let mut play = HlsPlay { name: "b4e7".into(), ..HlsPlay::default() };
        play.custom.insert("aclAuth".into(), token.into());
        let verdict = dispatcher.play(&app, hook::PlayHls, play).await;
        assert_eq!((verdict.player_refusal(), verdict.to_client()), (refusal, ToClient::Nothing), "{token}");
    }
    let closed = Some(PlayerRefusal::ConnectionClosed);
    for (name, refusal) in [("open", None), ("closed", closed), ("fault", closed)] {
        let play = RtspPlay { name: format!("rtsp://wcs/{name}"), ..RtspPlay::default() };
        let verdict = dispatcher.play(&app, hook::PlayRtsp, play).await;
        assert_eq!(verdict.player_refusal(), refusal, "{name}");
    }
}

#[tokio::test]
async fn what_nobody_handles_can_be_refused_for_good() {
    let session = session(&open(Hooks::new(AllowAll).unhandled(Unhandled::Refuse))).await;
    let empty = Object::parse("{}").unwrap();
    for hook in in_sessions() {
        let verdict = session.send_raw(hook.as_str(), &empty).await;
        let expected = match hook.kind() {
            HookKind::Incoming => Effect::RefuseCaller,
            HookKind::Invoke if !hook.info().refusing_makes_no_sense => Effect::BreakOperation,
            _ => Effect::GoOn,
        };
        assert_eq!(verdict.effect(), expected, "{hook}");
    }
}

#[tokio::test]
async fn a_keep_alive_ends_the_stream_and_a_fault_of_the_backend_does_not() {
    let hooks =
        Hooks::new(AllowAll).on(hook::StreamKeepAlive, async |_, stream: Stream| match &*stream.name {
            "over" => Ok(KeepAlive::EndStream),
            "fault" => Err(EventError::new("disk full")),
            "panic" => panic!("on purpose"),
            _ => Ok(KeepAlive::Continue),
        });
    let session = session(&open(hooks)).await;
    for (name, ends) in [("b4e7", false), ("over", true), ("fault", false), ("panic", false)] {
        let verdict = session.keep_alive(stream(name)).await;
        assert_eq!(verdict.ends_stream(), ends, "{name}");
        if ends {
            let fail = told(verdict.to_client());
            assert_eq!((&*fail.info, fail.id.as_deref()), ("Terminated by keep-alive", Some("m1")));
        }
    }
}

#[tokio::test]
async fn what_the_user_overrides_counts() {
    let policy = HookPolicy::default();
    let hooks = Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, _| Err(Refusal::forbidden("no")))
        .policy(HookName::PublishStream, policy);
    let backend = open(hooks);
    let verdict = session(&backend).await.send(hook::PublishStream, stream("b4e7")).await;
    assert_eq!((verdict.outcome(), verdict.effect()), (Outcome::Status(403), Effect::GoOn));
    assert_eq!(backend.counters().vain_refusals(HookName::PublishStream), 1);
}

#[tokio::test]
async fn what_wcs_does_not_take_is_counted_and_does_not_happen() {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, mut stream: Stream| {
            stream.media_session_id = "mine".into();
            stream.name = "renamed".into();
            stream.record = Some(true);
            Ok(stream)
        })
        .overwriting(hook::PublishStream, ["name"])
        .on(hook::Hangup, async |_, _| Err(Refusal::forbidden("stay")));
    let (backend, logs) = (open(hooks), crate::support::Logs::start());
    let session = session(&backend).await;
    for id in ["1", "2", "3"] {
        let verdict = session.send(hook::PublishStream, stream(id)).await;
        assert_eq!(verdict.payload::<Stream>().unwrap(), stream("renamed"));
        let call = Call { call_id: id.into(), ..Call::default() };
        assert!(session.send(hook::Hangup, call).await.goes_on());
    }
    assert_eq!(backend.counters().vain_changes(HookName::PublishStream), 2 * 3);
    assert_eq!(backend.counters().vain_refusals(HookName::Hangup), 3);
    assert_eq!(logs.text().matches("changed in vain").count(), 2, "{}", logs.text());
    assert_eq!(logs.text().matches("refused in vain").count(), 1, "{}", logs.text());
}

#[tokio::test]
async fn a_method_of_a_newer_wcs_is_echoed_and_counted() {
    let backend = open(Hooks::new(AllowAll));
    let dispatcher = dispatcher(backend.clone());
    let body = Object::parse(r#"{"number":1.50,"object":{"b":1,"a":null}}"#).unwrap();
    let session = dispatcher.connect_as(&app("defaultApp"), context(), Connection::default()).await.unwrap();
    for method in ["newThing", "NewStatusEvent"] {
        let verdict = session.send_raw(method, &body).await;
        assert_eq!((verdict.outcome(), verdict.goes_on()), (Outcome::Accepted, true), "{method}");
        assert!(verdict.fields().ends_with(r#","number":1.50,"object":{"b":1,"a":null}}"#), "{method}");
    }
    assert_eq!(backend.counters().unknown_methods(), 2);
}
