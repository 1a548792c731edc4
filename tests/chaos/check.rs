//! What must be so once everything is over. Each file looks at one kind of thing and answers with sentences about what is wrong.
//!
//! Called by `main` after the last callback, when nobody kills anything any more.

mod contacts;
mod desktops;
mod feed;
mod replies;
mod sockets;
mod texts;

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    Run,
    plan::{Kind, Plan},
    world::World,
};

/// Whoever has heard of this contact has heard of everything.
pub(crate) const LAST: &str = "+15580000000";

/// A row of `messages`, with its place in the feed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) contact_id: Uuid,
    /// The contact's.
    pub(crate) phone: String,
    pub(crate) content: String,
    pub(crate) direction: String,
    pub(crate) status: String,
    pub(crate) error_code: Option<i32>,
    pub(crate) twilio_sid: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) message_type: String,
    pub(crate) media: serde_json::Value,
    pub(crate) from_number: Option<String>,
    pub(crate) to_number: Option<String>,
    /// The raw form's SID.
    pub(crate) raw_sid: Option<String>,
    pub(crate) created_seq: i64,
    pub(crate) seq: i64,
}

/// Every text, contact after contact, each in the order of its thread.
const ROWS: &str = "
    select m.id, m.workspace_id, m.contact_id, c.phone, m.content, m.direction, m.status, m.error_code, m.twilio_sid, m.client_id,
           m.message_type, m.media, m.from_number, m.to_number, r.raw ->> 'MessageSid' as raw_sid,
           coalesce(f.created_seq, 0) as created_seq, coalesce(f.seq, 0) as seq
    from messages m
    join contacts c on c.id = m.contact_id
    left join inbound_raw r on r.message_id = m.id
    left join changes f on f.workspace_id = m.workspace_id and f.entity = 'message' and f.entity_id = m.id
    order by m.contact_id, m.created_at, m.id";

/// Looks at everything.
pub(crate) async fn everything(run: &mut Run) -> Vec<String> {
    let world = run.world.clone();
    for which in 0..2 {
        world.servers.ready(which).await;
    }
    for dashboard in &run.dashboards {
        dashboard.joined().await;
    }
    for team in &world.teams {
        sqlx::query("insert into contacts (workspace_id, phone, name) values ($1, $2, 'The last one')")
            .bind(team.workspace.0)
            .bind(LAST)
            .execute(&world.database)
            .await
            .expect("another program may write contacts");
    }
    for dashboard in &run.dashboards {
        dashboard.heard_of(LAST).await;
    }

    let rows: Vec<Row> = sqlx::query_as(ROWS).fetch_all(&world.database).await.expect("the texts can be read");
    let mut findings = texts::check(&world, &rows).await;
    findings.extend(contacts::check(run, &rows).await);
    findings.extend(replies::check(run, &rows).await);
    findings.extend(feed::check(&world, &rows).await);
    findings.extend(sockets::check(run, &rows).await);
    findings.extend(desktops::check(run, &rows).await);
    findings
}

/// Those that must be stored: how many of each contact of each team.
pub(crate) fn expected_counts(plan: Plan) -> HashMap<(usize, u32), i32> {
    let mut counts = HashMap::new();
    for text in (0..plan.webhooks).map(|index| plan.text(index)).filter(|text| text.kind == Kind::Good) {
        *counts.entry((text.team, text.contact)).or_default() += 1;
    }
    counts
}

/// Says what is wrong where two things differ.
pub(crate) fn differs<T: PartialEq + std::fmt::Debug>(
    found: &T,
    expected: &T,
    what: impl FnOnce() -> String,
) -> Option<String> {
    (found != expected).then(|| format!("{}: {found:?} instead of {expected:?}", what()))
}

/// The rows of one team.
pub(crate) fn of_team<'a>(world: &World, team: usize, rows: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    let workspace = world.teams[team].workspace.0;
    rows.iter().filter(move |row| row.workspace_id == workspace)
}
