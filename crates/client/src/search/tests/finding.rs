//! What is found, and in what order.

use rstest::rstest;

use super::*;

#[tokio::test]
async fn words_are_found_by_their_beginning_newest_first() {
    let desk = Desk::new().await;
    desk.text(ANN, 30, "Where is my invoice?").await;
    desk.text(BOB, 20, "Invoices go out on Friday").await;
    desk.text(ANN, 10, "thanks").await;

    assert_eq!(desk.texts("INVOI").await, ["Invoices go out on Friday", "Where is my invoice?"]);
    assert_eq!(desk.texts("invoi my").await, ["Where is my invoice?"]);
    assert_eq!(desk.texts("\"invoi\"").await, [""; 0]);
}

#[rstest]
#[case::accents("bruleE", "Crème brûlée!")]
#[case::chinese_one_character("见", "我们明天见")]
#[case::chinese_word("明天", "我们明天见")]
#[case::japanese("行く", "明日行くね")]
#[case::korean_syllable("국", "한국어")]
#[case::emoji("👍", "great 👍🏽")]
#[case::flag("🇩🇪", "from 🇩🇪")]
#[case::a_phrase("\"see you at\"", "See you, at six")]
#[case::a_number("555 010-2233", "call me at +1 (555) 0102233")]
#[case::last_digits("2233", "call me at (555) 010 2233")]
#[case::hostile("\"; drop table messages; -- \" OR ", "drop table messages or else")]
#[tokio::test]
async fn texts_of_any_script_are_found(#[case] question: &str, #[case] text: &str) {
    let desk = Desk::new().await;
    desk.text(ANN, 1, text).await;
    desk.text(ANN, 2, "something else entirely").await;

    assert_eq!(desk.texts(question).await, [text]);
}

#[rstest]
#[case::beginning("mul", "Ann Müller")]
#[case::one_letter("a", "Ann Müller")]
#[case::chinese("中", "Bob 田中")]
#[case::international("+1 (555) 010-0001", "Ann Müller")]
#[case::last_digits("0001", "Ann Müller")]
#[case::as_at_home("020 7946 0000", "Bob 田中")]
#[case::with_double_zero("0044 20 7946", "Bob 田中")]
#[case::name_and_number("ann 0001", "Ann Müller")]
#[tokio::test]
async fn people_are_found_by_name_and_by_number_in_any_notation(#[case] question: &str, #[case] name: &str) {
    assert_eq!(Desk::new().await.names(question).await, [name]);
}

#[tokio::test]
async fn what_fits_is_marked_in_name_number_and_text() {
    let desk = Desk::new().await;
    desk.text(ANN, 1, "👍 Ünder way").await;

    let texts = desk.search("under").await;
    let people = desk.search("mull 0100001").await;

    let marks = |excerpt: &crate::view::search::Excerpt| -> Vec<(u32, u32)> {
        excerpt.marks.iter().map(|mark| (mark.start, mark.end)).collect()
    };
    assert_eq!(marks(&texts.messages[0].excerpt), [(3, 8)]);
    assert_eq!(marks(&people.contacts[0].name), [(4, 10)]);
    assert_eq!(marks(&people.contacts[0].phone), [(1, 12)]);
}

#[tokio::test]
async fn operators_narrow_what_is_found() {
    let desk = Desk::new().await;
    desk.text_at(ANN, "2026-11-01T23:30:00Z".parse().unwrap(), "late order").await;
    desk.text_at(BOB, "2026-11-02T12:00:00Z".parse().unwrap(), "your order").await;
    let photo = desk.text_at(ANN, "2026-11-03T12:00:00Z".parse().unwrap(), "photo of the order").await;
    desk.execute(format!("update messages set media = '[{{\"url\":\"x\"}}]' where id = '{photo}'")).await;
    desk.execute(format!("update contacts set unread_count = 1 where id = '{ANN}'")).await;

    assert_eq!(desk.texts("order from:ann").await, ["photo of the order", "late order"]);
    assert_eq!(desk.texts("order from:me").await, ["your order"]);
    assert_eq!(desk.texts("order in:\"bob 田中\"").await, ["your order"]);
    assert_eq!(desk.texts("in:079460000").await, ["your order"]);
    assert_eq!(desk.texts("has:media").await, ["photo of the order"]);
    assert_eq!(desk.texts("order before:2026-11-02").await, ["late order"]);
    assert_eq!(desk.texts("after:2026-11-02").await, ["photo of the order", "your order"]);
    assert_eq!(desk.texts("after:2026-11-02 before:2026-11-03").await, ["your order"]);
    assert_eq!(desk.texts("is:unread order").await, ["photo of the order", "late order"]);
    assert_eq!(desk.names("is:unread").await, ["Ann Müller"]);
    assert_eq!(desk.texts("order in:nobody").await, [""; 0]);
}

