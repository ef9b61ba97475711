//! `/call/…`.

use std::sync::Arc;

use axum::extract::State;

use super::{
    Rest,
    command::{Answer, Answered, Command, needed},
    filter::Filter,
};
use crate::session::{CallInput, Input, Signal};

impl Rest {
    /// Gives the side of a call with the command's `callId` something to do.
    fn to_call(&self, command: &Command, signal: Signal) -> Answered {
        let object = command.object()?;
        let call = self.shared.hub.call(&needed(&object, "callId")?);
        let Some(call) = call else { return Ok(Answer::None) };
        let input = CallInput { call_id: Arc::clone(&call.call_id), signal };
        Ok(Answer::done(call.mailbox.put(Input::Call(input)).is_ok()))
    }
}

pub(super) async fn find(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let filter = Filter::of(&object);
    let mut calls = rest.shared.hub.calls();
    calls.retain(|call| filter.takes(&call.fields));
    Ok(Answer::list(&calls.into_iter().map(|call| call.fields).collect::<Vec<_>>()))
}

pub(super) async fn find_all(State(rest): State<Rest>) -> Answer {
    let calls = rest.shared.hub.calls().into_iter();
    Answer::list(&calls.map(|call| call.fields).collect::<Vec<_>>())
}

/// Ends a call as if its client had hung up.
pub(super) async fn terminate(State(rest): State<Rest>, command: Command) -> Answered {
    rest.to_call(&command, Signal::Terminate)
}

/// Sends a tone as if the call's client had.
pub(super) async fn send_dtmf(State(rest): State<Rest>, command: Command) -> Answered {
    let tone = command.object()?.text().to_owned();
    rest.to_call(&command, Signal::Dtmf { tone })
}
