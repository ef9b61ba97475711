//! `send`: one hook to any URL, and what WCS would do.

mod body;
mod policy;
mod report;
mod wire;

use std::{
    error::Error,
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use wcs_hooks_dispatcher::{
    App, Dispatcher, HookContext, HookKind, HookName, HttpTransport, Object, Settings, Tls, Verdict,
};

use crate::{
    exit::Exit,
    fields::{Field, with_fields},
    output::{Output, remark},
    secrets::{BasicCredentials, SigningSecret},
    target::app_url,
};

use body::Carried;
use policy::Treatment;
use report::Report;
use wire::Wire;

/// Send one hook to a backend, as WCS does, and say what WCS would do with the answer
///
/// Prints the request, the answer and what follows, with secrets hidden. Exit codes: 0 WCS goes on, 1 it refuses or breaks
/// something off, 3 there is no answer.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  wcs-hooks send http://127.0.0.1:8081 connect --custom token=user-alice
  wcs-hooks send http://127.0.0.1:8081 playStream --field name=b4e7 --rest-on-error FAIL
  wcs-hooks send http://127.0.0.1:8081 publishStream --field name=b4e7 --connect-field custom.token=user-alice")]
pub(crate) struct Send {
    /// The app's base URL; the name of the hook is put behind it
    #[arg(value_parser = app_url)]
    url: String,
    /// The name of the hook, letter for letter
    #[arg(value_parser = segment)]
    hook: String,
    #[command(flatten)]
    body: Carried,
    #[command(flatten)]
    treatment: Treatment,
    /// Send connect first, so that the hook goes by the restClientConfig of its answer
    #[arg(long, conflicts_with_all = ["policy", "rest_on_error", "rest_overwrite"])]
    after_connect: bool,
    /// A field of that connect, as --field, such as custom.token=user-alice; implies --after-connect
    #[arg(long = "connect-field", value_name = "FIELD", conflicts_with_all = ["policy", "rest_on_error", "rest_overwrite"])]
    connect_fields: Vec<Field>,
    /// appKey [default: the body's, or defaultApp]
    #[arg(long, value_name = "KEY")]
    app: Option<String>,
    /// sessionId [default: the body's, or a new one]
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// nodeId [default: the body's, or one at 127.0.0.1]
    #[arg(long, value_name = "ID")]
    node: Option<String>,
    #[command(flatten)]
    secret: SigningSecret,
    #[command(flatten)]
    credentials: BasicCredentials,
    /// A flashphoner.properties: timeouts, retries, the secret
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Seconds to wait for an answer, as rest_request_timeout; 0 for no end [default: 15]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,
    /// Trust these certificates, in PEM, and no others
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// What can be the last segment of a URL.
fn segment(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let can_be = !matches!(text, "" | "." | "..") && text.bytes().all(is_plain);
    if can_be { Ok(text.to_owned()) } else { Err("cannot be the last segment of a URL") }
}

impl Send {
    /// Sends it and prints what comes.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        self.check_name()?;
        let text = self.body.read()?;
        let object = Object::parse(&text)?;
        let context = self.context(&object);
        let app = self.credentials.of(App::new(context.app_key.as_str(), &self.url)?)?;
        let wire = Arc::new(Wire::default());
        let dispatcher =
            Dispatcher::new(self.to_settings(&context.app_key)?, wire::watched(self.transport()?, &wire));
        let stage = Stage { output, wire, dispatcher, app, context };
        match self.hook.parse::<HookName>().map(HookName::kind) {
            Ok(HookKind::Connect) => stage.connect(&object).await,
            Ok(HookKind::Access) => stage.outside(&self.hook, &object).await,
            _ => stage.inside(&self, &object).await,
        }
    }

    /// Says so if a name is not in the catalogue: a newer WCS may have it, but more likely it is misspelt.
    fn check_name(&self) -> Result<(), Box<dyn Error>> {
        if HookName::ALL.iter().any(|hook| hook.as_str() == self.hook) {
            return Ok(());
        }
        let nearest =
            HookName::ALL.iter().min_by_key(|hook| strsim::damerau_levenshtein(hook.as_str(), &self.hook));
        let nearest = nearest.map_or_else(String::new, |hook| format!("; did you mean {hook}?"));
        remark(format_args!(
            "WCS has no hook {:?} that is known here: sent all the same{nearest}",
            self.hook
        ))?;
        Ok(())
    }

    fn context(&self, object: &Object<'_>) -> HookContext {
        let given = HookContext::read(object);
        let or = |argument: &Option<String>, given: String| argument.clone().unwrap_or(given);
        let mut context = HookContext {
            node_id: or(&self.node, given.node_id),
            app_key: or(&self.app, given.app_key),
            session_id: or(&self.session, given.session_id),
        };
        if context.app_key.is_empty() {
            "defaultApp".clone_into(&mut context.app_key);
        }
        context
    }

    /// The settings with everything on that would keep the hook from being sent.
    fn to_settings(&self, app_key: &str) -> Result<Settings, Box<dyn Error>> {
        let mut settings =
            self.settings.as_ref().map_or_else(|| Ok(Settings::default()), Settings::from_file)?;
        if let Some(secret) = self.secret.read()? {
            settings.hook_secret = Some(secret);
        }
        if let Some(seconds) = self.timeout {
            settings.request_timeout =
                Some(Duration::from_secs(seconds.into())).filter(|wait| !wait.is_zero());
        }
        settings.requests_disabled = false;
        settings.hls_auth_enabled = true;
        settings.rtsp_auth_enabled = true;
        settings.keep_alive_enabled = true;
        settings.keep_alive_app_keys.push(app_key.to_owned());
        Ok(settings)
    }

    fn transport(&self) -> Result<HttpTransport, Box<dyn Error>> {
        let Some(file) = &self.ca_file else { return Ok(HttpTransport::new()?) };
        let name = file.display();
        let pem = fs::read(file).map_err(|error| format!("{name}: {error}"))?;
        let tls = Tls::trusting(&pem).map_err(|error| format!("{name}: {error}"))?;
        Ok(HttpTransport::with_tls(tls)?)
    }
}

/// A WCS with one backend, seen by the user.
struct Stage<'a> {
    output: &'a Output,
    wire: Arc<Wire>,
    dispatcher: Dispatcher,
    app: App,
    context: HookContext,
}

