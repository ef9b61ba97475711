//! Ready guards: who may connect, publish and play, by the usual means.
//!
//! | guard | lets a client in | feature |
//! |---|---|---|
//! | [`JwtAuth`] | with a signed token (JWT) | `jwt` |
//! | [`StreamTokens`] | as `JwtAuth`, and says by the token's claims which streams it may publish and play | `jwt` |
//! | [`PasswordAuth`] | with a login and password | `password` |
//! | [`OriginAuth`] | whose page comes from an allowed origin | |
//!
//! They are [guards](crate::Guard): [`Hooks::guard`](crate::Hooks::guard) puts them before handlers of your own, and one behind
//! the other. All but `StreamTokens` can also be used inside a connect handler, by their `admit`. They are built once, at the
//! start: a mistake in what they are given is a [`ConfigError`] then, and not a refusal later. Files of keys and users may be
//! replaced while the backend runs: [`KeyFiles`].
//!
#![cfg_attr(feature = "jwt", doc = "```")]
#![cfg_attr(not(feature = "jwt"), doc = "```ignore")]
//! use wcs_hooks::{Hooks, ready::{JwtAuth, OriginAuth, StreamTokens, Verifier}};
//!
//! let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").issuer("https://id.example.com").build()?;
//! let tokens = StreamTokens::new(JwtAuth::new(verifier));
//! let origins = OriginAuth::new(["https://example.com"])?;
//!
//! let hooks = Hooks::guarded(origins).guard(tokens);
//! # Ok::<(), wcs_hooks::ready::ConfigError>(())
//! ```

mod error;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "jwt")]
mod jwt_auth;
mod key_files;
mod origin;
#[cfg(feature = "password")]
mod password;
#[cfg(feature = "jwt")]
mod streams;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(feature = "jwt")]
mod token_source;

pub use error::ConfigError;
/// The signature algorithms of tokens, as the `jsonwebtoken` crate (version 11) has them.
#[cfg(feature = "jwt")]
pub use jsonwebtoken::Algorithm;
#[cfg(feature = "jwt")]
pub use jwt::{Claims, TokenError, Verifier, VerifierBuilder};
#[cfg(feature = "jwt")]
pub use jwt_auth::JwtAuth;
pub use key_files::KeyFiles;
pub use origin::OriginAuth;
#[cfg(feature = "password")]
pub use password::{PasswordAuth, PasswordFile};
#[cfg(feature = "jwt")]
pub use streams::{NamePattern, StreamRights, StreamTokens};
#[cfg(feature = "jwt")]
pub use token_source::TokenSource;
