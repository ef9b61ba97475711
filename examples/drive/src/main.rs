//! Drives any backend through a session, as WCS would, and prints what WCS would do after each answer.
//!
//! Run with
//!
//! ```text
//! cargo run -p drive -- http://127.0.0.1:8081
//! ```

mod flow;
mod options;
mod report;

use std::{error::Error, io, process::ExitCode};

use tracing_subscriber::filter::LevelFilter;
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport};

use flow::Flow;
use options::{Options, USAGE};
use report::Report;

/// Whether WCS went on with everything.
async fn drive(app: &App, options: &Options) -> Result<bool, Box<dyn Error>> {
    let dispatcher = Dispatcher::new(options.settings(), HttpTransport::new()?);
    let mut report = Report::default();
    match dispatcher.connect(app, options.connection()).await {
        Ok(session) => {
            report.print(session.opening());
            Flow { session: &session, report: &mut report }.run(options).await?;
        }
        Err(declined) => report.print(declined.verdict()),
    }
    Ok(report.finish())
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(io::stderr).init();
    let (options, app) = match Options::read() {
        Ok(read) => read,
        Err(mistake) => {
            eprintln!("drive: {mistake}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match drive(&app, &options).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("drive: {error}");
            ExitCode::from(1)
        }
    }
}