impl Stage<'_> {
    async fn connect(&self, object: &Object<'_>) -> Result<Exit, Box<dyn Error>> {
        let start = Instant::now();
        match self.dispatcher.connect_raw(&self.app, self.context.clone(), object).await {
            Ok(session) => self.report(session.opening(), object, start.elapsed()),
            Err(declined) => self.report(declined.verdict(), object, start.elapsed()),
        }
    }

    /// Players have no session.
    async fn outside(&self, hook: &str, object: &Object<'_>) -> Result<Exit, Box<dyn Error>> {
        let start = Instant::now();
        let verdict = self.dispatcher.send_raw(&self.app, self.context.clone(), hook, object).await;
        self.report(&verdict, object, start.elapsed())
    }

    /// In a session that the backend opens, or that is opened here with the policy that was asked for.
    async fn inside(&self, arguments: &Send, object: &Object<'_>) -> Result<Exit, Box<dyn Error>> {
        let connection = with_fields("{}", &arguments.connect_fields);
        let connection = Object::parse(&connection)?;
        let is_real = arguments.after_connect || !arguments.connect_fields.is_empty();
        if !is_real {
            self.wire.answer_once(arguments.treatment.answer_to_connect(&arguments.hook)?);
        }
        let start = Instant::now();
        let opened = self.dispatcher.connect_raw(&self.app, self.context.clone(), &connection).await;
        let session = match opened {
            Ok(session) => session,
            Err(declined) => return self.report(declined.verdict(), &connection, start.elapsed()),
        };
        if is_real {
            self.report(session.opening(), &connection, start.elapsed())?;
            self.output.line("")?;
        }
        let start = Instant::now();
        let verdict = session.send_raw(&arguments.hook, object).await;
        self.report(&verdict, object, start.elapsed())
    }

    fn report(&self, verdict: &Verdict, object: &Object<'_>, took: Duration) -> Result<Exit, Box<dyn Error>> {
        let report = Report::new(verdict, self.wire.take(), object, took);
        report.print(self.output)?;
        self.output.object(&report)?;
        Ok(report.exit())
    }
}
