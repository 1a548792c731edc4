//! Variables in canned replies: `Hello {{contact.first_name}}, this is {{agent.name}}.`
//!
//! Checked when a reply is kept (so that no agent ever sends a misspelt one) and filled in by the desktop when an agent picks
//! it. The agent sees the finished text before it is sent. Knows no contact: the values come in.

use std::fmt;

/// Something that is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// `contact.name`
    ContactName,
    /// `contact.first_name`: the name up to the first space.
    ContactFirstName,
    /// `contact.phone`
    ContactPhone,
    /// `agent.name`: whoever picks the reply.
    AgentName,
    /// `workspace.name`
    WorkspaceName,
    /// `attribute.…`: one of the contact's attributes.
    Attribute(String),
}

/// A text that cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVariable {
    /// A misspelt one.
    #[error(
        "There is no variable {{{{{0}}}}}. There are contact.name, contact.first_name, contact.phone, agent.name, workspace.name and \
         attribute.NAME."
    )]
    Unknown(String),
    /// `{{` without `}}`.
    #[error("A variable is not closed: after {{{{ there must be }}}}.")]
    Unclosed,
}

/// A stretch of a canned reply.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Variable(Variable),
}

/// A canned reply with its values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The text. What has no value stands in it as `{{…}}`, for the agent to see.
    pub text: String,
    /// What has no value.
    pub missing: Vec<Variable>,
}

/// The longest variable that is quoted in an error, in characters.
const QUOTED: usize = 60;

impl Variable {
    /// Reads what stands between the braces; white space around it does not count.
    ///
    /// # Errors
    /// [`BadVariable::Unknown`].
    pub fn parse(word: &str) -> Result<Self, BadVariable> {
        let word = word.trim();
        Ok(match word {
            "contact.name" => Self::ContactName,
            "contact.first_name" => Self::ContactFirstName,
            "contact.phone" => Self::ContactPhone,
            "agent.name" => Self::AgentName,
            "workspace.name" => Self::WorkspaceName,
            _ => match word.strip_prefix("attribute.") {
                Some(name) if is_attribute_name(name) => Self::Attribute(name.to_owned()),
                _ => return Err(BadVariable::Unknown(word.chars().take(QUOTED).collect())),
            },
        })
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContactName => f.write_str("contact.name"),
            Self::ContactFirstName => f.write_str("contact.first_name"),
            Self::ContactPhone => f.write_str("contact.phone"),
            Self::AgentName => f.write_str("agent.name"),
            Self::WorkspaceName => f.write_str("workspace.name"),
            Self::Attribute(name) => write!(f, "attribute.{name}"),
        }
    }
}

/// Whether an attribute of a contact may be called so: 1 to 50 lower-case letters, digits and `_`, a letter first.
#[must_use]
pub fn is_attribute_name(name: &str) -> bool {
    name.len() <= 50
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether every variable is one.
///
/// # Errors
/// The first that is not.
pub fn check(content: &str) -> Result<(), BadVariable> {
    pieces(content).map(drop)
}

/// Puts values in.
///
/// # Errors
/// As [`check`].
pub fn fill(content: &str, value: impl Fn(&Variable) -> Option<String>) -> Result<Filled, BadVariable> {
    let mut filled = Filled { text: String::with_capacity(content.len()), missing: Vec::new() };
    for piece in pieces(content)? {
        match piece {
            Piece::Text(text) => filled.text.push_str(text),
            Piece::Variable(variable) => match value(&variable) {
                Some(value) => filled.text.push_str(&value),
                None => {
                    filled.text.push_str(&format!("{{{{{variable}}}}}"));
                    filled.missing.push(variable);
                }
            },
        }
    }
    Ok(filled)
}

fn pieces(mut content: &str) -> Result<Vec<Piece<'_>>, BadVariable> {
    let mut pieces = Vec::new();
    while let Some((text, rest)) = content.split_once("{{") {
        let (word, rest) = rest.split_once("}}").ok_or(BadVariable::Unclosed)?;
        pieces.push(Piece::Text(text));
        pieces.push(Piece::Variable(Variable::parse(word)?));
        content = rest;
    }
    pieces.push(Piece::Text(content));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn values(variable: &Variable) -> Option<String> {
        match variable {
            Variable::ContactFirstName => Some("Ann".to_owned()),
            Variable::Attribute(name) if name == "bike" => Some("{{agent.name}}".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn values_are_put_in_once_and_what_has_none_stays_to_be_seen() {
        let filled = fill("Hi {{contact.first_name}}, your {{ attribute.bike }} from {{agent.name}}!", values).unwrap();

        assert_eq!(filled.text, "Hi Ann, your {{agent.name}} from {{agent.name}}!");
        assert_eq!(filled.missing, [Variable::AgentName]);
    }

    #[rstest]
    #[case("{{contact.nmae}}", BadVariable::Unknown("contact.nmae".to_owned()))]
    #[case("{{}}", BadVariable::Unknown(String::new()))]
    #[case("{{attribute.Bike}}", BadVariable::Unknown("attribute.Bike".to_owned()))]
    #[case("Hi {{contact.name", BadVariable::Unclosed)]
    fn a_misspelt_variable_is_named(#[case] content: &str, #[case] expected: BadVariable) {
        assert_eq!(check(content), Err(expected));
    }

    #[test]
    fn the_sentence_shows_the_braces_as_they_are_written() {
        let sentence = check("{{bike}}").unwrap_err().to_string();

        assert!(sentence.starts_with("There is no variable {{bike}}."), "{sentence}");
    }

    proptest! {
        #[test]
        fn any_text_is_checked_without_a_panic_and_a_text_without_braces_stays(text in "\\PC{0,60}") {
            let checked = check(&text);
            if !text.contains("{{") {
                prop_assert_eq!(checked, Ok(()));
                prop_assert_eq!(fill(&text, |_| None).unwrap().text, text);
            }
        }
    }
}
