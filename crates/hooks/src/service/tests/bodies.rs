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
