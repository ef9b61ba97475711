//! Where hooks are sent to: [`Target`], and where the program listens.

use std::{fmt, str::FromStr};

use http::{
    Uri,
    uri::{Authority, PathAndQuery},
};
use wcs_hooks_dispatcher::{App, AppError};

/// A backend's URL, without a slash at its end.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    base: Uri,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let base: Uri = text.parse().map_err(|error| format!("not a URL: {error}"))?;
        if !matches!(base.scheme_str(), Some("http" | "https")) {
            return Err("a URL begins with http:// or https://".to_owned());
        }
        if base.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return Err(
                "a URL has a host and no user: credentials come in the Authorization header".to_owned()
            );
        }
        if base.query().is_some() {
            return Err("the path of a hook is put behind the URL, so it cannot have a query".to_owned());
        }
        Ok(Self { base })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.to_string().trim_end_matches('/'))
    }
}

impl Target {
    /// The URL with a path behind it; the path begins with a slash.
    pub(crate) fn join(&self, path: &str) -> Result<Uri, http::Error> {
        let mut parts = self.base.clone().into_parts();
        let joined = format!("{}{path}", self.base.path().trim_end_matches('/'));
        parts.path_and_query = Some(PathAndQuery::try_from(joined)?);
        Ok(Uri::from_parts(parts)?)
    }
}

/// The base URL of an app, which is as WCS keeps it: without a slash at its end.
pub(crate) fn app_url(text: &str) -> Result<String, AppError> {
    App::new("", text).map(|app| app.url().to_owned())
}

/// `HOST:PORT`, where something can listen; the host may be a name.
pub(crate) fn listen_address(text: &str) -> Result<String, &'static str> {
    let authority = text.parse::<Authority>().ok().filter(|authority| !authority.as_str().contains('@'));
    let is_one = authority.is_some_and(|it| !it.host().is_empty() && it.port_u16().is_some());
    if is_one { Ok(text.to_owned()) } else { Err("write ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_behind_the_url() {
        for (url, path, joined) in [
            ("http://h:1", "/connect", "http://h:1/connect"),
            ("http://h/", "/app/connect?x=1", "http://h/app/connect?x=1"),
            ("https://h/a/b/", "/c", "https://h/a/b/c"),
        ] {
            let target: Target = url.parse().unwrap();
            assert_eq!(target.join(path).unwrap().to_string(), joined);
        }
    }

    #[test]
    fn an_address_to_listen_at_has_a_port() {
        for text in ["127.0.0.1:8080", "[::1]:0", "localhost:80", "0.0.0.0:65535"] {
            assert_eq!(listen_address(text).as_deref(), Ok(text));
        }
        for text in
            ["", "nonsense", "8080", ":8080", "h:", "h:x", "h:65536", "me@h:1", "http://h:1", "::1", "h:1/"]
        {
            assert!(listen_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_backend_is_refused() {
        for text in ["", "h:1", "/app", "ftp://h", "http://me:S@h/", "http://h/?a=1"] {
            let error = text.parse::<Target>().unwrap_err();
            assert!(!error.contains('S'), "{error}");
        }
    }
}
