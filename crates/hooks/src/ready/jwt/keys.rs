//! The keys that tokens are checked with, made ready once.

use std::path::PathBuf;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse},
};
use wcs_hooks_protocol::Secret;

use crate::ready::{ConfigError, error::read_file};

/// Where keys come from.
#[derive(Clone)]
pub(super) enum Source {
    Secret(Secret),
    Pem(String),
    PemFile(PathBuf),
    JwksFile(PathBuf),
}

/// A key, and the algorithms that it may be used with.
pub(super) struct Key {
    pub(super) name: Option<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) material: DecodingKey,
}

/// Why a key cannot be used.
type Unusable = String;

impl Key {
    /// Whether a token with this `kid` may be signed with this key.
    pub(super) fn is_meant_by(&self, key_id: Option<&str>) -> bool {
        match (&self.name, key_id) {
            (Some(name), Some(key_id)) => name == key_id,
            _ => true,
        }
    }

    fn new(key: DecodingKey, allowed: &[Algorithm]) -> Result<Self, Unusable> {
        let fitting = fitting_algorithms(&key)?;
        let algorithms = fitting.iter().filter(|algorithm| allowed.contains(algorithm));
        let algorithms: Vec<_> = algorithms.copied().collect();
        if algorithms.is_empty() {
            return Err(format!("it fits {fitting:?}, of which none is allowed: see `algorithms`"));
        }
        Ok(Self { name: None, algorithms, material: key })
    }
}

impl Source {
    /// None of what is given in code.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Secret(_) | Self::Pem(_) => None,
            Self::PemFile(path) | Self::JwksFile(path) => Some(path),
        }
    }

    pub(super) fn load(&self, allowed: &[Algorithm]) -> Result<Vec<Key>, ConfigError> {
        match self {
            Self::Secret(secret) => {
                let key = DecodingKey::from_secret(secret.expose().as_bytes());
                let key = Key::new(key, allowed).map_err(|problem| ConfigError::new("secret", problem))?;
                Ok(vec![key])
            }
            Self::Pem(pem) => from_pem(pem.as_bytes(), "PEM", allowed),
            Self::PemFile(path) => from_pem(&read_file(path)?, &path.display().to_string(), allowed),
            Self::JwksFile(path) => from_jwks(&read_file(path)?, &path.display().to_string(), allowed),
        }
    }
}

fn from_pem(pem: &[u8], place: &str, allowed: &[Algorithm]) -> Result<Vec<Key>, ConfigError> {
    let key = DecodingKey::from_rsa_pem(pem)
        .or_else(|_| DecodingKey::from_ec_pem(pem))
        .or_else(|_| DecodingKey::from_ed_pem(pem))
        .map_err(|_| {
            ConfigError::new(place, "it has no public key: it must begin with -----BEGIN PUBLIC KEY-----")
        })?;
    let key = Key::new(key, allowed).map_err(|problem| ConfigError::new(place, problem))?;
    Ok(vec![key])
}

fn from_jwks(json: &[u8], place: &str, allowed: &[Algorithm]) -> Result<Vec<Key>, ConfigError> {
    let set: JwkSet = serde_json::from_slice(json).map_err(|error| {
        // The error's own text may quote a key.
        let (line, column) = (error.line(), error.column());
        ConfigError::new(place, format!("it is not a JSON Web Key Set: see line {line}, column {column}"))
    })?;
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for (index, jwk) in set.keys.iter().enumerate() {
        match from_jwk(jwk, allowed) {
            Ok(key) => keys.push(key),
            Err(problem) => problems.push(format!("key {} cannot be used: {problem}", index + 1)),
        }
    }
    if keys.is_empty() {
        problems.insert(0, "it has no key that can be used".to_owned());
        return Err(ConfigError::new(place, problems.join("; ")));
    }
    for problem in problems {
        tracing::warn!(file = place, problem, "a key of the JSON Web Key Set is passed over");
    }
    Ok(keys)
}

