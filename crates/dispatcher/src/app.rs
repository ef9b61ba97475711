//! An application of WCS, whose backend is called: [`App`]. Spec §2.

use std::{fmt, str::FromStr, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderMap, HeaderValue, Uri,
    header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT},
    uri::InvalidUri,
};
use wcs_hooks_protocol::{HookName, Secret};

use crate::method::Method;

/// What stands in `User-Agent`. WCS sends the one of its Java, such as `Java/1.8.0_111`.
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("wcs-hooks-dispatcher/", env!("CARGO_PKG_VERSION")));

/// An application as WCS keeps it in `database.yml`: its key, the base URL of its backend, credentials for that, and the
/// methods that are switched on. Cheap to clone.
///
/// ```
/// use wcs_hooks_dispatcher::App;
/// use wcs_hooks_protocol::HookName;
///
/// let app = App::new("defaultApp", "http://localhost:8081/apps/EchoApp/")?
///     .with_credentials("rest_user", &"rest_password".into())?
///     .without([HookName::StreamKeepAlive]);
/// assert!(app.is_on(HookName::Connect) && !app.is_on(HookName::StreamKeepAlive));
/// assert_eq!(app.url(), "http://localhost:8081/apps/EchoApp");
/// # Ok::<(), wcs_hooks_dispatcher::AppError>(())
/// ```
#[derive(Clone)]
pub struct App(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    name: String,
    key: String,
    url: String,
    headers: HeaderMap,
    hooks: Vec<Endpoint>,
}

/// Where a hook of the catalogue goes, at the hook's place in it.
#[derive(Clone)]
struct Endpoint {
    uri: Uri,
    is_on: bool,
}

impl App {
    /// An app with all methods of the catalogue switched on. Its name is its key until [`App::with_name`].
    ///
    /// One slash at the end of the URL is taken off before `/{method}` is put there (spec §1.1 leaves this open).
    ///
    /// ```
    /// use wcs_hooks_dispatcher::App;
    ///
    /// let app = App::new("defaultApp", "http://localhost:8081/apps/EchoApp")?;
    /// assert_eq!(
    ///     App::new("defaultApp", "localhost:8081").unwrap_err().to_string(),
    ///     "the app's url must start with http:// or https://",
    /// );
    /// # Ok::<(), wcs_hooks_dispatcher::AppError>(())
    /// ```
    ///
    /// # Errors
    /// If the URL is not an absolute `http` or `https` URL, has a query or fragment, or has credentials in it
    /// (use [`App::with_credentials`]).
    pub fn new(app_key: impl Into<String>, url: &str) -> Result<Self, AppError> {
        let key = app_key.into();
        let base = url.strip_suffix('/').unwrap_or(url);
        check(base)?;
        let endpoint = |hook: &HookName| Ok(Endpoint { uri: uri(base, hook.as_str())?, is_on: true });
        let hooks = HookName::ALL.iter().map(endpoint).collect::<Result<_, AppError>>()?;
        let headers = headers(base)?;
        Ok(Self(Arc::new(Inner { name: key.clone(), key, url: base.to_owned(), headers, hooks })))
    }

