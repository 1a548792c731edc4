//! Pages of the list and of a thread, and the figure on the badge.

use deskline_client::{
    Client,
    view::{ConversationFilter, ConversationQuery, MessageQuery},
};
use deskline_domain::ids::ContactId;
use deskline_e2e::history::{History, NEWEST};
use uuid::Uuid;

use crate::{cells, plain, time};

const REPETITIONS: usize = 200;

fn head(title: &str) {
    println!("### {title}\n\n| | p50 ms | p95 | p99 | longest |\n| --- | --- | --- | --- | --- |");
}

/// Fifty rows with their newest texts, page after page.
pub(crate) async fn list(history: &History, client: &Client) {
    let mut plain = history.plain().await;
    let (mut ours, mut theirs, mut page) = (Vec::new(), Vec::new(), None);
    for _ in 0..REPETITIONS {
        let query =
            ConversationQuery { filter: ConversationFilter::Open, page, limit: 50, ..ConversationQuery::default() };
        let (took, answer) = time(client.conversations(query)).await;
        page = answer.expect("the list can be read").next;
        ours.push(took);
        let (took, ()) = time(async {
            let rows = sqlx::query(plain::LIST).fetch_all(&mut plain).await.expect("the list can be read");
            sqlx::query(plain::NEWEST).bind(plain::ids(&rows)).fetch_all(&mut plain).await.expect("texts can be read");
        })
        .await;
        theirs.push(took);
    }
    head("A page of the list");
    println!(
        "| ours | {} |\n| plain SQLite: rows and newest texts of the first page | {} |\n",
        cells(&mut ours),
        cells(&mut theirs)
    );
}

/// Sixty texts of the longest conversation, at any depth.
pub(crate) async fn thread(history: &History, client: &Client) {
    let mut plain = history.plain().await;
    let contact = History::contact(0);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for step in 0..REPETITIONS {
        // Evenly over three years.
        let at = NEWEST - i64::try_from(step).unwrap_or_default() * 470_000_000_000;
        let page = Some(format!("{at}.{}", Uuid::max()));
        let query = MessageQuery { contact_id: ContactId(contact), page, limit: 60 };
        let (took, answer) = time(client.messages(query)).await;
        answer.expect("the thread can be read");
        ours.push(took);
        let statement = sqlx::query(plain::THREAD).bind(contact.to_string()).bind(at).bind(Uuid::max().to_string());
        theirs.push(time(statement.fetch_all(&mut plain)).await.0);
    }
    head("A page of the longest thread");
    println!("| ours | {} |\n| plain SQLite | {} |\n", cells(&mut ours), cells(&mut theirs));
}

/// Unread texts.
pub(crate) async fn badge(history: &History, client: &Client) {
    let mut plain = history.plain().await;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        let (took, count) = time(client.unread_count()).await;
        ours.push(took);
        let (took, same) = time(plain::figure(&mut plain, plain::BADGE)).await;
        theirs.push(took);
        assert_eq!(count.expect("unread texts can be counted"), same, "both count the same rows");
    }
    head("The badge");
    println!("| ours | {} |\n| plain SQLite | {} |\n", cells(&mut ours), cells(&mut theirs));
}
