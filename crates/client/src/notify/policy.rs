//! Which notifications a page of changes is worth. A pure function over what arrived; called by `sync` after each page.
//!
//! Never asks a database, never shows anything, and never sees a text that the agent's own team wrote.

use deskline_domain::ids::ContactId;

use super::Notification;
use crate::view::Focus;

/// From so many contacts on, one notification stands for all of them.
const MANY: usize = 5;

/// How many characters of a text a notification shows.
const BODY_CHARACTERS: usize = 240;

/// How a page came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Part of a first sync, or of one that starts over: history, not news.
    First,
    /// Fetched after a gap: somebody else may have read some of it meanwhile.
    CatchUp,
    /// As it happened.
    Live,
}

/// The inbound texts of one contact that a page brought and the cache did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Whose.
    pub contact_id: ContactId,
    /// As the team calls it.
    pub name: String,
    /// The newest of the texts.
    pub newest: String,
    /// How many they are.
    pub count: u32,
    /// Unread texts of the contact once the page is applied.
    pub unread: i64,
}

/// Decides. `news` is in the order of the newest text, oldest first.
#[must_use]
pub fn decide(arrival: Arrival, news: &[News], focus: Focus) -> Vec<Notification> {
    let worth: Vec<&News> = news.iter().filter(|news| is_worth(arrival, news, focus)).collect();
    if worth.len() < MANY {
        return worth.into_iter().map(one).collect();
    }
    worth.last().map(|last| summary(&worth, last)).into_iter().collect()
}

fn is_worth(arrival: Arrival, news: &News, focus: Focus) -> bool {
    let on_screen = focus.window && focus.contact_id == Some(news.contact_id);
    match arrival {
        Arrival::First => false,
        Arrival::CatchUp => !on_screen && news.unread > 0,
        Arrival::Live => !on_screen,
    }
}

fn one(news: &News) -> Notification {
    Notification {
        contact_id: news.contact_id,
        title: news.name.clone(),
        body: body(&news.newest),
        count: news.count.max(1),
    }
}

fn summary(worth: &[&News], last: &News) -> Notification {
    let count = worth.iter().map(|news| news.count).sum();
    Notification {
        contact_id: last.contact_id,
        title: format!("{count} new texts from {} contacts", worth.len()),
        body: format!("{}: {}", last.name, body(&last.newest)),
        count,
    }
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
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const ANN: ContactId = ContactId(Uuid::from_u128(1));
    const BOB: ContactId = ContactId(Uuid::from_u128(2));

    fn news(contact_id: ContactId, unread: i64) -> News {
        News { contact_id, name: "Ann".to_owned(), newest: "are you open?".to_owned(), count: 1, unread }
    }

    fn focus(contact_id: Option<ContactId>, window: bool) -> Focus {
        Focus { contact_id, window }
    }

    #[rstest]
    #[case::live(Arrival::Live, 1, focus(None, true), true)]
    #[case::her_thread_on_screen(Arrival::Live, 1, focus(Some(ANN), true), false)]
    #[case::her_thread_but_window_behind(Arrival::Live, 1, focus(Some(ANN), false), true)]
    #[case::another_thread(Arrival::Live, 1, focus(Some(BOB), true), true)]
    #[case::a_foreign_program_counts_no_unread(Arrival::Live, 0, focus(None, true), true)]
    #[case::first_sync(Arrival::First, 3, focus(None, false), false)]
    #[case::missed_and_unread(Arrival::CatchUp, 1, focus(None, false), true)]
    #[case::missed_and_read_elsewhere(Arrival::CatchUp, 0, focus(None, false), false)]
    #[case::missed_with_the_thread_open(Arrival::CatchUp, 1, focus(Some(ANN), true), false)]
    fn a_text_from_ann_notifies(
        #[case] arrival: Arrival,
        #[case] unread: i64,
        #[case] focus: Focus,
        #[case] expected: bool,
    ) {
        assert_eq!(!decide(arrival, &[news(ANN, unread)], focus).is_empty(), expected);
    }

    #[test]
    fn several_texts_of_one_contact_are_one_notification() {
        let notification = decide(Arrival::CatchUp, &[News { count: 3, ..news(ANN, 3) }], Focus::default());

        assert_eq!(notification.len(), 1);
        assert_eq!((notification[0].count, notification[0].body.as_str()), (3, "are you open?"));
    }

    #[test]
    fn many_contacts_at_once_are_one_notification() {
        let crowd: Vec<News> = (1..=12).map(|n| news(ContactId(Uuid::from_u128(n)), 1)).collect();

        let shown = decide(Arrival::CatchUp, &crowd, Focus::default());

        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].count, shown[0].contact_id), (12, ContactId(Uuid::from_u128(12))));
        assert_eq!(shown[0].title, "12 new texts from 12 contacts");
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_a_picture_has_words() {
        let long = News { newest: "é".repeat(500), ..news(ANN, 1) };
        let picture = News { newest: String::new(), ..news(ANN, 1) };

        assert_eq!(decide(Arrival::Live, &[long], Focus::default())[0].body.chars().count(), 241);
        assert_eq!(decide(Arrival::Live, &[picture], Focus::default())[0].body, "Sent a file");
    }
}
