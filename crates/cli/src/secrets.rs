//! Secrets on the command line: given in the environment or a file, and never printed.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use wcs_hooks::{Secret, SigningKey};
use wcs_hooks_dispatcher::App;

use crate::usage;

/// The secret that WCS signs with.
#[derive(clap::Args)]
pub(crate) struct SigningSecret {
    /// The value of rest_hook_secret_key; others on this machine can see arguments, so prefer the environment or a file
    #[arg(long, env = "WCS_HOOKS_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// A file with it, which goes before the other; blanks at its end are no part of it
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl SigningSecret {
    /// The secret, if one is given.
    ///
    /// # Errors
    /// If the file cannot be read or is empty.
    pub(crate) fn read(&self) -> Result<Option<Secret>, Box<dyn Error>> {
        match (&self.secret_file, &self.secret) {
            (Some(file), _) => from_file(file).map(Some),
            (None, Some(secret)) if !secret.is_empty() => Ok(Some(secret.as_str().into())),
            (None, _) => Ok(None),
        }
    }

    /// The key made of the secret.
    ///
    /// # Errors
    /// As [`SigningSecret::read`], and if no secret is given.
    pub(crate) fn key(&self) -> Result<SigningKey, Box<dyn Error>> {
        let missing = "no secret: set WCS_HOOKS_SECRET, or give --secret-file or --secret";
        let secret = self.read()?.ok_or_else(|| usage::missing(missing))?;
        Ok(SigningKey::new(&secret))
    }
}

/// The credentials that WCS has for a backend.
#[derive(clap::Args)]
pub(crate) struct BasicCredentials {
    /// restUsername: the user of Basic authentication; the password comes by --password-file or WCS_HOOKS_PASSWORD
    #[arg(long, value_name = "USER", value_parser = user)]
    basic: Option<String>,
    /// A file with restPassword, which goes before WCS_HOOKS_PASSWORD; blanks at its end are no part of it
    #[arg(long, value_name = "FILE", requires = "basic")]
    password_file: Option<PathBuf>,
}

impl BasicCredentials {
    /// Whether there is a user; [`BasicCredentials::read`] says whether there is a password too.
    pub(crate) const fn are_given(&self) -> bool {
        self.basic.is_some()
    }

    /// User and password, if they are given.
    ///
    /// # Errors
    /// If the file cannot be read or is empty, or there is a user without a password.
    pub(crate) fn read(&self) -> Result<Option<(String, Secret)>, Box<dyn Error>> {
        let Some(user) = &self.basic else { return Ok(None) };
        let password = match &self.password_file {
            Some(file) => from_file(file)?,
            None => password().ok_or_else(|| {
                usage::missing("--basic has no password: give --password-file, or set WCS_HOOKS_PASSWORD")
            })?,
        };
        Ok(Some((user.clone(), password)))
    }

    /// The app with them, if they are given.
    ///
    /// # Errors
    /// As [`BasicCredentials::read`].
    pub(crate) fn of(&self, app: App) -> Result<App, Box<dyn Error>> {
        match self.read()? {
            Some((user, password)) => Ok(app.with_credentials(&user, &password)?),
            None => Ok(app),
        }
    }
}

/// The password in the environment. It is no flag: others on this machine could see it.
fn password() -> Option<Secret> {
    env::var("WCS_HOOKS_PASSWORD").ok().filter(|password| !password.is_empty()).map(Secret::from)
}

fn user(text: &str) -> Result<String, String> {
    if text.contains(':') {
        return Err(
            "a user has no colon: give the password by --password-file or WCS_HOOKS_PASSWORD".to_owned()
        );
    }
    Ok(text.to_owned())
}

/// What stands in a file.
///
/// # Errors
/// If it cannot be read or is empty.
pub(crate) fn from_file(file: &Path) -> Result<Secret, Box<dyn Error>> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    match text.trim_end() {
        "" => Err(format!("{name}: is empty, and a secret must stand in it").into()),
        secret => Ok(secret.into()),
    }
}

/// A text, or behind `@` what stands in a file, without the blanks at its end.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn text(value: &str) -> Result<String, String> {
    let Some(file) = value.strip_prefix('@') else { return Ok(value.to_owned()) };
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Ok(text.trim_end().to_owned())
}
