//! `sign` and `verify`: the header that WCS sends with a body.

use std::{
    error::Error,
    fs,
    io::{self, Read},
    path::PathBuf,
};

use wcs_hooks::{Secret, SigningKey};

use crate::exit::Exit;

/// Print the Authorization header that WCS sends with a body (rest_hook_send_hash)
#[derive(clap::Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    signed: Signed,
}

/// Say whether an Authorization header belongs to a body
#[derive(clap::Args)]
pub(crate) struct Verify {
    /// The value of the header: WCS and 32 hex digits
    header: String,
    #[command(flatten)]
    signed: Signed,
}

#[derive(clap::Args)]
struct Signed {
    /// The body, as it is sent, byte for byte; standard input if it is not given
    body: Option<PathBuf>,
    /// The value of rest_hook_secret_key
    #[arg(long, env = "WCS_HOOKS_SECRET", hide_env_values = true)]
    secret: String,
}

impl Sign {
    /// Prints it.
    pub(crate) fn run(&self) -> Result<Exit, Box<dyn Error>> {
        anstream::println!("{}", self.signed.key().sign(&self.signed.read()?));
        Ok(Exit::Done)
    }
}

impl Verify {
    /// Says it.
    pub(crate) fn run(&self) -> Result<Exit, Box<dyn Error>> {
        if self.signed.key().verify(&self.signed.read()?, &self.header) {
            anstream::println!("the signature is right");
            return Ok(Exit::Done);
        }
        anstream::println!("the signature is wrong: another secret, or not this body byte for byte");
        Ok(Exit::No)
    }
}

impl Signed {
    fn key(&self) -> SigningKey {
        SigningKey::new(&Secret::from(self.secret.as_str()))
    }

    fn read(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        if let Some(file) = &self.body {
            return fs::read(file).map_err(|error| format!("{}: {error}", file.display()).into());
        }
        let mut body = Vec::new();
        io::stdin().read_to_end(&mut body)?;
        Ok(body)
    }
}
