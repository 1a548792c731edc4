//! Access tokens. The input is taken as a whole token, and as the claims of one that we sign.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use deskline_server::{
    Config,
    auth::{Identity, TokenError, Tokens},
};
use futures_util::FutureExt;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use uuid::Uuid;

use super::change;

/// The seeds are signed with it.
const SECRET: &str = "a secret for made-up tokens, long enough";
/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// The second in which all of this happens.
const NOW: i64 = 1_800_000_000;
/// What the clocks of servers may differ by.
const CLOCK_SKEW_SECONDS: f64 = 30.0;

/// The part of a header that decides. A reader that knows what it wants skips over the rest, even where that is half a character.
#[derive(Deserialize)]
struct Named {
    alg: String,
}

/// The claims that decide.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims {
    sub: Value,
    email: Value,
    exp: Value,
    nbf: Value,
}

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    let setting = |name: &str| match name {
        "DATABASE_URL" => Some("postgres://nowhere".to_owned()),
        "DESKLINE_SECRET_KEY" => Some("00".repeat(32)),
        "DESKLINE_JWT_SECRET" => Some(SECRET.to_owned()),
        _ => None,
    };
    let config = Config::from_vars(setting).expect("the settings are complete");
    Tokens::new(&config).expect("no key set is asked for")
});

/// Nobody is let in but with a token that was signed with our key and says who it is for and that its time is now.
pub fn holds(input: &[u8]) {
    if let Ok(token) = std::str::from_utf8(input)
        && let Ok(identity) = verify(token)
    {
        let (signed, signature) = token.rsplit_once('.').expect("a token has a signature");
        assert_eq!(signature, sign(signed), "{token} was not signed by us");
        let (header, claims) = signed.split_once('.').expect("a token has a header");
        assert_eq!(
            serde_json::from_slice::<Named>(&decoded(header)).expect("it was read").alg,
            "HS256",
            "it is pinned"
        );
        is_meant(&decoded(claims), &identity);
    }

    let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(input));
    let token = format!("{signed}.{}", sign(&signed));
    if let Ok(identity) = verify(&token) {
        is_meant(input, &identity);
    }
    let forged = change::one(&token, change::spot(input)).expect("a token is not empty");
    assert_eq!(verify(&forged), Err(TokenError::Invalid), "{forged} is not {token}");
}

fn verify(token: &str) -> Result<Identity, TokenError> {
    let now: DateTime<Utc> = DateTime::from_timestamp(NOW, 0).expect("a time");
    TOKENS.verify(token, now).now_or_never().expect("nobody is asked")
}

fn sign(signed: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    URL_SAFE_NO_PAD.encode(mac.chain_update(signed).finalize().into_bytes())
}

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("what was taken is base64")
}

fn is_meant(json: &[u8], identity: &Identity) {
    let claims: Claims = serde_json::from_slice(json).expect("what was taken is JSON");
    let sub = claims.sub.as_str().and_then(|sub| Uuid::parse_str(sub).ok());
    assert_eq!(sub, Some(identity.user_id.0), "{claims:?}");
    assert_eq!(claims.email.as_str(), identity.email.as_deref(), "{claims:?}");
    let seconds = |claim: &Value| (!claim.is_null()).then(|| claim.as_f64().expect("a time is a number"));
    #[expect(clippy::cast_precision_loss, reason = "the second in which this happens is a small number")]
    let now = NOW as f64;
    assert!(seconds(&claims.exp).is_none_or(|exp| exp > now), "its time is over: {claims:?}");
    assert!(
        seconds(&claims.nbf).is_none_or(|nbf| nbf <= now + CLOCK_SKEW_SECONDS),
        "its time has not come: {claims:?}"
    );
}
