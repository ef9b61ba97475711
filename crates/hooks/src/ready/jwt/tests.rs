use std::sync::LazyLock;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header as JwtHeader, jwk::Jwk};
use serde_json::json;

use super::*;
use crate::ready::testing::{SECRET, TempFile};

/// A key that tests sign with.
struct Pair {
    algorithm: Algorithm,
    public: String,
    private: String,
    signing: EncodingKey,
}

static RSA: LazyLock<Pair> = LazyLock::new(|| Pair::new(Algorithm::RS256));
static OTHER_RSA: LazyLock<Pair> = LazyLock::new(|| Pair::new(Algorithm::RS256));
static EC: LazyLock<Pair> = LazyLock::new(|| Pair::new(Algorithm::ES256));
static ED: LazyLock<Pair> = LazyLock::new(|| Pair::new(Algorithm::EdDSA));

type ReadKey = fn(&[u8]) -> jsonwebtoken::errors::Result<EncodingKey>;

impl Pair {
    fn new(algorithm: Algorithm) -> Self {
        let (kind, read): (_, ReadKey) = match algorithm {
            Algorithm::RS256 => (&rcgen::PKCS_RSA_SHA256, EncodingKey::from_rsa_pem),
            Algorithm::ES256 => (&rcgen::PKCS_ECDSA_P256_SHA256, EncodingKey::from_ec_pem),
            _ => (&rcgen::PKCS_ED25519, EncodingKey::from_ed_pem),
        };
        let pair = rcgen::KeyPair::generate_for(kind).unwrap();
        let private = pair.serialize_pem();
        Self { algorithm, public: pair.public_key_pem(), signing: read(private.as_bytes()).unwrap(), private }
    }

    fn sign(&self, claims: &Value) -> String {
        sign(&JwtHeader::new(self.algorithm), claims, &self.signing)
    }

    fn jwk(&self, name: Option<&str>) -> Value {
        let read = match self.algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_pem,
            Algorithm::ES256 => DecodingKey::from_ec_pem,
            _ => DecodingKey::from_ed_pem,
        };
        let key = read(self.public.as_bytes()).unwrap();
        let mut jwk = Jwk::from_decoding_key(&key, Some(self.algorithm)).unwrap();
        jwk.common.key_id = name.map(str::to_owned);
        serde_json::to_value(jwk).unwrap()
    }
}

#[test]
fn a_clock_before_1970_is_no_panic() {
    let verifier = Verifier::builder().secret(SECRET).build().unwrap();
    let token = Claims::new().expiring_in(Duration::from_mins(1)).sign(&SECRET.into()).unwrap();
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(verifier.verify_at(&token, before).unwrap_err(), TokenError::NotYetValid);
    assert!(verifier.verify_at(&token, SystemTime::now()).is_ok());
}

#[test]
fn key_files_are_read_again() {
    let [old, new] = [&*RSA, &*OTHER_RSA];
    let file = TempFile::new("replaced.pem", &old.public);
    let verifier = Verifier::builder().pem_file(&file.0).secret(SECRET).build().unwrap();
    assert_eq!(verifier.files(), std::slice::from_ref(&file.0));
    let in_use = verifier.clone();
    let claims = json!({ "exp": from_now(60) });
    let holds = || [old, new].map(|pair| in_use.verify(&pair.sign(&claims)).is_ok());
    assert_eq!(holds(), [true, false]);

    std::fs::write(&file.0, &new.public).unwrap();
    verifier.reload().unwrap();
    assert_eq!(holds(), [false, true]);
    std::fs::write(&file.0, "nothing").unwrap();
    assert!(verifier.reload().unwrap_err().to_string().contains("it has no public key"));
    assert_eq!(holds(), [false, true]);
}

fn sign(header: &JwtHeader, claims: &Value, key: &EncodingKey) -> String {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    jsonwebtoken::encode(header, claims, key).unwrap()
}

fn by_secret(secret: &str, claims: &Value) -> String {
    sign(&JwtHeader::default(), claims, &EncodingKey::from_secret(secret.as_bytes()))
}

