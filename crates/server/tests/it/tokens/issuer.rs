//! A foreign issuer of tokens whose keys come and go, and which may be away or slow.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::get};
use deskline_server::Config;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

use crate::world::World;

const RSA: &str = include_str!("../keys/rsa.pem");
pub(super) const RSA_PUBLIC: &str = include_str!("../keys/rsa.pub.pem");
const P256: &str = include_str!("../keys/p256.pem");
const ED25519: &str = include_str!("../keys/ed25519.pem");
pub(super) const RSA_MODULUS: &str = "n8ZmhmYwnYUXBb5fwQS66VdEGJwBpXFe6Aq1OLa7luyyPqE19BJb65MXLp3PuEqvLcd8whQbldsuI-6lWQepcvDIyjjRE18L3z_s0fYwN61h5uoXV-DRGfRHTXUXvk-cIZfoVpVIffEuowtzPTUOifWm-v6GwWT_aiS_CPDnXFSNH4aWW8M9TWCrBfRbgqRyC6IGpdbtPjcK3piQClHd8cqMOYkWCwOcpVa98VWnboKemj_HtfYuVP8nNhrST69HaHRHznJKnl0hNEoxokqg3zfKEH5SVGSrfdnVjdv62OZArOpdwmmYGA_imAYQuHVq1fr0kAilhl6papZhZ7zVmQ";

/// A key pair as Supabase makes them.
#[derive(Clone, Copy)]
pub(super) enum Pair {
    Rsa,
    P256,
    Ed25519,
}

impl Pair {
    fn algorithm(self) -> Algorithm {
        match self {
            Self::Rsa => Algorithm::RS256,
            Self::P256 => Algorithm::ES256,
            Self::Ed25519 => Algorithm::EdDSA,
        }
    }

    pub(super) fn sign(self, kid: Option<&str>, claims: &Value) -> String {
        let key = match self {
            Self::Rsa => EncodingKey::from_rsa_pem(RSA.as_bytes()),
            Self::P256 => EncodingKey::from_ec_pem(P256.as_bytes()),
            Self::Ed25519 => EncodingKey::from_ed_pem(ED25519.as_bytes()),
        };
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(self.algorithm()) };
        jsonwebtoken::encode(&header, claims, &key.unwrap()).unwrap()
    }

    /// The public half, as it stands in a key set.
    pub(super) fn published(self, kid: &str) -> Value {
        let mut key = match self {
            Self::Rsa => json!({ "kty": "RSA", "alg": "RS256", "n": RSA_MODULUS, "e": "AQAB" }),
            Self::P256 => json!({ "kty": "EC", "alg": "ES256", "crv": "P-256",
                "x": "9-n-rthrtXFO-DN6zIS9ct8pG8FMFQEj8ugPtwvk_GA", "y": "vIFUziQHln4HpQxUnoVitYhQHI_Hmt2wpY4SvDKweoo" }),
            Self::Ed25519 => {
                json!({ "kty": "OKP", "alg": "EdDSA", "crv": "Ed25519", "x": "zcC059OPvEgGFMBJCaB2Zz1_Iu1qTQpLqTKMp0upPow" })
            }
        };
        key["kid"] = json!(kid);
        key["use"] = json!("sig");
        key["key_ops"] = json!(["verify"]);
        key["ext"] = json!(true);
        key
    }
}

/// An issuer whose key set a test changes, and which counts how often it is asked.
pub(super) struct Issuer {
    pub(super) url: url::Url,
    /// `None` while it is away.
    keys: Arc<Mutex<Option<Vec<Value>>>>,
    asked: Arc<AtomicUsize>,
    /// Whether it answers at all.
    pub(super) answers: watch::Sender<bool>,
}

impl Issuer {
    pub(super) async fn start(keys: &[Value]) -> Self {
        let (answers, answering) = watch::channel(true);
        let (keys, asked) = (Arc::new(Mutex::new(Some(keys.to_vec()))), Arc::new(AtomicUsize::new(0)));
        let (shown, count) = (keys.clone(), asked.clone());
        let show = get(move || {
            let (shown, count, mut answering) = (shown.clone(), count.clone(), answering.clone());
            async move {
                count.fetch_add(1, Ordering::SeqCst);
                answering.wait_for(|answers| *answers).await.unwrap();
                match shown.lock().unwrap().clone() {
                    Some(keys) => Json(json!({ "keys": keys })).into_response(),
                    None => StatusCode::BAD_GATEWAY.into_response(),
                }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/auth/v1/.well-known/jwks.json", listener.local_addr().unwrap()).parse().unwrap();
        let router = Router::new().route("/auth/v1/.well-known/jwks.json", show);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, keys, asked, answers }
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        *self.keys.lock().unwrap() = Some(keys.to_vec());
    }

    pub(super) fn go_away(&self) {
        *self.keys.lock().unwrap() = None;
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A server that takes this issuer's tokens alone.
    pub(super) async fn world(&self, adjust: impl FnOnce(&mut Config)) -> World {
        World::start_with(|config| {
            config.jwt_secret = None;
            config.jwks_url = Some(self.url.clone());
            adjust(config);
        })
        .await
    }
}
