//! Two at once: colleagues who see each other at work, one agent at two desktops, and what is called off, repeated or closed while
//! something else happens.

use std::time::Duration;

use deskline_client::view::{Claim, Focus, MessageState};
use deskline_domain::{
    command::Action,
    contact::ConversationStatus,
    ids::{ContactId, WorkspaceId},
};
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, OMAR},
};
use deskline_simulator::Fault;
use sqlx::AssertSqlSafe;

/// A desktop with one conversation.
async fn desk(world: &World) -> (Desktop, ContactId) {
    let ann = world.desktop("ann").await;
    world.text(MARIA, "Are you open?").await;
    let row = ann.conversation("Maria's text", |row| row.phone == MARIA).await;
    (ann, row.contact_id)
}

fn looks_at(contact_id: Option<ContactId>) -> Focus {
    Focus { contact_id, window: true }
}

/// Waits until a question has an answer.
async fn there_is(world: &World, what: &str, sql: &'static str) {
    eventually(what, || async move { sqlx::query(sql).fetch_optional(&world.foreign).await.ok().flatten() }).await;
}

/// Waits until a desktop sees that so many colleagues look at a conversation, and whether one of them writes.
async fn sees(desktop: &Desktop, contact_id: ContactId, looking: usize, typing: bool) {
    let what = format!("{looking} colleagues look, and that one writes is {typing}");
    desktop
        .when(&what, async |client| {
            let busy = client.colleagues().unwrap().busy;
            let here: Vec<_> = busy.into_iter().filter(|one| one.contact_id == contact_id).collect();
            (here.len() == looking && here.iter().any(|one| one.typing) == typing).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_see_who_looks_and_who_writes_until_they_stop() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    let ben = world.desktop("ben").await;
    ben.conversation("Maria's text at Ben's", |row| row.phone == MARIA).await;

    ben.client.set_focus(looks_at(Some(maria))).await;
    sees(&ann, maria, 1, false).await;
    ben.client.typing(maria, false).await.unwrap();
    sees(&ann, maria, 1, true).await;
    assert_eq!(ben.client.colleagues().unwrap().busy, [], "nobody sees themselves");
    ann.when("Ben is at work", async |client| (client.colleagues().unwrap().at_work.len() == 1).then_some(())).await;

    ben.client.typing(maria, true).await.unwrap();
    sees(&ann, maria, 1, false).await;
    ben.client.set_focus(looks_at(None)).await;
    sees(&ann, maria, 0, false).await;
    ben.client.set_away(true);
    ann.when("Ben is away", async |client| client.colleagues().unwrap().at_work.first()?.away.then_some(())).await;

    ben.close().await;
    ann.when("Ben is gone", async |client| client.colleagues().unwrap().at_work.is_empty().then_some(())).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_who_answers_is_told_before_sending() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    let ben = world.desktop("ben").await;
    ben.conversation("Maria's text at Ben's", |row| row.phone == MARIA).await;
    ann.client.typing(maria, false).await.unwrap();
    assert_eq!(ann.client.claim(maria).await.unwrap(), None, "nobody else is at it");

    ben.client.typing(maria, false).await.unwrap();
    sees(&ann, maria, 1, true).await;
    let claim = ann.client.claim(maria).await.unwrap();
    assert!(matches!(claim, Some(Claim::Typing { .. })), "{claim:?}");
    ben.client.send_message(maria, "Until six!".to_owned()).await.unwrap();

    let answered = ann.when("Ben's answer is in the way", async |client| match client.claim(maria).await.unwrap() {
        Some(Claim::Answered { text, user_id: Some(_), .. }) => Some(text),
        _ => None,
    });
    assert_eq!(answered.await, "Until six!");
    sees(&ann, maria, 0, false).await;
    ann.client.send_message(maria, "And on Sundays until two.".to_owned()).await.unwrap();
    assert_eq!(ann.client.claim(maria).await.unwrap(), None, "what was decided is not asked again");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_believed_to_be_there_while_the_server_is_gone() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    let ben = world.desktop("ben").await;
    ben.conversation("Maria's text at Ben's", |row| row.phone == MARIA).await;
    ben.client.set_focus(looks_at(Some(maria))).await;
    sees(&ann, maria, 1, false).await;

    world.kill_server();

    sees(&ann, maria, 0, false).await;
    world.restart_server().await;
    sees(&ann, maria, 1, false).await;
    world.end().await;
}

/// Two desktops of one agent, and one of another.
async fn two_desktops_of_ann(world: &World) -> (Desktop, Desktop, Desktop, ContactId) {
    let ann = world.agent("ann").await;
    let [office, home] = [Desktop::new().await, Desktop::new().await];
    office.sign_in(ann.clone()).await;
    home.sign_in(ann).await;
    let ben = world.desktop("ben").await;
    world.text(MARIA, "Are you open?").await;
    for desktop in [&office, &home, &ben] {
        desktop.conversation("Maria's text", |row| row.phone == MARIA).await;
    }
    let maria = office.conversation("Maria", |row| row.phone == MARIA).await.contact_id;
    (office, home, ben, maria)
}

async fn has_draft(desktop: &Desktop, contact_id: ContactId, draft: Option<&str>) {
    desktop
        .when(&format!("the draft is {draft:?}"), async |client| {
            (client.conversation(contact_id).await.ok()?.draft.as_deref() == draft).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_there_at_the_agents_other_desktop_and_at_nobody_elses() {
    let world = World::start().await;
    let (office, home, ben, maria) = two_desktops_of_ann(&world).await;

    office.client.save_draft(maria, "Dear Maria, we".to_owned()).await.unwrap();
    has_draft(&home, maria, Some("Dear Maria, we")).await;
    home.client.save_draft(maria, "Dear Maria, we open at nine".to_owned()).await.unwrap();
    has_draft(&office, maria, Some("Dear Maria, we open at nine")).await;
    assert_eq!(ben.client.draft(maria).await.unwrap(), None);

    home.client.send_message(maria, "Dear Maria, we open at nine".to_owned()).await.unwrap();
    has_draft(&office, maria, None).await;
    office.client.save_draft(maria, "And".to_owned()).await.unwrap();
    has_draft(&home, maria, Some("And")).await;
    office.client.save_draft(maria, String::new()).await.unwrap();
    has_draft(&home, maria, None).await;
    assert_eq!(ben.client.draft(maria).await.unwrap(), None);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_offline_is_told_later_and_the_version_that_was_edited_last_stays() {
    let mut world = World::start().await;
    let (office, home, _ben, maria) = two_desktops_of_ann(&world).await;
    world.text(OMAR, "Hello").await;
    let omar = office.conversation("Omar", |row| row.phone == OMAR).await.contact_id;
    home.conversation("Omar at home", |row| row.phone == OMAR).await;
    world.kill_server();
    home.offline().await;
    home.client.save_draft(maria, "older, at home".to_owned()).await.unwrap();
    home.client.save_draft(omar, "only at home".to_owned()).await.unwrap();
    let home = home.close().await;

    world.restart_server().await;
    office.client.save_draft(maria, "newer, in the office".to_owned()).await.unwrap();
    there_is(&world, "the office's version", "select from drafts where content = 'newer, in the office'").await;
    let home = home.open().await;

    for desktop in [&office, &home] {
        has_draft(desktop, omar, Some("only at home")).await;
        has_draft(desktop, maria, Some("newer, in the office")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_put_under_the_cursor_and_what_is_typed_there_is_the_newest() {
    let world = World::start().await;
    let (office, home, _ben, maria) = two_desktops_of_ann(&world).await;
    office.client.save_draft(maria, "typing this".to_owned()).await.unwrap();
    has_draft(&home, maria, Some("typing this")).await;

    office.client.typing(maria, false).await.unwrap();
    home.client.save_draft(maria, "from home".to_owned()).await.unwrap();
    there_is(&world, "home's version on the server", "select from drafts where content = 'from home'").await;
    office.client.save_draft(maria, "typing this on".to_owned()).await.unwrap();

    has_draft(&home, maria, Some("typing this on")).await;
    assert_eq!(office.client.draft(maria).await.unwrap().as_deref(), Some("typing this on"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_waits_on_the_server_is_called_off_and_never_leaves() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.twilio.fault(Fault::RateLimit { retry_after: Some(Duration::from_secs(600)), times: 1 });
    let echo = ann.client.send_message(maria, "Too early".to_owned()).await.unwrap();
    there_is(&world, "the text in the line", "select from sends where state = 'queued'").await;

    ann.client.call_off(echo.id).await.unwrap();

    ann.reaches(echo.id, MessageState::Canceled).await;
    assert!(world.twilio.sent().is_empty());
    ann.client.call_off(echo.id).await.unwrap();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_has_left_is_not_called_off_and_the_agent_is_told_so() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    let echo = ann.client.send_message(maria, "Gone".to_owned()).await.unwrap();
    ann.reaches(echo.id, MessageState::Delivered).await;

    let refusal = ann.client.call_off(echo.id).await.unwrap_err().to_string();

    assert!(refusal.contains("has left"), "{refusal}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_failed_is_sent_again_under_its_own_id_also_when_that_was_asked_offline() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.twilio.fault(Fault::RefuseWith { code: 21_408 });
    let echo = ann.client.send_message(maria, "Once more".to_owned()).await.unwrap();
    ann.reaches(echo.id, MessageState::Failed).await;
    world.kill_server();
    ann.offline().await;

    ann.client.retry(echo.id).await.unwrap();

    let bubble = ann.client.message(echo.id).await.unwrap();
    assert_eq!((bubble.state, bubble.failure), (MessageState::Waiting, None), "it is shown at once");
    assert!(!ann.client.conversation(maria).await.unwrap().has_failure);
    world.restart_server().await;
    ann.reaches(echo.id, MessageState::Delivered).await;
    assert_eq!(ann.thread(maria).await.len(), 2, "it is the same text, and no new one");
    assert_eq!(world.twilio.sent().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_to_be_sent_again_is_let_be_while_that_waits_here() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.twilio.fault(Fault::RefuseWith { code: 21_408 });
    let echo = ann.client.send_message(maria, "Not again".to_owned()).await.unwrap();
    ann.reaches(echo.id, MessageState::Failed).await;
    world.kill_server();
    ann.offline().await;
    ann.client.retry(echo.id).await.unwrap();

    ann.client.discard(echo.id).await.unwrap();

    assert_eq!(ann.client.message(echo.id).await.unwrap().state, MessageState::Failed);
    assert_eq!(ann.client.untold_count().await.unwrap(), 0);
    assert_eq!(ann.client.take_back(echo.id).await.unwrap(), "Not again", "and it can be begun anew");
    assert_eq!(ann.client.message(echo.id).await.unwrap().state, MessageState::Failed);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_was_closed_offline_stays_open_when_the_contact_wrote_meanwhile() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    let workspace_id: WorkspaceId = world.workspace;
    world.kill_server();
    ann.offline().await;
    let close = Action::SetStatus { contact_id: maria, status: ConversationStatus::Closed };
    ann.client.perform(workspace_id, close.clone()).await.unwrap();
    assert_eq!(ann.client.conversation(maria).await.unwrap().status, ConversationStatus::Closed);
    let insert = format!(
        "insert into livechatmessages (workspace_id, contact_id, content, direction) values ('{workspace_id}', '{maria}', 'One more thing', 'inbound')"
    );
    sqlx::query(AssertSqlSafe(insert)).execute(&world.foreign).await.unwrap();

    world.restart_server().await;

    let taken = ann.when("it is taken back", async |client| client.taken_back().await.unwrap().pop()).await;
    assert!(taken.reason.contains("stays open"), "{}", taken.reason);
    assert_eq!(ann.client.conversation(maria).await.unwrap().status, ConversationStatus::Open);
    ann.bubble(maria, "what the contact wrote", |bubble| bubble.content == "One more thing").await;
    ann.client.perform(workspace_id, close).await.unwrap();
    ann.when("closed", async |client| (client.untold_count().await.unwrap() == 0).then_some(())).await;
    assert_eq!(ann.client.conversation(maria).await.unwrap().status, ConversationStatus::Closed);
    world.end().await;
}
