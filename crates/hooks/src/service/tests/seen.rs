use super::*;

#[tokio::test]
async fn what_is_done_in_vain_is_counted() {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, mut stream| {
            stream.media_session_id = "mine".into();
            stream.extra.insert("nodeId".into(), "mine".into());
            stream.name = "renamed".into();
            Ok(stream)
        })
        .on(hook::StopStream, async |_, _| Err(Refusal::forbidden("stay")));
    let backend = open(hooks);
    send(&backend, request("/publishStream", BODY)).await;
    send(&backend, request("/stopStream", BODY)).await;
    assert_eq!(backend.counters().vain_changes(HookName::PublishStream), 2);
    assert_eq!(backend.counters().vain_refusals(HookName::StopStream), 1);
}

struct Seen(std::sync::Mutex<Vec<(Option<HookName>, Answered)>>);

impl Observer for Arc<Seen> {
    fn answered(&self, report: &Report<'_>) {
        assert_eq!(report.app, "default");
        self.0.lock().unwrap().push((report.hook, report.answered));
    }
}

#[tokio::test]
async fn an_observer_is_told_of_every_answer() {
    let seen = Arc::new(Seen(std::sync::Mutex::default()));
    let builder = Backend::builder(every_kind()).callers(Callers::anyone());
    let backend = builder.observer(Arc::clone(&seen)).build().unwrap();
    send(&backend, request("/publishStream", BODY)).await;
    send(&backend, request("/unknown", BODY)).await;
    let expected = [(Some(HookName::PublishStream), Answered::Changed), (None, Answered::Unhandled)];
    assert_eq!(*seen.0.lock().unwrap(), expected);
}

#[derive(Clone)]
struct Tenant(&'static str);

/// Lets in whoever a layer has given a tenant.
struct Owner;

impl crate::ConnectHandler for Owner {
    async fn connect(&self, ctx: crate::Context, connection: Connection) -> crate::HookResult<Connection> {
        let tenant = ctx.extensions().get::<Tenant>().or_forbidden("no tenant")?;
        assert_eq!((tenant.0, ctx.node_address()), ("acme", Some("10.0.0.1")));
        Ok(connection)
    }
}

#[tokio::test]
async fn a_handler_sees_what_layers_put_into_the_request() {
    let backend = open(Hooks::new(Owner));
    assert_refused(&send(&backend, request("/connect", BODY)).await, 403, "no tenant");
    let mut request = request("/other/connect", BODY);
    request.extensions_mut().insert(Tenant("acme"));
    assert_eq!(send(&backend, request).await.status, 200);
}

#[tokio::test]
async fn one_function_observes_every_event_beside_its_handler() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hooks = every_kind().on_every_event({
        let seen = Arc::clone(&seen);
        move |ctx| {
            seen.lock().unwrap().push(ctx.hook());
            async { Ok(()) }
        }
    });
    let backend = open(hooks.on(hook::CallStatus, async |_, _| Err(EventError::new("disk full"))));
    for (method, hook, answered) in [
        ("StreamStatusEvent", HookName::StreamStatus, Answered::Accepted),
        ("CallStatusEvent", HookName::CallStatus, Answered::Failed),
        ("ErrorStatusEvent", HookName::ErrorStatus, Answered::Accepted),
        ("StreamKeepAliveEvent", HookName::StreamKeepAlive, Answered::Accepted),
        ("call", HookName::PlaceCall, Answered::Unhandled),
    ] {
        assert_eq!(send(&backend, request(&format!("/{method}"), BODY)).await.body, BODY);
        assert_eq!(backend.counters().answered(hook, answered), 1, "{method}");
    }
    let expected = [HookName::StreamStatus, HookName::CallStatus, HookName::ErrorStatus];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_fails_to_observe_an_event_hides_no_failure_of_its_handler() {
    let hooks = every_kind().on_every_event(async |_| Err(EventError::new("no log")));
    let backend = open(hooks);
    for name in ["b4e7", "fail"] {
        let body = BODY.replace("b4e7", name);
        assert_eq!(send(&backend, request("/StreamStatusEvent", body.clone())).await.body, body);
    }
    assert_eq!(backend.counters().answered(HookName::StreamStatus, Answered::Failed), 2);
}
