use super::*;

#[tokio::test]
async fn a_body_in_pieces_is_read_whole_up_to_the_limit() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).body_limit(8).build().unwrap();
    for (pieces, status) in [(&["ab", "", "cd", "efgh"][..], 200), (&["abcd", "efghi"], 413)] {
        let frames = pieces
            .iter()
            .map(|piece| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(piece.as_bytes()))));
        let body = http_body_util::StreamBody::new(Frames(frames.collect::<Vec<_>>().into_iter()));
        let request =
            Request::post("/unknown").header("content-type", "application/json").body(body).unwrap();
        let reply = backend.clone().oneshot(request).await.unwrap();
        assert_eq!(reply.status(), status);
        if status == 200 {
            assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "abcdefgh");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_taken_to_its_end_unless_that_is_far() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).body_limit(8).build().unwrap();
    for (pieces, taken) in [(3, 3), (4, 4), (100, 8)] {
        let polled = Arc::new(AtomicUsize::new(0));
        let frames = (0..pieces).map({
            let polled = Arc::clone(&polled);
            move |_| {
                polled.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(b"abcd")))
            }
        });
        let body = http_body_util::StreamBody::new(Frames(frames));
        let request =
            Request::post("/unknown").header("content-type", "application/json").body(body).unwrap();
        assert_eq!(backend.clone().oneshot(request).await.unwrap().status(), 413);
        assert_eq!(polled.load(Ordering::Relaxed), taken, "{pieces}");
    }
}

/// docs/security.md, "What the framework does": refused where a handler reads it, and echoed where nobody does.
#[tokio::test]
async fn a_key_twice_at_any_depth_and_too_many_members_are_refused_where_they_are_read() {
    const CANNOT: &str = "the body is not an object that this hook can carry";
    let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build().unwrap();
    let members: Vec<_> = (0..1025).map(|key| format!("\"{key}\":0")).collect();
    for (body, problem) in [
        (r#"{"login":"a","login":"b"}"#.to_owned(), r#"the key "login" stands twice"#),
        (r#"{"custom":{"token":"a","tok\u0065n":"b"}}"#.to_owned(), r#"the key "token" stands twice"#),
        (r#"{"new":[{"x":{"a":1,"b":2,"a":3}}]}"#.to_owned(), r#"the key "a" stands twice"#),
        (format!("{{{}}}", members.join(",")), "it has more than 1024 members"),
    ] {
        for (hook, status) in [("connect", 400), ("publishStream", 200)] {
            let request = Request::post(format!("/{hook}")).header("content-type", "application/json");
            let reply = backend
                .clone()
                .oneshot(request.body(Full::new(Bytes::from(body.clone()))).unwrap())
                .await
                .unwrap();
            assert_eq!(reply.status(), status, "{hook} {body}");
            let answered = reply.into_body().collect().await.unwrap().to_bytes();
            if status == 200 {
                assert_eq!(answered, body);
            } else {
                let answered: serde_json::Value = serde_json::from_slice(&answered).unwrap();
                assert_eq!(answered["reason"], format!("{CANNOT}: {problem}"));
            }
        }
    }
}

/// A body's frames as a stream.
struct Frames<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Frames<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

/// A body that is waited for before each of its pieces, and after the last for ever, or not at all.
struct Slow {
    pieces: std::collections::VecDeque<&'static [u8]>,
    has_waited: bool,
    ends: Ends,
    says: Option<u64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    InOrder,
    CutOff,
    Never,
}

fn slow(pieces: &[&'static [u8]], ends: Ends) -> Slow {
    Slow { pieces: pieces.iter().copied().collect(), has_waited: false, ends, says: None }
}

impl Body for Slow {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        self.has_waited = !self.has_waited;
        if self.has_waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match (self.pieces.pop_front(), self.ends) {
            (Some(piece), _) => Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(piece))))),
            (None, Ends::InOrder) => Poll::Ready(None),
            (None, Ends::CutOff) => Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into()))),
            (None, Ends::Never) => Poll::Pending,
        }
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.says.map_or_else(http_body::SizeHint::new, http_body::SizeHint::with_exact)
    }
}

fn from<B>(peer: Option<u8>, body: B) -> Request<B> {
    let request = Request::post("/unknown").header("content-type", "application/json");
    let mut request = request.body(body).unwrap();
    if let Some(last) = peer {
        request.extensions_mut().insert(PeerAddress([192, 0, 2, last].into()));
    }
    request
}

async fn status<B: Body<Data = Bytes, Error: Send + Sync> + Send + 'static>(
    backend: &Backend,
    request: Request<B>,
) -> u16 {
    backend.clone().oneshot(request).await.unwrap().status().as_u16()
}

