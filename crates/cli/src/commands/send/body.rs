//! The object of a hook, put together from a file and single fields.

use std::{
    error::Error,
    fs,
    io::{self, Read},
};

use wcs_hooks_dispatcher::Object;

use crate::fields::{Field, custom, with_fields};

/// What the hook carries.
#[derive(clap::Args)]
pub(super) struct Carried {
    /// A file with the object, - for standard input; its fields keep their order and spelling, its nodeId, appKey and
    /// sessionId are used
    #[arg(long, value_name = "FILE")]
    json_body: Option<String>,
    /// A field over that: PATH=TEXT, =@FILE or :=JSON, such as name=b4e7 or record:=true; dots in the path lead into objects
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<Field>,
    /// What the page or player gave, short for --field custom.FIELD, such as token=user-alice
    #[arg(long = "custom", value_name = "FIELD", value_parser = custom)]
    custom: Vec<Field>,
}

impl Carried {
    /// The object as JSON.
    ///
    /// # Errors
    /// If the file cannot be read or holds no object.
    pub(super) fn read(&self) -> Result<String, Box<dyn Error>> {
        let text = match self.json_body.as_deref() {
            None => "{}".to_owned(),
            Some("-") => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text)?;
                text
            }
            Some(file) => fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?,
        };
        let name = self.json_body.as_deref().unwrap_or_default();
        Object::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        Ok(with_fields(&with_fields(&text, &self.fields), &self.custom))
    }
}
