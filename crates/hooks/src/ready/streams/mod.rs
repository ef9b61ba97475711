//! Which streams a client may publish and play, by the claims of its token.

mod name_pattern;
mod rights;
mod sessions;
mod tokens;

pub use name_pattern::NamePattern;
pub use rights::StreamRights;
pub use tokens::StreamTokens;
