//! What the window waits for never reads a whole table, however much history lies in the cache.

use deskline_domain::ids::{ContactId, LabelId, UserId, WorkspaceId};
use rstest::rstest;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, SqlSafeStr, Sqlite};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Cache, contacts::ListQuery, messages, notes, team, unread};
use crate::{
    credentials::FileKey,
    database::Place as FilePlace,
    inbox::page::{Place, Side},
    options::Dice,
    view::ConversationFilter,
};

const ANN: ContactId = ContactId(Uuid::from_u128(1));
const NOW: chrono::DateTime<chrono::Utc> = chrono::DateTime::UNIX_EPOCH;

async fn memory() -> Cache {
    Cache::open(&FilePlace::Memory, &FileKey::roll(&Dice::default()), NOW).await.unwrap().0
}

/// The steps of a statement, as SQLite plans them.
async fn plan(cache: &Cache, sql: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("explain query plan {sql}")).into_sql_str();
    let rows = sqlx::query(explain).fetch_all(&cache.pool).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

async fn assert_no_full_scan(cache: &Cache, sql: &str) {
    for step in plan(cache, sql).await {
        let whole_table = step.starts_with("SCAN") && !step.contains("INDEX") && !step.contains("VIRTUAL TABLE");
        let sorts = step.contains("USE TEMP B-TREE FOR ORDER BY");
        let fine = !whole_table && !sorts || step.contains("CONSTANT ROW");
        assert!(fine, "\"{step}\" would read everything; give this statement an index: {sql}");
    }
}

fn list(filter: ConversationFilter, workspace: bool, later_page: bool) -> QueryBuilder<Sqlite> {
    let query = ListQuery {
        workspace_id: workspace.then_some(WorkspaceId(Uuid::nil())),
        filter,
        label_id: None,
        me: UserId(Uuid::nil()),
        before: later_page.then_some(Place { at: 1, id: Uuid::nil() }),
        without: &[ANN],
        limit: 51,
    };
    query.statement()
}

#[rstest]
#[tokio::test]
async fn a_page_of_the_list_walks_an_index(
    #[values(
        ConversationFilter::All,
        ConversationFilter::Open,
        ConversationFilter::Mine,
        ConversationFilter::Unassigned,
        ConversationFilter::Snoozed,
        ConversationFilter::Closed,
        ConversationFilter::Unread
    )]
    filter: ConversationFilter,
    #[values(false, true)] workspace: bool,
    #[values(false, true)] later_page: bool,
) {
    assert_no_full_scan(&memory().await, list(filter, workspace, later_page).sql().as_str()).await;
}

#[rstest]
#[tokio::test]
async fn a_page_of_a_view_that_few_rows_belong_to_reads_no_other_rows(
    #[values((ConversationFilter::Mine, "contacts_of_member"), (ConversationFilter::Unassigned, "contacts_of_member"),
             (ConversationFilter::Snoozed, "contacts_snoozed"), (ConversationFilter::Closed, "contacts_closed"),
             (ConversationFilter::Unread, "contacts_unread"))]
    view: (ConversationFilter, &'static str),
    #[values(false, true)] later_page: bool,
) {
    let (filter, index) = view;

    let steps = plan(&memory().await, list(filter, false, later_page).sql().as_str()).await;

    assert!(steps[0].contains(index), "{filter:?} is to walk {index}, and not: {steps:?}");
}

#[rstest]
#[tokio::test]
async fn a_page_of_a_label_walks_the_labels_own_list(
    #[values(ConversationFilter::All, ConversationFilter::Open, ConversationFilter::Mine)] filter: ConversationFilter,
    #[values(false, true)] later_page: bool,
) {
    let cache = memory().await;
    let query = ListQuery {
        workspace_id: None,
        filter,
        label_id: Some(LabelId(Uuid::nil())),
        me: UserId(Uuid::nil()),
        before: later_page.then_some(Place { at: 1, id: Uuid::nil() }),
        without: &[],
        limit: 51,
    };

    let sql = query.statement();

    assert_no_full_scan(&cache, sql.sql().as_str()).await;
    let steps = plan(&cache, sql.sql().as_str()).await;
    assert!(steps[0].starts_with("SEARCH l USING PRIMARY KEY (label_id=?"), "not the label's list first: {steps:?}");
}

#[rstest]
#[tokio::test]
async fn a_view_is_counted_by_the_index_that_its_list_walks(
    #[values(
        ConversationFilter::Open,
        ConversationFilter::Mine,
        ConversationFilter::Unassigned,
        ConversationFilter::Snoozed,
        ConversationFilter::Closed,
        ConversationFilter::Unread
    )]
    filter: ConversationFilter,
) {
    let query = ListQuery {
        workspace_id: None,
        filter,
        label_id: None,
        me: UserId(Uuid::nil()),
        before: None,
        without: &[],
        limit: 100,
    };

    let steps = plan(&memory().await, query.counting().sql().as_str()).await;

    // What is counted is a subquery that ends at its limit.
    let walked: Vec<_> = steps.iter().filter(|step| step.contains(" c ")).collect();
    assert!(walked.iter().all(|step| step.contains("INDEX")), "{filter:?} is to walk an index: {steps:?}");
    assert!(!walked.is_empty(), "{steps:?}");
}

