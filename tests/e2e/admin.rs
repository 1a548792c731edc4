//! An owner sets the team up from a desktop: a colleague, Twilio, contacts, how long texts are kept, and everything taken home.

use deskline_client::{
    ErrorCode,
    view::{ConversationFilter, ConversationQuery, SignIn, admin::SendingChange},
};
use deskline_e2e::{
    Desktop, World,
    world::{MARIA, OUR_NUMBER},
};
use deskline_store::Role;
use secrecy::ExposeSecret;

async fn owner(world: &World) -> Desktop {
    let request = world.agent("ann").await;
    world.store.add_member(world.workspace, world.user("ann").await, Role::Owner).await.unwrap();
    let desktop = Desktop::new().await;
    desktop.sign_in(request).await;
    desktop.live().await;
    desktop
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_takes_a_colleague_in_and_out_again_and_their_desktop_forgets_the_team() {
    let world = World::start().await;
    let desktop = owner(&world).await;
    let team = world.workspace;

    let added = desktop.client.add_member(team, " ben@example.com ", "agent").await.unwrap();
    let password = added.password.clone().expect("somebody new gets a password");
    assert!(!format!("{added:?}").contains(&password), "which is in no log");
    let bens = Desktop::new().await;
    bens.sign_in(SignIn { server: world.server_url(), email: "ben@example.com".to_owned(), password }).await;
    world.text(MARIA, "hello").await;
    bens.conversation("Maria", |_| true).await;
    let refused = bens.client.add_member(team, "carl@example.com", "agent").await.unwrap_err();
    assert!(refused.to_string().ends_with("Only owners and admins of this workspace may do this"), "{refused}");

    desktop.client.change_role(team, added.user_id, "admin").await.unwrap();
    bens.client.add_member(team, "carl@example.com", "agent").await.unwrap();
    let names: Vec<_> = desktop.client.members(team).await.unwrap().into_iter().filter_map(|one| one.email).collect();
    assert_eq!(names, ["ann@example.com", "ben@example.com", "carl@example.com"]);
    desktop.client.remove_member(team, added.user_id).await.unwrap();

    // The next contact, which would be within half a minute.
    bens.client.wake();
    bens.when("the team's conversations are gone", async |client| {
        let query = ConversationQuery { filter: ConversationFilter::All, limit: 10, ..ConversationQuery::default() };
        client.conversations(query).await.map_or(Some(()), |page| page.conversations.is_empty().then_some(()))
    })
    .await;
    bens.close().await;
    desktop.close().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_connects_twilio_points_the_numbers_and_texts_a_new_contact() {
    let world = World::start().await;
    let desktop = owner(&world).await;
    let (client, team) = (&desktop.client, world.workspace);
    let account = world.twilio.credentials();

    let wrong = client.connect_twilio(team, account.account_sid.as_str(), &"wrong".into()).await.unwrap_err();
    assert!(wrong.to_string().ends_with("Invalid Twilio credentials"), "{wrong}");
    let token = account.secret.expose_secret().to_owned().into();
    let state = client.connect_twilio(team, account.account_sid.as_str(), &token).await.unwrap();
    assert!(state.is_configured && state.numbers.iter().any(|number| number.phone_number == OUR_NUMBER));
    let change = SendingChange { default_number: Some(OUR_NUMBER.to_owned()), ..SendingChange::default() };
    client.change_sending(team, change).await.unwrap();
    assert_eq!(client.twilio(team).await.unwrap().default_number.as_deref(), Some(OUR_NUMBER));
    let webhooks = client.point_webhooks(team).await.unwrap();
    assert_eq!(webhooks.problem, None, "a signed request arrives");
    assert!(webhooks.numbers.iter().all(|number| number.told.contains(&webhooks.webhook_url)), "{webhooks:?}");

    let report = client.import_contacts(team, b"phone,name\n+15550100777,Me\nnone,Nobody\n".to_vec()).await.unwrap();
    assert_eq!((report.created, report.invalid, report.problems.len()), (1, 1, 1));
    let me = desktop.conversation("the new contact", |row| row.name == "Me").await;
    let text = client.send_message(me.contact_id, "does it work?".to_owned()).await.unwrap();
    desktop.reaches(text.id, deskline_client::view::MessageState::Delivered).await;

    desktop.close().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_and_export_are_the_servers_and_need_it() {
    let mut world = World::start().await;
    let desktop = owner(&world).await;
    let (client, team) = (&desktop.client, world.workspace);
    world.text(MARIA, "keep this").await;

    client.set_retention(team, Some(90)).await.unwrap();
    assert_eq!(client.retention(team).await.unwrap(), Some(90));
    let short = client.set_retention(team, Some(3)).await.unwrap_err();
    assert!(short.to_string().contains("30 to 36500"), "{short}");
    let everything = String::from_utf8(client.export(team).await.unwrap()).unwrap();
    assert!(everything.contains("keep this") && everything.lines().count() > 1);
    assert!(client.dead_letters(team).await.unwrap().is_empty());

    world.kill_server();
    assert_eq!(client.retention(team).await.unwrap_err().code(), ErrorCode::Unreachable);
    desktop.close().await;
    world.end().await;
}
