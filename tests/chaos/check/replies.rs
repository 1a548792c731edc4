//! Every reply left exactly once or was refused, in the order of its thread; the status is what the reports come to, and each report
//! stands in the ledger.

use std::collections::{HashMap, HashSet};

use deskline_domain::delivery::DeliveryStatus;

use super::{Row, differs};
use crate::{
    Run,
    crew::client_id,
    plan::{self, Plan},
};

pub(super) async fn check(run: &Run, rows: &[Row]) -> Vec<String> {
    let world = &run.world;
    let mut findings = Vec::new();
    let rows: HashMap<&str, &Row> = rows
        .iter()
        .filter(|row| row.direction == "outbound")
        .map(|row| (row.client_id.as_deref().unwrap_or("a row without one"), row))
        .collect();
    let mut left: HashMap<u32, Vec<String>> = HashMap::new();
    for sent in world.twilio.sent() {
        match Plan::reply_of(&sent.body).filter(|index| world.plan.reply(*index).body == sent.body) {
            Some(index) => left.entry(index).or_default().push(sent.sid),
            None => findings.push(format!("a text left that nobody wrote: {sent:?}")),
        }
    }
    let expected: HashSet<String> = {
        let noted = run.crew.noted.lock().unwrap();
        for index in &noted.refused {
            findings.extend(
                left.get(index).map(|sids| format!("reply {index} was refused and left all the same: {sids:?}")),
            );
        }
        for (index, sid) in &noted.sent {
            let sids = left.get(index).cloned().unwrap_or_default();
            findings.extend(differs(&sids, &vec![sid.clone()], || format!("reply {index} left")));
        }
        findings
            .extend(differs(&noted.sent.len(), &left.len(), || "replies that were answered, and that left".to_owned()));
        noted.sent.keys().map(|index| client_id(*index)).collect()
    };
    let stored: HashSet<String> = rows.keys().map(|id| (*id).to_owned()).collect();
    findings.extend(differs(&stored, &expected, || "outbound texts, by client id".to_owned()));
    for (index, sids) in &left {
        let Some(row) = rows.get(client_id(*index).as_str()) else { continue };
        let reply = world.plan.reply(*index);
        let (status, code) = reply.outcome();
        let is = (row.content.as_str(), world.team_of(row.workspace_id), row.phone.clone(), row.twilio_sid.clone());
        let must = (reply.body.as_str(), Some(reply.team), plan::phone(reply.contact), sids.first().cloned());
        findings.extend(differs(&is, &must, || format!("reply {index}")));
        let is = (row.status.as_str(), row.error_code);
        findings.extend(differs(&is, &(status.as_str(), code), || {
            format!("the outcome of reply {index} ({:?})", reply.reports)
        }));
    }
    findings.extend(order(run, &rows));
    findings.extend(ledger(run).await);
    findings
}

/// Texts to one contact left in the order in which they were stored.
fn order(run: &Run, rows: &HashMap<&str, &Row>) -> Vec<String> {
    let mut newest = HashMap::new();
    let mut findings = Vec::new();
    for sent in run.world.twilio.sent() {
        let Some(index) = Plan::reply_of(&sent.body) else { continue };
        let Some(row) = rows.get(client_id(index).as_str()) else { continue };
        if let Some(before) = newest.insert(row.contact_id, row.created_seq)
            && before > row.created_seq
        {
            findings.push(format!("reply {index} left after one to the same contact that was written later"));
        }
    }
    findings
}

/// A callback that was answered is there; one that was posted again because nobody answered may be there as often as it was posted.
async fn ledger(run: &Run) -> Vec<String> {
    let kept: Vec<(Option<String>, String, i64, bool)> = sqlx::query_as(
        "select message_sid, status, count(*), bool_and(message_id is not null and raw ->> 'MessageSid' = message_sid)
         from delivery_events where kind = 'callback' group by 1, 2",
    )
    .fetch_all(&run.world.database)
    .await
    .expect("the ledger can be read");
    let mut kept: HashMap<(String, DeliveryStatus), (i64, bool)> = kept
        .into_iter()
        .map(|(sid, status, count, whole)| {
            ((sid.unwrap_or_default(), status.parse().expect("a status is one of ours")), (count, whole))
        })
        .collect();
    let mut findings = Vec::new();
    for (callback, (answered, posted)) in &run.crew.noted.lock().unwrap().callbacks {
        let (count, whole) = kept.remove(callback).unwrap_or_default();
        if !whole || count < i64::from(*answered) || count > i64::from(*posted) {
            findings.push(format!(
                "{callback:?} was answered {answered} times and posted {posted} times; the ledger has it {count} times, whole: {whole}"
            ));
        }
    }
    findings.extend(kept.keys().map(|callback| format!("the ledger has a callback that nobody posted: {callback:?}")));
    findings
}
