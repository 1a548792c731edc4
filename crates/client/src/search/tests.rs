//! Searching real files and memory: what is found, in what order, and how the index comes back.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::{ContactId, LabelId, MessageId, UserId, WorkspaceId};
use proptest::prelude::*;
use rstest::rstest;
use sqlx::{AssertSqlSafe, Row, SqlSafeStr};
use tempfile::TempDir;
use uuid::Uuid;

use super::{query::Query, statements, terms::Terms};
use crate::{
    cache::Cache,
    credentials::FileKey,
    database::Place,
    inbox::Inbox,
    options::Dice,
    outbox::Outbox,
    view::search::{SearchPage, SearchQuery},
};

const TEAM: WorkspaceId = WorkspaceId(Uuid::from_u128(9));
const ME: UserId = UserId(Uuid::from_u128(8));
const VIP: LabelId = LabelId(Uuid::from_u128(7));
const LATE: LabelId = LabelId(Uuid::from_u128(6));
const ANN: ContactId = ContactId(Uuid::from_u128(0xa));
const BOB: ContactId = ContactId(Uuid::from_u128(0xb));

/// Thursday noon.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_694_400, 0).unwrap()
}

/// A cache with an index that is complete.
struct Desk {
    inbox: Inbox,
    written: std::cell::Cell<u128>,
}

impl Desk {
    async fn open(place: &Place) -> Self {
        let key = FileKey::roll(&Dice::new(|bytes| bytes.fill(7)));
        let (cache, _) = Cache::open(place, &key, now()).await.unwrap();
        let (outbox, _) = Outbox::open(&Place::Memory, &key, now()).await.unwrap();
        Self { inbox: Inbox { cache, outbox }, written: std::cell::Cell::new(0x1000) }
    }

    /// Ann and Bob, in memory.
    async fn new() -> Self {
        let desk = Self::open(&Place::Memory).await;
        desk.contact(ANN, "Ann Müller", "+15550100001").await;
        desk.contact(BOB, "Bob 田中", "+442079460000").await;
        desk
    }

    fn cache(&self) -> &Cache {
        &self.inbox.cache
    }

    async fn execute(&self, statement: impl Into<String>) {
        sqlx::query(AssertSqlSafe(statement.into()).into_sql_str()).execute(&self.cache().pool).await.unwrap();
    }

    async fn contact(&self, id: ContactId, name: &str, phone: &str) {
        sqlx::query(
            "insert into contacts (id, workspace_id, name, phone, unread_count, conversation_status, opted_out, sort_at, \
             created_at, updated_at) values (?, ?, ?, ?, 0, 'Open', 0, 0, 0, 0)",
        )
        .bind(id.to_string())
        .bind(TEAM.to_string())
        .bind(name)
        .bind(phone)
        .execute(&self.cache().pool)
        .await
        .unwrap();
    }

    /// A text of so many minutes ago. Ann's are inbound, all others mine.
    async fn text(&self, contact: ContactId, minutes: i64, content: &str) -> MessageId {
        self.text_at(contact, now() - TimeDelta::minutes(minutes), content).await
    }

    async fn text_at(&self, contact: ContactId, at: DateTime<Utc>, content: &str) -> MessageId {
        self.written.set(self.written.get() + 1);
        let id = MessageId(Uuid::from_u128(self.written.get()));
        let (direction, author) = if contact == ANN { ("inbound", None) } else { ("outbound", Some(ME.to_string())) };
        sqlx::query(
            "insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, in_doubt, media, \
             sent_by, created_at, updated_at) values (?, ?, ?, ?, ?, 'delivered', 1, 0, '[]', ?, ?, 0)",
        )
        .bind(id.to_string())
        .bind(TEAM.to_string())
        .bind(contact.to_string())
        .bind(content)
        .bind(direction)
        .bind(author)
        .bind(at.timestamp_micros())
        .execute(&self.cache().pool)
        .await
        .unwrap();
        id
    }

    async fn index(&self) {
        self.cache().prepare_index().await.unwrap();
        while self.cache().note_old_rows().await.unwrap() {}
        while self.cache().index_some(100).await.unwrap() > 0 {}
    }