#[tokio::test]
async fn what_stands_beside_a_thread_is_found_by_an_index() {
    let cache = memory().await;

    assert_no_full_scan(&cache, super::senders::LAST_SEEN).await;
    let scheduled = plan(&cache, messages::scheduled_statement(ANN).sql().as_str()).await;
    assert!(scheduled[0].contains("messages_scheduled"), "not the index of what waits for its time: {scheduled:?}");
    let steps = plan(&cache, messages::with_files_statement(ANN).sql().as_str()).await;
    let walked = steps.iter().any(|step| step.starts_with("SEARCH messages USING"));
    assert!(walked && !steps.iter().any(|step| step.contains("TEMP B-TREE")), "not the thread's own index: {steps:?}");
}

#[tokio::test]
async fn notes_and_what_a_team_has_are_found_by_an_index() {
    let cache = memory().await;

    assert_no_full_scan(&cache, notes::page_statement(ANN, Side::Before(None), 51).sql().as_str()).await;
    assert_no_full_scan(&cache, notes::page_statement(ANN, Side::Before(Some(Place::NEWEST)), 51).sql().as_str()).await;
    assert_no_full_scan(&cache, notes::page_statement(ANN, Side::After(Place::NEWEST), 51).sql().as_str()).await;
    for sql in [team::LABELS, team::REPLIES, team::MEMBERS] {
        assert_no_full_scan(&cache, sql).await;
    }
}

#[tokio::test]
async fn a_stretch_of_a_thread_and_the_newest_texts_walk_an_index() {
    let cache = memory().await;

    assert_no_full_scan(&cache, messages::page_statement(ANN, None, 51).sql().as_str()).await;
    assert_no_full_scan(&cache, messages::page_statement(ANN, Some(Place::NEWEST), 51).sql().as_str()).await;
    assert_no_full_scan(&cache, messages::page_after_statement(ANN, Place::NEWEST, 51).sql().as_str()).await;
    assert_no_full_scan(&cache, messages::newest_statement(&[ANN]).sql().as_str()).await;
    assert_no_full_scan(&cache, messages::NEWEST_OUTBOUND).await;
    assert_no_full_scan(&cache, messages::WRITTEN_AFTER).await;
    let answer = messages::answer_statement(ANN, Place::NEWEST, UserId(Uuid::nil()));
    assert_no_full_scan(&cache, answer.sql().as_str()).await;
    assert_no_full_scan(&cache, unread::TOTAL).await;
}

#[tokio::test]
async fn a_cache_with_100_000_messages_opens_again_and_shows_its_first_page() {
    let folder = TempDir::new().unwrap();
    let place = FilePlace::File(folder.path().join("cache.db"));
    let key = FileKey::roll(&Dice::default());
    let (cache, _) = Cache::open(&place, &key, NOW).await.unwrap();
    fill(&cache).await;
    cache.close().await;

    let (cache, aside) = Cache::open(&place, &key, NOW).await.unwrap();
    let rows: Vec<super::contacts::CachedContact> =
        list(ConversationFilter::Open, false, false).build_query_as().fetch_all(&cache.pool).await.unwrap();
    let ids: Vec<ContactId> = rows.iter().map(|row| row.id).collect();
    let newest = cache.newest(&ids).await.unwrap();
    let total = cache.unread_total().await.unwrap();

    assert_eq!((aside.is_none(), rows.len(), newest.len(), total), (true, 51, 51, 100));
}

/// 1,000 contacts, a tenth of them with an unread text, and 100 messages each.
async fn fill(cache: &Cache) {
    let id = "printf('00000000-0000-0000-%04x-%012x', ";
    let numbers = "with recursive n(n) as (select 0 union all select n + 1 from n where n < ";
    let contacts = format!(
        "{numbers}999) insert into contacts (id, workspace_id, name, phone, unread_count, conversation_status, \
         opted_out, last_message_at, sort_at, created_at, updated_at) select {id}0, n), {id}9, 9), 'Contact ' || n, '+1555' || n, n % 10 = 0, 'Open', 0, \
         n, n, n, n from n"
    );
    let messages = format!(
        "{numbers}99999) insert into messages (id, workspace_id, contact_id, content, direction, status, has_sid, \
         in_doubt, media, created_at, updated_at) select {id}1, n), {id}9, 9), {id}0, n % 1000), 'text number ' || n, \
         iif(n % 2, 'inbound', 'outbound'), 'delivered', 1, 0, '[]', n, n from n"
    );
    for sql in [contacts, messages] {
        sqlx::query(AssertSqlSafe(sql).into_sql_str()).execute(&cache.pool).await.unwrap();
    }
}
