//! One row a text, in the right team and thread, with the right content; and a dead letter for each that nobody could take.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{Row, differs};
use crate::{
    crew::destination,
    plan::{self, Kind},
    world::World,
};

pub(super) async fn check(world: &World, rows: &[Row]) -> Vec<String> {
    let plan = world.plan;
    let mut findings = Vec::new();
    let mut stored: HashMap<u32, u32> = HashMap::new();
    for row in rows.iter().filter(|row| row.direction == "inbound") {
        let sid = row.twilio_sid.as_deref().unwrap_or_default();
        let Some(index) = plan.index_of(sid) else {
            findings.push(format!("a text came that nobody wrote: {row:?}"));
            continue;
        };
        *stored.entry(index).or_default() += 1;
        let text = plan.text(index);
        if text.kind != Kind::Good {
            findings.push(format!("text {index} was stored and must not be, for it is {:?}", text.kind));
        }
        let media: Vec<Value> =
            text.files.iter().map(|(url, kind)| json!({ "url": url, "content_type": kind })).collect();
        let message_type = if media.is_empty() { "text" } else { "media" };
        let found = (
            (
                row.twilio_sid.clone(),
                world.team_of(row.workspace_id),
                row.phone.clone(),
                row.content.clone(),
                row.status.clone(),
            ),
            (
                row.message_type.clone(),
                row.media.clone(),
                row.from_number.clone(),
                row.to_number.clone(),
                row.raw_sid.clone(),
            ),
        );
        let (from, to) = (plan::phone(text.contact), destination(&text));
        let expected = (
            (Some(text.sid.clone()), Some(text.team), from.clone(), text.body.clone(), "delivered".to_owned()),
            (message_type.to_owned(), Value::Array(media), Some(from), Some(to), Some(text.sid.clone())),
        );
        findings.extend(differs(&found, &expected, || format!("text {index}")));
    }
    for index in 0..plan.webhooks {
        let times = stored.get(&index).copied().unwrap_or_default();
        let wanted = u32::from(plan.text(index).kind == Kind::Good);
        if wanted == 1 || times > 0 {
            findings.extend(differs(&times, &wanted, || format!("rows of text {index}, which was answered")));
        }
    }
    findings.extend(dead_letters(world).await);
    findings.extend(in_order(rows));
    findings
}

async fn dead_letters(world: &World) -> Option<String> {
    let plan = world.plan;
    let kept: Vec<String> = sqlx::query_scalar("select twilio_sid from dead_letters")
        .fetch_all(&world.database)
        .await
        .expect("they can be read");
    let kept: HashSet<String> = kept.into_iter().collect();
    let texts = (0..plan.webhooks).map(|index| plan.text(index));
    let expected =
        texts.filter(|text| matches!(text.kind, Kind::Stray | Kind::Unusable)).map(|text| text.sid).collect();
    differs(&kept, &expected, || "dead letters".to_owned())
}

/// A thread stands in the order in which its texts were stored.
fn in_order(rows: &[Row]) -> Vec<String> {
    let pairs = rows.windows(2).filter(|pair| pair[0].contact_id == pair[1].contact_id);
    pairs
        .filter(|pair| pair[0].created_seq >= pair[1].created_seq)
        .map(|pair| format!("{} stands before {} in its thread and was stored after it", pair[0].id, pair[1].id))
        .collect()
}
