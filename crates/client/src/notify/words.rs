//! What notifications say, as far as the agent lets them.

use super::{
    Notification, Slot,
    board::Card,
    settings::NotificationContent::{self, NameAndText, NameOnly, Nothing},
};

/// What stands for a contact who must not be named.
const PRODUCT: &str = "Deskline";

/// How many characters of a text a notification shows.
const BODY_CHARACTERS: usize = 240;

/// Of one conversation.
pub(super) fn one(card: &Card, content: NotificationContent, silent: bool) -> Notification {
    let texts = texts(card.count);
    let (title, body) = match content {
        NameAndText if card.count > 1 => (format!("{} ({texts})", called(card)), body(&card.newest)),
        NameAndText => (called(card), body(&card.newest)),
        NameOnly => (called(card), capital(&texts)),
        Nothing => (PRODUCT.to_owned(), capital(&texts)),
    };
    Notification {
        slot: Slot::Conversation(card.contact_id),
        contact_id: card.contact_id,
        title,
        body,
        count: card.count,
        // Who does not see whom an answer goes to, does not give it here.
        newest: (content != Nothing).then_some(card.newest_id),
        silent,
    }
}

/// Of several; `cards` is not empty, and the newest is the last.
pub(super) fn many(cards: &[&Card], content: NotificationContent, silent: bool) -> Option<Notification> {
    let last = cards.last()?;
    let count = cards.iter().map(|card| card.count).sum();
    let body = match content {
        NameAndText => format!("{}: {}", called(last), body(&last.newest)),
        NameOnly if cards.len() == 2 => format!("{} and {}", called(last), called(cards[0])),
        NameOnly => format!("{} and {} others", called(last), cards.len() - 1),
        Nothing => String::new(),
    };
    Some(Notification {
        slot: Slot::Many,
        contact_id: last.contact_id,
        title: format!("{} in {} conversations", texts(count), cards.len()),
        body,
        count,
        newest: None,
        silent,
    })
}

fn called(card: &Card) -> String {
    match &card.team {
        Some(team) => format!("{} · {team}", card.name),
        None => card.name.clone(),
    }
}

fn texts(count: u32) -> String {
    if count == 1 { "new text".to_owned() } else { format!("{count} new texts") }
}

fn capital(words: &str) -> String {
    words.strip_prefix('n').map_or_else(|| words.to_owned(), |rest| format!("N{rest}"))
}

fn body(text: &str) -> String {
    if text.trim().is_empty() {
        return "Sent a file".to_owned();
    }
    match text.char_indices().nth(BODY_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use deskline_domain::ids::{ContactId, MessageId};
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn card(name: &str, count: u32, newest: &str) -> Card {
        Card {
            contact_id: ContactId(Uuid::from_u128(1)),
            name: name.to_owned(),
            team: None,
            newest: newest.to_owned(),
            newest_id: MessageId(Uuid::from_u128(2)),
            count,
            told_at: DateTime::UNIX_EPOCH,
            caught_up: false,
        }
    }

    #[rstest]
    #[case(NameAndText, 1, "Ann", "are you open?")]
    #[case(NameAndText, 3, "Ann (3 new texts)", "are you open?")]
    #[case(NameOnly, 1, "Ann", "New text")]
    #[case(NameOnly, 3, "Ann", "3 new texts")]
    #[case(Nothing, 1, "Deskline", "New text")]
    #[case(Nothing, 3, "Deskline", "3 new texts")]
    fn it_says_as_much_as_it_may(
        #[case] content: NotificationContent,
        #[case] count: u32,
        #[case] title: &str,
        #[case] body: &str,
    ) {
        let shown = one(&card("Ann", count, "are you open?"), content, false);

        assert_eq!((shown.title.as_str(), shown.body.as_str(), shown.count), (title, body, count));
        assert_eq!(shown.newest.is_some(), content != Nothing);
    }

    #[rstest]
    #[case(NameAndText, "Cleo: really?")]
    #[case(NameOnly, "Cleo and 2 others")]
    #[case(Nothing, "")]
    fn many_are_counted(#[case] content: NotificationContent, #[case] body: &str) {
        let cards = [card("Ann", 2, "are you open?"), card("Bob", 1, "hello"), card("Cleo", 1, "really?")];

        let shown = many(&cards.iter().collect::<Vec<_>>(), content, false).unwrap();

        assert_eq!((shown.title.as_str(), shown.body.as_str()), ("4 new texts in 3 conversations", body));
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_a_picture_has_words() {
        assert_eq!(one(&card("Ann", 1, &"é".repeat(500)), NameAndText, false).body.chars().count(), 241);
        assert_eq!(one(&card("Ann", 1, " "), NameAndText, false).body, "Sent a file");
    }

    #[test]
    fn a_team_is_named_where_there_are_several() {
        let card = Card { team: Some("Westside".to_owned()), ..card("Ann", 2, "hello") };

        assert_eq!(one(&card, NameAndText, false).title, "Ann · Westside (2 new texts)");
    }
}
