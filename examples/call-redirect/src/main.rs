//! Calls go to where the backend says: `support` is picked up by whoever is on duty, and some numbers by nobody.
//!
//! Run with
//!
//! ```text
//! cargo run -p call-redirect
//! ```

use std::{collections::HashMap, env, process::ExitCode};

use wcs_hooks::{
    AllowAll, Arguments, Backend, BackendBuilder, CallHandler, Callers, Context, EventResult, HookResult,
    Hooks, Refusal, hook, payloads::Call,
};

const USAGE: &str = "usage: call-redirect [--config FILE] [--listen ADDRESS] [CALLEE=NUMBER]...";

/// Who picks up, by who is called. Nobody if the number is empty.
struct Routes {
    numbers: HashMap<String, String>,
}

impl CallHandler for Routes {
    async fn call(&self, _: Context, mut call: Call) -> HookResult<Call> {
        match self.numbers.get(&call.callee).map(String::as_str) {
            None => tracing::info!("{} calls {}", call.caller, call.callee),
            Some("") => {
                let why = format!("{} called {}", call.caller, call.callee);
                return Err(Refusal::forbidden("this number cannot be called").because(why));
            }
            Some(number) => {
                tracing::info!("{} calls {}, which is {number}", call.caller, call.callee);
                call.callee = number.to_owned();
            }
        }
        Ok(call)
    }

    async fn call_status(&self, _: Context, call: Call) -> EventResult {
        let status = call.status.as_ref().map_or("of unknown status", |status| status.as_str());
        tracing::info!("call {} is {status}", call.call_id);
        Ok(())
    }
}

fn hooks(routes: Routes) -> Hooks {
    // Of the answer to `call`, WCS takes the callee and nothing else.
    Hooks::new(AllowAll).calls(routes).overwriting(hook::PlaceCall, ["callee"])
}

impl Routes {
    /// From `CALLEE=NUMBER`; a few for a demonstration if there are none. `None` if it is anything else.
    fn of(given: &[String]) -> Option<Self> {
        let pairs = given.iter().map(|pair| pair.split_once('='));
        let owned = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
        let mut numbers = pairs.map(|pair| pair.map(owned)).collect::<Option<HashMap<_, _>>>()?;
        if numbers.is_empty() {
            numbers.insert("support".to_owned(), "1001".to_owned());
            numbers.insert("0900123".to_owned(), String::new());
        }
        Some(Self { numbers })
    }
}

/// WCS signs with `WCS_HOOKS_SECRET`. For a trial on this machine anyone may call.
fn backend(hooks: Hooks) -> BackendBuilder {
    let backend = Backend::builder(hooks);
    match env::var("WCS_HOOKS_SECRET") {
        Ok(secret) => backend.callers(Callers::signed([secret])),
        Err(_) => backend.demo_callers(Callers::anyone()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let given = Arguments::of_program().ok();
    let given = given.and_then(|(arguments, rest)| Some((arguments, Routes::of(&rest)?)));
    let Some((arguments, routes)) = given else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    wcs_hooks::run(arguments, backend(hooks(routes))).await
}
