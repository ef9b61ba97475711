//! What the client does: publishes, plays, calls, sends data, and leaves.

use std::error::Error;

use wcs_hooks_dispatcher::{
    Hook, InSession, Session, hook,
    payloads::{Call, Data, Stream},
    status::{CallStatus, MediaProvider, SessionStatus, StreamStatus},
};

use crate::{options::Options, report::Report};

type Done<T> = Result<T, Box<dyn Error>>;

pub(crate) struct Flow<'a> {
    pub(crate) session: &'a Session,
    pub(crate) report: &'a mut Report,
}

impl Flow<'_> {
    pub(crate) async fn run(&mut self, options: &Options) -> Done<()> {
        self.session_status(SessionStatus::Established).await;
        let published = self.send(hook::PublishStream, stream("publish-1", &options.stream, true)).await?;
        self.stream_status(published.as_ref(), StreamStatus::Publishing).await?;
        let played = self.send(hook::PlayStream, stream("play-1", &options.play, false)).await?;
        self.stream_status(played.as_ref(), StreamStatus::Playing).await?;
        self.call(&options.callee).await?;
        let data = Data { operation_id: "data-1".into(), payload: "hello".into(), ..Data::default() };
        self.send(hook::OnData, data).await?;
        if let Some(stream) = played {
            self.send(hook::StopStream, stream.clone()).await?;
            self.stream_status(Some(&stream), StreamStatus::Stopped).await?;
        }
        if let Some(stream) = published {
            self.send(hook::UnPublishStream, stream.clone()).await?;
            self.stream_status(Some(&stream), StreamStatus::Unpublished).await?;
        }
        self.session_status(SessionStatus::Disconnected).await;
        Ok(())
    }

    async fn call(&mut self, callee: &str) -> Done<()> {
        let Some(call) = self.send(hook::PlaceCall, call("call-1", callee)).await? else {
            return Ok(());
        };
        self.call_status(&call, CallStatus::Trying).await?;
        self.call_status(&call, CallStatus::Ring).await?;
        self.call_status(&call, CallStatus::Established).await?;
        self.send(hook::Hangup, call.clone()).await?;
        self.call_status(&call, CallStatus::Finish).await
    }

    /// What WCS goes on with; `None` if it does not go on.
    async fn send<H>(&mut self, hook: H, payload: H::Payload) -> Done<Option<H::Payload>>
    where
        H: Hook<Kind: InSession>,
    {
        let verdict = self.session.send(hook, payload).await;
        self.report.print(&verdict);
        Ok(verdict.goes_on().then(|| verdict.payload()).transpose()?)
    }

    async fn session_status(&mut self, status: SessionStatus) {
        self.report.print(&self.session.send_status(status).await);
    }

    async fn stream_status(&mut self, stream: Option<&Stream>, status: StreamStatus) -> Done<()> {
        if let Some(stream) = stream {
            let stream = Stream { status: Some(status), sdp: None, ..stream.clone() };
            self.send(hook::StreamStatus, stream).await?;
        }
        Ok(())
    }

    async fn call_status(&mut self, call: &Call, status: CallStatus) -> Done<()> {
        let call = Call { status: Some(status), sdp: None, ..call.clone() };
        self.send(hook::CallStatus, call).await?;
        Ok(())
    }
}

fn stream(id: &str, name: &str, published: bool) -> Stream {
    Stream {
        media_session_id: id.into(),
        name: name.into(),
        published: Some(published),
        has_video: Some(true),
        has_audio: Some(true),
        status: Some(StreamStatus::Pending),
        sdp: Some("v=0\r\n".into()),
        media_provider: Some(MediaProvider::WebRtc),
        ..Stream::default()
    }
}

fn call(id: &str, callee: &str) -> Call {
    Call {
        call_id: id.into(),
        incoming: Some(false),
        status: Some(CallStatus::Pending),
        caller: "1000".into(),
        callee: callee.into(),
        has_audio: Some(true),
        has_video: Some(false),
        sdp: Some("v=0\r\n".into()),
        media_provider: Some(MediaProvider::WebRtc),
        ..Call::default()
    }
}
