//! How answers are read: [`Answer`].

use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category, value::RawValue};
use wcs_hooks_protocol::{HookContext, Object, Payload};

use crate::{Delivery, Entry, Listed, Push, RecordingFile};

/// What an answer says.
pub(crate) trait Answer: Sized {
    /// Reads the body of a 2xx; `Err` says why it cannot be read, without quoting it.
    fn read(body: &[u8]) -> Result<Self, String>;

    /// What a 404 says, if it is not an error.
    fn none() -> Option<Self> {
        None
    }
}

/// Whether what a command was to act on was there.
///
/// ```
/// use wcs_hooks_rest_client::{Error, Node, Outcome};
///
/// async fn hang_up(node: &Node, call_id: &str) -> Result<(), Error> {
///     match node.calls().terminate(call_id).await? {
///         Outcome::Done => println!("ended"),
///         Outcome::NotFound => println!("had ended"),
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// WCS has done it.
    Done,
    /// WCS has nothing that the command is about, or not any more.
    NotFound,
}

/// It is done, and there is nothing to say.
impl Answer for () {
    fn read(_: &[u8]) -> Result<Self, String> {
        Ok(())
    }
}

impl Answer for Outcome {
    fn read(_: &[u8]) -> Result<Self, String> {
        Ok(Self::Done)
    }

    fn none() -> Option<Self> {
        Some(Self::NotFound)
    }
}

impl Answer for Delivery {
    fn read(_: &[u8]) -> Result<Self, String> {
        Ok(Self::Delivered)
    }

    fn none() -> Option<Self> {
        Some(Self::NoSuchSession)
    }
}

/// Whatever it is.
impl Answer for Value {
    fn read(body: &[u8]) -> Result<Self, String> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::Null);
        }
        let as_text = || Self::String(String::from_utf8_lossy(body).into_owned());
        Ok(serde_json::from_slice(body).unwrap_or_else(|_| as_text()))
    }
}

impl<A: Answer> Answer for Option<A> {
    fn read(body: &[u8]) -> Result<Self, String> {
        A::read(body).map(Some)
    }

    fn none() -> Option<Self> {
        Some(None)
    }
}

/// One of a list.
pub(crate) trait Item: Sized {
    fn read(json: &str) -> Result<Self, String>;
}

/// A list, which may be empty in as many ways as there are.
impl<T: Item> Answer for Vec<T> {
    fn read(body: &[u8]) -> Result<Self, String> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::new());
        }
        let items: Option<Vec<Option<&RawValue>>> = serde_json::from_slice(body)
            .map_err(|error| format!("no array of objects, {}", place(&error)))?;
        items.into_iter().flatten().flatten().map(|json| T::read(json.get())).collect()
    }

    fn none() -> Option<Self> {
        Some(Self::new())
    }
}

impl<P: Payload> Item for Listed<P> {
    fn read(json: &str) -> Result<Self, String> {
        let object = Object::parse(json).map_err(|error| error.to_string())?;
        let reading = P::read(&object).map_err(|error| error.to_string())?;
        Ok(Self { context: HookContext::read(&object), payload: reading.payload })
    }
}

/// Types that `serde` reads.
macro_rules! read_by_serde {
    ($($Type:ty),*) => { $(
        impl Item for $Type {
            fn read(json: &str) -> Result<Self, String> {
                read_object(json.as_bytes())
            }
        }

        impl Answer for $Type {
            fn read(body: &[u8]) -> Result<Self, String> {
                read_object(body)
            }
        }
    )* };
}

read_by_serde!(Entry, Push, RecordingFile);

fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| place(&error))
}

/// What is wrong, and where. The error's own text quotes values, which may be secret.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "a value is of a kind that it cannot be",
        Category::Eof => "it ends too early",
        Category::Syntax | Category::Io => "it is no JSON",
    };
    format!("{what}, at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests;