    async fn page(&self, text: &str, page: Option<String>, limit: u32) -> SearchPage {
        self.index().await;
        let query = SearchQuery { text: text.to_owned(), page, limit, ..SearchQuery::default() };
        self.inbox.search(&query, ME, now()).await.unwrap()
    }

    async fn search(&self, text: &str) -> SearchPage {
        self.page(text, None, 50).await
    }

    /// The texts that a search finds, best first.
    async fn texts(&self, text: &str) -> Vec<String> {
        self.search(text).await.messages.into_iter().map(|message| message.excerpt.text).collect()
    }

    async fn names(&self, text: &str) -> Vec<String> {
        self.search(text).await.contacts.into_iter().map(|contact| contact.name.text).collect()
    }
}

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

    let distinct: std::collections::BTreeSet<MessageId> = found.iter().copied().collect();
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
    assert_eq!(second.messages.iter().map(|message| message.id).collect::<Vec<_>>(), [wanted]);
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn the_index_follows_every_change_of_a_row() {
    let desk = Desk::new().await;
    let id = desk.text(ANN, 5, "first draft").await;
    desk.index().await;

    desk.execute(format!("update messages set content = 'second thoughts' where id = '{id}'")).await;
    desk.execute(format!("update contacts set name = 'Zoë' where id = '{ANN}'")).await;
    assert_eq!(desk.texts("draft").await, [""; 0]);
    assert_eq!(desk.texts("second").await, ["second thoughts"]);
    assert_eq!((desk.names("ann").await.len(), desk.names("zoe").await.len()), (0, 1));

    desk.execute(format!("update messages set created_at = created_at + 7000000 where id = '{id}'")).await;
    assert_eq!(desk.texts("second").await, ["second thoughts"]);

    desk.execute("delete from messages").await;
    desk.execute("delete from contacts").await;
    assert_eq!(desk.search("second").await, SearchPage::default());
    assert_eq!(desk.search("zoe").await, SearchPage::default());
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from search_docs) + (select count(*) from search_contacts) + (select count(*) from search_dirty)",
    )
    .fetch_one(&desk.cache().pool)
    .await
    .unwrap();
    assert_eq!(left, 0, "nothing of what is gone stays in the index");
}

#[tokio::test]
async fn a_status_that_changes_is_no_work_for_the_index() {
    let desk = Desk::new().await;
    desk.text(BOB, 5, "on its way").await;
    desk.index().await;

    desk.execute("update messages set status = 'failed', updated_at = 9, content = content").await;
    desk.execute("update contacts set unread_count = 3, sort_at = 4").await;

    assert_eq!(desk.cache().missing_in_index(10).await.unwrap(), 0);
}

#[rstest]
#[case::another_version("update search_index set version = 999")]
#[case::a_lost_table("drop table search_docs")]
#[tokio::test]
async fn an_index_of_another_version_is_made_anew_from_the_rows(#[case] harm: &str) {
    let desk = Desk::new().await;
    desk.text(ANN, 5, "still here").await;
    desk.index().await;

    desk.execute(harm).await;

    assert_eq!(desk.texts("still").await, ["still here"]);
    assert_eq!(desk.names("ann").await, ["Ann Müller"]);
}

#[tokio::test]
async fn an_index_that_lost_rows_or_holds_too_many_is_noticed() {
    let desk = Desk::new().await;
    desk.text(ANN, 5, "here").await;
    desk.index().await;
    assert!(desk.cache().index_is_whole().await.unwrap());

    desk.execute("delete from search_docs").await;

    assert!(!desk.cache().index_is_whole().await.unwrap());
}

#[tokio::test]
async fn a_damaged_index_is_told_from_a_damaged_file() {
    let desk = Desk::new().await;
    for number in 0..300 {
        desk.text(ANN, number, &format!("some words to fill pages {number}")).await;
    }
    desk.index().await;

    desk.execute("update search_texts_data set block = x'ffffffffffff' where id > 10").await;
    let query = SearchQuery { text: "words".to_owned(), limit: 50, ..SearchQuery::default() };
    let error = desk.inbox.search(&query, ME, now()).await.unwrap_err();

    assert!(super::index::is_damage(&error), "{error:?}");
    desk.cache().condemn_index().await.unwrap();
    assert_eq!(desk.search("words").await.messages.len(), 50);
}

