//! A body as it stands in a recording: [`Body`].

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wcs_hooks::redact;

use super::Masks;

/// A body that is not empty.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Body {
    /// JSON on one line, as it came but for masked values.
    Json(Box<RawValue>),
    /// JSON with line breaks, or blanks round it: the text as it came but for masked values.
    Text(String),
    /// Anything else, if it was to be kept.
    Base64(String),
    /// Anything else: it may hold secrets in places that nobody knows.
    Masked {
        #[serde(rename = "as")]
        name: String,
        bytes: usize,
    },
    /// Longer than what is recorded.
    TooLong { bytes: u64 },
}

impl Body {
    /// What is written of a body; `None` if it is empty.
    pub(crate) fn of(bytes: &[u8], masks: &mut Masks) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok().and_then(|text| redact::json_with(text, masks));
        Some(match text {
            Some(text) => Self::json(text),
            None if masks.keeps_unreadable() => Self::Base64(STANDARD.encode(bytes)),
            None => Self::Masked { name: masks.name_of(bytes), bytes: bytes.len() },
        })
    }

    fn json(text: String) -> Self {
        let is_a_line = text.trim() == text && !text.contains(['\n', '\r']);
        if !is_a_line {
            return Self::Text(text);
        }
        RawValue::from_string(text.clone()).map_or(Self::Text(text), Self::Json)
    }

    /// The bytes, with what is masked still masked. `None` if they are not in the recording.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Json(json) => Some(json.get().into()),
            Self::Text(text) => Some(text.as_bytes().into()),
            Self::Base64(text) => STANDARD.decode(text).ok(),
            Self::Masked { .. } | Self::TooLong { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_comes_back_byte_for_byte() {
        let mut masks = Masks::default();
        for body in
            [r#"{"b": 1e3,"a":[null, "\u0041"]}"#, "{\r\n \"a\": 1\n}", " {} ", "[1.0]", "\"text\"", "7"]
        {
            let line = serde_json::to_string(&Body::of(body.as_bytes(), &mut masks)).unwrap();
            assert!(!line.contains('\n'), "{line}");
            let read: Body = serde_json::from_str(&line).unwrap();
            assert_eq!(read.bytes().as_deref(), Some(body.as_bytes()), "{line}");
        }
        assert!(Body::of(b"", &mut masks).is_none());
    }

    #[test]
    fn what_is_not_json_is_kept_on_demand_only() {
        for body in [&b"{\"token\":\"S"[..], b"<p>S</p>", b"\xff\xfe", b"{} {}"] {
            let mut masks = Masks::default();
            let line = serde_json::to_string(&Body::of(body, &mut masks)).unwrap();
            assert_eq!(line, format!(r#"{{"masked":{{"as":"***1","bytes":{}}}}}"#, body.len()));
            let mut masks = Masks::default().keeping_unreadable();
            let kept = Body::of(body, &mut masks).unwrap();
            assert_eq!(kept.bytes().as_deref(), Some(body));
            assert!(matches!(kept, Body::Base64(_)));
        }
    }
}
