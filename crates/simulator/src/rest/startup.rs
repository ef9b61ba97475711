//! `/call/startup`: a call whose caller has no browser.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use wcs_hooks_protocol::{HookName, Object, info, quoted};

use super::{
    Rest,
    command::{Answer, Answered, Command, needed},
};
use crate::{frame::name, gateway::Shared, session::object, virtual_client::VirtualClient};

/// What such a caller offers: audio that never comes, so that a browser can answer.
const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=mid:0\r\n\
    a=ice-ufrag:none\r\na=ice-pwd:nobodyisherenobodyishere\r\na=setup:actpass\r\na=sendrecv\r\na=rtcp-mux\r\n\
    a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\r\n\
    a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n";

/// What of the command describes the caller's session.
const ACCOUNT: [&str; 8] = [
    "appKey",
    "sipLogin",
    "sipAuthenticationName",
    "sipPassword",
    "sipDomain",
    "sipOutboundProxy",
    "sipPort",
    "custom",
];

/// What of the command describes the call.
const CALL: [&str; 8] =
    ["callId", "callee", "hasAudio", "hasVideo", "visibleName", "rtmpUrl", "rtmpStream", "inviteParameters"];

/// Calls a login. The caller is a client without a page, with the hooks of any session; it leaves when the call is over. It
/// offers audio that never comes.
pub(super) async fn startup(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let id = needed(&object, "callId")?;
    needed(&object, "callee")?;
    if rest.shared.hub.call(&id).is_some() {
        return Err(Answer::error(StatusCode::CONFLICT, "the callId is in use"));
    }
    let client = connect(&rest.shared, &object).await;
    let client = client.map_err(|why| Answer::error(StatusCode::INTERNAL_SERVER_ERROR, why))?;
    tokio::spawn(call(client, request(&object)));
    Ok(Answer::Done)
}

async fn connect(shared: &Arc<Shared>, command: &Object<'_>) -> Result<VirtualClient, String> {
    let mut client = VirtualClient::open(shared).ok_or("there are as many sessions as there may be")?;
    let mut account = picked(command, &ACCOUNT);
    account.push(("sipRegisterRequired", "false".to_owned()));
    client.send(name::CONNECTION, object(account)).await;
    let answer = client.wait_for(&[name::USER_DATA, name::FAIL]).await;
    match answer {
        Some(answer) if answer.message() == name::USER_DATA => Ok(client),
        Some(fail) => Err(fail.object().ok().and_then(|fail| fail.string("info").map(Into::into))),
        None => Err(None),
    }
    .map_err(|info| info.unwrap_or_else(|| info::stream::SESSION_DOES_NOT_EXIST.to_owned()))
}

/// Calls, and leaves when the call is over or has not come about.
async fn call(mut client: VirtualClient, request: String) {
    client.send(HookName::PlaceCall.as_str(), request).await;
    client.wait_for(&[name::FINISH, name::FAIL]).await;
}

fn request(command: &Object<'_>) -> String {
    let mut call = picked(command, &CALL);
    call.extend([
        ("caller", quoted(&command.string("sipLogin").unwrap_or_default())),
        ("sdp", quoted(OFFER)),
    ]);
    object(call)
}

/// Members of a command with these names. Booleans may be written as strings (spec §10).
fn picked(command: &Object<'_>, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let unquoted = |json: &str| match json {
        r#""true""# => "true".to_owned(),
        r#""false""# => "false".to_owned(),
        json => json.to_owned(),
    };
    let member = |name: &&'static str| Some((*name, unquoted(command.get(name)?)));
    names.iter().filter_map(member).collect()
}