fn with_memory(body: usize, body_memory: usize) -> Backend {
    let mut settings = crate::Settings { callers: Some(Callers::anyone()), ..crate::Settings::default() };
    (settings.limits.body, settings.limits.body_memory) = (body, body_memory);
    Backend::builder(Hooks::new(AllowAll)).settings(settings).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn without_memory_whole_bodies_are_read_and_others_are_turned_away() {
    let backend = with_memory(1 << 10, 8 << 10);
    let mut all = backend.shared.body_memory.reservation(None);
    assert!(all.resize(8 << 10));
    let turned_away = || backend.metrics().value("wcs_hooks_turned_away", &[("reason", "no_memory")]);
    for (peer, waits) in [(None, 1), (Some(1), 0)] {
        let (started, before) = (Instant::now(), turned_away().unwrap());
        assert_eq!(status(&backend, from(peer, slow(&[b"ab", b"c"], Ends::InOrder))).await, 503);
        assert_eq!((started.elapsed().as_secs(), turned_away().unwrap()), (waits, before + 1));
        assert_eq!(status(&backend, from(peer, Full::new(Bytes::from_static(b"abc")))).await, 200);
    }
    // There is some before its time is over. It has proved itself by now, and waits.
    let waiting = tokio::spawn({
        let backend = backend.clone();
        async move { status(&backend, from(Some(1), slow(&[b"ab", b"c"], Ends::InOrder))).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(!waiting.is_finished());
    drop(all);
    assert_eq!(waiting.await.unwrap(), 200);
    assert_eq!(backend.shared.body_memory.taken(), 0);
}

#[tokio::test]
async fn what_has_come_is_charged_and_not_what_is_said_to_come() {
    const MIB: usize = 1 << 20;
    static PIECES: [u8; MIB] = [b' '; MIB];
    let backend = with_memory(MIB, 64 * MIB);
    for (pieces, says, least, most) in [
        (&[][..], None, 1, 20_000),
        (&[&PIECES[..200]], None, 200, 20_000),
        (&[&PIECES[..200]], Some(MIB as u64), 200, 20_000),
        (&[&PIECES[..MIB / 2], &PIECES[..1]], None, MIB / 2, MIB + 20_000),
        (&[&PIECES[..MIB / 4], &PIECES[..MIB / 4], &PIECES[..MIB / 2]], None, MIB, MIB + 20_000),
    ] {
        let body = Slow { says, ..slow(pieces, Ends::Never) };
        let mut answer = Box::pin(backend.clone().oneshot(from(None, body)));
        // It wakes itself up before each piece.
        assert!(tokio::time::timeout(std::time::Duration::from_millis(1), answer.as_mut()).await.is_err());
        let taken = backend.shared.body_memory.taken();
        assert!((least..=most).contains(&taken), "{taken} for {} pieces", pieces.len());
        let shown = backend.metrics().value("wcs_hooks_body_memory_bytes", &[]);
        assert_eq!(shown, Some(taken as u64));
        drop(answer);
        assert_eq!(backend.shared.body_memory.taken(), 0);
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_keeps_no_memory_while_it_is_discarded() {
    const MIB: usize = 1 << 20;
    static PIECES: [u8; MIB] = [b' '; MIB];
    let backend = with_memory(MIB, 64 * MIB);
    let body = slow(&[&PIECES[..], &PIECES[..1], &PIECES[..MIB / 2]], Ends::Never);
    let mut answer = Box::pin(backend.clone().oneshot(from(None, body)));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(1), answer.as_mut()).await.is_err());
    let taken = backend.shared.body_memory.taken();
    assert!((1..20_000).contains(&taken), "{taken}");
    drop(answer);
    assert_eq!(backend.shared.body_memory.taken(), 0);
}

/// Each would be counted as a failed authentication; the address of a valid call is not.
#[tokio::test]
async fn bodies_that_are_not_finished_count_against_strangers() {
    let settings = |callers| {
        let mut settings = crate::Settings { callers: Some(callers), ..crate::Settings::default() };
        settings.limits.denials_per_minute = 3;
        settings
    };
    for (ends, status_of) in [(Ends::CutOff, Some(400)), (Ends::Never, None)] {
        let hooks = Hooks::new(AllowAll);
        let backend = Backend::builder(hooks).settings(settings(Callers::anyone())).build().unwrap();
        assert_eq!(status(&backend, from(Some(2), Full::new(Bytes::from_static(b"{}")))).await, 200);
        for (peer, then) in [(1, 429), (2, 200)] {
            for _ in 0..3 {
                let mut answer = Box::pin(status(&backend, from(Some(peer), slow(&[b"{"], ends))));
                let came =
                    tokio::time::timeout(std::time::Duration::from_millis(1), answer.as_mut()).await.ok();
                assert_eq!(came, status_of);
            }
            let body = Full::new(Bytes::from_static(b"{}"));
            assert_eq!(status(&backend, from(Some(peer), body)).await, then, "{peer}");
        }
    }
}

#[tokio::test]
async fn a_stranger_is_told_that_its_connection_ends() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::basic("wcs", "password")).build().unwrap();
    let header = async |peer, credentials: Option<&str>| {
        let mut request = from(peer, Full::new(Bytes::from_static(b"{}")));
        if let Some(credentials) = credentials {
            request.headers_mut().insert("authorization", credentials.parse().unwrap());
        }
        let got = send(&backend, request).await;
        (got.status, got.headers.get("connection").map(|value| value.to_str().unwrap().to_owned()))
    };
    let close = Some("close".to_owned());
    assert_eq!(header(Some(1), None).await, (401, close.clone()));
    assert_eq!(header(Some(1), Some("Basic d2NzOnBhc3N3b3Jk")).await, (200, None));
    assert_eq!(header(Some(1), None).await, (401, None));
    assert_eq!(header(Some(2), Some("Basic wrong")).await, (401, close));
    assert_eq!(header(None, None).await, (401, None));
}

#[test]
fn there_is_memory_for_the_longest_body() {
    let mut settings = crate::Settings { callers: Some(Callers::anyone()), ..crate::Settings::default() };
    settings.limits.body = settings.limits.body_memory / 8 + 1;
    let error = Backend::builder(Hooks::new(AllowAll)).settings(settings).build().unwrap_err();
    assert_eq!(error.to_string(), "limits.body_memory: at least 8 times limits.body is needed");
}
