//! An agent of two teams: both are live at once on one desktop.

use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, OMAR},
};
use deskline_store::Role;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_two_teams_hears_both_at_once_and_is_told_which() {
    let world = World::start().await;
    let request = world.agent("ann").await;
    let ann: Uuid = sqlx::query_scalar("select user_id from workspace_members where workspace_id = $1")
        .bind(world.workspace.0)
        .fetch_one(&world.foreign)
        .await
        .unwrap();
    let night = WorkspaceId(Uuid::from_u128(0x0219_0000_0000_7000_8000_0000_0000_0001));
    world.store.create_workspace(night, "Night Shift").await.unwrap();
    world.store.add_member(night, UserId(ann), Role::Agent).await.unwrap();
    let desktop = Desktop::new().await;
    desktop.sign_in(request).await;

    world.text(MARIA, "to the bakery").await;
    let omar: Uuid =
        sqlx::query_scalar("insert into contacts (workspace_id, phone, name) values ($1, $2, 'Omar') returning id")
            .bind(night.0)
            .bind(OMAR)
            .fetch_one(&world.foreign)
            .await
            .unwrap();
    sqlx::query(
        "insert into livechatmessages (workspace_id, contact_id, content, direction) \
         values ($1, $2, 'to the night shift', 'inbound')",
    )
    .bind(night.0)
    .bind(omar)
    .execute(&world.foreign)
    .await
    .unwrap();

    let bakery = desktop.conversation("Maria's row", |row| row.phone == MARIA).await;
    let shift = desktop
        .conversation("Omar's row", |row| row.preview.as_ref().is_some_and(|text| text.text == "to the night shift"))
        .await;
    assert_eq!((bakery.workspace_id, shift.workspace_id), (world.workspace, night));
    eventually("both are told, and of which team", || {
        let titles: Vec<String> = desktop.notifications.shown().into_iter().map(|shown| shown.title).collect();
        let told = |words: &str| titles.iter().any(|title| title.contains(words));
        let both = told("Corner Bakery") && told("Omar · Night Shift");
        async move { both.then_some(()) }
    })
    .await;
    world.end().await;
}
