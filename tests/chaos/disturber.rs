//! Kills servers and stops Postgres while the posters are at work.
//!
//! A server goes with each eighth of the way and at least once a minute, Postgres once or twice on the way. Started by `main`.

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{crew::Crew, plan::Stream};

const KILLS: u32 = 8;
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);

/// Pulls plugs.
pub(crate) struct Disturber {
    pub(crate) crew: Arc<Crew>,
    /// Whether replies that are on their way are waited for. Whoever takes such a text over has to wait for the lease of the dead,
    /// 40 seconds, and a short run has no time for that.
    pub(crate) spares_replies: bool,
    /// How often Postgres is stopped.
    pub(crate) restarts: u32,
}

impl Disturber {
    /// Kills one of the two servers again and again, and replaces it.
    pub(crate) async fn kill_servers(self: Arc<Self>) {
        let world = &self.crew.courier.world;
        let mut progress = self.crew.progress.subscribe();
        let mut dice = world.plan.dice(Stream::Kills, 0);
        let (mut milestone, mut last) = (1, Instant::now());
        while milestone < KILLS {
            let wanted = share(world.plan.webhooks, milestone, KILLS);
            if let Ok(()) = timeout_at(last + AT_LEAST_EVERY, reached(&mut progress, wanted)).await {
                milestone += 1;
            }
            let which = dice.random_range(0..2);
            {
                let _spared = self.spare().await;
                world.servers.kill_and_replace(which).await;
            }
            last = Instant::now();
            self.crew.courier.tally.kills.add(1);
            world.servers.ready(which).await;
        }
    }

    /// Stops Postgres.
    pub(crate) async fn restart_postgres(self: Arc<Self>) {
        let world = &self.crew.courier.world;
        let mut progress = self.crew.progress.subscribe();
        for milestone in 1..=self.restarts {
            reached(&mut progress, share(world.plan.webhooks, milestone, self.restarts + 1)).await;
            let _spared = self.spare().await;
            world.postgres.restart().await;
            self.crew.courier.tally.restarts.add(1);
        }
    }

    async fn spare(&self) -> Option<tokio::sync::RwLockWriteGuard<'_, ()>> {
        if self.spares_replies { Some(self.crew.under_way.write().await) } else { None }
    }
}

const fn share(whole: u32, parts: u32, of: u32) -> u32 {
    whole / of * parts
}

async fn reached(progress: &mut watch::Receiver<u32>, wanted: u32) {
    progress.wait_for(|answered| *answered >= wanted).await.expect("the crew outlives the disturber");
}
