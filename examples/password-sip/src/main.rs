//! A login and password let clients in. Their SIP account comes from the backend, and the browser never sees it.
//!
//! Run with
//!
//! ```text
//! cargo run -p password-sip
//! ```

use std::{env, error::Error, io, process::ExitCode};

use wcs_hooks::{
    Arguments, Backend, BackendBuilder, Callers, ConnectHandler, Context, HookResult, Hooks, OrRefuse,
    Secret,
    payloads::Connection,
    ready::{ConfigError, PasswordAuth, PasswordFile},
};

const USAGE: &str = "usage: password-sip [--config FILE] [--listen ADDRESS] [--users FILE] | --hash USER (password on standard input)";

/// A line at the SIP server. A real backend has it in its database.
struct SipAccount {
    user: &'static str,
    login: &'static str,
    password: &'static str,
}

const DOMAIN: &str = "sip.example.com";
const ACCOUNTS: [SipAccount; 2] = [
    SipAccount { user: "alice", login: "10001", password: "sip-secret-of-alice" },
    SipAccount { user: "bob", login: "10002", password: "sip-secret-of-bob" },
];

struct Telephones {
    passwords: PasswordAuth,
}

impl ConnectHandler for Telephones {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        let user = self.passwords.admit(&mut connection).await?;
        let account =
            ACCOUNTS.iter().find(|account| account.user == user).or_forbidden("no telephone line")?;
        tracing::info!("{user} comes in and gets the line {}", account.login);
        connection.sip_register_required = Some(true);
        connection.sip_login = Some(account.login.to_owned());
        connection.sip_authentication_name = Some(account.login.to_owned());
        connection.sip_password = Some(account.password.into());
        // All that says where to register too: a proxy of the client's own choice would see the account.
        connection.sip_domain = Some(DOMAIN.to_owned());
        connection.sip_outbound_proxy = Some(DOMAIN.to_owned());
        connection.sip_proxy = Some(DOMAIN.to_owned());
        connection.sip_port = Some(5060);
        // It has done its work, and WCS would tell it to the client again.
        connection.custom.remove("password");
        Ok(connection)
    }
}

/// For a trial: alice and bob, whose password is `demo`.
fn demo_users() -> Result<PasswordFile, ConfigError> {
    let password = Secret::from("demo");
    let lines = [PasswordFile::hash_line("alice", &password)?, PasswordFile::hash_line("bob", &password)?];
    lines.join("\n").parse()
}

/// WCS signs with `WCS_HOOKS_SECRET`. For a trial on this machine anyone may call.
fn backend(hooks: Hooks) -> BackendBuilder {
    let backend = Backend::builder(hooks);
    match env::var("WCS_HOOKS_SECRET") {
        Ok(secret) => backend.callers(Callers::signed([secret])),
        Err(_) => backend.demo_callers(Callers::anyone()),
    }
}

async fn run(arguments: Arguments, rest: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let file = match rest {
        [] => None,
        [flag, path] if flag == "--users" => Some(path),
        [flag, user] if flag == "--hash" => {
            let password = io::read_to_string(io::stdin())?;
            println!("{}", PasswordFile::hash_line(user, &password.trim_end().into())?);
            return Ok(ExitCode::SUCCESS);
        }
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    };
    let passwords = PasswordAuth::new(file.map_or_else(demo_users, PasswordFile::read)?);
    let hooks = Hooks::new(Telephones { passwords: passwords.clone() });
    // The file is read again when it changes.
    let backend = backend(hooks).reloading(passwords);
    let backend = if file.is_none() { backend.demo("--users") } else { backend };
    Ok(wcs_hooks::run(arguments, backend).await)
}

#[tokio::main]
async fn main() -> ExitCode {
    let Ok((arguments, rest)) = Arguments::of_program() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    run(arguments, &rest).await.unwrap_or_else(|error| {
        eprintln!("password-sip: {error}");
        ExitCode::FAILURE
    })
}
