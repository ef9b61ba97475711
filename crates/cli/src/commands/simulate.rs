//! `simulate`: a WCS that browsers connect to, over `wcs-hooks-simulator`.

mod demo;
mod hooks;
mod opened;
mod page;
mod tls;

use std::{error::Error, net::IpAddr, path::PathBuf};

use tracing_subscriber::filter::LevelFilter;
use wcs_hooks::{LogError, LogSettings, Logging};
use wcs_hooks_dispatcher::{App, HttpTransport, Options, Secret, Settings};
use wcs_hooks_simulator::Gateway;

use crate::{
    exit::Exit,
    output::{BAD, GOOD, Output, remark},
    secrets::{self, BasicCredentials, SigningSecret},
    signals::Signals,
    target::listen_address,
    usage,
};

use demo::Demo;
use hooks::{Hooks, Printer};
use opened::Opened;

/// Be a WCS: browsers with the vendor's WebSDK connect, and backends are sent the hooks that a WCS would send
///
/// Signalling only: streams get their statuses, and there is no media server behind them. Ends by ctrl-c or SIGTERM, after the
/// backends have been told that all clients are gone; a second one ends it at once.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  wcs-hooks simulate --demo
  wcs-hooks simulate --demo --app defaultApp=http://127.0.0.1:8081
  wcs-hooks simulate --app defaultApp=http://127.0.0.1:8081 --app roomApp=http://127.0.0.1:8082")]
#[allow(clippy::struct_field_names, reason = "the names of flags")]
pub(crate) struct Simulate {
    /// Where browsers connect by ws://
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = listen_address)]
    listen: String,
    /// Where browsers connect by wss://, with --tls-cert and --tls-key
    #[arg(long, value_name = "ADDRESS", requires_all = ["tls_cert", "tls_key"], value_parser = listen_address)]
    tls_listen: Option<String>,
    /// A certificate with its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    tls_cert: Option<PathBuf>,
    /// Its key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    tls_key: Option<PathBuf>,
    /// Where backends reach the REST API; /simulator there makes trouble on demand (docs/simulator.md)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8888", value_parser = listen_address)]
    rest_listen: String,
    /// The user of the REST API; anybody may use it without
    #[arg(long, value_name = "USER", requires = "rest_password_file")]
    rest_user: Option<String>,
    /// A file with that user's password
    #[arg(long, value_name = "FILE", requires = "rest_user")]
    rest_password_file: Option<PathBuf>,
    /// An app that clients name by its key, and the URL of its backend; clients that name none get defaultApp
    #[arg(long = "app", value_name = "KEY=URL", required_unless_present = "demo", value_parser = app)]
    apps: Vec<App>,
    /// A flashphoner.properties: timeouts, retries, the secret, keep-alives, HLS and RTSP
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    secret: SigningSecret,
    #[command(flatten)]
    credentials: BasicCredentials,
    /// Pages of this origin may connect too, as https://page.example; without, those of this machine only; * for all
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// The address in nodeId, where backends find the REST API
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    node_address: String,
    /// The address of this machine where the media of calls between browsers go by
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    media_address: IpAddr,
    /// Add a page that shows what hooks do, and a backend for it unless there is an app defaultApp
    #[arg(long)]
    demo: bool,
    /// Do not print the hooks that go out
    #[arg(long)]
    quiet: bool,
    /// What is logged on standard error: off, error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log: LevelFilter,
}

impl Simulate {
    /// Runs until it is stopped.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        if self.apps.is_empty() && self.credentials.are_given() {
            return Err(usage::wrong("--basic is for the backends of --app, and there is none"));
        }
        let _logging = self.log()?;
        let mut signals = Signals::new()?;
        let opened = self.open().await?;
        let has_own = self.apps.iter().any(|app| app.key() == demo::APP);
        let demo = if self.demo && !has_own { Some(Demo::start(&opened.rest_url()).await?) } else { None };
        let hooks = Hooks::default();
        let mut printer = Printer::new(&hooks, self.quiet, output);
        let gateway = self.gateway(&hooks, demo.as_ref())?;
        let credentials = self.rest_credentials()?;
        opened.announce(self.demo, output)?;
        if credentials.is_none() && opened.is_rest_reached_by_others() {
            remark(
                "others reach the REST API, and /simulator beside it: give --rest-user and --rest-password-file",
            )?;
        }
        let page = self.demo.then(|| page::router(hooks.clone()));
        let mut serving = opened.serve(&gateway, page, credentials);
        tokio::select! {
            () = signals.next() => {}
            ended = printer.run() => ended?,
            problem = serving.failed() => return Err(problem),
        }
        let told = tokio::select! {
            told = gateway.stop() => told,
            () = signals.next() => false,
            ended = printer.run() => { ended?; false }
        };
        printer.rest()?;
        report_end(told, output)
    }

    /// A reader of the log that does not read stops nothing.
    fn log(&self) -> Result<Logging, LogError> {
        let mut settings = LogSettings::default();
        settings.filter = self.log.to_string();
        settings.start()
    }

    async fn open(&self) -> Result<Opened, Box<dyn Error>> {
        let tls = match (&self.tls_listen, &self.tls_cert, &self.tls_key) {
            (Some(address), Some(certificate), Some(key)) => {
                Some((&**address, tls::config(certificate, key)?))
            }
            _ => None,
        };
        Opened::open(&self.listen, tls, &self.rest_listen).await
    }

    fn gateway(&self, hooks: &Hooks, demo: Option<&Demo>) -> Result<Gateway, Box<dyn Error>> {
        let mut settings =
            self.settings.as_ref().map_or_else(|| Ok(Settings::default()), Settings::from_file)?;
        if let Some(secret) = self.secret.read()? {
            settings.hook_secret = Some(secret);
        }
        let mut builder = Gateway::builder(settings)
            .transport(hooks.watch(HttpTransport::new()?))
            .node_id(node_id(&self.node_address))
            .media_address(self.media_address);
        for origin in &self.origins {
            builder = builder.origin(origin);
        }
        for app in &self.apps {
            builder = builder.app(self.credentials.of(app.clone())?);
        }
        if let Some(demo) = demo {
            builder = builder.app(demo.app()?);
        }
        Ok(builder.build()?)
    }

    fn rest_credentials(&self) -> Result<Option<(String, Secret)>, Box<dyn Error>> {
        match (&self.rest_user, &self.rest_password_file) {
            (Some(user), Some(file)) => Ok(Some((user.clone(), secrets::from_file(file)?))),
            _ => Ok(None),
        }
    }
}

fn app(text: &str) -> Result<App, String> {
    let (key, url) = text.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or("write KEY=URL")?;
    App::new(key, url).map_err(|error| error.to_string())
}

/// As the dispatcher makes one, at another address.
fn node_id(address: &str) -> String {
    let made = Options::default().node_id;
    let id = made.split_once('@').map_or(&*made, |(id, _)| id);
    format!("{id}@{address}")
}

fn report_end(told: bool, output: &Output) -> Result<Exit, Box<dyn Error>> {
    output.object(&serde_json::json!({ "stopped": true, "allHooksSent": told }))?;
    if told {
        output.line(format_args!("{GOOD}stopped{GOOD:#}: all hooks were sent"))?;
        return Ok(Exit::Done);
    }
    output.line(format_args!("{BAD}stopped{BAD:#} before all hooks were sent"))?;
    Ok(Exit::No)
}
