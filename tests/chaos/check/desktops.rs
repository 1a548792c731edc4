//! A desktop that lost its server again and again has exactly what the server has.

use std::collections::HashMap;

use deskline_client::view::{Conversation, ConversationFilter, ConversationQuery, Message, MessageQuery, MessageState};
use deskline_domain::{delivery::DeliveryStatus, ids::ContactId};
use deskline_e2e::{Desktop, eventually};
use uuid::Uuid;

use super::{LAST, Row, differs, of_team};
use crate::{Run, plan::TEAMS};

#[derive(sqlx::FromRow)]
struct Contact {
    id: Uuid,
    name: Option<String>,
    phone: String,
    unread_count: i32,
    opted_out: bool,
}

type Shown = (String, String, i64, bool);

pub(super) async fn check(run: &Run, rows: &[Row]) -> Vec<String> {
    let mut findings = Vec::new();
    for team in 0..TEAMS {
        let desktop = &run.desktops[team];
        eventually(&format!("team {team}'s desktop hears of the last contact"), || async {
            list(desktop).await.iter().any(|row| row.phone == LAST).then_some(())
        })
        .await;
        let contacts: Vec<Contact> = sqlx::query_as(
            "select id, name, phone, unread_count, opted_out_at is not null as opted_out from contacts where workspace_id = $1",
        )
        .bind(run.world.teams[team].workspace.0)
        .fetch_all(&run.world.database)
        .await
        .expect("contacts can be read");
        let expected: HashMap<Uuid, Shown> = contacts
            .into_iter()
            .map(|row| (row.id, (row.name.unwrap_or_default(), row.phone, i64::from(row.unread_count), row.opted_out)))
            .collect();
        let found: HashMap<Uuid, Shown> = list(desktop)
            .await
            .into_iter()
            .map(|row| (row.contact_id.0, (row.name, row.phone, row.unread_count, row.opted_out)))
            .collect();
        let wrong = expected.iter().filter(|(id, row)| found.get(id) != Some(row)).count();
        findings.extend(differs(&(wrong, found.len()), &(0, expected.len()), || {
            format!("conversations that team {team}'s desktop shows wrongly, and all that it shows")
        }));

        let mut threads: HashMap<Uuid, Vec<(Uuid, String, MessageState)>> = HashMap::new();
        for row in of_team(&run.world, team, rows) {
            threads.entry(row.contact_id).or_default().push((row.id, row.content.clone(), state(row)));
        }
        for (contact, thread) in threads {
            let found: Vec<_> = read(desktop, ContactId(contact))
                .await
                .into_iter()
                .map(|row| (row.id.0, row.content, row.state))
                .collect();
            if found != thread {
                let place = found.iter().zip(&thread).position(|(is, must)| is != must);
                findings.push(format!(
                    "team {team}'s desktop has {} texts of contact {contact}, and {} are there; they differ from {place:?} on",
                    found.len(),
                    thread.len()
                ));
            }
        }
    }
    findings
}

fn state(row: &Row) -> MessageState {
    if row.direction == "inbound" {
        return MessageState::Received;
    }
    match row.status.parse() {
        Ok(DeliveryStatus::Sent) => MessageState::Sent,
        Ok(DeliveryStatus::Delivered) => MessageState::Delivered,
        Ok(DeliveryStatus::Read) => MessageState::Read,
        Ok(DeliveryStatus::Undelivered | DeliveryStatus::Failed) => MessageState::Failed,
        other => panic!("no reply ends as {other:?}"),
    }
}

async fn list(desktop: &Desktop) -> Vec<Conversation> {
    let mut query = ConversationQuery { filter: ConversationFilter::All, limit: 500, ..ConversationQuery::default() };
    let mut rows = Vec::new();
    loop {
        let page = desktop.client.conversations(query.clone()).await.expect("the list can be read");
        rows.extend(page.conversations);
        query.page = page.next;
        if query.page.is_none() {
            return rows;
        }
    }
}

/// A whole thread, oldest first.
async fn read(desktop: &Desktop, contact_id: ContactId) -> Vec<Message> {
    let mut query = MessageQuery { contact_id, page: None, limit: 500 };
    let mut pages = Vec::new();
    loop {
        let page = desktop.client.messages(query.clone()).await.expect("a thread can be read");
        pages.push(page.messages);
        query.page = page.older;
        if query.page.is_none() {
            return pages.into_iter().rev().flatten().collect();
        }
    }
}