#[tokio::test]
async fn a_cache_from_before_the_index_is_indexed_when_it_is_opened() {
    let folder = TempDir::new().unwrap();
    let place = Place::File(folder.path().join("cache.db"));
    let desk = Desk::open(&place).await;
    desk.contact(ANN, "Ann", "+15550100001").await;
    desk.text(ANN, 5, "from before").await;
    for table in ["search_dirty", "search_docs", "search_texts", "search_contacts", "search_people"] {
        for event in ["insert", "update", "delete"] {
            desk.execute(format!("drop trigger if exists search_messages_{event}")).await;
            desk.execute(format!("drop trigger if exists search_contacts_{event}")).await;
        }
        desk.execute(format!("drop table {table}")).await;
    }
    desk.execute("update search_index set version = 0").await;
    desk.cache().pool.close().await;

    let desk = Desk::open(&place).await;

    assert_eq!(desk.texts("before").await, ["from before"]);
    assert_eq!(desk.names("ann").await, ["Ann"]);
}

#[tokio::test]
async fn no_statement_of_a_search_reads_everything_or_sorts() {
    let desk = Desk::new().await;
    for (statement, sorts) in [
        (statements::FITTING.to_owned(), false),
        (statements::ALL.to_owned(), false),
        (statements::CALLED.to_owned(), false),
        (statements::UNREAD.to_owned(), false),
        (statements::LABELLED.to_owned(), false),
        (statements::contacts(None, true, None, None, 1, 1).sql().as_str().to_owned(), false),
        // Sorts the few whose name fits.
        (
            statements::contacts(Some("a"), false, Some("[]".to_owned()), Some(TEAM), 1, 1).sql().as_str().to_owned(),
            true,
        ),
    ] {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {statement}")).into_sql_str())
            .fetch_all(&desk.cache().pool)
            .await
            .unwrap();
        for step in plan.iter().map(|row| row.get::<String, _>("detail")) {
            let whole = step.starts_with("SCAN") && !step.contains("INDEX") && !step.contains("VIRTUAL TABLE");
            let fine = !whole && (sorts || !step.contains("TEMP B-TREE"));
            assert!(fine, "\"{step}\" would read everything: {statement}");
        }
    }
}

/// Words that often meet.
fn word() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "order",
        "orders",
        "Order",
        "ör",
        "an",
        "and",
        "a",
        "我们",
        "们明",
        "见",
        "한국",
        "국",
        "👍",
        "👍🏽",
        "don't",
        "555",
        "0100",
        "+1",
        "(555)",
        "010-0001",
        "5550100001",
        "\"",
        "*",
        "NOT",
        "AND",
        "NEAR(",
        "-",
        ":",
        "^",
        "é",
        "e\u{301}",
    ]);
    words.prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_index_finds_what_looking_at_every_text_finds(
        texts in prop::collection::vec(prop::collection::vec(word(), 1..6), 1..12),
        question in prop::collection::vec(word(), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (found, expected, question) = runtime.block_on(async {
            let desk = Desk::new().await;
            let question = question.join(" ");
            let terms = Terms::new(&Query::parse(&question, now().date_naive()).texts, 2);
            let mut expected = Vec::new();
            for (place, words) in texts.iter().enumerate() {
                let text = words.join(" ");
                let id = desk.text(ANN, i64::try_from(place).unwrap(), &text).await;
                if !terms.is_empty() && terms.fit(&text).is_some() {
                    expected.push(id);
                }
            }
            let mut found: Vec<MessageId> =
                desk.search(&question).await.messages.into_iter().map(|message| message.id).collect();
            found.sort();
            expected.sort();
            let close = desk.cache().pool.clone();
            close.close().await;
            (found, expected, question)
        });

        prop_assert_eq!(found, expected, "for {}", question);
    }

    #[test]
    fn whatever_is_typed_is_answered(question in "(\\PC|from:|in:|is:unread|before:2026|\"|[a-z0-9() *+-]){0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::new().await;
            desk.text(ANN, 1, "some text").await;
            desk.search(&question).await;
            desk.cache().pool.close().await;
        });
    }
}