/// Seconds since 1970, so many from now.
fn from_now(seconds: i64) -> u64 {
    let now = SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_secs().checked_add_signed(seconds).unwrap()
}

fn holding() -> Value {
    json!({ "sub": "alice", "exp": from_now(600) })
}

fn with(changes: &Value) -> Value {
    let mut claims = holding();
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims
}

fn outcome(verifier: &Verifier, token: &str) -> Result<(), TokenError> {
    verifier.verify(token).map(|claims| assert_eq!(claims.str("sub"), Some("alice")))
}

/// A token whose signature is of nothing.
fn unsigned(header: &Value) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    let (header, claims) = (header.to_string(), holding().to_string());
    format!("{}.{}.", BASE64.encode(header), BASE64.encode(claims))
}

#[test]
fn tokens_hold_by_their_claims() {
    use TokenError::{Expired, MissingClaim, NotYetValid, WrongAudience, WrongClaim, WrongIssuer};
    let missing = |name: &str| Err(MissingClaim(name.to_owned()));
    let wrong = |name: &str| Err(WrongClaim(name.to_owned()));
    let plain = || Verifier::builder().secret(SECRET);
    let exact = || plain().leeway(Duration::ZERO);
    #[rustfmt::skip]
    let cases: [(&str, VerifierBuilder, Value, Result<(), TokenError>); 34] = [
        ("good", plain(), json!({}), Ok(())),
        ("expired", plain(), json!({"exp": from_now(-120)}), Err(Expired)),
        ("expired within the leeway", plain(), json!({"exp": from_now(-30)}), Ok(())),
        ("expired, no leeway", exact(), json!({"exp": from_now(-30)}), Err(Expired)),
        ("expired within a long leeway", plain().leeway(Duration::from_hours(24)), json!({"exp": from_now(-80_000)}), Ok(())),
        ("exp is null", plain(), json!({"exp": null}), missing("exp")),
        ("exp is text", plain(), json!({"exp": "tomorrow"}), missing("exp")),
        ("exp is negative", plain(), json!({"exp": -1}), missing("exp")),
        ("exp is a fraction", plain(), json!({"exp": 99_999_999_999.5}), Ok(())),
        ("exp is huge", plain(), json!({"exp": u64::MAX}), Ok(())),
        ("exp is null, missing allowed", plain().allow_missing_expiry(), json!({"exp": null}), wrong("exp")),
        ("expired, missing allowed", plain().allow_missing_expiry(), json!({"exp": 1}), Err(Expired)),
        ("exp is text, missing allowed", plain().allow_missing_expiry(), json!({"exp": "never"}), wrong("exp")),
        ("not yet", plain(), json!({"nbf": from_now(120)}), Err(NotYetValid)),
        ("not yet, within the leeway", plain(), json!({"nbf": from_now(30)}), Ok(())),
        ("nbf is text", plain(), json!({"nbf": "now"}), wrong("nbf")),
        ("the issuer", plain().issuer("me"), json!({"iss": "me"}), Ok(())),
        ("one of the issuers", plain().issuer("me").issuer("you"), json!({"iss": "you"}), Ok(())),
        ("another issuer", plain().issuer("me"), json!({"iss": "ME"}), Err(WrongIssuer)),
        ("no issuer", plain().issuer("me"), json!({}), missing("iss")),
        ("an issuer, none asked for", plain(), json!({"iss": "you"}), Ok(())),
        ("the audience", plain().audience("video"), json!({"aud": "video"}), Ok(())),
        ("the audience in a list", plain().audience("video"), json!({"aud": ["mail", "video"]}), Ok(())),
        ("another audience", plain().audience("video"), json!({"aud": "mail"}), Err(WrongAudience)),
        ("no audience", plain().audience("video"), json!({}), missing("aud")),
        ("an audience is not a number", plain().audience("video"), json!({"aud": 1}), missing("aud")),
        ("an audience, none configured", plain(), json!({"aud": "video"}), Err(WrongAudience)),
        ("a claim that must be there", plain().require("role"), json!({"role": "x"}), Ok(())),
        ("it is not there", plain().require("role"), json!({}), missing("role")),
        ("it is null", plain().require("role"), json!({"role": null}), missing("role")),
        ("its value", plain().require_value("role", "admin"), json!({"role": "admin"}), Ok(())),
        ("its value in a list", plain().require_value("role", "admin"), json!({"role": ["user", "admin"]}), Ok(())),
        ("another value", plain().require_value("role", "admin"), json!({"role": "Admin"}), wrong("role")),
        ("true is not a text", plain().require_value("vip", true), json!({"vip": "true"}), wrong("vip")),
    ];
    for (name, builder, claims, expected) in cases {
        let token = by_secret(SECRET, &with(&claims));
        assert_eq!(outcome(&builder.build().unwrap(), &token), expected, "{name}");
    }
    let without_exp = by_secret(SECRET, &json!({"sub": "alice"}));
    assert_eq!(outcome(&plain().build().unwrap(), &without_exp), missing("exp"));
    assert_eq!(outcome(&plain().allow_missing_expiry().build().unwrap(), &without_exp), Ok(()));
}

