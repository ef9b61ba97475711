//! A client's session: a task that handles what comes to it, one thing after the other.

mod calls;
mod connect;
mod data;
mod diagnostics;
mod fields;
mod kept;
mod leave;
mod messages;
mod streams;

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use wcs_hooks_dispatcher::{self as wcs, ToClient, Verdict};
use wcs_hooks_protocol::{HookName, Object};

use crate::{
    frame::{Frame, FrameError, name},
    gateway::Shared,
    hub::{Mailbox, Place},
    keep_alive::KeepAlive,
    outbox::Outbox,
};

pub(crate) use calls::{CallInput, Signal};
pub(crate) use fields::object;
use kept::Link;
pub(crate) use streams::PICTURE;
use streams::Stream;

/// What the REST API and other sessions have for a session.
pub(crate) enum Input {
    /// Data for the client, from the REST API. The payload is JSON.
    Data { operation_id: Arc<str>, payload: Arc<str> },
    /// A stream of this session has ended, for a reason of `StreamStatusEvent`. Spec §6.4.
    StreamEnded { media_session_id: Arc<str>, info: &'static str },
    /// Something happened in a stream that this session plays. The payload is JSON.
    StreamEvent { media_session_id: Arc<str>, kind: Arc<str>, payload: Arc<str> },
    /// A call of this session, or one that comes in.
    Call(calls::CallInput),
    /// A message of another session.
    Message(messages::Letter),
    /// What has become of a message that this session sent: its object as JSON, and why it failed.
    Receipt { fields: String, failure: Option<calls::Sip> },
    /// The client of a kept session has come back.
    Return(Client),
    /// The session is to end.
    Terminate,
    /// The session is to be gone, and nobody is told.
    Vanish,
}

/// A client as its session sees it.
pub(crate) struct Client {
    /// What it sends. Ends with its connection.
    pub(crate) frames: mpsc::Receiver<Result<Frame, FrameError>>,
    pub(crate) outbox: Outbox,
    /// Where its page comes from.
    pub(crate) origin: Option<String>,
}

/// A session that the backend let open.
pub(crate) struct Session {
    shared: Arc<Shared>,
    hooks: wcs::Session,
    outbox: Outbox,
    id: Arc<str>,
    mailbox: Mailbox,
    streams: Vec<Stream>,
    calls: calls::Calls,
    /// What the client was told of its session, if the session outlives its connection.
    kept: Option<kept::Kept>,
    /// Nobody is told of its end.
    is_gone: bool,
}

/// Serves a client from its first message to the hooks that tell of its end.
pub(crate) async fn run(shared: Arc<Shared>, client: Client, place: Place) {
    let (mailbox, inputs, overflow) = Mailbox::new(shared.limits.waiting_inputs);
    if let Some((mut session, client)) = connect::open(&shared, client, mailbox).await {
        session.serve(client, inputs, &overflow).await;
        session.leave().await;
    }
    drop(place);
}

impl Session {
    /// Handles what comes, until the client is gone or the session is to end.
    async fn serve(&mut self, client: Client, mut inputs: mpsc::Receiver<Input>, overflow: &Notify) {
        let mut link = Link::Open(client);
        let mut keep_alive = KeepAlive::new(&self.shared.dispatcher, self.hooks.app());
        while !self.shared.is_stopping() {
            tokio::select! {
                biased;
                () = overflow.notified() => return,
                Some(input) = inputs.recv() => match input {
                    Input::Terminate => return,
                    Input::Vanish => return self.vanish(),
                    Input::Return(client) => link = self.resume(client),
                    input => self.input(input).await,
                },
                () = keep_alive.due() => self.keep_alive().await,
                id = self.unanswered() => self.give_up(&id).await,
                frame = link.next() => match frame {
                    Some(Ok(frame)) => self.frame(&frame).await,
                    Some(Err(error)) => self.tell(&Frame::failed(error.to_string(), None, None)),
                    None => match self.lost(&link) {
                        Some(lost) => link = lost,
                        None => return,
                    },
                },
            }
        }
    }

