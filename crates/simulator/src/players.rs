//! Players without a session: HLS and RTSP. The backend says whether they may play; there is nothing to be played. Spec §3.4
//! playHLS, playRTSP.

use std::{borrow::Cow, collections::HashMap, fmt::Write};

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::{
    StatusCode, Uri,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;
use uuid::Uuid;
use wcs_hooks_dispatcher::{
    App, HookContext, Verdict, hook,
    payloads::{HlsPlay, RtspPlay},
    status::MediaProvider,
};

use crate::{
    Gateway,
    gateway::{DEFAULT_APP, Shared},
};

/// A live playlist that has no segment yet.
const PLAYLIST: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n";

/// What ends the name of a playlist.
const SUFFIX: &str = ".m3u8";

/// The parameter that names the app. Spec §3.4 playHLS.
const APP_KEY: &str = "appKey";

type Parameters = HashMap<String, String>;

/// The answer to a player that asks for `/{stream}/{stream}.m3u8`; `None` if it is not a playlist that is asked for.
pub(crate) async fn playlist(shared: &Shared, uri: &Uri) -> Option<Response> {
    let name = stream(uri.path())?;
    let parameters = parameters(uri);
    let Some(app) = app(shared, &parameters) else {
        return Some((StatusCode::NOT_FOUND, "There is no such app\n").into_response());
    };
    let verdict = ask_hls(shared, app, name.into_owned(), &parameters).await;
    Some(if verdict.player_refusal().is_some() {
        StatusCode::UNAUTHORIZED.into_response()
    } else {
        let headers = [(CONTENT_TYPE, "application/vnd.apple.mpegurl"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        (headers, PLAYLIST).into_response()
    })
}

impl Gateway {
    /// Asks `playRTSP` as WCS does for an RTSP client, if `rtsp_server_auth_enabled` is set; there is no RTSP server. The
    /// URL's parameter `appKey` names the app. `None` if that is not there or the URL cannot be read.
    ///
    /// ```
    /// use wcs_hooks_simulator::Gateway;
    ///
    /// async fn may_play(gateway: Gateway) -> bool {
    ///     let verdict = gateway.play_rtsp("rtsp://wcs:5554/b4e7?aclAuth=1254789", Some("LibVLC/3.0.4")).await;
    ///     verdict.is_some_and(|verdict| verdict.player_refusal().is_none())
    /// }
    /// ```
    pub async fn play_rtsp(&self, url: &str, user_agent: Option<&str>) -> Option<Verdict> {
        let (shared, uri) = (&*self.shared, url.parse::<Uri>().ok()?);
        let parameters = parameters(&uri);
        let app = app(shared, &parameters)?;
        let name = uri.path().rsplit('/').next().unwrap_or_default();
        let mut play = RtspPlay {
            media_session_id: format!("{}-{name}-RTSP", Uuid::new_v4()),
            name: url.to_owned(),
            media_provider: Some(MediaProvider::Rtsp),
            user_agent: user_agent.map(str::to_owned),
            ..RtspPlay::default()
        };
        play.custom.extend(token(shared, &parameters));
        Some(shared.dispatcher.play_as(app, context(shared), hook::PlayRtsp, play).await)
    }
}

async fn ask_hls(shared: &Shared, app: &App, name: String, parameters: &Parameters) -> Verdict {
    let mut play = HlsPlay {
        media_session_id: format!("{}-{}-HLS", Uuid::new_v4(), in_id(&name)),
        name,
        media_provider: Some(MediaProvider::Hls),
        ..HlsPlay::default()
    };
    play.custom.extend(token(shared, parameters));
    shared.dispatcher.play_as(app, context(shared), hook::PlayHls, play).await
}

/// The parameters of a URL; none if they cannot be read.
fn parameters(uri: &Uri) -> Parameters {
    Query::try_from_uri(uri).map(|Query(parameters)| parameters).unwrap_or_default()
}

fn context(shared: &Shared) -> HookContext {
    HookContext { node_id: shared.hub.node_id(), ..HookContext::default() }
}

fn app<'a>(shared: &'a Shared, parameters: &Parameters) -> Option<&'a App> {
    shared.app(parameters.get(APP_KEY).map_or(DEFAULT_APP, String::as_str))
}

/// The parameter that carries the token, under its own name. Spec §1.3 `client_acl_property_name`.
fn token(shared: &Shared, parameters: &Parameters) -> Option<(String, serde_json::Value)> {
    let name = &shared.dispatcher.settings().client_acl_property_name;
    Some((name.clone(), parameters.get(name)?.as_str().into()))
}

/// The stream of a playlist's path: the first segment, or the playlist's own name if it is the only one.
fn stream(path: &str) -> Option<Cow<'_, str>> {
    let (first, playlist) = (path.split('/').nth(1)?, path.rsplit('/').next()?);
    let playlist = playlist.strip_suffix(SUFFIX)?;
    let name = first.strip_suffix(SUFFIX).unwrap_or(if first.is_empty() { playlist } else { first });
    let name = percent_decode_str(name).decode_utf8_lossy();
    (!name.is_empty()).then_some(name)
}

/// A stream's name as it stands in a `mediaSessionId`: in hex if it is a URL.
fn in_id(name: &str) -> Cow<'_, str> {
    if !name.contains("://") {
        return name.into();
    }
    let mut hex = String::with_capacity(2 * name.len());
    for byte in name.bytes() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_path() {
        for (path, expected) in [
            ("/b4e7/b4e7.m3u8", Some("b4e7")),
            ("/b4e7/480p/480p.m3u8", Some("b4e7")),
            ("/b4e7.m3u8", Some("b4e7")),
            ("/rtsp%3A%2F%2Fhost%2Fcam/rtsp%3A%2F%2Fhost%2Fcam.m3u8", Some("rtsp://host/cam")),
            ("/", None),
            ("/.m3u8", None),
            ("/b4e7/b4e7.ts", None),
            ("/b4e7.m3u8/", None),
        ] {
            assert_eq!(stream(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_url_stands_in_an_id_as_hex() {
        assert_eq!(in_id("b4e7"), "b4e7");
        assert_eq!(in_id("rtsp://str81"), "727473703a2f2f7374723831");
    }
}
