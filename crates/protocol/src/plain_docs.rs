//! The docs of hooks and fields outside of the code: [`plain_docs`].

/// Docs as one line, with names instead of links into the code.
#[doc(hidden)]
#[must_use]
pub fn plain_docs(docs: &str) -> String {
    let mut parts = docs.split("](crate::");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(bracket) = out.rfind('[') {
            out.remove(bracket);
        }
        out.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_code_become_names() {
        assert_eq!(
            plain_docs(" Free text; see [`info`](crate::info).\n Spec §6.4 (SDK).\n"),
            "Free text; see `info`. Spec §6.4 (SDK)."
        );
    }
}
