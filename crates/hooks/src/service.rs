//! The one path from a request's bytes to its answer: cap, signature, parse, handler.

use std::{
    convert::Infallible,
    future::Future,
    mem,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::{self, Poll},
    thread,
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Extensions, HeaderMap, Method, Request, Uri, header, request::Parts};
use http_body::Body;
use tokio::time::Instant;
use tower::Service;
use tracing::Instrument;
use wcs_hooks_protocol::is_json_type;

use crate::{
    Backend, Counters, PeerAddress, Refusal, Report,
    backend::Shared,
    body::{self, Held},
    callers::Credentials,
    decide::Call,
    denials::Denials,
    entrance::Caller,
    live::Live,
    panics::Place,
    reply::{self, Reply, TurnedAway},
    span,
};

impl<B> Service<Request<B>> for Backend
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = Reply;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        let (mut head, body) = request.into_parts();
        let extensions = mem::take(&mut head.extensions);
        let peer = extensions.get().copied();
        Box::pin(async move {
            let reply = shared.answer(&head, extensions, peer, body).await;
            Ok(reply::with_headers(reply, head.headers))
        })
    }
}

impl Shared {
    /// There is an answer whatever panics.
    pub(crate) async fn answer<B: Body<Error: 'static>>(
        &self,
        head: &Parts,
        extensions: Extensions,
        peer: Option<PeerAddress>,
        body: B,
    ) -> Reply {
        let answering = AssertUnwindSafe(self.receive_and_decide(head, extensions, peer, body));
        answering.catch_unwind().await.unwrap_or_else(|_| {
            self.panics.add(Place::Answer);
            reply::refused(&Refusal::internal("a panic"))
        })
    }

    async fn receive_and_decide<B: Body<Error: 'static>>(
        &self,
        head: &Parts,
        extensions: Extensions,
        peer: Option<PeerAddress>,
        body: B,
    ) -> Reply {
        let started = Instant::now();
        let _in_flight = self.measured.enter();
        let live = self.live();
        let (caller, body) = match self.receive(&live, head, peer, body).await {
            Ok(received) => received,
            Err(why) => return self.turn_away(why, head, peer),
        };
        let hook = method_name(&head.uri).parse().ok();
        let call = Call { live: &live, hook, path: head.uri.path(), caller, peer, body: &body };
        self.measured.body(body.len());
        let span = span::begin(hook, &head.headers, &body);
        let abandoned = Abandoned(&self.counters);
        let mut deciding = pin!(self.decide(&call, extensions).instrument(span));
        let (app, answered, reply) = deciding.as_mut().await;
        mem::forget(abandoned);
        self.counters.count(hook, answered);
        let report = Report { hook, app: &app.name, answered, elapsed: started.elapsed() };
        self.measured.answered(app.index, &report);
        span::end(deciding.span(), &report);
        if let Some(observer) = &self.observer {
            self.panics.catch(Place::Observer, || observer.answered(&report));
        }
        reply
    }

    /// Callers that do not prove who they are are counted by their address, and soon not looked at any more.
    async fn receive<'h, B: Body<Error: 'static>>(
        &self,
        live: &Live,
        head: &'h Parts,
        peer: Option<PeerAddress>,
        body: B,
    ) -> Result<(Caller<'h>, Bytes), TurnedAway> {
        if self.denials.shut_out(peer, live.settings.limits.denials_per_minute) {
            return Err(TurnedAway::ShutOut);
        }
        let unfinished = Unfinished { denials: &self.denials, peer };
        let memory = Held::new(&self.body_memory, &self.denials, peer, &head.headers);
        let received = live.receive(head, body, memory).await;
        mem::forget(unfinished);
        match received {
            Err(TurnedAway::Denied | TurnedAway::Challenged) => self.denials.count(peer),
            Err(TurnedAway::CutOff | TurnedAway::TooSlow | TurnedAway::NoMemory) => {
                self.denials.count_unfinished(peer);
            }
            _ => {}
        }
        received
    }

    /// The connection of a peer ends with this, if no valid call has come from its address.
    pub(crate) fn turn_away(&self, why: TurnedAway, head: &Parts, peer: Option<PeerAddress>) -> Reply {
        self.last_of_stranger(self.rejection(why, head, peer), peer)
    }

    pub(crate) fn last_of_stranger(&self, reply: Reply, peer: Option<PeerAddress>) -> Reply {
        if self.denials.stranger(peer).is_some() { reply::last(reply) } else { reply }
    }

    fn rejection(&self, why: TurnedAway, head: &Parts, peer: Option<PeerAddress>) -> Reply {
        self.measured.turned_away(why);
        match why {
            TurnedAway::ShutOut => self.counters.count_shut_out(),
            TurnedAway::Denied | TurnedAway::Challenged => self.counters.count_denied_caller(),
            _ => {}
        }
        self.rejections.add(peer, why, head.uri.path());
        reply::turned_away(why)
    }
}

/// Dropped while a request is being read: its caller has gone away in the middle of it.
struct Unfinished<'d> {
    denials: &'d Denials,
    peer: Option<PeerAddress>,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.denials.count_unfinished(self.peer);
    }
}

/// Dropped while a call is being answered: nobody waits for the answer any more.
struct Abandoned<'c>(&'c Counters);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        tracing::warn!("the caller has gone away before it was answered");
        self.0.count_abandoned();
    }
}

impl Live {
    /// The body of a request that is worth looking at, and who sent it.
    async fn receive<'h, B: Body<Error: 'static>>(
        &self,
        head: &'h Parts,
        body: B,
        memory: Held<'_>,
    ) -> Result<(Caller<'h>, Bytes), TurnedAway> {
        if head.method != Method::POST {
            return Err(TurnedAway::NotPosted);
        }
        let path = head.uri.path();
        if path.is_empty() || path.ends_with('/') {
            return Err(TurnedAway::NamesNoHook);
        }
        let admissions = self.entrance.admit(Credentials::new(head.headers.get(header::AUTHORIZATION)))?;
        if !is_json(&head.headers) {
            return Err(TurnedAway::NotJson);
        }
        let body = body::read(body, self.settings.limits.body, memory).await?;
        Ok((self.entrance.open(admissions, &body)?, body))
    }
}

/// The last segment of the path names the hook, whatever stands before it. Spec §1.1.
fn method_name(uri: &Uri) -> &str {
    let path = uri.path();
    // Names are short: looking at one byte after the other costs less than `rsplit`.
    let start = path.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    &path[start..]
}

/// Whether the body is JSON in UTF-8, as every hook's is. Spec §1.1.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    // What WCS sends, letter for letter.
    content_type == "application/json;charset=UTF-8" || content_type.to_str().is_ok_and(is_json_in_utf8)
}

fn is_json_in_utf8(content_type: &str) -> bool {
    is_json_type(content_type) && content_type.split(';').skip(1).map(str::trim).all(is_utf8_or_no_charset)
}

fn is_utf8_or_no_charset(parameter: &str) -> bool {
    let charset = parameter.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    charset.is_none_or(|(_, value)| value.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests;
