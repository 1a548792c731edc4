//! What an agent is told, and what comes of an answer that is given where it was told.

use deskline_client::{
    Answered, DoNotDisturb, MemoryCredentials, NotificationContent, NotificationSettings,
    view::{Connection, ConversationFilter, NoticeKind},
};
use deskline_domain::ids::ContactId;

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

/// Signed in and live, with a contact whose rows have arrived.
async fn live(server: &TeamServer) -> Desk {
    server.state().sockets = true;
    server.state().skip_push();
    let desk = Desk::with(server, MemoryCredentials::default(), PATIENCE).await;
    desk.sign_in().await.unwrap();
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    desk
}

/// A marker that is notified in any case: whatever came before it would have been shown by then.
async fn until_told(desk: &Desk, of: ContactId) {
    desk.until("the marker is told", async |desk| desk.notifier.shown().iter().any(|shown| shown.contact_id == of))
        .await;
}

fn titles(desk: &Desk) -> Vec<String> {
    desk.notifier.shown().into_iter().map(|shown| shown.title).collect()
}

#[tokio::test]
async fn a_muted_conversation_is_silent_and_stays_so_after_a_restart() {
    let server = TeamServer::start().await;
    let (ann, bob) = (server.contact("Ann", "+15550100001"), server.contact("Bob", "+15550100002"));
    let mut desk = live(&server).await;

    desk.client.set_muted(ann, true).await.unwrap();
    desk.restart().await;
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    server.receives(ann, "buy now!").await;
    server.receives(bob, "are you open?").await;

    until_told(&desk, bob).await;
    assert_eq!(titles(&desk), ["Bob"]);
    assert!(desk.client.conversation(ann).await.unwrap().muted);
    assert_eq!(desk.client.unread_count().await.unwrap(), 2, "it still counts as unread");
    desk.client.set_muted(ann, false).await.unwrap();
    server.receives(ann, "still there?").await;
    until_told(&desk, ann).await;
}

#[tokio::test]
async fn what_came_while_the_desktop_was_away_is_one_notification() {
    let server = TeamServer::start().await;
    let contacts = ["Ann", "Bob", "Cleo"].map(|name| server.contact(name, &format!("+1555010{:04}", name.len())));
    let desk = live(&server).await;

    server.set_down(true).await;
    desk.until("not live", async |desk| desk.client.connection() != Connection::Live).await;
    for contact in contacts {
        server.state().put_inbound(contact, "anybody there?");
    }
    server.state().skip_push();
    server.set_down(false).await;

    desk.until("told", async |desk| !desk.notifier.shown().is_empty()).await;
    assert_eq!(titles(&desk), ["3 new texts in 3 conversations"]);
}

#[tokio::test]
async fn settings_outlive_the_cache_and_are_obeyed_at_once() {
    let server = TeamServer::start().await;
    let (ann, bob) = (server.contact("Ann", "+15550100001"), server.contact("Bob", "+15550100002"));
    let mut desk = live(&server).await;
    let wanted = NotificationSettings {
        content: NotificationContent::NameOnly,
        sound: false,
        do_not_disturb: DoNotDisturb::On,
        ..NotificationSettings::default()
    };

    desk.client.set_notification_settings(wanted).await.unwrap();
    server.receives(ann, "during the meeting").await;
    desk.until_shown(ann, &["during the meeting"]).await;
    desk.client.shutdown().await;
    std::fs::write(desk.folder().join("cache.db"), "noise").unwrap();
    desk.restart().await;

    assert_eq!(desk.client.notification_settings().await.unwrap(), wanted);
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    desk.until("fetched again", async |desk| desk.names(ConversationFilter::Open).await.len() == 2).await;
    let wanted = NotificationSettings { do_not_disturb: DoNotDisturb::Off, ..wanted };
    desk.client.set_notification_settings(wanted).await.unwrap();
    server.receives(bob, "after the meeting").await;
    until_told(&desk, bob).await;
    let shown = desk.notifier.shown();
    assert_eq!((shown[0].title.as_str(), shown[0].body.as_str(), shown[0].silent), ("Bob", "New text", true));
    assert_eq!(shown.len(), 1);
}

