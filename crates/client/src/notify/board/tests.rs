//! Bursts, seconds apart: which notifications come, and which go.

use uuid::Uuid;

use super::*;

fn contact(n: u128) -> ContactId {
    ContactId(Uuid::from_u128(n))
}

fn news(n: u128) -> News {
    News {
        contact_id: contact(n),
        name: format!("Contact {n}"),
        team: None,
        newest: format!("text of {n}"),
        newest_id: MessageId(Uuid::from_u128(n)),
        count: 1,
        unread: 1,
        assigned_to: None,
        muted: false,
    }
}

/// A board with a clock, and what it says in one word each.
struct Desk {
    board: Board,
    settings: NotificationSettings,
    now: DateTime<Utc>,
}

impl Desk {
    fn new() -> Self {
        Self { board: Board::default(), settings: NotificationSettings::default(), now: DateTime::UNIX_EPOCH }
    }

    fn after(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        self
    }

    fn tell(&mut self, arrival: Arrival, from: impl IntoIterator<Item = u128>) -> Vec<String> {
        let news: Vec<News> = from.into_iter().map(news).collect();
        said(&self.board.tell(arrival, &news, &self.settings, self.now))
    }

    fn live(&mut self, from: u128) -> Vec<String> {
        self.tell(Arrival::Live, [from])
    }

    fn read(&mut self, n: u128) -> Vec<String> {
        said(&self.board.read(contact(n), &self.settings))
    }
}

fn said(orders: &[Order]) -> Vec<String> {
    orders
        .iter()
        .map(|order| match order {
            Order::Show(shown) => {
                let sound = if shown.silent { " quietly" } else { "" };
                format!("{}{sound}", shown.title)
            }
            Order::Withdraw(Slot::Conversation(id)) => format!("-{}", id.0.as_u128()),
            Order::Withdraw(Slot::Many) => "-many".to_owned(),
        })
        .collect()
}

#[test]
fn texts_of_one_contact_replace_one_another_with_a_count() {
    let mut desk = Desk::new();

    assert_eq!(desk.live(1), ["Contact 1"]);
    assert_eq!(desk.after(10).live(1), ["Contact 1 (2 new texts)"]);
    assert_eq!(desk.after(3_600).live(1), ["Contact 1 (3 new texts)"]);
    assert_eq!(desk.read(1), ["-1"]);
    assert_eq!(desk.after(10).live(1), ["Contact 1"], "what was read is not counted again");
}

#[test]
fn many_contacts_in_a_short_time_become_one_notification() {
    let mut desk = Desk::new();
    for n in 1..=4 {
        assert_eq!(desk.after(10).live(n), [format!("Contact {n}")]);
    }

    assert_eq!(desk.after(10).live(5), ["-1", "-2", "-3", "-4", "5 new texts in 5 conversations"]);
    assert_eq!(desk.after(10).live(2), ["6 new texts in 5 conversations"]);
    assert_eq!(desk.after(10).live(6), ["7 new texts in 6 conversations"]);
}

#[test]
fn a_busy_day_is_no_burst() {
    let mut desk = Desk::new();

    for n in 1..=20 {
        assert_eq!(desk.after(60).live(n), [format!("Contact {n}")]);
    }
}

#[test]
fn what_comes_after_a_burst_stands_for_itself() {
    let mut desk = Desk::new();
    desk.tell(Arrival::Live, 1..=5);

    assert_eq!(desk.after(121).live(2), ["Contact 2 (2 new texts)"]);
    assert_eq!(desk.after(1).read(3), ["-3", "3 new texts in 3 conversations quietly"]);
}

#[test]
fn a_catch_up_is_one_notification_however_many_pages_it_has() {
    let mut desk = Desk::new();

    assert_eq!(desk.tell(Arrival::CatchUp, [1]), ["Contact 1"]);
    assert_eq!(desk.tell(Arrival::CatchUp, [2]), ["-1", "2 new texts in 2 conversations quietly"]);
    assert_eq!(desk.after(5).tell(Arrival::CatchUp, 3..=300), ["300 new texts in 300 conversations"]);
}

#[test]
fn one_that_stands_for_many_goes_with_the_last_of_them() {
    let mut desk = Desk::new();
    desk.tell(Arrival::CatchUp, 1..=3);

    assert_eq!(desk.read(1), ["-1", "2 new texts in 2 conversations quietly"]);
    assert_eq!(desk.read(2), ["-2", "-many", "Contact 3 quietly"]);
    assert_eq!(desk.read(3), ["-3"]);
    assert_eq!(desk.board.clear(), []);
}

#[test]
fn nothing_of_a_hidden_text_can_be_guessed_from_how_many_there_are_on_the_screen() {
    let mut desk = Desk::new();
    desk.settings.content = NotificationContent::Nothing;

    assert_eq!(desk.live(1), ["Deskline"]);
    assert_eq!(desk.after(10).live(2), ["-1", "2 new texts in 2 conversations"]);
}

#[test]
fn a_sound_is_not_repeated_at_once_and_not_made_at_all_for_who_wants_none() {
    let mut desk = Desk::new();

    assert_eq!(desk.live(1), ["Contact 1"]);
    assert_eq!(desk.after(1).live(2), ["Contact 2 quietly"]);
    assert_eq!(desk.after(5).live(3), ["Contact 3"]);
    desk.settings.sound = false;
    assert_eq!(desk.after(60).live(4), ["Contact 4 quietly"]);
}

#[test]
fn whoever_leaves_takes_everything_along() {
    let mut desk = Desk::new();
    desk.tell(Arrival::Live, 1..=5);
    desk.after(300).live(6);

    assert_eq!(said(&desk.board.clear()), ["-6", "-many"]);
    assert_eq!(desk.after(10).live(1), ["Contact 1"]);
}