    /// The same app with a name of its own. It stands in log lines.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::App;
    /// let app = App::new("callApp", "http://localhost/rest")?.with_name("Calls");
    /// assert_eq!((app.name(), app.key()), ("Calls", "callApp"));
    /// # Ok::<(), wcs_hooks_dispatcher::AppError>(())
    /// ```
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).name = name.into();
        self
    }

    /// The same app with `restUsername` and `restPassword`. They are sent with every request, without waiting for a
    /// challenge; if the dispatcher signs requests, the signature is sent instead, since both use the same header. Spec
    /// §1.4 and §1.5 leave both open.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::App;
    /// let app = App::new("defaultApp", "https://backend")?.with_credentials("rest_user", &"rest_password".into())?;
    /// # Ok::<(), wcs_hooks_dispatcher::AppError>(())
    /// ```
    ///
    /// # Errors
    /// If the user has a colon in it: a backend would take what stands behind it for the password.
    pub fn with_credentials(mut self, user: &str, password: &Secret) -> Result<Self, AppError> {
        if user.contains(':') {
            return Err(AppError::new(Problem::User));
        }
        let token = BASE64_STANDARD.encode(format!("{user}:{}", password.expose()));
        let mut header =
            HeaderValue::try_from(format!("Basic {token}")).map_err(|_| AppError::new(Problem::User))?;
        header.set_sensitive(true);
        Arc::make_mut(&mut self.0).headers.insert(AUTHORIZATION, header);
        Ok(self)
    }

    /// The same app with these methods switched off: WCS does not call them and goes on with the client's data, as
    /// after `remove app-rest-method`. Spec §2.2.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::App;
    /// # use wcs_hooks_dispatcher::HookName;
    /// let app = App::new("defaultApp", "http://localhost")?.without([HookName::PushLogs]);
    /// assert!(!app.is_on(HookName::PushLogs));
    /// # Ok::<(), wcs_hooks_dispatcher::AppError>(())
    /// ```
    #[must_use]
    pub fn without(mut self, hooks: impl IntoIterator<Item = HookName>) -> Self {
        self.switch(hooks, false);
        self
    }

    /// The same app with these methods switched on and no others.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::App;
    /// # use wcs_hooks_protocol::HookName;
    /// let app = App::new("defaultApp", "http://localhost")?.with_only([HookName::Connect]);
    /// assert!(app.is_on(HookName::Connect) && !app.is_on(HookName::PublishStream));
    /// # Ok::<(), wcs_hooks_dispatcher::AppError>(())
    /// ```
    #[must_use]
    pub fn with_only(mut self, hooks: impl IntoIterator<Item = HookName>) -> Self {
        self.switch(HookName::ALL.iter().copied(), false);
        self.switch(hooks, true);
        self
    }

    fn switch(&mut self, hooks: impl IntoIterator<Item = HookName>, is_on: bool) {
        let inner = Arc::make_mut(&mut self.0);
        for hook in hooks {
            if let Some(endpoint) = inner.hooks.get_mut(hook as usize) {
                endpoint.is_on = is_on;
            }
        }
    }

    /// The name, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The `appKey` that stands in every body.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// Whether a method is switched on.
    #[must_use]
    pub fn is_on(&self, hook: HookName) -> bool {
        self.0.hooks.get(hook as usize).is_some_and(|endpoint| endpoint.is_on)
    }

    /// What stands in the head of every request, but for the length and a signature.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Where a method goes; `None` if it is off, or its name cannot be the last segment of a URL. A method that the
    /// catalogue does not know is always on.
    pub(crate) fn endpoint(&self, method: &Method) -> Option<Uri> {
        match method {
            Method::Known(hook) => {
                let endpoint = self.0.hooks.get(*hook as usize)?;
                endpoint.is_on.then(|| endpoint.uri.clone())
            }
            Method::Unknown(name) if is_segment(name) => uri(&self.0.url, name).ok(),
            Method::Unknown(_) => None,
        }
    }
}

/// Room for the headers of a request, so that setting one in a copy of them does not make the copy grow.
const ROOM: usize = 12;

/// Spec §1.1. The length is set with each body, in the place it has here.
fn headers(base: &str) -> Result<HeaderMap, AppError> {
    let uri = parse(base)?;
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let host = HeaderValue::try_from(host).map_err(|_| AppError::new(Problem::Scheme))?;
    let mut headers = HeaderMap::with_capacity(ROOM);
    headers.extend([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8")),
        (USER_AGENT, AGENT),
        (HOST, host),
        (CONNECTION, HeaderValue::from_static("keep-alive")),
        (CONTENT_LENGTH, HeaderValue::from_static("0")),
    ]);
    Ok(headers)
}

