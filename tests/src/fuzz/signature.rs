//! `X-Twilio-Signature`. The input is a token, an address and a form, one a line.

use deskline_server::form;
use deskline_twilio::{AuthToken, signature};

use super::change;

/// What was signed verifies, and nothing else does.
pub fn holds(input: &[u8]) {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (Ok(token), Ok(url), body) = (std::str::from_utf8(line()), std::str::from_utf8(line()), line()) else { return };
    let Ok(params) = form::parse(body) else { return };
    let spot = change::spot(input);
    let (key, good) = (AuthToken::new(token), signature::sign(&AuthToken::new(token), url, &params));
    let is_good = |url: &str, params: &[(String, String)], given: &str| signature::verify(&key, url, params, given);

    assert_eq!(is_good(url, &params, &good), !token.is_empty(), "an empty token signs nothing");
    let mut turned = params.clone();
    turned.reverse();
    assert_eq!(is_good(url, &turned, &good), !token.is_empty(), "the order of fields does not count");

    for forged in [change::one(&good, spot), Some(String::new()), Some(body_as_text(body))].into_iter().flatten() {
        assert!(!is_good(url, &params, &forged), "{forged} is not {good}");
    }
    if let Some(other) = change::one(url, spot) {
        assert!(!is_good(&other, &params, &good), "{other} is not {url}");
    }
    if let Some(other) = change::one(token, spot) {
        assert!(!signature::verify(&AuthToken::new(other), url, &params, &good), "signed with another token");
    }
    let mut changed = body.to_vec();
    if let Some(place) = spot.checked_rem(body.len()) {
        changed[place] = if body[place] == b'0' { b'a' } else { b'0' };
    }
    if let Ok(other) = form::parse(&changed) {
        // Twilio joins names and values without anything between them: `a=b` and `ab` are one and the same to it.
        let same = signed_text(&other) == signed_text(&params);
        assert_eq!(is_good(url, &other, &good), same && !token.is_empty(), "{other:?} is not {params:?}");
    }
}

/// What Twilio's documentation says is signed besides the address.
fn signed_text(params: &[(String, String)]) -> String {
    let sorted: std::collections::BTreeSet<_> = params.iter().collect();
    sorted.into_iter().map(|(name, value)| format!("{name}{value}")).collect()
}

/// A signature is no hash of ours; nobody gets in with the body itself.
fn body_as_text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}
