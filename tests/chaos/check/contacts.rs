//! Exactly the contacts who wrote or were known, each with the right count, state, and wish.

use std::collections::HashMap;

use deskline_domain::{contact::unknown_name, keyword::Keyword};
use uuid::Uuid;

use super::{LAST, Row, differs, expected_counts};
use crate::{
    Run,
    crew::Mind,
    plan::{self, CONTACTS, KNOWN, TEAMS},
};

#[derive(Debug, sqlx::FromRow)]
struct Contact {
    workspace_id: Uuid,
    phone: String,
    name: Option<String>,
    unread_count: i32,
    conversation_status: String,
    opted_out: bool,
    newest_is_right: bool,
}

const CONTACTS_NOW: &str = "
    select workspace_id, phone, name, unread_count, conversation_status, opted_out_at is not null as opted_out,
           last_message_at is not distinct from (select max(created_at) from messages where contact_id = c.id) as newest_is_right
    from contacts c";

pub(super) async fn check(run: &Run, rows: &[Row]) -> Vec<String> {
    let world = &run.world;
    let contacts: Vec<Contact> =
        sqlx::query_as(CONTACTS_NOW).fetch_all(&world.database).await.expect("contacts can be read");
    let mut found: HashMap<(usize, String), Contact> = HashMap::new();
    let mut findings = Vec::new();
    for contact in contacts.into_iter().filter(|contact| contact.phone != LAST) {
        let team = world.team_of(contact.workspace_id).expect("every workspace is a team of this run");
        found.insert((team, contact.phone.clone()), contact);
    }
    let counts = expected_counts(world.plan);
    for team in 0..TEAMS {
        for contact in 0..CONTACTS {
            let (phone, unread) = (plan::phone(contact), counts.get(&(team, contact)).copied().unwrap_or_default());
            let what = || format!("contact {phone} of team {team}");
            let Some(row) = found.remove(&(team, phone.clone())) else {
                if unread > 0 || contact < KNOWN {
                    findings.push(format!("{} is missing", what()));
                }
                continue;
            };
            if unread == 0 && contact >= KNOWN {
                findings.push(format!("{} is there although nobody wrote: {row:?}", what()));
                continue;
            }
            let name = if contact < KNOWN { plan::name(contact) } else { unknown_name(&phone) };
            let status = if unread == 0 && contact < KNOWN && contact % 4 == 1 { "Closed" } else { "Open" };
            let opted_out = run.crew.mind(team, contact).await.contains(&Mind::Stop);
            let is = (row.name, row.unread_count, row.conversation_status.as_str(), row.opted_out, row.newest_is_right);
            findings.extend(differs(&is, &(Some(name), unread, status, opted_out, true), what));
        }
    }
    findings.extend(found.keys().map(|key| format!("a contact is there whom nobody knows: {key:?}")));
    findings.extend(consents(run, rows).await);
    findings
}

/// Each keyword stands in the consent ledger: HELP and STOP once, START once for each sender that it frees.
async fn consents(run: &Run, rows: &[Row]) -> Vec<String> {
    let told: Vec<(Uuid, String, i64)> = sqlx::query_as(
        "select message_id, decision, count(*) from consents where message_id is not null group by 1, 2",
    )
    .fetch_all(&run.world.database)
    .await
    .expect("the consent ledger can be read");
    let mut told: HashMap<Uuid, (String, i64)> =
        told.into_iter().map(|(message, decision, count)| (message, (decision, count))).collect();
    let mut findings = Vec::new();
    for row in rows.iter().filter(|row| row.direction == "inbound") {
        let keyword = Keyword::read(None, &row.content);
        let line = told.remove(&row.id);
        let is_right = match (keyword, &line) {
            (None, None) => true,
            (Some(Keyword::Stop), Some((decision, count))) => (decision.as_str(), *count) == ("opted_out", 1),
            (Some(Keyword::Help), Some((decision, count))) => (decision.as_str(), *count) == ("help", 1),
            (Some(Keyword::Start), Some((decision, _))) => decision == "opted_in",
            _ => false,
        };
        if !is_right {
            findings.push(format!("{:?} of text {} stands in the consent ledger as {line:?}", row.content, row.id));
        }
    }
    findings
        .extend(told.into_iter().map(|line| format!("the consent ledger tells of a text that is not there: {line:?}")));
    findings
}
