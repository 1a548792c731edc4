//! A reply goes out: outbox, server, Twilio, status callbacks, tick. Once, in order, and honest about what is not known.

use deskline_client::view::MessageState;
use deskline_domain::ids::ContactId;
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, OMAR, OUR_NUMBER},
};
use deskline_simulator::{CallbackPlan, Fault, Scope};

/// A desktop with one conversation.
async fn desk(world: &World) -> (Desktop, ContactId) {
    let ann = world.desktop("ann").await;
    world.text(MARIA, "Are you open?").await;
    let row = ann.conversation("Maria's text", |row| row.phone == MARIA).await;
    (ann, row.contact_id)
}

fn bodies(world: &World) -> Vec<String> {
    world.twilio.sent().into_iter().map(|sent| sent.body).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_leaves_once_and_its_tick_goes_to_delivered() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    let ben = world.desktop("ben").await;

    let echo = ann.client.send_message(maria, "Until six!".to_owned()).await.unwrap();

    assert_eq!(echo.state, MessageState::Waiting, "the bubble is there before anything was sent");
    let bubble = ann.reaches(echo.id, MessageState::Delivered).await;
    assert!(bubble.mine);
    let seen =
        ben.bubble(maria, "Ann's reply at Ben's", |bubble| bubble.state == MessageState::Delivered && !bubble.mine);
    assert_eq!(seen.await.id, echo.id, "one text has one id everywhere");
    assert_eq!(bodies(&world), ["Until six!"]);
    assert_eq!(ann.thread(maria).await.len(), 2, "the echo and the stored text are one bubble");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_texts_written_while_the_server_is_down_leave_once_and_in_order() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.kill_server();
    ann.offline().await;

    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(ann.client.send_message(maria, text.to_owned()).await.unwrap().id);
    }

    assert_eq!(ann.thread(maria).await.len(), 4, "everything is readable, the waiting texts too");
    assert_eq!(ann.client.waiting_count().await.unwrap(), 3);
    world.restart_server().await;
    for id in ids {
        ann.reaches(id, MessageState::Delivered).await;
    }
    assert_eq!(bodies(&world), ["one", "two", "three"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_waiting_in_a_closed_desktop_leave_when_it_is_opened_again() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.kill_server();
    let id = ann.client.send_message(maria, "kept".to_owned()).await.unwrap().id;
    let place = ann.close().await;
    world.restart_server().await;

    let ann = place.open().await;

    ann.reaches(id, MessageState::Delivered).await;
    assert_eq!(bodies(&world), ["kept"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_makes_the_text_unknown_then_found_and_never_sent_again() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.twilio.plan(CallbackPlan::none());
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });
    // The look-up fails too at first, so that there is something to see.
    world.twilio.fault_on(Scope::Any, Fault::ServerError { times: 1 });

    let echo = ann.client.send_message(maria, "Only once".to_owned()).await.unwrap();

    ann.reaches(echo.id, MessageState::Unknown).await;
    ann.reaches(echo.id, MessageState::Accepted).await;
    assert_eq!(bodies(&world), ["Only once"]);
    let row = world.row("the text with Twilio's id", |row| row.id == echo.id && row.twilio_sid.is_some()).await;
    assert_eq!(row.twilio_sid.as_deref(), Some(world.twilio.sent()[0].sid.as_str()));
    assert!(!row.in_doubt);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_the_middle_of_a_send_looks_before_it_sends_again() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.twilio.fault(Fault::Hang { times: 1 });
    let echo = ann.client.send_message(maria, "Perhaps".to_owned()).await.unwrap();
    world.row("the text is stored before Twilio is asked", |row| row.id == echo.id).await;

    world.kill_server();
    world.restart_server().await;

    ann.reaches(echo.id, MessageState::Delivered).await;
    assert_eq!(bodies(&world), ["Perhaps"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_in_any_order_and_twice_end_at_delivered() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;

    for plan in [CallbackPlan::reversed(), CallbackPlan::repeated()] {
        world.twilio.plan(plan);
        let echo = ann.client.send_message(maria, "tick".to_owned()).await.unwrap();
        ann.reaches(echo.id, MessageState::Delivered).await;
        world.twilio.settled().await;
        assert_eq!(ann.client.message(echo.id).await.unwrap().state, MessageState::Delivered);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_carrier_filters_fails_and_says_why() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.twilio.plan(CallbackPlan::failing(30_007));

    let echo = ann.client.send_message(maria, "Buy now!!!".to_owned()).await.unwrap();

    let bubble = ann.reaches(echo.id, MessageState::Failed).await;
    let failure = bubble.failure.expect("a failed text says why");
    assert_eq!(failure.code, Some(30_007));
    assert!(!failure.explanation.is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_twilio_refuses_holds_up_only_its_own_conversation() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.text(OMAR, "Hi").await;
    let omar = ann.conversation("Omar's text", |row| row.phone == OMAR).await.contact_id;
    world.twilio.fault(Fault::RefuseWith { code: 21_211 });

    let refused = ann.client.send_message(maria, "refused".to_owned()).await.unwrap();
    ann.reaches(refused.id, MessageState::Failed).await;
    let good = ann.client.send_message(omar, "fine".to_owned()).await.unwrap();

    ann.reaches(good.id, MessageState::Delivered).await;
    assert_eq!(bodies(&world), ["fine"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_out_of_reach_or_in_a_hurry_delays_a_text_and_does_not_double_it() {
    let world = World::start().await;
    let (ann, maria) = desk(&world).await;

    for (number, fault) in [
        Fault::ServerError { times: 2 },
        Fault::RateLimit { retry_after: Some(std::time::Duration::from_secs(1)), times: 1 },
        Fault::Hang { times: 1 },
    ]
    .into_iter()
    .enumerate()
    {
        world.twilio.fault(fault);
        let echo = ann.client.send_message(maria, format!("text {number}")).await.unwrap();
        ann.reaches(echo.id, MessageState::Delivered).await;
    }

    assert_eq!(bodies(&world), ["text 0", "text 1", "text 2"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_stop_nothing_leaves_and_after_start_it_does_again() {
    let mut world = World::start().await;
    let (ann, maria) = desk(&world).await;
    world.kill_server();
    ann.offline().await;
    let waiting = ann.client.send_message(maria, "written before anybody knew".to_owned()).await.unwrap();
    let stop = world.twilio.receive_sms(MARIA, OUR_NUMBER, "STOP").await;
    assert!(!stop.is_ok(), "nobody takes the STOP while the server is down");

    world.restart_server().await;
    let refused = ann.reaches(waiting.id, MessageState::Failed).await;
    assert_eq!(refused.failure.expect("a refused text says why").code, Some(21_610));
    world.twilio.redeliver().await;
    ann.conversation("Maria has opted out", |row| row.opted_out).await;
    assert!(ann.client.send_message(maria, "still there?".to_owned()).await.is_err(), "the gate says no at once");
    assert!(bodies(&world).is_empty());
    // The contact is known to have opted out since Twilio refused the text; the STOP itself comes with the next page.
    let ann = &ann;
    eventually("the keyword to be visible", || async move {
        ann.thread(maria).await.iter().any(|bubble| bubble.content == "STOP").then_some(())
    })
    .await;

    world.text(MARIA, "START").await;
    ann.conversation("Maria is back", |row| !row.opted_out).await;
    let echo = ann.client.send_message(maria, "welcome back".to_owned()).await.unwrap();
    ann.reaches(echo.id, MessageState::Delivered).await;
    world.end().await;
}
