//! Who somebody is: verifies access tokens, and issues our own.
//!
//! Called by the HTTP extractor [`crate::http::caller`] and by the socket's connect middleware. Never asks what somebody may do:
//! membership is read from the store for each request. Whether the sign-in behind a token goes on is [`sign_ins`]'s.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::UserId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::config::Config;

pub mod jwks;
pub mod limits;
pub mod password;
pub mod refresh;
pub mod sign_ins;

/// A token of an issuer whose clock is ahead of ours is taken this much before it begins to hold.
const CLOCK_SKEW_SECONDS: f64 = 30.0;
/// Whom tokens of users are for: Supabase says so, and so do we. One that names nobody is for us.
const AUDIENCE: &str = "authenticated";

/// Who a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `sub`.
    pub user_id: UserId,
    /// `email`, where the token has it.
    pub email: Option<String>,
    /// `session_id`, where the token has it: the sign-in that it comes from.
    pub session: Option<Uuid>,
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("Authentication error: Token required")]
    Required,
    /// It is forged, expired, or says nothing about who it is for.
    #[error("Authentication error: Invalid token")]
    Invalid,
    /// It names a key that could not be fetched: nobody's fault who sent it.
    #[error("The server that issues tokens cannot be reached. Try again in a moment.")]
    KeysUnreachable,
}

/// Verifies and issues tokens.
pub struct Tokens {
    shared: Option<SharedSecret>,
    jwks: Option<jwks::Jwks>,
    life: TimeDelta,
}

struct SharedSecret {
    verify: DecodingKey,
    sign: EncodingKey,
    refresh: refresh::Chain,
}

/// What a token says. Everything is optional, and checked by hand: a foreign issuer's odd claim must not become a parse error.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: Value,
    #[serde(default)]
    exp: Value,
    #[serde(default)]
    nbf: Value,
    #[serde(default)]
    iat: Value,
    #[serde(default)]
    aud: Value,
    #[serde(default)]
    email: Value,
    #[serde(default)]
    session_id: Value,
}

#[derive(Serialize)]
struct OwnClaims<'a> {
    sub: Uuid,
    email: &'a str,
    aud: &'static str,
    role: &'static str,
    session_id: Uuid,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Ready to verify with whatever `config` names.
    ///
    /// # Errors
    /// When the HTTP client for the key set cannot be built, or the secret cannot be used.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let shared = config.jwt_secret.as_ref().map(SharedSecret::new).transpose()?;
        let jwks = config.jwks_url.clone().map(|url| jwks::Jwks::new(url, &config.timers)).transpose()?;
        Ok(Self { shared, jwks, life: time_delta(config.timers.access_token_life) })
    }

    /// Verifies a token: its signature with a key that fits the algorithm it names, its time, whom it is for, and its `sub`.
    ///
    /// A token without `exp` is taken as its issuer meant it: for ever. One that demands an extension (`crit`) is not taken, since we
    /// know none (RFC 7515, 4.1.11).
    ///
    /// # Errors
    /// [`TokenError`], of which only `KeysUnreachable` is worth another try.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Identity, TokenError> {
        if token.is_empty() {
            return Err(TokenError::Required);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        let claims = match (header.alg, &self.shared, &self.jwks) {
            (Algorithm::HS256, Some(shared), _) => decode(token, &shared.verify, Algorithm::HS256),
            (alg, _, Some(jwks)) if jwks::is_asymmetric(alg) => {
                let keys = jwks.keys(header.kid.as_deref(), alg).await?;
                keys.iter().find_map(|key| decode(token, key, alg))
            }
            _ => None,
        };
        identity(&claims.ok_or(TokenError::Invalid)?, now)
    }

    /// Issues a token, with the seconds it is good for. `None` when no secret is configured, because then somebody else issues them.
    #[must_use]
    pub fn issue(&self, user: UserId, email: &str, session: Uuid, now: DateTime<Utc>) -> Option<(String, i64)> {
        let claims = OwnClaims {
            sub: user.0,
            email,
            aud: AUDIENCE,
            role: "authenticated",
            session_id: session,
            iat: now.timestamp(),
            exp: (now + self.life).timestamp(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.shared.as_ref()?.sign).ok()?;
        Some((token, self.life.num_seconds()))
    }

    /// What refresh tokens follow from. `None` when somebody else issues tokens.
    #[must_use]
    pub fn refresh(&self) -> Option<&refresh::Chain> {
        self.shared.as_ref().map(|shared| &shared.refresh)
    }
}

impl SharedSecret {
    fn new(secret: &SecretString) -> anyhow::Result<Self> {
        let bytes = secret.expose_secret().as_bytes();
        Ok(Self {
            verify: DecodingKey::from_secret(bytes),
            sign: EncodingKey::from_secret(bytes),
            refresh: refresh::Chain::new(secret)?,
        })
    }
}

/// Checks the signature alone. The algorithm is pinned to the one that the key is for.
fn decode(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Option<Claims> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Claims>(token, key, &validation).ok().map(|data| data.claims)
}

fn identity(claims: &Claims, now: DateTime<Utc>) -> Result<Identity, TokenError> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 fit a double exactly for the next 285 million years"
    )]
    let now = now.timestamp() as f64;
    let seconds = |claim: &Value| match claim {
        Value::Null => Ok(None),
        Value::Number(number) => number.as_f64().map(Some).ok_or(TokenError::Invalid),
        _ => Err(TokenError::Invalid),
    };
    if seconds(&claims.exp)?.is_some_and(|exp| exp <= now) {
        return Err(TokenError::Invalid);
    }
    for from in [&claims.nbf, &claims.iat] {
        if seconds(from)?.is_some_and(|from| from > now + CLOCK_SKEW_SECONDS) {
            return Err(TokenError::Invalid);
        }
    }
    if !is_for_us(&claims.aud) {
        return Err(TokenError::Invalid);
    }
    let sub = claims.sub.as_str().ok_or(TokenError::Invalid)?;
    let user_id = sub.parse().map_err(|_| TokenError::Invalid)?;
    Ok(Identity {
        user_id,
        email: claims.email.as_str().map(ToOwned::to_owned),
        session: claims.session_id.as_str().and_then(|id| id.parse().ok()),
    })
}

