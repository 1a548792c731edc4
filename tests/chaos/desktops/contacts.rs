//! Everybody else: contacts who text, dashboards that write into the shared tables, and whoever kills servers and stops Postgres.
//!
//! Started by a run, beside the agents.

use std::sync::Arc;

use deskline_e2e::{flaky::Weather, world::OUR_NUMBER};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    Progress,
    plan::{KILLS, Plan},
    world::World,
};

/// A text of a contact, under Twilio's id.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) sid: String,
    pub(crate) from: String,
    pub(crate) body: String,
}

/// Lets contacts text, one after the other, without waiting for the answers.
pub(crate) async fn text(world: Arc<World>, progress: Arc<Progress>) -> Vec<Received> {
    let plan = world.plan;
    let (began, pace) = (Instant::now(), plan.time / plan.inbound().max(1));
    let mut under_way = JoinSet::new();
    for index in 0..plan.inbound() {
        sleep_until(began + pace * index).await;
        let text = plan.text(index);
        if let Some(trouble) = text.trouble {
            world.twilio.fault(trouble);
        }
        if let Some((contact, does)) = text.outsider {
            let id = world.names.contacts[contact as usize];
            // While Postgres is away, so is the dashboard.
            _ = sqlx::query(does).bind(world.workspace.0).bind(id.0).execute(&world.database).await;
        }
        let world = Arc::clone(&world);
        under_way.spawn(async move {
            let delivery = world.twilio.receive_sms(&text.from, OUR_NUMBER, &text.body).await;
            Received { sid: delivery.sid, from: text.from, body: text.body }
        });
        progress.step();
    }
    under_way.join_all().await
}

/// Kills a server with each part of the way, changes the weather before Postgres with it, and stops Postgres once in the middle of it.
pub(crate) async fn disturb(world: Arc<World>, progress: Arc<Progress>) {
    let plan = world.plan;
    let kills = KILLS.max(u32::try_from(plan.time.as_secs() / 30).unwrap_or(u32::MAX));
    for nth in 1..=kills {
        progress.reached(share(plan, nth, kills + 1)).await;
        let which = plan.victim(nth);
        world.door.set(plan.door(nth));
        world.servers.kill_and_replace(which).await;
        progress.kills.add(1);
        if nth == kills.div_ceil(2) {
            world.postgres.restart().await;
            progress.restarts.add(1);
        }
        world.servers.ready(which).await;
    }
    progress.reached(plan.steps()).await;
    world.door.set(Weather::Calm);
}

const fn share(plan: Plan, part: u32, of: u32) -> u32 {
    plan.steps() / of * part
}