    async fn input(&mut self, input: Input) {
        match input {
            Input::Data { operation_id, payload } => self.data_for_client(&operation_id, &payload).await,
            Input::StreamEnded { media_session_id, info } => {
                self.stream_failed(&media_session_id, info).await;
            }
            Input::StreamEvent { media_session_id, kind, payload } => {
                self.stream_event(&media_session_id, &kind, &payload);
            }
            Input::Call(input) => self.call_input(input).await,
            Input::Message(letter) => self.message(letter).await,
            Input::Receipt { fields, failure } => self.message_sent(&fields, failure).await,
            Input::Return(_) | Input::Terminate | Input::Vanish => {}
        }
    }

    async fn frame(&mut self, frame: &Frame) {
        tracing::debug!(session = &*self.id, name = frame.name(), "A client sends");
        match (frame.message(), frame.object()) {
            (name::PING, _) => self.tell(&Frame::bare(name::PONG)),
            (name::PONG | name::MESSAGE_RESULT, _) => {}
            (name::SEND_DATA, Ok(object)) => self.client_data(&object).await,
            (name::SEND_STREAM_EVENT, Ok(object)) => self.send_stream_event(&object),
            (name::CONNECTION, _) => {
                self.tell(&Frame::failed("The session is connected already", None, None));
            }
            (_, Ok(object)) => match frame.hook() {
                Some(hook) => self.action(hook, &object).await,
                None => {
                    tracing::debug!(session = &*self.id, name = frame.name(), "A message is not known");
                }
            },
            (message, Err(_)) => {
                let info = format!("The argument of {message} must be an object");
                self.tell(&Frame::failed(info, None, None));
            }
        }
    }

    /// What is named like the hook that it causes.
    async fn action(&mut self, hook: HookName, object: &Object<'_>) {
        match hook {
            HookName::PublishStream | HookName::PlayStream => self.start_stream(hook, object).await,
            HookName::UnPublishStream | HookName::StopStream => self.stop_stream(hook, object).await,
            HookName::PauseStream => self.pause_stream(object).await,
            HookName::Snapshot => self.snapshot(object).await,
            HookName::AvailableStream => self.available_stream(object).await,
            HookName::PlaceCall
            | HookName::Answer
            | HookName::Hangup
            | HookName::Hold
            | HookName::Unhold
            | HookName::TransferCall
            | HookName::SendDtmf => self.call_action(hook, object).await,
            HookName::SendMessage => self.send_message(object).await,
            HookName::SubmitBugReport => self.bug_report(object).await,
            HookName::SessionDebugCommand => self.debug(object).await,
            HookName::PushLogs => drop(self.ask(hook, object).await),
            _ => self.tell(&Frame::failed(format!("{hook} is not supported"), None, None)),
        }
    }

    /// Sends a hook.
    async fn send(&self, hook: HookName, object: &Object<'_>) -> Verdict {
        self.hooks.send_raw(hook.as_str(), object).await
    }

    /// Sends a hook, and gives what came of it unless the operation is broken; the client is told then. Spec §4.5.
    async fn ask(&self, hook: HookName, object: &Object<'_>) -> Option<Verdict> {
        let verdict = self.send(hook, object).await;
        self.tell_failure(&verdict);
        verdict.goes_on().then_some(verdict)
    }

    /// Sends an event to the backend, and then to the client as a message of this name.
    async fn event(&self, hook: HookName, json: &str, message: &'static str) {
        let Ok(object) = Object::parse(json) else { return };
        let verdict = self.send(hook, &object).await;
        self.tell_failure(&verdict);
        if let ToClient::Delivered(fields) = verdict.to_client() {
            self.tell(&Frame::new(message, [fields]));
        }
    }

    fn tell_failure(&self, verdict: &Verdict) {
        if let ToClient::Fail(fail) = verdict.to_client() {
            self.tell(&Frame::fail(&fail));
        }
    }

    fn tell(&self, frame: &Frame) {
        self.outbox.push(frame);
    }
}