#[test]
fn tokens_hold_by_the_keys_that_signed_them_and_their_own_algorithm() {
    use TokenError::{UnknownExtension, UnsupportedAlgorithm, WrongSignature};
    let (secret, other_secret) = (Verifier::builder().secret(SECRET), "another secret of the tests, too.");
    let rsa = || Verifier::builder().pem(&*RSA.public);
    let both = Verifier::builder().pem(&*RSA.public).secret(SECRET);
    let secrets = Verifier::builder().secret(other_secret).secret(SECRET);
    let all = Verifier::builder().pem(&*OTHER_RSA.public).pem(&*RSA.public).pem(&*EC.public).pem(&*ED.public);
    let claims = holding();
    let rs512 = sign(&JwtHeader::new(Algorithm::RS512), &claims, &RSA.signing);
    let ps256 = sign(&JwtHeader::new(Algorithm::PS256), &claims, &RSA.signing);
    let hs512 =
        sign(&JwtHeader::new(Algorithm::HS512), &claims, &EncodingKey::from_secret(SECRET.as_bytes()));
    let critical = JwtHeader { crit: Some(vec!["b64".to_owned()]), ..JwtHeader::default() };
    let critical = sign(&critical, &claims, &EncodingKey::from_secret(SECRET.as_bytes()));
    #[rustfmt::skip]
    let cases: [(&str, &VerifierBuilder, String, Result<(), TokenError>); 22] = [
        ("HS256", &secret, by_secret(SECRET, &claims), Ok(())),
        ("RS256", &rsa(), RSA.sign(&claims), Ok(())),
        ("RS256 among others", &all, RSA.sign(&claims), Ok(())),
        ("ES256", &all, EC.sign(&claims), Ok(())),
        ("EdDSA", &all, ED.sign(&claims), Ok(())),
        ("the second secret", &secrets, by_secret(SECRET, &claims), Ok(())),
        ("wrong secret", &secret, by_secret(other_secret, &claims), Err(WrongSignature)),
        ("wrong RSA key", &rsa(), OTHER_RSA.sign(&claims), Err(WrongSignature)),
        ("wrong EC key", &all, Pair::new(Algorithm::ES256).sign(&claims), Err(WrongSignature)),
        ("wrong Ed25519 key", &all, Pair::new(Algorithm::EdDSA).sign(&claims), Err(WrongSignature)),
        ("HS256 by the RSA public key", &rsa(), by_secret(&RSA.public, &claims), Err(UnsupportedAlgorithm)),
        ("the same beside a secret", &both, by_secret(&RSA.public, &claims), Err(WrongSignature)),
        ("RS256 where a secret is asked for", &secret, RSA.sign(&claims), Err(UnsupportedAlgorithm)),
        ("RS512 is not allowed", &rsa(), rs512.clone(), Err(UnsupportedAlgorithm)),
        ("RS512 is", &rsa().algorithms([Algorithm::RS512]), rs512.clone(), Ok(())),
        ("PS256 is not allowed", &rsa(), ps256.clone(), Err(UnsupportedAlgorithm)),
        ("PS256 is", &rsa().algorithms([Algorithm::RS256, Algorithm::PS256]), ps256, Ok(())),
        ("RS256 is not any more", &rsa().algorithms([Algorithm::RS512]), RSA.sign(&claims), Err(UnsupportedAlgorithm)),
        ("HS512 is not allowed", &secret, hs512, Err(UnsupportedAlgorithm)),
        ("none", &both, unsigned(&json!({"alg": "none"})), Err(UnsupportedAlgorithm)),
        ("None", &both, unsigned(&json!({"alg": "None"})), Err(UnsupportedAlgorithm)),
        ("an unknown extension", &secret, critical, Err(UnknownExtension)),
    ];
    for (name, builder, token, expected) in cases {
        assert_eq!(outcome(&builder.clone().build().unwrap(), &token), expected, "{name}");
    }
}

