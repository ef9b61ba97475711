//! `check`: whether a backend does what WCS asks of it.

mod body;
mod checks;
mod compare;
mod fields;
mod finding;
mod raw;
mod report;
mod target;
mod wire;

use std::{error::Error, path::PathBuf, time::Duration};

use serde_json::json;
use wcs_hooks_dispatcher::HttpTransport;

use self::{
    fields::FieldAt,
    finding::{Finding, Level, Problem},
    report::Report,
    target::{Known, Proof, Target},
};
use crate::{
    exit::Exit,
    output::{Output, table},
    secrets::{BasicCredentials, SigningSecret},
    target::app_url,
    usage,
};

/// Check whether a backend, in any language, does what WCS asks of it
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing failed, 1 something failed, 2 the arguments are wrong, 3 nothing answers."
)]
pub(crate) struct Check {
    /// Where the backend is: the URL that the app has in WCS, such as http://localhost:8081/apps/EchoApp
    #[arg(required_unless_present = "list", value_parser = app_url)]
    url: Option<String>,
    /// The appKey of the calls
    #[arg(long, value_name = "KEY", default_value = "defaultApp")]
    app: String,
    #[command(flatten)]
    secret: SigningSecret,
    #[command(flatten)]
    credentials: BasicCredentials,
    /// What makes the backend accept: [HOOK:]PATH=TEXT, =@FILE or :=JSON, such as custom.token=abc or
    /// publishStream:name=studio-1; connect if no hook is named. Can be given more than once
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<FieldAt>,
    /// What makes the backend refuse, put over --field, such as custom.token=wrong
    #[arg(long = "refused-field", value_name = "FIELD")]
    refused_fields: Vec<FieldAt>,
    /// How many seconds to wait for an answer; rest_request_timeout of WCS
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    timeout: Duration,
    /// Only these checks or groups, by name; can be given more than once
    #[arg(long, value_name = "NAME", value_parser = check_or_group)]
    only: Vec<String>,
    /// What ends in exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "fail", value_enum)]
    fail_on: FailOn,
    /// Write the results to a file as JUnit's XML, too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print what is checked, and send nothing
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum FailOn {
    Fail,
    Warn,
}

impl FailOn {
    const fn level(self) -> Level {
        match self {
            Self::Fail => Level::Fail,
            Self::Warn => Level::Warn,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "write a number of seconds, such as 15 or 0.5".to_owned())
}

fn check_or_group(name: &str) -> Result<String, String> {
    let is_one = checks::all().any(|check| check.is_named(name));
    if is_one { Ok(name.to_owned()) } else { Err("no check or group has this name: see --list".to_owned()) }
}

impl Check {
    /// Does them, and prints what was found.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        if self.list {
            return list(output);
        }
        let target = Target::new(self.known()?, HttpTransport::new()?)?;
        let opening = target.opening().await;
        let is_open = opening.map_err(|trouble| format!("{}: {trouble}", target.known.url))?.is_accepted();
        let report = Report::new(target.known.url.clone(), self.find(&target, is_open, output).await);
        report.print(output)?;
        if let Some(file) = &self.junit {
            report.write_junit(file, self.fail_on.level())?;
        }
        Ok(if report.is_as_bad_as(self.fail_on.level()) { Exit::No } else { Exit::Done })
    }

    fn known(&self) -> Result<Known, Box<dyn Error>> {
        let proof = match (self.secret.read()?, self.credentials.read()?) {
            (Some(_), Some(_)) => {
                return Err(usage::wrong(
                    "give a secret or --basic and not both: they stand in the same header",
                ));
            }
            (Some(secret), None) => Proof::Signature(secret),
            (None, Some((user, password))) => Proof::Basic(user, password),
            (None, None) => Proof::Nothing,
        };
        Ok(Known {
            url: self.url.clone().unwrap_or_default(),
            app_key: self.app.clone(),
            proof,
            timeout: self.timeout,
            fields: self.fields.clone(),
            refused_fields: self.refused_fields.clone(),
        })
    }

    async fn find(&self, target: &Target, is_open: bool, output: &Output) -> Vec<Finding> {
        let wanted: Vec<_> = checks::all().filter(|check| self.wants(check)).collect();
        let progress = output.progress(Some(wanted.len() as u64), "checking");
        let mut findings = Vec::new();
        let mut hindrance = (!is_open).then(|| "connect was not accepted".to_owned());
        for check in wanted {
            progress.set_message(check.id);
            let finding = done(check, target, hindrance.as_deref()).await;
            if finding.result == Level::Fail && target.is_gone().await {
                hindrance = Some(format!("nothing answers since {}", check.id));
            }
            findings.push(finding);
            progress.inc(1);
        }
        target.leave().await;
        progress.finish_and_clear();
        findings
    }

    fn wants(&self, check: &checks::Check) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| check.is_named(name))
    }
}

/// Without a session only the first is done, which is about that.
async fn done(check: &checks::Check, target: &Target, hindrance: Option<&str>) -> Finding {
    let judged = match hindrance {
        Some(hindrance) if !check.is_first() => Err(Problem::skipped(hindrance)),
        _ => (check.run)(target).await,
    };
    Finding::new(check, judged)
}

/// What is checked.
fn list(output: &Output) -> Result<Exit, Box<dyn Error>> {
    let mut rows = table(["check", "spec", "what must hold"]);
    rows.add_rows(checks::all().map(|check| [check.id, check.spec, check.title]));
    output.table(&rows)?;
    for check in checks::all() {
        let (id, title, spec, advice) = (check.id, check.title, check.spec, check.advice);
        output.object(&json!({ "id": id, "spec": spec, "title": title, "advice": advice }))?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests;
