//! `flashphoner.properties`.

use wcs_hooks_dispatcher::Settings;

/// Any file is read or refused with an error that names a line which it has, and neither panics.
///
/// # Panics
/// If that does not hold.
pub fn properties(bytes: &[u8]) {
    let settings = Settings::parse(bytes, "a file");
    if let Err(error) = &settings {
        assert!(error.to_string().starts_with("a file"), "{error}");
        let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        assert!(error.line().is_none_or(|line| (1..=lines).contains(&line)), "{error} of {lines} lines");
    }
    let _ = format!("{settings:?}");
}