#[test]
fn what_is_no_token_is_malformed_and_a_changed_one_is_not_signed() {
    let verifier = Verifier::builder().secret(SECRET).build().unwrap();
    let good = by_secret(SECRET, &holding());
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other = by_secret(SECRET, &with(&json!({"sub": "mallory"})));
    let (other_head, _) = other.rsplit_once('.').unwrap();
    let list = by_secret(SECRET, &json!(["alice"]));
    #[rustfmt::skip]
    let cases = [
        (String::new(), TokenError::Malformed),
        (".".to_owned(), TokenError::Malformed),
        ("..".to_owned(), TokenError::Malformed),
        ("a.b.c".to_owned(), TokenError::Malformed),
        ("t\0\u{fffd}.x.y".to_owned(), TokenError::Malformed),
        (head.to_owned(), TokenError::Malformed),
        (format!("{good}.x"), TokenError::Malformed),
        (format!(" {good}"), TokenError::Malformed),
        (format!("{good}="), TokenError::Malformed),
        (format!("Bearer {good}"), TokenError::Malformed),
        (list, TokenError::Malformed),
        (unsigned(&json!({"alg": 1})), TokenError::Malformed),
        (unsigned(&json!({"kid": "a"})), TokenError::Malformed),
        (unsigned(&json!([])), TokenError::Malformed),
        (unsigned(&json!({"alg": "HS256", "crit": null})), TokenError::UnknownExtension),
        (unsigned(&json!({"alg": "HS256", "crit": []})), TokenError::UnknownExtension),
        (unsigned(&json!({"alg": "HS256", "crit": 1})), TokenError::UnknownExtension),
        (unsigned(&json!({"alg": "HS256"})), TokenError::WrongSignature),
        (format!("{head}."), TokenError::WrongSignature),
        (format!("{other_head}.{signature}"), TokenError::WrongSignature),
    ];
    for (token, expected) in cases {
        assert_eq!(outcome(&verifier, &token), Err(expected), "{token}");
    }
}

