//! Files and links to them. The input is what was told about a file, or when a link ends, on a line of its own, and then its content, or
//! a signature.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{file as kind, ids::FileId};
use deskline_server::{
    Config,
    media::links::{BadLink, Links},
};
use url::Url;
use uuid::Uuid;

use super::change;

const FILE: FileId = FileId(Uuid::from_u128(7));

static LINKS: LazyLock<Links> = LazyLock::new(|| {
    let setting = |name: &str| match name {
        "DATABASE_URL" => Some("postgres://nowhere".to_owned()),
        "DESKLINE_SECRET_KEY" => Some("00".repeat(32)),
        "DESKLINE_PUBLIC_URL" => Some("https://desk.example".to_owned()),
        _ => None,
    };
    let config = Config::from_vars(setting).expect("the settings are complete");
    Links::new(&config).expect("the key is one")
});

/// No file is shown in place that a browser could run, and no link is good but ours.
pub fn holds(input: &[u8]) {
    let (told, content) = input.split_at(input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len()));
    let content = content.get(1..).unwrap_or_default();
    let Ok(told) = std::str::from_utf8(told) else { return };
    for told in [Some(told), None] {
        if let Ok(kind) = kind::of_inbound(told, content) {
            is_harmless(&kind);
        }
        if let Ok(kind) = kind::of_upload(told, content) {
            is_harmless(&kind);
            assert_ne!(kind, kind::UNKNOWN, "Twilio is sent nothing of which nobody knows what it is");
        }
    }
    links(told, &String::from_utf8_lossy(content), change::spot(input));
}

fn is_harmless(kind: &str) {
    assert!(kind.bytes().all(|byte| byte.is_ascii_graphic()), "{kind:?} fits into a header");
    let runs = ["html", "svg", "xml", "script", "x-shellscript"].iter().any(|word| kind.contains(word));
    assert!(!(runs && kind::is_shown(kind)), "{kind} is shown");
    assert!((2..=4).contains(&kind::extension(kind).len()));
}

fn links(expires: &str, signature: &str, spot: usize) {
    let now: DateTime<Utc> = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let check = |expires: &str, signature: &str| LINKS.check(FILE, Some(expires), Some(signature), now);
    let link = LINKS.until(FILE, now + TimeDelta::seconds(60));
    let (good_until, good) = parts(&link.url);

    assert_eq!(check(&good_until, &good), Ok(link.expires_at));
    if let Ok(end) = check(expires, signature) {
        let (_, own) = parts(&LINKS.until(FILE, end).url);
        assert!(signature.eq_ignore_ascii_case(&own), "{signature} was not made here");
    }
    let other_time = change::one(&good_until, spot).expect("a time is not empty");
    let other_signature = change::one(&good, spot).expect("a signature is not empty");
    assert_eq!(check(&other_time, &good), Err(BadLink::Forged), "for another time");
    assert_eq!(check(&good_until, &other_signature), Err(BadLink::Forged), "{other_signature} is not {good}");
    assert_eq!(LINKS.check(FileId(Uuid::from_u128(8)), Some(&good_until), Some(&good), now), Err(BadLink::Forged));
}

fn parts(url: &str) -> (String, String) {
    let url = Url::parse(url).expect("a link is an address");
    let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).expect("a link has it").1.into_owned();
    (field("expires"), field("signature"))
}