#[tokio::test]
async fn labels_narrow_a_search_by_the_beginning_of_any_of_their_words() {
    let desk = Desk::new().await;
    desk.execute(format!("insert into workspaces (id, name, role, place) values ('{TEAM}', 'Support', 'agent', 0)"))
        .await;
    for (id, name, contacts) in [(VIP, "Very important", &[ANN][..]), (LATE, "Late", &[ANN, BOB][..])] {
        desk.execute(format!("insert into labels values ('{id}', '{TEAM}', '{name}', '#c02b30', 0, 0)")).await;
        for contact in contacts {
            desk.execute(format!("insert into contact_labels values ('{id}', 0, '{contact}')")).await;
        }
    }
    desk.text(ANN, 3, "where is my order").await;
    desk.text(BOB, 2, "your order").await;

    assert_eq!(desk.texts("order label:import").await, ["where is my order"]);
    assert_eq!(desk.texts("label:\"VERY imp\"").await, ["where is my order"]);
    assert_eq!(desk.texts("label:late").await, ["your order", "where is my order"]);
    assert_eq!(desk.texts("label:late label:very").await, ["where is my order"], "both of them");
    assert_eq!(desk.names("label:very").await, ["Ann Müller"]);
    assert_eq!(desk.names("label:late bob").await, ["Bob 田中"]);
    for nothing in ["order label:nosuch", "label:nosuch", "label:very bob", "label:!"] {
        let page = desk.search(nothing).await;
        assert_eq!((page.contacts.len(), page.messages.len()), (0, 0), "{nothing}");
    }
}

#[tokio::test]
async fn days_are_the_agents() {
    let desk = Desk::new().await;
    desk.text_at(ANN, "2026-11-01T23:30:00Z".parse().unwrap(), "order").await;
    desk.index().await;

    // Half past midnight in Berlin, so the second of November.
    for (offset, found) in [(0, 0), (60, 1)] {
        let query = SearchQuery {
            text: "order after:2026-11-02".to_owned(),
            utc_offset: offset,
            limit: 10,
            ..SearchQuery::default()
        };
        assert_eq!(desk.inbox.search(&query, ME, now()).await.unwrap().messages.len(), found, "{offset}");
    }
}

#[tokio::test]
async fn on_a_page_the_very_words_come_before_what_is_a_little_newer_and_not_before_what_is_much_newer() {
    let desk = Desk::new().await;
    desk.text(ANN, 60, "ship it").await;
    desk.text(ANN, 30, "it was the shipping").await;
    desk.text(ANN, 60 * 24 * 60, "ship it (of old)").await;

    assert_eq!(desk.texts("ship it").await, ["ship it", "it was the shipping", "ship it (of old)"]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition_even_when_all_texts_bear_one_time() {
    let desk = Desk::new().await;
    for number in 0..120 {
        desk.text(ANN, 5, &format!("order {number}")).await;
        if number == 60 {
            desk.index().await;
        }
    }

    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let page = desk.page("order from:ann", next, 7).await;
        found.extend(page.messages.into_iter().map(|message| message.id));
        next = page.next;
        if next.is_none() {
            break;
        }
    }

    let distinct: std::collections::BTreeSet<Uuid> = found.iter().copied().collect();
    assert_eq!((found.len(), distinct.len()), (120, 120));
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_texts_and_says_where_to_go_on() {
    let desk = Desk::new().await;
    let sam = |number: u128| ContactId(Uuid::from_u128(0x5000 + number));
    // More than can be named in a question to the index.
    for number in 0..40 {
        desk.contact(sam(number), &format!("Sam {number}"), &format!("+1555020{number:04}")).await;
    }
    for minutes in 0..700 {
        desk.text(ANN, minutes, "order").await;
    }
    let wanted = desk.text(sam(0), 3_000, "order").await;

    let first = desk.page("order in:sam", None, 10).await;
    let second = desk.page("order in:sam", first.next.clone(), 10).await;

    assert_eq!((first.messages.len(), first.next.is_some()), (0, true));
    assert_eq!(second.messages.iter().map(|message| message.id).collect::<Vec<_>>(), [wanted.0]);
    assert_eq!(second.next, None);
}
