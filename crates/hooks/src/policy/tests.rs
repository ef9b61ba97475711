use wcs_hooks_protocol::{Object, hook};

use super::*;
use crate::{
    AllowAll, Context, EventResult, HookResult, KeepAlive, KeepAliveResult, StreamHandler, Unhandled,
    payloads::Stream,
};

struct Streams;

impl StreamHandler for Streams {
    async fn publish_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }

    async fn play_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }

    async fn stop_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }

    async fn stream_status(&self, _: Context, _: Stream) -> EventResult {
        Ok(())
    }

    async fn stream_keep_alive(&self, _: Context, _: Stream) -> KeepAliveResult {
        Ok(KeepAlive::Continue)
    }
}

fn hooks() -> Hooks {
    Hooks::new(AllowAll).streams(Streams)
}

fn policy_of(hooks: &Hooks) -> AppPolicy {
    AppPolicy::of(hooks, |_| HookSettings::default())
}

fn policy_json(hooks: &Hooks, hook: HookName) -> String {
    policy_of(hooks).config.policy(hook).to_json()
}

const STREAM_FIELDS: &str = "name,hasVideo,hasAudio,record,width,height,bitrate,minBitrate,maxBitrate,quality,gop,fps,\
                             audioBitrate,transport,rtmpUrl,custom";

#[test]
fn policies_follow_from_the_handlers() {
    let publish = format!(
        r#"{{"clientExclude":"","restExclude":"sdp","restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"{STREAM_FIELDS}"}}"#
    );
    let stop = publish.replace("FAIL", "LOG");
    let status = r#"{"clientExclude":"","restExclude":"sdp","restOnError":"LOG","restPolicy":"NOTIFY","restOverwrite":""}"#;
    let keep_alive = status.replace("LOG", "FAIL");
    let call = status.replace("NOTIFY", "DISABLE");
    let data = call.replace("sdp", "");
    for (hook, expected) in [
        (HookName::PublishStream, &*publish),
        (HookName::StopStream, &stop),
        (HookName::StreamStatus, status),
        (HookName::StreamKeepAlive, &keep_alive),
        // Of the same trait, and not overridden.
        (HookName::PauseStream, &call),
        (HookName::RecordingStatus, &data),
        (HookName::PlaceCall, &call),
        (HookName::OnData, &data),
    ] {
        assert_eq!(policy_json(&hooks(), hook), expected, "{hook}");
    }
}

#[test]
fn connect_and_players_have_no_policy() {
    let policy = policy_of(&hooks());
    assert_eq!(policy.config.iter().count(), HookName::ALL.len() - 3);
}

#[test]
fn every_entry_can_be_chosen() {
    let chosen = HookPolicy { rest_on_error: RestOnError::Fail, ..HookPolicy::default() };
    let hooks = hooks()
        .with_sdp()
        .with_unhandled_hooks()
        .overwriting(hook::PublishStream, ["name"])
        .policy(HookName::PushLogs, chosen.clone());
    assert_eq!(
        policy_json(&hooks, HookName::PublishStream),
        r#"{"clientExclude":"","restExclude":"","restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"name"}"#
    );
    assert_eq!(policy_json(&hooks, HookName::PlaceCall), HookPolicy::default().to_json());
    assert_eq!(policy_json(&hooks, HookName::PushLogs), chosen.to_json());
}

#[test]
fn fields_are_kept_from_the_client_and_the_rest_stays() {
    let hooks = hooks()
        .policy(HookName::OnData, HookPolicy::default())
        .hiding(hook::StreamStatus, ["name"])
        .hiding(hook::StreamStatus, ["info", "name"])
        .hiding(hook::OnCall, ["callee"]);
    assert_eq!(
        policy_json(&hooks, HookName::StreamStatus),
        r#"{"clientExclude":"name,info","restExclude":"sdp","restOnError":"LOG","restPolicy":"NOTIFY","restOverwrite":""}"#
    );
    // Nobody handles it, and it is sent all the same.
    assert_eq!(
        policy_json(&hooks, HookName::OnCall),
        r#"{"clientExclude":"callee","restExclude":"sdp","restOnError":"LOG","restPolicy":"NOTIFY","restOverwrite":""}"#
    );
    let hooks = hooks.policy(HookName::StreamStatus, HookPolicy::default());
    assert_eq!(
        policy_json(&hooks, HookName::StreamStatus),
        HookPolicy { client_exclude: vec!["name".into(), "info".into()], ..HookPolicy::default() }.to_json()
    );
}

