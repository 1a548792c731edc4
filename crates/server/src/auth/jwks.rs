//! The public keys of a foreign issuer of tokens: fetched once, kept, and fetched again when a token names one we do not have.
//!
//! Asked by [`super::Tokens::verify`]. Never takes a symmetric key from the network, and never fetches more often than allowed,
//! however many forged key ids arrive.

use std::sync::Arc;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use tokio::{
    sync::{Mutex, RwLock},
    time::Instant,
};
use url::Url;

use super::TokenError;
use crate::config::Timers;

/// A key set is a few kilobytes; what is longer is none.
const MAX_BYTES: usize = 256 * 1024;

/// The key set of one address.
pub struct Jwks {
    url: Url,
    http: reqwest::Client,
    min_refresh: std::time::Duration,
    max_age: std::time::Duration,
    known: RwLock<Option<Known>>,
    last_try: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Known {
    keys: Arc<[Key]>,
    fetched_at: Instant,
}

struct Key {
    id: Option<String>,
    algorithms: &'static [Algorithm],
    key: DecodingKey,
}

/// Whether tokens of this algorithm are verified with a public key.
#[must_use]
pub fn is_asymmetric(algorithm: Algorithm) -> bool {
    !matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

impl Jwks {
    /// Knows no key yet; the first token makes it ask.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(url: Url, timers: &Timers) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(5)).build()?;
        Ok(Self {
            url,
            http,
            min_refresh: timers.jwks_min_refresh,
            max_age: timers.jwks_max_age,
            known: RwLock::new(None),
            last_try: Mutex::new(None),
        })
    }

    /// The keys that a token with this id and algorithm may be signed with.
    ///
    /// # Errors
    /// [`TokenError::KeysUnreachable`] while not a single key set could be fetched.
    pub async fn keys(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<DecodingKey>, TokenError> {
        let seen = self.known.read().await.clone();
        if let Some(known) = seen.as_ref().filter(|known| known.fetched_at.elapsed() < self.max_age) {
            let fitting = known.fitting(id, algorithm);
            if !fitting.is_empty() {
                return Ok(fitting);
            }
        }
        self.refresh(seen.map(|known| known.fetched_at)).await;
        let known = self.known.read().await.clone().ok_or(TokenError::KeysUnreachable)?;
        Ok(known.fitting(id, algorithm))
    }

    /// Fetches the set, unless somebody did so since `seen` was fetched, or tried a moment ago.
    async fn refresh(&self, seen: Option<Instant>) {
        let mut last_try = self.last_try.lock().await;
        let renewed = self.known.read().await.as_ref().map(|known| known.fetched_at) != seen;
        if renewed || last_try.is_some_and(|at| at.elapsed() < self.min_refresh) {
            return;
        }
        *last_try = Some(Instant::now());
        match self.fetch().await {
            Ok(keys) => *self.known.write().await = Some(Known { keys: keys.into(), fetched_at: Instant::now() }),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the key set of the token issuer cannot be fetched");
            }
        }
    }

    async fn fetch(&self) -> anyhow::Result<Vec<Key>> {
        let mut answer = self.http.get(self.url.clone()).send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            anyhow::ensure!(body.len() <= MAX_BYTES, "it is longer than {MAX_BYTES} bytes");
        }
        let set: JwkSet = serde_json::from_slice(&body)?;
        Ok(set.keys.iter().filter_map(Key::read).collect())
    }
}

impl Known {
    fn fitting(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<DecodingKey> {
        self.keys
            .iter()
            .filter(|key| id.is_none() || key.id.as_deref() == id)
            .filter(|key| key.algorithms.contains(&algorithm))
            .map(|key| key.key.clone())
            .collect()
    }
}

impl Key {
    /// `None` for a key that verifies no tokens: a symmetric one, one for encryption, one of a kind that we do not know.
    fn read(jwk: &Jwk) -> Option<Self> {
        if matches!(jwk.common.public_key_use, Some(PublicKeyUse::Encryption)) {
            return None;
        }
        let fitting: &'static [Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &[Algorithm::ES256],
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => &[Algorithm::ES384],
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            _ => return None,
        };
        let algorithms = match jwk.common.key_algorithm {
            None => fitting,
            Some(named) => {
                let place = fitting.iter().position(|algorithm| KeyAlgorithm::from(*algorithm) == named)?;
                &fitting[place..=place]
            }
        };
        Some(Self { id: jwk.common.key_id.clone(), algorithms, key: DecodingKey::from_jwk(jwk).ok()? })
    }
}
