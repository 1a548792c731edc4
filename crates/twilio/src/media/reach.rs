//! Which addresses a file may be fetched from: those of the public internet, and no other.
//!
//! Asked by [`super::MediaFetcher`] for addresses in a URL, and by its HTTP client for those that a name stands for: the client
//! connects to what [`PublicOnly`] gave it and to nothing else, so no second look-up can lead elsewhere.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Networks that are nobody's, or somebody's own (IANA, special-purpose address registry).
const NOT_PUBLIC_V4: [Ipv4Net; 14] = [
    Ipv4Net::new_assert(Ipv4Addr::new(0, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 0, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 88, 99, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved and broadcast.
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 3),
];
/// All that is routed.
const GLOBAL_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// Parts of [`GLOBAL_V6`] that are not: protocol assignments (Teredo among them), documentation, 6to4.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    Ipv6Net::new_assert(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// An IPv4 address as a network without IPv4 writes it (RFC 6052).
const NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_public(Ipv4Addr::new(a, b, c, d).into())
        }
        IpAddr::V6(address) => GLOBAL_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address)),
    }
}

/// Whether the host of a URL is a public address, or a name that [`PublicOnly`] will look up.
pub(super) fn is_public_or_name(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        Some(Host::Domain(_)) => true,
        None => false,
    }
}

/// A name stands for nothing but addresses that are not public.
#[derive(Debug)]
pub(super) struct PrivateAddress;

impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name stands for an address in a private network")
    }
}

impl Error for PrivateAddress {}

/// The system's resolver, without addresses that are not public.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("93.184.216.34")]
    #[case("172.32.0.1")]
    #[case("2606:2800:220:1:248:1893:25c8:1946")]
    #[case::behind_nat64("64:ff9b::5db8:d822")]
    fn a_public_address_is_reached(#[case] address: &str) {
        assert!(is_public(address.parse().unwrap()));
    }

    #[rstest]
    #[case("0.0.0.0")]
    #[case("10.1.2.3")]
    #[case("100.100.100.200")]
    #[case("127.0.0.1")]
    #[case::metadata_of_a_cloud("169.254.169.254")]
    #[case("172.31.255.255")]
    #[case("192.168.0.1")]
    #[case("224.0.0.1")]
    #[case("255.255.255.255")]
    #[case("::")]
    #[case("::1")]
    #[case("fe80::1")]
    #[case("fd00:ec2::254")]
    #[case("ff02::1")]
    #[case::mapped("::ffff:10.0.0.1")]
    #[case::behind_nat64("64:ff9b::a9fe:a9fe")]
    #[case::in_6to4("2002:a00:1::1")]
    fn a_private_address_is_not(#[case] address: &str) {
        assert!(!is_public(address.parse().unwrap()));
    }

    #[rstest]
    #[case("http://0x7f.1/", false)]
    #[case("http://2130706433/", false)]
    #[case("http://[::ffff:7f00:1]/", false)]
    #[case("https://files.example/", true)]
    fn an_address_is_recognised_however_it_is_spelt(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(is_public_or_name(&url.parse().unwrap()), expected);
    }

    #[tokio::test]
    async fn a_name_for_this_machine_has_no_address() {
        let error = PublicOnly.resolve("localhost".parse().unwrap()).await.map(|_| ()).unwrap_err();

        assert!(error.is::<PrivateAddress>(), "{error}");
    }
}
