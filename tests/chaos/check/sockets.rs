//! Dashboards heard everything that happened while they were connected and had joined, and nothing else.
//!
//! Where a connection ended cannot be said to the event, so what is claimed of a stretch that broke ends with the newest inbound text
//! that was heard over it: rows come in the order of the feed, so whatever has a smaller number must have been heard before. Of a
//! stretch that lasted, everything is claimed.

use std::collections::HashMap;

use uuid::Uuid;

use super::{LAST, Row, differs, of_team};
use crate::{
    Run,
    dashboard::{ContactTold, Stretch},
    plan::TEAMS,
};

#[derive(Debug, sqlx::FromRow)]
struct Contact {
    id: Uuid,
    phone: String,
    unread_count: i32,
    opted_out_at: Option<chrono::DateTime<chrono::Utc>>,
    seq: i64,
}

pub(super) async fn check(run: &Run, rows: &[Row]) -> Vec<String> {
    let mut findings = Vec::new();
    for team in 0..TEAMS {
        let workspace = run.world.teams[team].workspace.0;
        let contacts: Vec<Contact> = sqlx::query_as(
            "select c.id, c.phone, c.unread_count, c.opted_out_at, f.seq from contacts c
             join changes f on f.workspace_id = c.workspace_id and f.entity = 'contact' and f.entity_id = c.id
             where c.workspace_id = $1",
        )
        .bind(workspace)
        .fetch_all(&run.world.database)
        .await
        .expect("contacts can be read");
        let rows: HashMap<Uuid, &Row> = of_team(&run.world, team, rows).map(|row| (row.id, row)).collect();
        let stretches = run.dashboards[team].stretches();
        for (number, stretch) in stretches.iter().enumerate() {
            let whose = format!("team {team}'s dashboard, connection {number}");
            findings.extend(heard(stretch, &rows).into_iter().map(|finding| format!("{whose}: {finding}")));
            if !stretch.over {
                findings
                    .extend(shown(stretch, &rows, &contacts).into_iter().map(|finding| format!("{whose}: {finding}")));
            }
        }
        if stretches.last().is_none_or(|stretch| stretch.over) {
            findings.push(format!("team {team}'s dashboard is not connected at the end"));
        }
    }
    findings
}

/// New texts: each that must have been heard was, and none that is not there.
fn heard(stretch: &Stretch, rows: &HashMap<Uuid, &Row>) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, sid) in &stretch.new {
        match rows.get(id) {
            None => findings.push(format!("heard of the text {id}, which is not there")),
            Some(row) if row.direction == "inbound" && row.twilio_sid != *sid => {
                findings.push(format!("heard of the text {id} with the SID {sid:?}; it is {:?}", row.twilio_sid));
            }
            Some(_) => {}
        }
    }
    findings.extend(
        stretch
            .statuses
            .keys()
            .filter(|id| !rows.contains_key(id))
            .map(|id| format!("heard that {id} changed, which is not there")),
    );
    let newest = stretch
        .new
        .keys()
        .filter_map(|id| rows.get(id))
        .filter(|row| row.direction == "inbound")
        .map(|row| row.seq)
        .max();
    let certain_to = if stretch.over { newest.unwrap_or(stretch.head) } else { i64::MAX };
    let must = rows.values().filter(|row| row.created_seq > stretch.head && row.seq <= certain_to);
    let missed: Vec<_> = must.filter(|row| !stretch.new.contains_key(&row.id)).collect();
    if let Some(first) = missed.first() {
        findings.push(format!(
            "joined at {} and did not hear of {} texts up to {certain_to}, such as {} ({}, number {}, changed with {})",
            stretch.head,
            missed.len(),
            first.id,
            first.direction,
            first.created_seq,
            first.seq
        ));
    }
    findings
}

/// What a dashboard that stayed connected shows at the end.
fn shown(stretch: &Stretch, rows: &HashMap<Uuid, &Row>, contacts: &[Contact]) -> Vec<String> {
    let mut findings = Vec::new();
    for contact in contacts.iter().filter(|contact| contact.seq > stretch.head && contact.phone != LAST) {
        let told = stretch.contacts.get(&contact.id);
        let is = told
            .map(|ContactTold { phone, unread_count, opted_out_at, .. }| (phone.clone(), *unread_count, *opted_out_at));
        let must = Some((contact.phone.clone(), contact.unread_count, contact.opted_out_at));
        findings.extend(differs(&is, &must, || format!("contact {}", contact.id)));
    }
    for row in rows.values().filter(|row| row.direction == "outbound" && row.seq > stretch.head) {
        let told = stretch.statuses.get(&row.id).map(|status| status.as_str());
        findings.extend(differs(&told, &Some(row.status.as_str()), || format!("the status of {}", row.id)));
    }
    findings
}
