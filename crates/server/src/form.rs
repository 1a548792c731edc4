//! Reading `application/x-www-form-urlencoded`, strictly: what is no UTF-8 is an error and not a text full of question marks.
//!
//! Used for Twilio's forms and for query strings. Signatures are made over the values exactly as they are read here.

/// The text is not UTF-8 once it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the form is not UTF-8")]
pub struct NotUtf8;

/// Reads names and values, in order. A `%` that starts no escape stands for itself, as in every browser.
///
/// # Errors
/// [`NotUtf8`].
pub fn parse(body: &[u8]) -> Result<Vec<(String, String)>, NotUtf8> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let middle = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = middle.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &[u8]) -> Result<String, NotUtf8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, tail @ ..]) => {
                if let (Some(high), Some(low)) = (digit(*high), digit(*low)) {
                    decoded.push(high * 16 + low);
                    rest = tail;
                } else {
                    decoded.push(b'%');
                }
            }
            (byte, _) => decoded.push(*byte),
        }
    }
    String::from_utf8(decoded).map_err(|_| NotUtf8)
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Body=a+b%20c&From=%2B1555", &[("Body", "a b c"), ("From", "+1555")])]
    #[case("a=1&&a=2&b&=c", &[("a", "1"), ("a", "2"), ("b", ""), ("", "c")])]
    #[case("Body=%F0%9F%98%80=%", &[("Body", "😀=%")])]
    #[case("Body=100%&x=%zz%4", &[("Body", "100%"), ("x", "%zz%4")])]
    #[case("", &[])]
    fn a_form_is_read_in_order(#[case] body: &str, #[case] expected: &[(&str, &str)]) {
        let pairs = parse(body.as_bytes()).unwrap();

        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, expected);
    }

    #[rstest]
    #[case(b"Body=%FF")]
    #[case(b"Body=\xff")]
    #[case(b"%C3=%28")]
    fn what_is_no_utf8_is_an_error(#[case] body: &[u8]) {
        assert_eq!(parse(body), Err(NotUtf8));
    }
}