fn parse(url: &str) -> Result<Uri, AppError> {
    Uri::from_str(url).map_err(|error| AppError::new(Problem::Syntax(error)))
}

fn uri(base: &str, method: &str) -> Result<Uri, AppError> {
    parse(&format!("{base}/{method}"))
}

/// Whether a name stands in a path as it is, and for nothing but itself.
fn is_segment(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    !matches!(name, "" | "." | "..") && name.bytes().all(is_plain)
}

fn check(base: &str) -> Result<(), AppError> {
    let uri = parse(base)?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let problem = match uri.scheme_str() {
        Some("http" | "https") if authority.contains('@') => Problem::Credentials,
        Some("http" | "https") if base.contains(['?', '#']) => Problem::Query,
        Some("http" | "https") if !names_a_host(&uri) => Problem::Host,
        Some("http" | "https") => return Ok(()),
        _ => Problem::Scheme,
    };
    Err(AppError::new(problem))
}

/// Whether there is a host, and a port that there can be if there is one.
fn names_a_host(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else { return false };
    let port = authority.as_str().strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':'));
    !authority.host().is_empty() && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("name", &self.0.name)
            .field("key", &self.0.key)
            .field("url", &self.0.url)
            .finish_non_exhaustive()
    }
}

/// The URL or credentials of an app cannot be used. They are not printed: both may hold secrets.
///
/// ```
/// use wcs_hooks_dispatcher::App;
///
/// let error = App::new("defaultApp", "http://user:secret@localhost").unwrap_err();
/// assert!(!error.to_string().contains("secret"));
/// ```
#[derive(Debug)]
pub struct AppError {
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Syntax(InvalidUri),
    Scheme,
    Credentials,
    Query,
    Host,
    User,
}

impl AppError {
    const fn new(problem: Problem) -> Self {
        Self { problem }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match &self.problem {
            Problem::Syntax(error) => return write!(f, "the app's url is not a URL: {error}"),
            Problem::Scheme => "url must start with http:// or https://",
            Problem::Credentials => {
                "url must have no credentials in it: give them as restUsername and restPassword"
            }
            Problem::Query => "url must have no ? or #: the method is put at its end",
            Problem::Host => "url must name a host, with a port of 0 to 65535 if any",
            Problem::User => "restUsername must have no colon in it",
        };
        write!(f, "the app's {problem}")
    }
}

impl std::error::Error for AppError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_goes_nowhere_but_below_the_url() {
        let app = App::new("defaultApp", "http://host/x").unwrap();
        let endpoint = |name: &str| app.endpoint(&Method::named(name)).map(|uri| uri.to_string());
        assert_eq!(endpoint("connect").unwrap(), "http://host/x/connect");
        assert_eq!(endpoint("new-Status.Event_2").unwrap(), "http://host/x/new-Status.Event_2");
        for name in ["", ".", "..", "a/b", "../y", "a?b", "a#b", "a b", "%2e", "\u{e4}"] {
            assert_eq!(endpoint(name), None, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_reached_is_an_error() {
        let host = "the app's url must name a host, with a port of 0 to 65535 if any";
        for url in ["http://h:99999/x", "http://:80/x", "http://h:/x"] {
            let error = App::new("defaultApp", url).unwrap_err().to_string();
            assert!(error == host || error.starts_with("the app's url is not a URL"), "{url}: {error}");
        }
        for url in
            ["http://h", "https://h:443/", "http://[::1]:8081/x", "http://[::1]/x", "http://127.0.0.1:8081"]
        {
            assert!(App::new("defaultApp", url).is_ok(), "{url}");
        }
        let app = App::new("defaultApp", "http://h").unwrap();
        let error = app.with_credentials("a:b", &"c".into()).unwrap_err();
        assert_eq!(error.to_string(), "the app's restUsername must have no colon in it");
    }
}
