//! Calls go to where the backend says: `support` is picked up by whoever is on duty, and some numbers by nobody.
//!
//! Run with
//!
//! ```text
//! cargo run -p call-redirect
//! ```

use std::{collections::HashMap, env, error::Error, io, process::ExitCode};

use tokio::{net::TcpListener, signal};
use wcs_hooks::{
    AllowAll, Backend, CallHandler, Callers, Context, EventResult, HookResult, Hooks, Refusal, hook,
    payloads::Call,
};

const USAGE: &str = "usage: call-redirect [--listen ADDRESS] [CALLEE=NUMBER]...";

/// Who picks up, by who is called. Nobody if the number is empty.
struct Routes {
    numbers: HashMap<String, String>,
}

impl CallHandler for Routes {
    async fn call(&self, _: Context, mut call: Call) -> HookResult<Call> {
        match self.numbers.get(&call.callee).map(String::as_str) {
            None => println!("{} calls {}", call.caller, call.callee),
            Some("") => {
                let why = format!("{} called {}", call.caller, call.callee);
                return Err(Refusal::forbidden("this number cannot be called").because(why));
            }
            Some(number) => {
                println!("{} calls {}, which is {number}", call.caller, call.callee);
                call.callee = number.to_owned();
            }
        }
        Ok(call)
    }

    async fn call_status(&self, _: Context, call: Call) -> EventResult {
        let status = call.status.as_ref().map_or("of unknown status", |status| status.as_str());
        println!("call {} is {status}", call.call_id);
        Ok(())
    }
}

fn hooks(routes: Routes) -> Hooks {
    // Of the answer to `call`, WCS takes the callee and nothing else.
    Hooks::new(AllowAll).calls(routes).overwriting(hook::PlaceCall, ["callee"])
}

struct Options {
    listen: String,
    routes: Routes,
}

impl Options {
    fn read() -> Option<Self> {
        let mut listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
        let mut numbers = HashMap::new();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.split_once('=') {
                _ if argument == "--listen" => listen = arguments.next()?,
                Some((callee, number)) => drop(numbers.insert(callee.to_owned(), number.to_owned())),
                None => return None,
            }
        }
        if numbers.is_empty() {
            numbers.insert("support".to_owned(), "1001".to_owned());
            numbers.insert("0900123".to_owned(), String::new());
        }
        Some(Self { listen, routes: Routes { numbers } })
    }
}

/// Whoever signs with `WCS_HOOKS_SECRET`; anyone if it is not set.
fn callers() -> Callers {
    let Ok(secret) = env::var("WCS_HOOKS_SECRET") else {
        eprintln!("anyone may call, since WCS_HOOKS_SECRET is not set");
        return Callers::anyone();
    };
    Callers::signed([secret])
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let backend = Backend::builder(hooks(options.routes)).callers(callers()).build()?;
    let listen = &options.listen;
    let listener =
        TcpListener::bind(listen).await.map_err(|error| format!("cannot listen at {listen}: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    let stopped = async { drop(signal::ctrl_c().await) };
    axum::serve(listener, backend.into_router()).with_graceful_shutdown(stopped).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let Some(options) = Options::read() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("call-redirect: {error}");
            ExitCode::FAILURE
        }
    }
}
