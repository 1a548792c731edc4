//! A text comes in: every place that tells of it, and how all of them fall silent once it was read anywhere.

use deskline_e2e::{
    eventually,
    world::{MARIA, OMAR},
};

use crate::{
    notifications::{Notifications, shown},
    stage::Stage,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_inbound_text_is_told_in_five_places_and_reading_it_anywhere_clears_all() {
    let stage = Stage::enter().await;
    let request = stage.world.agent("ann").await;
    let (first, second) = (stage.place().open().await, stage.place().open().await);
    first.sign_in(&request).await;
    second.sign_in(&request).await;

    stage.world.text(MARIA, "are you open on sunday?").await;

    for window in [&first, &second] {
        let row = window.row("the row has a pill", |row| row.pill.is_some()).await;
        assert_eq!(row.pill.as_deref(), Some("1"));
        assert!(row.text.contains("are you open on sunday?"), "{row:?}");
        window.has_title("(1) Deskline").await;
    }
    stage.panel.says_of(&first, "1 unread").await;
    stage.panel.says_of(&second, "1 unread").await;
    // Two windows on one desk say the same, which dunst may show as one.
    eventually("a notification is on the screen", || async { (shown() > 0).then_some(()) }).await;
    first.picture("unread");

    first.focus().await;
    first.open_conversation("are you open on sunday?").await;
    first
        .bubble("the text is a bubble", |bubble| {
            bubble.text.contains("are you open on sunday?") && bubble.direction == "inbound"
        })
        .await;
    first.picture("thread");

    for window in [&first, &second] {
        window.row("the pill is gone", |row| row.text.contains("are you open on sunday?") && row.pill.is_none()).await;
        window.has_title("Deskline").await;
        stage.panel.says_of(window, "Nothing unread").await;
    }
    stage.notifications.are_withdrawn(1).await;
    stage.notifications.are_shown(0).await;
    let past = stage.notifications.past();
    assert!(!past.is_empty(), "dunst keeps what it showed");
    for past in past {
        assert_eq!((past.app.as_str(), past.category.as_str()), ("Deskline", "im.received"), "{past:?}");
        assert!(past.title.contains(MARIA) && past.body.contains("are you open on sunday?"), "{past:?}");
    }
    first.quit().await;
    second.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_text_of_one_contact_takes_the_place_of_the_first_notification() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;

    stage.world.text(MARIA, "hello?").await;
    stage.notifications.are_shown(1).await;
    stage.world.text(MARIA, "<b>anybody</b> there & awake?").await;
    window.row("both are counted", |row| row.pill.as_deref() == Some("2")).await;
    stage.world.text(OMAR, "do you deliver?").await;

    stage.notifications.are_shown(2).await;
    window.has_title("(3) Deskline").await;
    window.quit().await;
    stage.notifications.are_shown(0).await;
    stage.notifications.are_withdrawn(2).await;
    let bodies: Vec<String> = stage.notifications.past().into_iter().map(|past| past.body).collect();
    assert!(bodies.iter().any(|body| body.contains("do you deliver?")), "{bodies:?}");
    assert!(bodies.iter().any(|body| body.contains("anybody") && !body.contains("<b>")), "{bodies:?}");
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clicking_a_notification_opens_its_conversation() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "is the oven on?").await;
    stage.notifications.are_shown(1).await;

    Notifications::click();

    window.bubble("the text is on the screen", |bubble| bubble.text.contains("is the oven on?")).await;
    stage.notifications.are_withdrawn(1).await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_in_the_thread_that_is_being_read_makes_no_notification() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "first").await;
    window.focus().await;
    window.open_conversation("first").await;
    window.has_title("Deskline").await;
    stage.notifications.are_shown(0).await;
    let before = stage.notifications.past().len();

    stage.world.text(MARIA, "second").await;

    window.bubble("it is a bubble", |bubble| bubble.text.contains("second")).await;
    window.has_title("Deskline").await;
    assert_eq!((shown(), stage.notifications.past().len()), (0, before));
    window.quit().await;
    stage.world.end().await;
}