#[test]
fn what_nobody_handles_is_refused_for_good_if_so_wished() {
    let policy = policy_of(&hooks().unhandled(Unhandled::Refuse));
    let call = policy.config.policy(HookName::PlaceCall);
    assert_eq!((call.rest_policy, call.rest_on_error), (RestPolicy::Notify, RestOnError::Fail));
    let policy_of_nothing = policy_of(&Hooks::new(AllowAll).unhandled(Unhandled::Refuse));
    for hook in [HookName::CallStatus, HookName::Hangup, HookName::StreamKeepAlive] {
        assert_eq!(policy_of_nothing.config.policy(hook).rest_policy, RestPolicy::Disable, "{hook}");
    }
    assert!(policy.minds_refusal(HookName::PlaceCall));
}

fn added(edits: &mut Edits) -> RestClientConfig {
    policy_of(&hooks()).add_to(edits, &Object::parse("{}").unwrap());
    let edited = Object::parse("{}").unwrap().edited(edits);
    RestClientConfig::read(Object::parse(&edited).unwrap().get(RestClientConfig::FIELD).unwrap()).unwrap()
}

#[test]
fn a_supplied_sip_account_is_kept_from_the_client() {
    let mut edits = Edits::new();
    edits.set("sipPassword", r#""1234""#.to_owned());
    edits.set("sipLogin", r#""10009""#.to_owned());
    edits.set("sipVisibleName", r#""Ann""#.to_owned());
    let config = added(&mut edits);
    for hook in [HookName::ConnectionStatus, HookName::RegistrationStatus] {
        assert_eq!(config.policy(hook).client_exclude, ["sipLogin", "sipPassword"]);
        assert_eq!(config.policy(hook).rest_exclude, ["sipPassword"]);
        assert_eq!(config.policy(hook).rest_policy, RestPolicy::Notify);
    }
    assert_eq!(added(&mut Edits::new()).policy(HookName::ConnectionStatus).client_exclude, [""; 0]);
}

#[test]
fn what_the_handler_of_connect_sets_wins() {
    let mut edits = Edits::new();
    edits.set(RestClientConfig::FIELD, r#"{"publishStream":{"restPolicy":"DISABLE"}}"#.to_owned());
    let config = added(&mut edits);
    assert_eq!(config.policy(HookName::PublishStream).rest_policy, RestPolicy::Disable);
    assert_eq!(config.policy(HookName::PlayStream).rest_on_error, RestOnError::Fail);
}

#[test]
fn what_the_client_sends_sets_no_policy() {
    let sent = r#"{"publishStream":{"restPolicy":"DISABLE"}}"#;
    let received = format!(r#"{{"restClientConfig":{sent}}}"#);
    let received = Object::parse(&received).unwrap();
    let adopted = r#"{"publishStream":{"restPolicy":"DISABLE"},"call":{"restOnError":"FAIL"}}"#;
    for given in [None, Some(adopted)] {
        let mut edits = Edits::new();
        if let Some(given) = given {
            edits.set(RestClientConfig::FIELD, given.to_owned());
        }
        policy_of(&hooks()).add_to(&mut edits, &received);
        let config = RestClientConfig::read(edits.get(RestClientConfig::FIELD).unwrap()).unwrap();
        assert_eq!(config.policy(HookName::PublishStream).rest_policy, RestPolicy::Overwrite);
        let call = config.policy(HookName::PlaceCall).rest_on_error;
        assert_eq!(call == RestOnError::Fail, given.is_some());
    }
}