fn from_jwk(jwk: &Jwk, allowed: &[Algorithm]) -> Result<Key, Unusable> {
    let common = &jwk.common;
    let is_for_others =
        common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature)
            || common
                .key_operations
                .as_ref()
                .is_some_and(|operations| !operations.contains(&KeyOperations::Verify));
    if is_for_others {
        return Err("it is not for checking signatures".into());
    }
    if let AlgorithmParameters::Other(_) = jwk.algorithm {
        return Err("keys of its kind are not supported".into());
    }
    let key = DecodingKey::from_jwk(jwk).map_err(|_| "it is malformed")?;
    let mut key = Key::new(key, allowed)?;
    check_curve(&jwk.algorithm, &key)?;
    if let Some(own) = common.key_algorithm {
        let own =
            Algorithm::try_from(own).map_err(|_| "its `alg` is not for signatures, or not supported")?;
        key.algorithms.retain(|algorithm| *algorithm == own);
        if key.algorithms.is_empty() {
            return Err(format!(
                "its `alg` {own:?} does not fit the key, or is not allowed: see `algorithms`"
            ));
        }
    }
    key.name.clone_from(&common.key_id);
    Ok(key)
}

/// A curve that is not the one of the key is a mistake, or an attempt to have the key used otherwise.
fn check_curve(parameters: &AlgorithmParameters, key: &Key) -> Result<(), Unusable> {
    let curve = match parameters {
        AlgorithmParameters::EllipticCurve(parameters) => &parameters.curve,
        AlgorithmParameters::OctetKeyPair(parameters) => &parameters.curve,
        _ => return Ok(()),
    };
    let algorithm = match curve {
        EllipticCurve::P256 => Algorithm::ES256,
        EllipticCurve::P384 => Algorithm::ES384,
        EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return Err(format!("its `crv` {curve:?} is not supported")),
    };
    match key.algorithms.as_slice() {
        [fitting] if *fitting == algorithm => Ok(()),
        fitting => Err(format!("its `crv` {curve:?} is not the curve of the key, which is for {fitting:?}")),
    }
}

/// The algorithms that a key can be used with at all; fails if the key itself is no good.
fn fitting_algorithms(key: &DecodingKey) -> Result<&'static [Algorithm], Unusable> {
    match key.family() {
        AlgorithmFamily::Hmac => for_secret(key.try_get_as_bytes().unwrap_or_default()),
        AlgorithmFamily::Rsa => for_rsa(key),
        AlgorithmFamily::Ec => for_curve(key.try_get_as_bytes().unwrap_or_default()),
        AlgorithmFamily::Ed => {
            let key = key.try_get_as_bytes().unwrap_or_default();
            parsed(&ED25519, key).map(|()| &[Algorithm::EdDSA] as &[_])
        }
    }
}

/// RFC 7518 §3.2: a secret is at least as long as the hash. A shorter one can be guessed from a single token.
fn for_secret(secret: &[u8]) -> Result<&'static [Algorithm], Unusable> {
    const BY_LENGTH: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    match secret.len() {
        0 => Err("it is empty".into()),
        length @ 1..32 => Err(format!("it has {length} bytes; HS256 takes at least 32")),
        32..48 => Ok(&BY_LENGTH[..1]),
        48..64 => Ok(&BY_LENGTH[..2]),
        64.. => Ok(BY_LENGTH),
    }
}

fn for_rsa(key: &DecodingKey) -> Result<&'static [Algorithm], Unusable> {
    const ALL: &[Algorithm] = &[
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    let malformed = "it is not an RSA public key (a private key?)";
    let jwk = Jwk::from_decoding_key(key, None).map_err(|_| malformed)?;
    let AlgorithmParameters::RSA(parameters) = jwk.algorithm else {
        return Err(malformed.into());
    };
    // Six bits to a character of base64url.
    match parameters.n.len() * 6 {
        bits @ 0..2040 => Err(format!("its RSA key has about {bits} bits; at least 2048 are needed")),
        bits @ 8200.. => Err(format!("its RSA key has about {bits} bits; at most 8192 are taken")),
        _ => Ok(ALL),
    }
}

fn for_curve(point: &[u8]) -> Result<&'static [Algorithm], Unusable> {
    match point.len() {
        65 => parsed(&ECDSA_P256_SHA256_FIXED, point).map(|()| &[Algorithm::ES256] as &[_]),
        97 => parsed(&ECDSA_P384_SHA384_FIXED, point).map(|()| &[Algorithm::ES384] as &[_]),
        _ => Err("its curve is not P-256 or P-384".into()),
    }
}

fn parsed(algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> Result<(), Unusable> {
    match ParsedPublicKey::new(algorithm, key) {
        Ok(_) => Ok(()),
        Err(_) => Err("it is malformed".into()),
    }
}
