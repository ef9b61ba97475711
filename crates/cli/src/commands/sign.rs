//! `sign` and `verify`: the header that WCS sends with a body.

use std::{
    error::Error,
    fs,
    io::{self, Read},
    path::PathBuf,
};

use serde_json::json;

use crate::{
    exit::Exit,
    output::{BAD, GOOD, Output},
    secrets::SigningSecret,
};

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
    #[command(flatten)]
    secret: SigningSecret,
}

impl Sign {
    /// Prints it.
    pub(crate) fn run(&self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        let header = self.signed.secret.key()?.sign(&self.signed.read()?);
        output.line(&header)?;
        output.object(&json!({ "authorization": header }))?;
        Ok(Exit::Done)
    }
}

impl Verify {
    /// Says it.
    pub(crate) fn run(&self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        let is_right = self.signed.secret.key()?.verify(&self.signed.read()?, &self.header);
        output.object(&json!({ "valid": is_right }))?;
        if is_right {
            output.line(format_args!("{GOOD}the signature is right{GOOD:#}"))?;
            return Ok(Exit::Done);
        }
        output.line(format_args!(
            "{BAD}the signature is wrong{BAD:#}: another secret, or not this body byte for byte"
        ))?;
        Ok(Exit::No)
    }
}

impl Signed {
    fn read(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        if let Some(file) = &self.body {
            return fs::read(file).map_err(|error| format!("{}: {error}", file.display()).into());
        }
        let mut body = Vec::new();
        io::stdin().read_to_end(&mut body)?;
        Ok(body)
    }
}
