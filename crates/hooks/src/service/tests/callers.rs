use super::*;

fn authorized(path: &str, body: &'static str, header: &str) -> Request<Full<Bytes>> {
    let mut request = request(path, body);
    request.headers_mut().insert(header::AUTHORIZATION, header.parse().unwrap());
    request
}

fn signature(key: &str, body: &str) -> String {
    SigningKey::new(&key.into()).sign(body.as_bytes())
}

#[tokio::test]
async fn callers_prove_who_they_are() {
    let callers = Callers::signed(["new", "old"]).or_basic("wcs", "pass:word");
    let backend = Backend::builder(Hooks::new(AllowAll)).callers(callers).build().unwrap();
    for (header, status) in [
        (signature("new", BODY), 200),
        (signature("old", BODY), 200),
        (signature("other", BODY), 403),
        (signature("new", "{}"), 403),
        ("Basic d2NzOnBhc3M6d29yZA==".to_owned(), 200),
        ("basic d2NzOnBhc3M6d29yZA==".to_owned(), 200),
        ("Basic d2NzOnBhc3M6d29yZQ==".to_owned(), 401),
        ("Bearer x".to_owned(), 401),
        ("wcs x".to_owned(), 403),
    ] {
        let got = send(&backend, authorized("/connect", BODY, &header)).await;
        assert_eq!(got.status, status, "{header}");
        assert_eq!(got.headers.contains_key("www-authenticate"), status == 401);
    }
    assert_eq!(send(&backend, request("/connect", BODY)).await.status, 401);
    assert_eq!(backend.counters().denied_callers(), 6);
}

#[tokio::test]
async fn nothing_is_read_of_a_caller_without_a_header() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::signed(["key"])).body_limit(0).build();
    assert_refused(&send(&backend.unwrap(), request("/connect", BODY)).await, 403, "Forbidden");
}

#[tokio::test]
async fn apps_have_handlers_and_secrets_of_their_own() {
    let named = |name: &'static str| {
        Hooks::new(AllowAll).on(hook::PublishStream, move |_, mut stream| async move {
            stream.name = name.into();
            Ok(stream)
        })
    };
    let backend = Backend::builder(named("default"))
        .app("roomApp", named("room"))
        .app("rtmp", named("rtmp").callers(Callers::signed(["rtmp key"])))
        .callers(Callers::signed(["key"]))
        .build()
        .unwrap();
    for (app, key, expected) in [
        ("defaultApp", "key", Some("default")),
        ("roomApp", "key", Some("room")),
        ("rtmp", "rtmp key", Some("rtmp")),
        ("rtmp", "key", None),
        ("roomApp", "rtmp key", None),
    ] {
        let body: &str = BODY.replace("defaultApp", app).leak();
        let got = send(&backend, authorized("/publishStream", body, &signature(key, body))).await;
        match expected {
            Some(name) => assert_eq!(got.body, body.replace("b4e7", name)),
            None => assert_refused(&got, 403, "Forbidden"),
        }
    }
}

#[test]
fn mistakes_are_errors_at_the_start() {
    let built = |callers: Option<Callers>| {
        let builder = Backend::builder(Hooks::new(AllowAll));
        callers.map_or(Backend::builder(Hooks::new(AllowAll)), |callers| builder.callers(callers)).build()
    };
    for callers in [
        None,
        Some(Callers::default()),
        Some(Callers::signed([""])),
        Some(Callers::signed([""; 0])),
        Some(Callers::basic("", "x")),
        Some(Callers::basic("a:b", "x")),
        Some(Callers::basic("a", "")),
    ] {
        assert!(built(callers.clone()).is_err(), "{callers:?}");
    }
    let twice = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone());
    let twice = twice.app("a", Hooks::new(AllowAll)).app("a", Hooks::new(AllowAll)).build();
    assert_eq!(twice.unwrap_err().to_string(), r#"app "a": it has two sets of handlers"#);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_fails_often_is_shut_out_unless_a_wcs_is_there() {
    let mut settings =
        crate::Settings { callers: Some(Callers::signed(["key"])), ..crate::Settings::default() };
    settings.limits.denials_per_minute = 3;
    let backend = Backend::builder(Hooks::new(AllowAll)).settings(settings).build().unwrap();
    let from = |address: [u8; 4], key: &str| {
        let mut request = authorized("/connect", BODY, &signature(key, BODY));
        request.extensions_mut().insert(crate::PeerAddress(address.into()));
        request
    };
    let (attacker, wcs) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    for (address, key, status) in [
        (attacker, "guess", 403),
        (attacker, "guess", 403),
        (attacker, "guess", 403),
        (attacker, "guess", 429),
        (attacker, "key", 429),
        (wcs, "key", 200),
        (wcs, "guess", 403),
        (wcs, "guess", 403),
        (wcs, "guess", 403),
        (wcs, "guess", 403),
        (wcs, "key", 200),
    ] {
        assert_eq!(send(&backend, from(address, key)).await.status, status, "{address:?} {key}");
    }
    assert_eq!((backend.counters().denied_callers(), backend.counters().shut_out()), (7, 2));
    // Without an address there is no limit.
    for _ in 0..9 {
        assert_eq!(send(&backend, authorized("/connect", BODY, "WCS x")).await.status, 403);
    }
}

/// To come past an open app and be turned away by the one that is asked for proves nothing.
#[tokio::test]
async fn an_app_that_anyone_may_call_vouches_for_nobody_at_another() {
    let open_app = Hooks::new(AllowAll).callers(Callers::anyone());
    let mut settings =
        crate::Settings { callers: Some(Callers::signed(["key"])), ..crate::Settings::default() };
    settings.limits.denials_per_minute = 3;
    let backend =
        Backend::builder(Hooks::new(AllowAll)).app("openApp", open_app).settings(settings).build().unwrap();
    let status = async |app: &str| {
        let mut request = request("/connect", BODY.replace("defaultApp", app));
        request.extensions_mut().insert(crate::PeerAddress([192, 0, 2, 1].into()));
        let got = send(&backend, request).await;
        (got.status, got.headers.contains_key("connection"))
    };
    for answer in [(403, true), (403, true), (403, true), (429, true)] {
        assert_eq!(status("defaultApp").await, answer);
    }
    assert_eq!(status("openApp").await, (429, true));
}
