//! The index: how it follows the rows, how it comes back, and that it finds what looking at every text finds.

use super::*;

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

    assert!(crate::search::index::is_damage(&error), "{error:?}");
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
        (statements::contacts(None, None, None, 1, 1).sql().as_str().to_owned(), false),
        // Sorts the few whose name fits.
        (statements::contacts(Some("a"), Some("[]".to_owned()), Some(TEAM), 1, 1).sql().as_str().to_owned(), true),
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
                desk.search(&question).await.messages.into_iter().map(|message| MessageId(message.id)).collect();
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
