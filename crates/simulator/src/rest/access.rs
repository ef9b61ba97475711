//! Who may give commands: [`Access`].

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    StatusCode,
    header::{AUTHORIZATION, ORIGIN, WWW_AUTHENTICATE},
};
use subtle::ConstantTimeEq;
use wcs_hooks_protocol::Secret;

use super::command::Answer;
use crate::{Gateway, hosts::is_for_another};

/// The credentials that are asked for, if any: what stands behind `Basic `.
#[derive(Clone, Default)]
pub(super) struct Access(Option<Arc<str>>);

impl Access {
    pub(super) fn basic(user: &str, password: &Secret) -> Self {
        Self(Some(STANDARD.encode(format!("{user}:{}", password.expose())).into()))
    }

    fn allows(&self, request: &Request) -> bool {
        let Some(expected) = &self.0 else { return true };
        let given = request.headers().get(AUTHORIZATION).and_then(|given| given.to_str().ok());
        let given = given.and_then(|given| given.split_once(' '));
        given.is_some_and(|(scheme, given)| {
            scheme.eq_ignore_ascii_case("basic") && given.as_bytes().ct_eq(expected.as_bytes()).into()
        })
    }
}

/// Browsers name the page with every `POST`. Any page that a developer looks at could give commands otherwise, since its
/// browser reaches `127.0.0.1`.
fn is_of_a_page(request: &Request) -> bool {
    request.headers().contains_key(ORIGIN)
}

pub(super) async fn check(
    State((access, gateway)): State<(Access, Gateway)>,
    request: Request,
    next: Next,
) -> Response {
    if is_of_a_page(&request) {
        return Answer::error(StatusCode::FORBIDDEN, "commands are for backends, and not for pages")
            .into_response();
    }
    // Its `Host` is all that tells a page whose name leads to this machine.
    if is_for_another(&request, &gateway.node_id()) {
        return Answer::error(StatusCode::MISDIRECTED_REQUEST, "ask for an IP address or the nodeId's name")
            .into_response();
    }
    if access.allows(&request) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic realm=\"WCS\"")]).into_response()
}