/// `aud` is missing, a name, or a list of names (RFC 7519, 4.1.3).
fn is_for_us(audience: &Value) -> bool {
    match audience {
        Value::Null => true,
        Value::String(name) => name == AUDIENCE,
        Value::Array(names) => names.iter().any(|name| name == AUDIENCE),
        _ => false,
    }
}

/// A duration of ours as chrono counts it.
pub(crate) fn time_delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const SUB: &str = "018f3c2e-7b1a-7000-8000-000000000001";

    fn tokens() -> Tokens {
        Tokens {
            shared: Some(SharedSecret::new(&SecretString::from("a secret that is long enough")).unwrap()),
            jwks: None,
            life: TimeDelta::hours(1),
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn signed(algorithm: Algorithm, claims: &Value) -> String {
        signed_with(&Header::new(algorithm), claims)
    }

    fn signed_with(header: &Header, claims: &Value) -> String {
        let key = EncodingKey::from_secret(b"a secret that is long enough");
        jsonwebtoken::encode(header, claims, &key).unwrap()
    }

    fn raw(header: &str, signature: &str) -> String {
        let [header, claims] =
            [header.to_owned(), json!({ "sub": SUB }).to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.{signature}")
    }

    #[tokio::test]
    async fn a_token_that_we_issued_is_taken_until_it_expires() {
        let tokens = tokens();
        let user = SUB.parse().unwrap();
        let (token, life) = tokens.issue(user, "ann@example.org", Uuid::nil(), now()).unwrap();

        let early = tokens.verify(&token, now() + TimeDelta::seconds(life - 1)).await;
        let late = tokens.verify(&token, now() + TimeDelta::seconds(life)).await;

        assert_eq!(
            early,
            Ok(Identity { user_id: user, email: Some("ann@example.org".into()), session: Some(Uuid::nil()) })
        );
        assert_eq!(late, Err(TokenError::Invalid));
    }

    #[rstest]
    #[case::without_expiry(json!({ "sub": SUB }), true)]
    #[case::with_a_fraction(json!({ "sub": SUB, "exp": 1_800_000_000.5 }), true)]
    #[case::expired(json!({ "sub": SUB, "exp": 1_799_999_999 }), false)]
    #[case::not_yet(json!({ "sub": SUB, "nbf": 1_800_000_060 }), false)]
    #[case::nearly(json!({ "sub": SUB, "nbf": 1_800_000_030, "iat": 1_800_000_030 }), true)]
    #[case::from_the_future(json!({ "sub": SUB, "iat": 1_800_000_060 }), false)]
    #[case::time_of_issue_in_words(json!({ "sub": SUB, "iat": "now" }), false)]
    #[case::for_us(json!({ "sub": SUB, "aud": "authenticated" }), true)]
    #[case::for_us_among_others(json!({ "sub": SUB, "aud": ["billing", "authenticated"] }), true)]
    #[case::for_somebody_else(json!({ "sub": SUB, "aud": "billing" }), false)]
    #[case::for_nobody(json!({ "sub": SUB, "aud": [] }), false)]
    #[case::for_a_number(json!({ "sub": SUB, "aud": 7 }), false)]
    #[case::expiry_in_words(json!({ "sub": SUB, "exp": "tomorrow" }), false)]
    #[case::without_sub(json!({ "exp": 1_900_000_000 }), false)]
    #[case::sub_that_is_no_uuid(json!({ "sub": "ann", "exp": 1_900_000_000 }), false)]
    #[case::sub_that_is_a_number(json!({ "sub": 7, "exp": 1_900_000_000 }), false)]
    #[tokio::test]
    async fn claims_are_checked(#[case] claims: Value, #[case] taken: bool) {
        let outcome = tokens().verify(&signed(Algorithm::HS256, &claims), now()).await;

        assert_eq!(outcome.is_ok(), taken, "{outcome:?}");
    }

    #[rstest]
    #[case::other_algorithm(signed(Algorithm::HS512, &json!({ "sub": SUB })))]
    #[case::no_algorithm("eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMThmM2MyZS03YjFhLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.".to_owned())]
    #[case::no_algorithm_in_capitals(raw(r#"{"alg":"NONE"}"#, ""))]
    #[case::algorithm_in_small_letters(raw(r#"{"alg":"hs256"}"#, "c2lnbmF0dXJl"))]
    #[case::no_algorithm_named(raw(r#"{"typ":"JWT"}"#, "c2lnbmF0dXJl"))]
    #[case::an_extension_that_we_do_not_know(signed_with(&Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::HS256) }, &json!({ "sub": SUB })))]
    #[case::an_asymmetric_one_without_a_key_set(raw(r#"{"alg":"RS256"}"#, "c2lnbmF0dXJl"))]
    #[case::cut_off(signed(Algorithm::HS256, &json!({ "sub": SUB })).trim_end_matches(char::is_alphanumeric).to_owned())]
    #[case::nonsense("nonsense".to_owned())]
    #[tokio::test]
    async fn a_forged_token_is_not_taken(#[case] token: String) {
        assert_eq!(tokens().verify(&token, now()).await, Err(TokenError::Invalid));
    }

    #[tokio::test]
    async fn no_token_is_told_from_a_bad_one() {
        assert_eq!(tokens().verify("", now()).await, Err(TokenError::Required));
    }
}
