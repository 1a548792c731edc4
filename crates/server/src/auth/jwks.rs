//! The public keys of a foreign issuer of tokens: fetched, kept, and fetched again when a token names one we do not have.
//!
//! Asked by [`super::Tokens::verify`]. Never takes a symmetric key from the network, and never fetches more often than allowed,
//! however many forged key ids arrive. While the issuer cannot be asked, its last keys go on, but not for ever.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::{Mutex, RwLock},
    time::Instant,
};
use url::Url;

use super::TokenError;
use crate::config::Timers;

/// A key set is a few kilobytes; what is longer is none.
const MAX_BYTES: usize = 256 * 1024;
/// An issuer that takes longer is out of reach.
const PATIENCE: Duration = Duration::from_secs(5);

/// The key set of one address.
pub struct Jwks {
    issuer: Arc<Issuer>,
    max_age: Duration,
    outage: Duration,
}

struct Issuer {
    url: Url,
    http: reqwest::Client,
    min_refresh: Duration,
    known: RwLock<Option<Known>>,
    /// When it was asked last. Locked while it is asked.
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

/// Keys are read one by one, so that a strange one does not take the others along.
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
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
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let (known, last_try) = (RwLock::new(None), Mutex::new(None));
        Ok(Self {
            issuer: Arc::new(Issuer { url, http, min_refresh: timers.jwks_min_refresh, known, last_try }),
            max_age: timers.jwks_max_age,
            outage: timers.jwks_outage,
        })
    }

    /// The keys that a token with this id and algorithm may be signed with.
    ///
    /// # Errors
    /// [`TokenError::KeysUnreachable`] while no key set could be fetched, or none for too long.
    pub async fn keys(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<DecodingKey>, TokenError> {
        let seen = self.issuer.known.read().await.clone();
        if let Some(known) = &seen {
            let (age, fitting) = (known.fetched_at.elapsed(), known.fitting(id, algorithm));
            // Where somebody is asking the issuer at this moment, a key that was good a moment ago need not wait for the answer.
            let will_do = age < self.max_age || age < self.outage && self.issuer.is_being_asked();
            if will_do && !fitting.is_empty() {
                return Ok(fitting);
            }
        }
        let (issuer, seen_at) = (self.issuer.clone(), seen.map(|known| known.fetched_at));
        // In a task of its own: a client that hangs up must not cut the answer off for the others.
        let _ = tokio::spawn(async move { issuer.ask(seen_at).await }).await;
        let known = self.issuer.known.read().await.clone();
        let known =
            known.filter(|known| known.fetched_at.elapsed() < self.outage).ok_or(TokenError::KeysUnreachable)?;
        Ok(known.fitting(id, algorithm))
    }
}

impl Issuer {
    fn is_being_asked(&self) -> bool {
        self.last_try.try_lock().is_err()
    }

    /// Fetches the set, unless somebody did so since `seen` was fetched, or tried a moment ago.
    async fn ask(&self, seen: Option<Instant>) {
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
        let set: Published = serde_json::from_slice(&body)?;
        Ok(set.keys.into_iter().filter_map(|key| Key::read(&serde_json::from_value(key).ok()?)).collect())
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
