//! Which content types are JSON. Spec §1.2.

/// Whether a content type is JSON: `application/json` or `application/*+json`, whatever its parameters.
///
/// ```
/// use wcs_hooks_protocol::is_json_type;
///
/// assert!(is_json_type("application/json;charset=UTF-8") && is_json_type("Application/Problem+JSON"));
/// assert!(!is_json_type("text/json") && !is_json_type("application/jsonp"));
/// ```
#[must_use]
pub fn is_json_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return false;
    };
    let suffix = subtype.rsplit('+').next().unwrap_or_default();
    kind.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
}
