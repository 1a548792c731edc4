//! Texts and senders, as contacts and agents write them.

use deskline_domain::{
    canned,
    keyword::Keyword,
    phone::{PhoneNumber, Sender},
    segments::{Encoding, measure},
};

/// Parsing is stable, and what is counted adds up.
pub fn holds(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(sender) = Sender::parse(text) {
        assert_eq!(Sender::parse(sender.as_str()).as_ref(), Ok(&sender), "reading it again changes nothing");
        let word = matches!(sender, Sender::Alphanumeric(_));
        let length = sender.as_str().chars().count();
        assert!(if word { length <= 11 } else { length <= 16 && sender.as_str().is_ascii() }, "{sender:?}");
    }
    if let Ok(number) = PhoneNumber::parse(text) {
        assert_eq!(Sender::parse(text), Ok(Sender::Number(number.clone())), "a number is a sender");
        let written = serde_json::json!(number);
        assert_eq!(serde_json::from_value::<PhoneNumber>(written).ok(), Some(number));
    }
    let keyword = Keyword::read(None, text);
    assert_eq!(Keyword::read(None, &format!(" {}\r\n", text.to_ascii_lowercase())), keyword, "in any case");
    assert_eq!(Keyword::read(Some(text), ""), keyword, "said by Twilio or in the body");
    segments(text);
    variables(text);
}

fn segments(text: &str) {
    let whole = measure(text);
    let (single, each) = match whole.encoding {
        Encoding::Gsm7 => (160, 153),
        Encoding::Ucs2 => (70, 67),
    };
    assert_eq!(whole.count == 0, text.is_empty());
    assert_eq!(whole.forced_by.is_empty(), whole.encoding == Encoding::Gsm7);
    let room = if whole.count <= 1 { single } else { whole.count * each };
    // A character that takes two units is not split: each segment but the last may have wasted one.
    let wasted = whole.count.saturating_sub(1);
    assert!(whole.units + whole.remaining <= room && whole.units + whole.remaining + wasted >= room, "{whole:?}");
    if let Some((last, _)) = text.char_indices().next_back() {
        assert!(measure(&text[..last]).count <= whole.count, "a shorter text takes no more");
    }
}

fn variables(text: &str) {
    let checked = canned::check(text);
    let filled = canned::fill(text, |_| None);
    assert_eq!(filled.is_ok(), checked.is_ok(), "what may be kept can be filled in");
    if let Ok(filled) = filled {
        assert!(filled.text.matches("{{").count() >= filled.missing.len(), "what is missing is seen");
        assert_eq!(canned::check(&filled.text), Ok(()), "and can be filled in later");
        assert_eq!(canned::fill(text, |_| Some(String::new())).map(|filled| filled.missing.len()), Ok(0));
    }
}