#[test]
fn a_key_set_is_searched_by_name_and_without_a_name_by_algorithm() {
    use TokenError::{UnknownKey, UnsupportedAlgorithm, WrongSignature};
    let secret = json!({"kty": "oct", "kid": "s", "k": "dGhlIHNlY3JldCBvZiB0aGUgdGVzdHMnIHRva2Vucy4"});
    let for_encryption =
        json!({"kty": "RSA", "kid": "enc", "use": "enc", "n": RSA.jwk(None)["n"], "e": "AQAB"});
    let unknown = json!({"kty": "EC", "crv": "secp256k1", "kid": "k", "x": "AA", "y": "AA"});
    let set = json!({"keys": [OTHER_RSA.jwk(Some("old")), RSA.jwk(Some("new")), EC.jwk(Some("ec")), ED.jwk(Some("ed")), secret, for_encryption, unknown]});
    let file = TempFile::new("keys.json", &set.to_string());
    let verifier = Verifier::builder().jwks_file(&file.0).build().unwrap();
    let hs384 =
        sign(&JwtHeader::new(Algorithm::HS384), &holding(), &EncodingKey::from_secret(SECRET.as_bytes()));
    let signed = |pair: &Pair, name: Option<&str>| {
        let header = JwtHeader { kid: name.map(str::to_owned), ..JwtHeader::new(pair.algorithm) };
        sign(&header, &holding(), &pair.signing)
    };
    #[rustfmt::skip]
    let cases = [
        ("by name", signed(&RSA, Some("new")), Ok(())),
        ("by another's name", signed(&RSA, Some("old")), Err(WrongSignature)),
        ("by the name of another kind", signed(&RSA, Some("ec")), Err(UnknownKey)),
        ("by an unknown name", signed(&RSA, Some("newer")), Err(UnknownKey)),
        ("a key for encryption", signed(&RSA, Some("enc")), Err(UnknownKey)),
        ("without a name", signed(&RSA, None), Ok(())),
        ("without a name, an older key", signed(&OTHER_RSA, None), Ok(())),
        ("another kind", signed(&EC, Some("ec")), Ok(())),
        ("the secret", by_secret(SECRET, &holding()), Ok(())),
        ("an Ed25519 key", signed(&ED, Some("ed")), Ok(())),
        ("of no kind that is there", hs384, Err(UnsupportedAlgorithm)),
    ];
    for (name, token, expected) in cases {
        assert_eq!(outcome(&verifier, &token), expected, "{name}");
    }
    let beside_a_nameless_one = Verifier::builder().jwks_file(&file.0).pem(&*RSA.public).build().unwrap();
    assert_eq!(outcome(&beside_a_nameless_one, &signed(&RSA, Some("newer"))), Ok(()));
}

