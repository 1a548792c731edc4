//! Whose a text is: Messaging Services, sub-accounts, short codes, and tenants who claim what is not theirs.

use deskline_domain::ids::WorkspaceId;
use deskline_simulator::{AccountConfig, Delivery, InboundText, NumberConfig};
use secrecy::SecretString;

use crate::world::{ANN, World, store_number};

const SERVICE: &str = "MG00000000000000000000000000000001";
const POOLED: &str = "+15559990077";

async fn has_service(world: &World, workspace: WorkspaceId, service: &str) {
    sqlx::query("update workspace_twilio_config set messaging_service_sid = $1 where workspace_id = $2")
        .bind(service)
        .bind(workspace.0)
        .execute(world.store.pool())
        .await
        .unwrap();
}

/// Ann texts a number, which may be in a pool.
async fn texts(world: &World, to: &str, service: Option<&str>) -> Delivery {
    let text = InboundText {
        messaging_service_sid: service.map(str::to_owned),
        account_sid: Some(world.twilio.account_sid()),
        ..InboundText::new(ANN, to, "hi")
    };
    world.twilio.receive(text).await
}

async fn texts_of(world: &World, workspace: WorkspaceId) -> usize {
    world.store.snapshot(workspace, None, Default::default()).await.unwrap().messages.len()
}

#[tokio::test]
async fn a_number_of_a_pool_is_found_by_its_messaging_service() {
    let world = World::start().await;
    has_service(&world, world.workspace, SERVICE).await;

    assert_eq!(texts(&world, POOLED, Some(SERVICE)).await.status(), 200);

    let stored =
        world.store.snapshot(world.workspace, None, Default::default()).await.unwrap().messages.remove(0).value();
    assert_eq!(stored["to_number"], POOLED);
}

#[tokio::test]
async fn a_number_of_a_pool_that_nobody_wrote_down_is_found_by_itself() {
    let world = World::start().await;

    assert_eq!(texts(&world, &world.number(), Some(SERVICE)).await.status(), 200);
    assert_eq!(texts_of(&world, world.workspace).await, 1);
}

#[tokio::test]
async fn what_neither_the_service_nor_the_number_finds_is_the_accounts_dead_letter() {
    let world = World::start().await;

    assert_eq!(texts(&world, POOLED, Some(SERVICE)).await.status(), 404);
    assert_eq!(world.store.dead_letters(world.twilio.account_sid().as_str()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_service_comes_before_the_number_where_two_teams_share_an_account() {
    let world = World::start().await;
    let (other, _) = world.another_workspace().await;
    world.connect_twilio(other).await;
    has_service(&world, other, SERVICE).await;

    assert_eq!(texts(&world, &world.number(), Some(SERVICE)).await.status(), 200);

    assert_eq!((texts_of(&world, world.workspace).await, texts_of(&world, other).await), (0, 1));
}

#[tokio::test]
async fn a_tenant_who_claims_another_ones_service_or_number_gets_nothing_and_stops_nothing() {
    let world = World::start().await;
    let (thief, _) = world.another_workspace().await;
    let account = world.twilio.add_account(&AccountConfig { numbers: Vec::new(), ..AccountConfig::default() });
    let token = SecretString::from(world.twilio.auth_token_of(&account).unwrap().expose().to_owned());
    world.store.save_twilio_account(thief, account.as_str(), &token, &[store_number(&world.number())]).await.unwrap();
    has_service(&world, thief, SERVICE).await;

    assert_eq!(texts(&world, &world.number(), Some(SERVICE)).await.status(), 200);

    assert_eq!((texts_of(&world, world.workspace).await, texts_of(&world, thief).await), (1, 0));
}

#[tokio::test]
async fn a_sub_accounts_text_is_verified_with_the_sub_accounts_token() {
    let world = World::start().await;
    let (branch, _) = world.another_workspace().await;
    let number = "+15550005555";
    let account = world
        .twilio
        .add_account(&AccountConfig { numbers: vec![NumberConfig::new(number, "Branch")], ..AccountConfig::default() });
    let token = SecretString::from(world.twilio.auth_token_of(&account).unwrap().expose().to_owned());
    world.store.save_twilio_account(branch, account.as_str(), &token, &[store_number(number)]).await.unwrap();

    let good = world.twilio.receive_sms(ANN, number, "hi").await;
    let by_the_parent = InboundText {
        account_sid: Some(account),
        signing: deskline_simulator::Signing::With(world.twilio.auth_token()),
        ..InboundText::new(ANN, number, "hi")
    };

    assert_eq!(good.status(), 200);
    assert_eq!(world.twilio.receive(by_the_parent).await.status(), 403);
    assert_eq!(texts_of(&world, branch).await, 1);
}

#[tokio::test]
async fn our_number_may_be_a_short_code() {
    let world = World::start().await;
    world.store.sync_numbers(world.workspace, &[store_number("24273")]).await.unwrap();

    assert_eq!(texts(&world, "24273", None).await.status(), 200);
    assert_eq!(texts_of(&world, world.workspace).await, 1);
}
