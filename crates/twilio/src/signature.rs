//! `X-Twilio-Signature`: HMAC-SHA1 with the auth token over the URL followed by every form name and value, sorted by name.
//!
//! The server verifies each webhook and status callback with it, the simulator signs with it. What arrived is signed, field by
//! field; no struct of ours decides which fields count. The variant for JSON bodies (`bodySHA256`) is not spoken here.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::credentials::AuthToken;

/// The signature of a form posted to a URL. The URL is the one that Twilio was told, with its query string.
#[must_use]
pub fn sign(token: &AuthToken, url: &str, params: &[(String, String)]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(url.as_bytes());
    // A name that came twice counts once for each of its values, as Twilio's own libraries do it.
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    sorted.dedup();
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Whether a signature is Twilio's. Takes the same time whatever is wrong with it.
///
/// Twilio sometimes signs the URL with the standard port written out and sometimes without any port, so all three spellings
/// count. An empty token verifies nothing.
#[must_use]
pub fn verify(token: &AuthToken, url: &str, params: &[(String, String)], given: &str) -> bool {
    let good = spellings(url).iter().fold(subtle::Choice::from(0), |good, spelling| {
        good | sign(token, spelling, params).as_bytes().ct_eq(given.as_bytes())
    });
    bool::from(good) && !token.is_empty()
}

/// The URL as it stands, with its scheme's port, and without a port. Nothing else in it is touched.
fn spellings(url: &str) -> Vec<String> {
    let as_it_stands = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return as_it_stands };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host_start = authority.rfind('@').map_or(0, |at| at + 1);
    // In an IPv6 address, a port's colon comes after the bracket.
    let after_bracket = authority.rfind(']').unwrap_or(host_start);
    let other = match authority[after_bracket..].find(':') {
        Some(colon) => format!("{scheme}://{}{path}", &authority[..after_bracket + colon]),
        None => {
            let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
            format!("{scheme}://{authority}:{port}{path}")
        }
    };
    [as_it_stands, vec![other]].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The example of Twilio's documentation ("Validating Signatures from Twilio").
    fn documented() -> (AuthToken, &'static str, Vec<(String, String)>) {
        let fields = form(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+12349013030"),
            ("Digits", "1234"),
            ("From", "+12349013030"),
            ("To", "+18005551212"),
        ]);
        (AuthToken::new("12345"), "https://mycompany.com/myapp.php?foo=1&bar=2", fields)
    }

    #[test]
    fn the_documented_example_gives_the_documented_signature() {
        let (token, url, fields) = documented();

        assert_eq!(sign(&token, url, &fields), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
        assert!(verify(&token, url, &fields, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="));
    }

    #[test]
    fn an_empty_token_verifies_nothing_not_even_its_own_signature() {
        let (_, url, fields) = documented();
        let empty = AuthToken::new("");

        assert!(!verify(&empty, url, &fields, &sign(&empty, url, &fields)));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_base64("not base64")]
    #[case::shorter("0/KCTR6DLpKmkAf8muzZqo1nDgQ")]
    #[case::unicode("0/KCTR6DLpKmkAf8muzZqo1nDgQ\u{2028}")]
    fn a_broken_signature_is_refused(#[case] given: &str) {
        let (token, url, fields) = documented();

        assert!(!verify(&token, url, &fields, given));
    }

    #[rstest]
    #[case::standard_port_written(
        "https://desk.example/twilio/webhook",
        "https://desk.example:443/twilio/webhook",
        true
    )]
    #[case::plain_http("http://desk.example/hook?a=1", "http://desk.example:80/hook?a=1", true)]
    #[case::port_left_out("http://127.0.0.1:4000/hook", "http://127.0.0.1/hook", true)]
    #[case::ipv6("http://[::1]:4000/hook", "http://[::1]/hook", true)]
    #[case::another_port("https://desk.example/hook", "https://desk.example:8443/hook", false)]
    #[case::another_host("https://desk.example/hook", "https://disk.example/hook", false)]
    #[case::another_scheme("https://desk.example/hook", "http://desk.example/hook", false)]
    #[case::another_query("https://desk.example/hook?a=1", "https://desk.example/hook?a=2", false)]
    #[case::no_query("https://desk.example/hook?a=1", "https://desk.example/hook", false)]
    fn the_port_may_be_spelled_either_way_and_nothing_else(
        #[case] ours: &str,
        #[case] signed: &str,
        #[case] good: bool,
    ) {
        let (token, _, fields) = documented();

        assert_eq!(verify(&token, ours, &fields, &sign(&token, signed, &fields)), good);
    }

    fn any_form() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec(("[A-Za-z]{1,12}[0-9]?", "\\PC{0,40}"), 0..12)
    }

    proptest! {
        #[test]
        fn what_was_signed_verifies_in_whatever_order_its_fields_come(
            (fields, shuffled) in any_form().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
            token in "[0-9a-f]{1,64}",
            path in "/[a-z]{0,8}(\\?[a-z]=[0-9%&=+]{0,8})?",
        ) {
            let token = AuthToken::new(token);
            let url = format!("https://desk.example{path}");

            prop_assert!(verify(&token, &url, &shuffled, &sign(&token, &url, &fields)));
        }

        #[test]
        fn a_changed_field_or_token_does_not_verify(fields in any_form(), token in "[0-9a-f]{1,32}", value in "[a-z]{1,8}") {
            let (token, other) = (AuthToken::new(token.clone()), AuthToken::new(token + "0"));
            let url = "https://desk.example/twilio/webhook";
            let signature = sign(&token, url, &fields);
            let mut more = fields.clone();
            more.push(("Zusatz".to_owned(), value));

            prop_assert!(!verify(&token, url, &more, &signature));
            prop_assert!(!verify(&other, url, &fields, &signature));
        }

        #[test]
        fn no_url_makes_verification_panic(url in "\\PC{0,60}", given in "\\PC{0,40}") {
            prop_assert!(!verify(&AuthToken::new("t"), &url, &[], &given));
        }
    }
}
