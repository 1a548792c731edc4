//! Whether a contact wishes to be texted, and one's own password: told to the server, which decides.

use deskline_client::ErrorCode;
use deskline_domain::gate::Refusal;

use crate::{desk::Desk, server::TeamServer};

#[tokio::test]
async fn an_agents_opt_out_locks_the_composer_and_the_servers_no_is_told_in_its_words() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+12065550142");
    let desk = Desk::signed_in(&server).await;
    desk.until("she is here", async |desk| desk.client.conversation(ann).await.is_ok()).await;

    desk.client.opt_out(ann, "asked for it".to_owned()).await.unwrap();

    desk.until("she has opted out", async |desk| {
        desk.client.outlook(ann, "Hello").await.unwrap().refusal == Some(Refusal::OptedOut)
    })
    .await;
    let refused = desk.client.opt_in(ann, "asked for it".to_owned()).await.unwrap_err();
    assert_eq!((refused.code(), &*refused.to_string()), (ErrorCode::Refused, "Only they can opt in again."));
    let team = server.state().workspace_id;
    let listed = desk.client.opt_outs(team, "an & n").await.unwrap();
    assert_eq!(listed.opt_outs[0].name.as_deref(), Some("an & n"), "what is searched arrives as it was typed");
    assert_eq!((listed.opt_outs[0].reason.as_deref(), listed.more), (Some("asked for it"), false));
    server.set_down(true).await;
    let away = desk.client.opt_out(ann, String::new()).await.unwrap_err();
    assert_eq!(away.code(), ErrorCode::Unreachable);
}

#[tokio::test]
async fn a_password_is_changed_with_the_present_one_alone() {
    let server = TeamServer::start().await;
    let desk = Desk::signed_in(&server).await;

    let wrong = desk.client.change_password(&"a guess".into(), &"battery staple".into()).await.unwrap_err();
    let short = desk.client.change_password(&"open sesame".into(), &"short".into()).await.unwrap_err();
    desk.client.change_password(&"open sesame".into(), &"battery staple".into()).await.unwrap();

    assert_eq!((wrong.code(), &*wrong.to_string()), (ErrorCode::Refused, "That is not your present password."));
    assert_eq!(short.to_string(), "The password must have 8 to 1000 characters.");
}
