//! Where a request comes from: the extractor behind the limits of sign-in.
//!
//! That is who connected, unless it is a proxy of ours (`DESKLINE_TRUSTED_PROXIES`): then it is whom the proxy names in `X-Forwarded-For`. What
//! stands farther left in that header was written by anybody, and counts for nothing. Nothing else depends on the address.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;

use crate::{app::App, error::ApiError};

const FORWARDED_FOR: &str = "x-forwarded-for";

static UNTRUSTED: Once = Once::new();

/// The address of a client.
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<Arc<App>> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app)
            .await
            .map_err(|missing| ApiError::Internal(missing.into()))?;
        let (peer, trusted) = (peer.ip().to_canonical(), &app.config.trusted_proxies);
        if peer.is_loopback() && !is_of(peer, trusted) && parts.headers.contains_key(FORWARDED_FOR) {
            UNTRUSTED.call_once(|| {
                tracing::warn!(
                    %peer,
                    "a proxy on this machine is not in DESKLINE_TRUSTED_PROXIES: everybody behind it shares one limit of failed sign-ins"
                );
            });
        }
        Ok(Self(client(peer, &parts.headers, trusted)))
    }
}

/// From right to left: each proxy of ours vouches for the one before it.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let named =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','));
    let mut address = peer;
    for before in named.collect::<Vec<_>>().into_iter().rev() {
        if !is_of(address, trusted) {
            break;
        }
        let Some(before) = read(before.trim()) else { break };
        address = before;
    }
    address
}

/// An address, perhaps with a port, and then perhaps in brackets.
fn read(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse()
        .ok()
        .or_else(|| text.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
        .map(|ip: IpAddr| ip.to_canonical())
}

fn is_of(address: IpAddr, networks: &[IpNet]) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nobody_else("127.0.0.1", &[], "127.0.0.1")]
    #[case::by_our_proxy("127.0.0.1", &["192.0.2.7"], "192.0.2.7")]
    #[case::made_up_and_passed_on("127.0.0.1", &["203.0.113.9, 192.0.2.7"], "192.0.2.7")]
    #[case::in_another_header("127.0.0.1", &["203.0.113.9", "192.0.2.7"], "192.0.2.7")]
    #[case::two_proxies("127.0.0.1", &["203.0.113.9, 192.0.2.7, 10.1.2.3"], "192.0.2.7")]
    #[case::only_proxies("127.0.0.1", &["10.1.2.3"], "10.1.2.3")]
    #[case::no_proxy("192.0.2.7", &["203.0.113.9"], "192.0.2.7")]
    #[case::nonsense("127.0.0.1", &["203.0.113.9, unknown"], "127.0.0.1")]
    #[case::with_a_port("127.0.0.1", &["192.0.2.7:4711"], "192.0.2.7")]
    #[case::six("127.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1")]
    #[case::six_without_a_port("127.0.0.1", &["2001:db8::1"], "2001:db8::1")]
    fn a_client_is_whom_our_own_proxies_name(
        #[case] peer: &str,
        #[case] forwarded: &[&'static str],
        #[case] expected: &str,
    ) {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8"].map(|network| network.parse().unwrap());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }

        let found = client(peer.parse().unwrap(), &headers, &trusted);

        assert_eq!(found.to_string(), expected);
    }
}
