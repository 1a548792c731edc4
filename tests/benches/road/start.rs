//! From starting the engine to the first page of the list and of a thread, with 100,000 texts in the cache.

use std::time::{Duration, Instant};

use deskline_client::view::{Connection, ConversationFilter, ConversationQuery, MessageQuery};
use deskline_e2e::{Desktop, World};

use crate::summary;

const CONTACTS: i32 = 1_000;
const MESSAGES: i64 = 100_000;
const STARTS: usize = 30;

pub(crate) async fn run() {
    let world = World::start().await;
    fill(&world, MESSAGES).await;
    let agent = world.agent("ann").await;
    let desktop = Desktop::new().await;
    let begin = Instant::now();
    desktop.client.sign_in(agent).await.expect("the agent can sign in");
    desktop.conversation("the first page of the list", |_| true).await;
    let usable = begin.elapsed();
    // Longer than any test waits for anything.
    while desktop.client.connection() != Connection::Live {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let whole = begin.elapsed();
    let mut place = desktop.close().await;

    let (mut opened, mut shown) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begin = Instant::now();
        let desktop = place.open().await;
        opened.push(begin.elapsed());
        let query = ConversationQuery { filter: ConversationFilter::Open, limit: 50, ..ConversationQuery::default() };
        let page = desktop.client.conversations(query).await.expect("the list can be read");
        let contact_id = page.conversations[0].contact_id;
        desktop
            .client
            .messages(MessageQuery { contact_id, page: None, limit: 50 })
            .await
            .expect("the thread can be read");
        shown.push(begin.elapsed());
        place = desktop.close().await;
    }

    println!("## With {MESSAGES} texts of {CONTACTS} contacts in the cache\n");
    println!("| from starting the engine to | |\n| --- | --- |");
    println!("| open | {} |", summary(opened));
    println!("| first page of the list and of the newest thread | {} |", summary(shown));
    println!("| first sync: from signing in to the first row of the list | {:.2} s |", usable.as_secs_f64());
    println!(
        "| first sync: from signing in to the whole history, following the feed | {:.2} s |\n",
        whole.as_secs_f64()
    );
    world.end().await;
}

/// So many texts of a thousand contacts, a minute between two, every second one from the contact.
pub(crate) async fn fill(world: &World, messages: i64) {
    sqlx::query(
        "insert into contacts (workspace_id, phone, name)
         select $1, '+1666' || lpad(n::text, 7, '0'), 'Contact ' || n from generate_series(1, $2) n",
    )
    .bind(world.workspace.0)
    .bind(CONTACTS)
    .execute(&world.foreign)
    .await
    .expect("contacts can be written");
    sqlx::query(
        "insert into livechatmessages (workspace_id, contact_id, content, direction, status, message_type, created_at)
         select $1, c.id, 'text ' || n || repeat(' and so on', (n % 12)::int), case n % 2 when 0 then 'inbound' else 'outbound' end,
                'delivered', 'text', now() - n * interval '1 minute'
         from generate_series(1, $2) n
         join (select id, row_number() over (order by id) - 1 as place from contacts where workspace_id = $1) c
           on c.place = n % $3",
    )
    .bind(world.workspace.0)
    .bind(messages)
    .bind(CONTACTS)
    .execute(&world.foreign)
    .await
    .expect("texts can be written");
    // As autovacuum does within a minute of so many rows.
    sqlx::query("analyze contacts, messages").execute(&world.foreign).await.expect("the tables can be looked at");
}
