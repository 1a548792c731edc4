//! What a comparison with Twilio comes to, as a team's desktops hear it.

use chrono::{DateTime, Utc};
use deskline_domain::{
    change::{Decoded, Entity},
    ids::WorkspaceId,
    team::AuditRow,
};
use deskline_store::{AuditedHour, NewAudit};

use crate::{
    replica::Replica,
    world::{ACCOUNT, OUR_NUMBER, World, at, our_number, uuid},
};

const SECOND_NUMBER: &str = "+15559990009";

fn hour(number: &str, hour: DateTime<Utc>, twilio: i32, here: i32, elsewhere: i32) -> AuditedHour {
    AuditedHour { number: number.to_owned(), hour, twilio, here, elsewhere }
}

impl World {
    async fn audited(&self, hours: Vec<AuditedHour>, now: DateTime<Utc>) {
        let audit = NewAudit {
            account_sid: ACCOUNT.to_owned(),
            window_from: at(0),
            window_to: now,
            hours,
            imported: 0,
            settled: 0,
            only_here: 0,
        };
        self.store.claim_audit(ACCOUNT, now, std::time::Duration::ZERO).await.unwrap();
        self.store.record_audit(&audit, now, now).await.unwrap();
    }

    async fn told(&self, team: WorkspaceId) -> Option<AuditRow> {
        let row = self.store.snapshot(team, None, Default::default()).await.unwrap().audit?;
        Some(row.read().unwrap())
    }
}

#[tokio::test]
async fn each_workspace_of_an_account_hears_the_sums_of_its_own_numbers() {
    let world = World::start().await;
    let (next_door, stranger) = (WorkspaceId(uuid()), world.second_team().await);
    world.add_team(next_door, ACCOUNT, SECOND_NUMBER).await;
    world
        .sql(&format!(
            "update workspace_twilio_config set messaging_service_sid = 'MG1' where workspace_id = '{next_door}'"
        ))
        .await;

    let hours = vec![
        hour(OUR_NUMBER, at(0), 400, 400, 0),
        hour(OUR_NUMBER, at(3_600), 100, 12, 88),
        hour(SECOND_NUMBER, at(0), 3, 2, 0),
        hour("MG1", at(0), 1, 1, 0),
    ];
    world.audited(hours, at(7_200)).await;

    let told = world.told(world.team).await.unwrap();
    assert_eq!((told.workspace_id, told.twilio, told.here, told.checked_at), (world.team, 412, 412, at(7_200)));
    let told = world.told(next_door).await.unwrap();
    assert_eq!((told.twilio, told.here), (4, 3), "and its Messaging Service");
    assert_eq!(world.told(stranger).await, None);
    let page = world.store.changes_after(world.team, 0, 100).await.unwrap();
    let audit = page.changes.iter().find(|change| change.entity == Entity::Audit.as_str()).unwrap();
    assert!(matches!(audit.decode(), Ok(Decoded::Audit(row)) if row.twilio == 412), "{audit:?}");
    assert!(!audit.row.as_ref().unwrap().as_json().contains(ACCOUNT), "an agent need not know the account");
}

#[tokio::test]
async fn the_same_figures_again_are_told_once_a_minute_and_other_figures_at_once() {
    let world = World::start().await;
    let same = || vec![hour(OUR_NUMBER, at(0), 5, 5, 0)];
    world.audited(same(), at(3_600)).await;
    let before = world.store.head(world.team).await.unwrap().seq;

    for second in 1..60 {
        world.audited(same(), at(3_600 + second)).await;
    }
    assert_eq!(world.store.head(world.team).await.unwrap().seq, before, "nothing is written to the feed");
    world.audited(same(), at(3_660)).await;
    assert_eq!(world.told(world.team).await.unwrap().checked_at, at(3_660));
    world.audited(vec![hour(OUR_NUMBER, at(0), 6, 5, 0)], at(3_661)).await;

    let told = world.told(world.team).await.unwrap();
    assert_eq!((told.twilio, told.here, told.checked_at), (6, 5, at(3_661)));
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn figures_of_an_account_that_a_workspace_no_longer_has_are_taken_back() {
    let world = World::start().await;
    world.audited(vec![hour(OUR_NUMBER, at(0), 5, 5, 0)], at(3_600)).await;
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;

    let another = "AC00000000000000000000000000000003";
    world.store.save_twilio_account(world.team, another, &"token".into(), &[our_number(OUR_NUMBER)]).await.unwrap();
    world.store.due_audit(at(3_700), std::time::Duration::ZERO, std::time::Duration::ZERO).await.unwrap();

    assert_eq!(world.told(world.team).await, None);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}