#[tokio::test]
async fn only_ones_own_conversations_and_those_of_nobody_are_told_to_who_wants_it_so() {
    let server = TeamServer::start().await;
    let names = [("Ann", "+15550100001"), ("Bob", "+15550100002"), ("Cleo", "+15550100003")];
    let [ann, bob, cleo] = names.map(|(name, phone)| server.contact(name, phone));
    let me = server.state().user_id;
    server.change_contact(ann, |row| row["assigned_to"] = uuid::Uuid::from_u128(77).to_string().into()).await;
    server.change_contact(bob, |row| row["assigned_to"] = me.to_string().into()).await;
    let desk = live(&server).await;
    let wanted = NotificationSettings { mine_only: true, ..NotificationSettings::default() };
    desk.client.set_notification_settings(wanted).await.unwrap();

    for contact in [ann, bob, cleo] {
        server.receives(contact, "hello").await;
    }

    until_told(&desk, cleo).await;
    assert_eq!(titles(&desk), ["Bob", "Cleo"]);
}

#[tokio::test]
async fn an_answer_in_a_notification_leaves_and_reads_what_it_answers() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    server.receives(ann, "are you open?").await;
    until_told(&desk, ann).await;
    let seen = desk.notifier.shown()[0].newest.unwrap();

    let answered = desk.client.answer(ann, seen, "until six".to_owned()).await.unwrap();

    assert!(matches!(answered, Answered::Leaves(echo) if echo.content == "until six"));
    desk.until("it left", async |_| server.sent_texts() == ["until six"]).await;
    desk.until("it is read", async |_| server.unread(ann) == 0).await;
    assert!(desk.notifier.withdrawn().contains(&ann));
}

#[tokio::test]
async fn an_answer_to_what_a_colleague_has_answered_meanwhile_is_kept_as_a_draft() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    server.receives(ann, "are you open?").await;
    until_told(&desk, ann).await;
    let seen = desk.notifier.shown()[0].newest.unwrap();
    server.colleague_answers(ann, "we are, until nine").await;
    desk.until_shown(ann, &["are you open?", "we are, until nine"]).await;
    desk.client.save_draft(ann, "By the way:".to_owned()).await.unwrap();

    let answered = desk.client.answer(ann, seen, "until six".to_owned()).await.unwrap();

    let Answered::Kept(why) = answered else { panic!("a second answer left: {answered:?}") };
    assert!(why.contains("answered Ann meanwhile: “we are, until nine”"), "{why}");
    assert_eq!(desk.client.draft(ann).await.unwrap().unwrap(), "By the way:\nuntil six");
    let told = desk.notifier.shown().pop().unwrap();
    assert_eq!((told.title.as_str(), told.body, told.newest), ("Not sent to Ann", why.clone(), None));
    let notices = desk.client.local_copy().notices;
    assert_eq!(
        notices.iter().map(|notice| (notice.kind, &notice.text)).collect::<Vec<_>>(),
        [(NoticeKind::AnswerKept, &why)]
    );
    assert_eq!(server.sent_texts(), [""; 0]);
}

#[tokio::test]
async fn an_answer_that_the_gate_refuses_is_kept_as_a_draft() {
    let server = TeamServer::start().await;
    let ann = server.contact("Ann", "+15550100001");
    let desk = live(&server).await;
    let seen = server.receives(ann, "STOP").await;
    server.change_contact(ann, |row| row["opted_out_at"] = row["created_at"].clone()).await;
    desk.until("opted out", async |desk| desk.client.conversation(ann).await.is_ok_and(|row| row.opted_out)).await;

    let answered = desk.client.answer(ann, seen, "but why?".to_owned()).await.unwrap();

    assert!(matches!(answered, Answered::Kept(why) if why.contains("kept as your draft")));
    assert_eq!(desk.client.draft(ann).await.unwrap().unwrap(), "but why?");
}
