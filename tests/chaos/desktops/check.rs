//! What must be so once everything is well again. Answers with sentences about what is wrong.
//!
//! Called by a run after the last text, when nobody breaks anything any more.

use std::{collections::HashMap, time::Duration};

use deskline_e2e::{
    eventually_within,
    seen::{self, Seen},
};

use super::{
    agent::{Agent, Promise},
    contacts::Received,
    plan::{self, CAREFUL},
    world::World,
};

/// For a text that a server had claimed when it died (its lease of 40 seconds, and a look-up), and what waits behind it.
const SETTLED_WITHIN: Duration = Duration::from_secs(150);
/// For all that is left, one after the other. A desktop from which nothing leaves any more says so long before.
const LONGEST: Duration = Duration::from_secs(1_800);

/// Waits until nothing waits any more, and looks at everything.
pub(super) async fn everything(world: &World, agents: &mut [Agent], received: &[Received]) -> Vec<String> {
    for which in 0..2 {
        world.servers.ready(which).await;
    }
    world.twilio.clear_faults();
    let mut findings = settle(agents).await;
    nothing_waits_on_the_server(world).await;
    // What Twilio could not deliver while servers were down; it is not lost there.
    loop {
        world.twilio.settled().await;
        if world.twilio.redeliver().await.iter().all(deskline_simulator::Delivery::is_ok) {
            break;
        }
    }
    findings.extend(desktops(world, agents).await);
    findings.extend(enters(world, agents));
    findings.extend(inbound(world, received).await);
    findings
}

async fn settle(agents: &mut [Agent]) -> Vec<String> {
    let line = format!("settle {}", SETTLED_WITHIN.as_secs());
    let settled = agents.iter_mut().map(|agent| async {
        let answer = agent.seat.ask(&line, LONGEST).await;
        (answer != "settled").then(|| format!("desk {} does not come to rest: {answer}", agent.desk))
    });
    futures_util::future::join_all(settled).await.into_iter().flatten().collect()
}

async fn nothing_waits_on_the_server(world: &World) {
    eventually_within(SETTLED_WITHIN, "no text waits to be sent any more", || async {
        let waiting: i64 = sqlx::query_scalar("select count(*) from sends").fetch_one(&world.database).await.ok()?;
        (waiting == 0).then_some(())
    })
    .await;
}

/// Every desktop shows what the server has, row by row.
async fn desktops(world: &World, agents: &mut [Agent]) -> Vec<String> {
    let mut findings = Vec::new();
    for agent in agents {
        let mut differences = Vec::new();
        // A change of a moment ago may still be on its way, in either direction: what was read is not counted among what waits.
        for _ in 0..60 {
            let expected = seen::on_the_server(&world.database, world.workspace).await;
            let shown = agent.seat.ask("shown", Duration::from_secs(60)).await;
            let shown: Vec<Seen> = serde_json::from_str(&shown).expect("a desktop shows conversations");
            differences = seen::differences(&expected, &shown);
            if differences.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        findings.extend(differences.into_iter().map(|text| format!("desk {}: {text}", agent.desk)));
    }
    findings
}

/// Each Enter led to at most one text, and to exactly one where the desktop had taken it; in order where nobody asked for another one.
fn enters(world: &World, agents: &[Agent]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut left: HashMap<String, u32> = HashMap::new();
    let mut newest: HashMap<(u32, String), u32> = HashMap::new();
    for sent in world.twilio.sent() {
        let Some((desk, step)) = plan::written_by(&sent.body) else {
            findings.push(format!("a text left that nobody wrote: {sent:?}"));
            continue;
        };
        let before = newest.insert((desk, sent.to), step);
        if desk != CAREFUL && before.is_some_and(|before| before > step) {
            findings.push(format!("\"{}\" left after a later one to the same contact ({before:?})", sent.body));
        }
        *left.entry(sent.body).or_default() += 1;
    }
    for agent in agents {
        for (_, body, promise) in &agent.written {
            let times = left.get(body).copied().unwrap_or_default();
            let fits = match promise {
                Promise::Taken => times == 1,
                Promise::Unknown => times <= 1,
                Promise::Refused => times == 0,
            };
            if !fits {
                findings.push(format!("\"{body}\" left {times} times, and the desktop had answered: {promise:?}"));
            }
        }
    }
    findings
}

/// Every text of a contact is stored once.
async fn inbound(world: &World, received: &[Received]) -> Vec<String> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select m.twilio_sid, m.content, c.phone from messages m join contacts c on c.id = m.contact_id \
         where m.direction = 'inbound'",
    )
    .fetch_all(&world.database)
    .await
    .expect("texts can be read");
    let mut stored: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for (sid, content, phone) in rows {
        stored.entry(sid).or_default().push((content, phone));
    }
    let mut findings = Vec::new();
    for text in received {
        let found = stored.remove(&text.sid).unwrap_or_default();
        if found != [(text.body.clone(), text.from.clone())] {
            findings.push(format!("{text:?} is stored as {found:?}"));
        }
    }
    findings.extend(stored.into_iter().map(|(sid, rows)| format!("{sid} came from nobody: {rows:?}")));
    findings
}