#[test]
fn mistakes_are_errors_at_the_start_that_name_their_place_and_no_secret() {
    let file = |name: &str, text: &str| TempFile::new(name, text);
    let (not_json, no_keys) = (file("a.json", "{\n\"keys\": 1}"), file("b.json", r#"{"keys": []}"#));
    let short = file(
        "c.json",
        r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}"#,
    );
    let mut off_curve = EC.jwk(None);
    off_curve["y"] = off_curve["x"].clone();
    let off_curve = file("d.json", &json!({"keys": [off_curve]}).to_string());
    let mut other_algorithm = RSA.jwk(None);
    other_algorithm["alg"] = "ES256".into();
    let other_algorithm = file("e.json", &json!({"keys": [other_algorithm]}).to_string());
    let pem = file("f.pem", "secret");
    let small = include_str!("tests/rsa1024.pem");
    let builder = Verifier::builder;
    #[rustfmt::skip]
    let cases = [
        (builder(), "verifier: it has no key: give a secret, a PEM or a key set"),
        (builder().secret(""), "secret: it is empty"),
        (builder().secret("secret"), "secret: it has 6 bytes; HS256 takes at least 32"),
        (builder().secret(SECRET).algorithms([]), "secret: it fits [HS256], of which none is allowed: see `algorithms`"),
        (builder().secret(SECRET).algorithms([Algorithm::HS512]), "secret: it fits [HS256], of which none is allowed: see `algorithms`"),
        (builder().pem(&*EC.public).algorithms([Algorithm::RS256]), "PEM: it fits [ES256], of which none is allowed: see `algorithms`"),
        (builder().secret(SECRET).leeway(Duration::from_secs(86_401)), "leeway: it is longer than a day"),
        (builder().pem(""), "PEM: it has no public key: it must begin with -----BEGIN PUBLIC KEY-----"),
        (builder().pem(&*RSA.private), "PEM: it is not an RSA public key (a private key?)"),
        (builder().pem(&*EC.private), "PEM: it has no public key: it must begin with -----BEGIN PUBLIC KEY-----"),
        (builder().pem(&*ED.private), "PEM: it has no public key: it must begin with -----BEGIN PUBLIC KEY-----"),
        (builder().pem(small), "PEM: its RSA key has about 1026 bits; at least 2048 are needed"),
        (builder().pem_file(&pem.0), "FILE: it has no public key: it must begin with -----BEGIN PUBLIC KEY-----"),
        (builder().pem_file("/nowhere/key.pem"), "/nowhere/key.pem: cannot be read: No such file or directory (os error 2)"),
        (builder().jwks_file("/nowhere/jwks.json"), "/nowhere/jwks.json: cannot be read: No such file or directory (os error 2)"),
        (builder().jwks_file(&not_json.0), "FILE: it is not a JSON Web Key Set: see line 2, column 9"),
        (builder().jwks_file(&no_keys.0), "FILE: it has no key that can be used"),
        (builder().jwks_file(&short.0), "FILE: it has no key that can be used; key 1 cannot be used: it has 6 bytes; HS256 takes at least 32; key 2 cannot be used: it is malformed"),
        (builder().jwks_file(&off_curve.0), "FILE: it has no key that can be used; key 1 cannot be used: it is malformed"),
        (builder().jwks_file(&other_algorithm.0), "FILE: it has no key that can be used; key 1 cannot be used: its `alg` ES256 does not fit the key, or is not allowed: see `algorithms`"),
    ];
    for (builder, expected) in cases {
        let error = builder.build().unwrap_err();
        let place = if expected.starts_with("FILE") { error.place() } else { "FILE" };
        assert_eq!(error.to_string().replacen(place, "FILE", 1), expected);
    }
}

#[test]
fn a_jwk_that_contradicts_its_key_is_refused() {
    let rejected = "FILE: it has no key that can be used; key 1 cannot be used: ";
    let (ec, ed, rsa) = (|| EC.jwk(None), || ED.jwk(None), || RSA.jwk(None));
    #[rustfmt::skip]
    let cases = [
        (ec(), "crv", "P-384", "its `crv` P384 is not the curve of the key, which is for [ES256]"),
        (ec(), "crv", "Ed25519", "its `crv` Ed25519 is not the curve of the key, which is for [ES256]"),
        (ec(), "crv", "P-521", "its `crv` P521 is not supported"),
        (ed(), "crv", "P-256", "its `crv` P256 is not the curve of the key, which is for [EdDSA]"),
        (ec(), "kty", "OKP", "its `crv` P256 is not the curve of the key, which is for [EdDSA]"),
        (ed(), "kty", "EC", "keys of its kind are not supported"),
        (ec(), "kty", "RSA", "keys of its kind are not supported"),
        (rsa(), "kty", "EC", "keys of its kind are not supported"),
        (ed(), "alg", "ES256", "its `alg` ES256 does not fit the key, or is not allowed: see `algorithms`"),
        (ec(), "alg", "HS256", "its `alg` HS256 does not fit the key, or is not allowed: see `algorithms`"),
    ];
    for (mut jwk, name, value, expected) in cases {
        jwk[name] = value.into();
        let file = TempFile::new("contradiction.json", &json!({"keys": [jwk]}).to_string());
        let error = Verifier::builder().jwks_file(&file.0).build().unwrap_err();
        let said = error.to_string().replacen(error.place(), "FILE", 1);
        assert_eq!(said, format!("{rejected}{expected}"), "{name} {value}");
    }
}

#[test]
fn nothing_that_is_printed_has_a_secret_in_it() {
    let builder = Verifier::builder().secret(SECRET).pem(&*RSA.public);
    let verifier = builder.clone().build().unwrap();
    let claims = verifier.verify(&by_secret(SECRET, &holding())).unwrap();
    let printed = format!("{builder:?} {verifier:?} {claims:?}");
    assert!(printed.contains("HS256") && printed.contains("\"sub\""), "{printed}");
    assert!(
        !printed.contains(SECRET) && !printed.contains("BEGIN") && !printed.contains("alice"),
        "{printed}"
    );
}

#[test]
fn claims_say_when_they_expire() {
    let seconds = |claims: Claims| {
        let at = claims.expires_at()?;
        Some(at.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs())
    };
    let cases = [
        (json!(5), Some(5)),
        (json!(5.5), Some(5)),
        (json!(-1), None),
        (json!("5"), None),
        (json!(1e300), None),
    ];
    for (exp, expected) in cases {
        assert_eq!(seconds(Claims::new().with("exp", exp.clone())), expected, "{exp}");
    }
    assert_eq!(seconds(Claims::new()), None);
    let soon = seconds(Claims::new().expiring_in(Duration::from_mins(1))).unwrap();
    assert!((from_now(55)..=from_now(60)).contains(&soon));
}
