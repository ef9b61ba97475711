//! How answers are read: [`Answer`].

use serde_json::Value;

use crate::Delivery;

/// What an answer says.
pub(crate) trait Answer: Sized {
    /// Reads the body of a 2xx; `Err` says why it cannot be read, without quoting it.
    fn read(body: &[u8]) -> Result<Self, String>;

    /// What a 404 says, if it is not an error.
    fn none() -> Option<Self> {
        None
    }
}

/// It is done, and there is nothing to say.
impl Answer for () {
    fn read(_: &[u8]) -> Result<Self, String> {
        Ok(())
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

impl Answer for Delivery {
    fn read(_: &[u8]) -> Result<Self, String> {
        Ok(Self::Delivered)
    }

    fn none() -> Option<Self> {
        Some(Self::NoSuchSession)
    }
}
