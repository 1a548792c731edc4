//! `deskline://` links, as a browser or another program hands them over: what they ask for, and nothing else.
//!
//! Anybody can make one. So it opens something that the agent can see, and never sends, writes or signs in. What is not exactly
//! one of the two forms is ignored; what it said is not logged.
//!
//! The system starts the program with the link as its argument; a second start hands it to the first. macOS sends an event.

use deskline_domain::{ids::ContactId, phone::PhoneNumber};
use tauri::{AppHandle, Manager, Url};

use crate::{accounts, desk::Desk, window};

const SCHEME: &str = "deskline";

/// No link of ours is longer.
const LONGEST: usize = 200;

/// What a link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// `deskline://conversation/<contact id>`
    Conversation(ContactId),
    /// `deskline://compose?to=<number>`
    Compose(PhoneNumber),
}

impl Link {
    /// Reads one; `None` for everything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let url = Url::parse(text.trim()).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        if url.scheme() != SCHEME || !plain || url.fragment().is_some() {
            return None;
        }
        match (url.host_str()?, url.path(), url.query()) {
            ("conversation", path, None) => path.strip_prefix('/')?.parse().ok().map(Self::Conversation),
            ("compose", "" | "/", Some(_)) => {
                let mut given = url.query_pairs();
                let (name, number) = given.next()?;
                if name != "to" || given.next().is_some() {
                    return None;
                }
                // In a query, a plus sign means a space.
                let number = number.strip_prefix(' ').map_or_else(|| number.to_string(), |rest| format!("+{rest}"));
                PhoneNumber::parse(&number).ok().map(Self::Compose)
            }
            _ => None,
        }
    }
}

/// Follows the first link among the arguments of a start, if there is one.
pub(crate) fn follow_argument<'a>(app: &AppHandle, arguments: impl IntoIterator<Item = &'a str>) {
    let begin = format!("{SCHEME}:");
    if let Some(text) = arguments.into_iter().find(|argument| argument.trim_start().starts_with(&begin)) {
        follow(app, text);
    }
}

/// Opens what a link asks for.
pub(crate) fn follow(app: &AppHandle, text: &str) {
    let Some(link) = Link::parse(text) else {
        tracing::warn!(length = text.len(), "A link that is none of ours was ignored");
        return;
    };
    window::raise(app);
    let (app, desk) = (app.clone(), app.state::<Desk>().inner().clone());
    tauri::async_runtime::spawn(async move {
        // Whoever cannot open the folder is told so in the window.
        let Ok(client) = desk.client().await else { return };
        let done = match link {
            Link::Conversation(contact_id) => {
                open(&app, &desk, contact_id).await;
                Ok(())
            }
            Link::Compose(number) => client.open_conversation_with(&number).await,
        };
        if let Err(error) = done {
            tracing::warn!(code = ?error.code(), "A link could not be followed");
        }
    });
}

/// In the account that has it; in the one that the window looks at, when none has.
async fn open(app: &AppHandle, desk: &Desk, contact_id: ContactId) {
    for (seat, client) in desk.clients() {
        if client.conversation(contact_id).await.is_ok() {
            accounts::switch(app, seat);
            break;
        }
    }
    if let Some(client) = desk.client_if_open() {
        client.open_conversation(contact_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192d3a0-7f3e-7c8a-9b1e-2f4a5b6c7d8e";

    #[test]
    fn two_forms_are_read() {
        let number = || PhoneNumber::parse("+4915123456789").unwrap();

        assert_eq!(
            Link::parse(&format!("deskline://conversation/{ID}")),
            Some(Link::Conversation(ID.parse().unwrap()))
        );
        for text in [
            "deskline://compose?to=+4915123456789",
            "deskline://compose/?to=%2B4915123456789",
            "deskline://compose?to=%2B49%20151%2023456789",
            " DESKLINE://compose?to=+4915123456789 ",
        ] {
            assert_eq!(Link::parse(text), Some(Link::Compose(number())), "{text}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        let long = format!("deskline://compose?to=+4915123456789{}", " ".repeat(300));
        let with_id = |text: &str| text.replace("ID", ID);
        for text in [
            "",
            "deskline:",
            "deskline://",
            "deskline://conversation",
            "deskline://conversation/",
            "deskline://conversation/not-an-id",
            "deskline://conversation/../../etc/passwd",
            "deskline://compose",
            "deskline://compose?to=",
            "deskline://compose?to=Ann",
            "deskline://compose?to=+4915123456789&text=hello",
            "deskline://compose?text=hello",
            "deskline://sign-in?server=https://evil.example.com",
            "https://compose?to=+4915123456789",
            "javascript:alert(1)",
            &with_id("deskline://ann:secret@conversation/ID"),
            &with_id("deskline://conversation:80/ID"),
            &with_id("deskline://conversation/ID/more"),
            &with_id("deskline://conversation/ID?a=1"),
            &with_id("deskline://conversation/ID#a"),
            &with_id("desklinear://conversation/ID"),
            &long,
        ] {
            assert_eq!(Link::parse(text), None, "{text}");
        }
    }
}
