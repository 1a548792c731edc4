//! Manners of a desktop app: one instance for each folder, a window that comes back as it was, and a page that stays put.

use std::{
    process::{Command, Stdio},
    sync::Arc,
};

use deskline_e2e::{
    eventually,
    world::{MARIA, OMAR},
};
use serde_json::json;
use tokio::sync::Notify;
use zbus::fdo::DBusProxy;

use crate::{
    notifications::{Notifications, shown},
    processes,
    stage::Stage,
    window::Window,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_of_the_same_folder_gives_way_to_the_first() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;

    let mut second = Command::new(crate::stage::app())
        .envs(window.place().environment().iter().map(|(name, value)| (*name, value.as_str())))
        .stderr(Stdio::null())
        .spawn()
        .expect("the app starts");
    let ended = eventually("the second one has ended", || {
        let ended = second.try_wait().expect("a child can be asked");
        async move { ended }
    })
    .await;

    assert!(ended.success());
    assert!(processes::is_running(window.app()));
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_meets_a_dying_deskline_opens_its_window_all_the_same() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    let bus = zbus::Connection::session().await.expect("the stage has a session bus");
    let names = DBusProxy::new(&bus).await.expect("a bus can be asked").list_names().await.expect("a bus has names");
    let name = names.iter().find(|name| name.ends_with(".SingleInstance")).expect("the app has a name").to_string();
    let place = window.quit().await;
    let asked = Arc::new(Notify::new());
    let dying = zbus::connection::Builder::session()
        .and_then(|bus| bus.name(name.as_str()))
        .and_then(|bus| bus.serve_at(format!("/{}", name.replace('.', "/").replace('-', "_")), Dying(asked.clone())))
        .expect("a name and a path")
        .build()
        .await
        .expect("the name is free");
    let death = tokio::spawn(async move {
        asked.notified().await;
        dying.close().await.expect("a connection can be closed");
    });

    let window = place.open().await;

    window.is_there("signin-submit").await;
    death.await.expect("it was asked, and died");
    window.quit().await;
    stage.world.end().await;
}

/// An instance that is asked to come to the front and dies over it.
struct Dying(Arc<Notify>);

#[zbus::interface(name = "org.SingleInstance.DBus")]
impl Dying {
    async fn execute_callback(&self, _arguments: Vec<String>, _folder: String) {
        self.0.notify_one();
        std::future::pending::<()>().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_comes_back_with_the_size_that_it_had() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.page().set_window_rect(40, 30, 900, 600).await.expect("a window can be resized");
    window
        .when("it has the new size", async |page| {
            let (_, _, width, height) = page.get_window_rect().await.ok()?;
            ((width, height) == (900, 600)).then_some(())
        })
        .await;

    let window = window.quit().await.open().await;

    let (_, _, width, height) = window.page().get_window_rect().await.expect("a window has a size");
    assert_eq!((width, height), (900, 600));
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_neither_leave_nor_call_what_it_is_not_given_nor_run_what_is_not_ours() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    let page = window.page();
    let run = async |script: &str| page.execute(script, Vec::new()).await.expect("a script runs");
    let ask = async |script: &str| page.execute_async(script, Vec::new()).await.expect("a script runs");

    run("location.href = 'https://example.com/'; window.open('https://example.com/')").await;
    let opener = ask(
        "const done = arguments[0];
         window.__TAURI_INTERNALS__.invoke('plugin:window|close', {}).then(() => done('allowed'), () => done('refused'))",
    )
    .await;
    let inline = ask("const done = arguments[0];
         const script = document.createElement('script');
         script.textContent = 'window.broken = true';
         document.addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective), { once: true });
         document.head.append(script)")
    .await;
    let outside = ask("const done = arguments[0];
         fetch('https://example.com/').then(() => done('allowed'), () => done('refused'))")
    .await;

    assert_eq!(opener, json!("refused"));
    assert_eq!(inline, json!("script-src-elem"));
    assert_eq!(outside, json!("refused"));
    assert_eq!(
        run("return [window.broken === true, typeof window.__TAURI__, location.host]").await,
        json!([false, "undefined", "localhost"])
    );
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_window_lives_on_in_the_tray_and_comes_back_from_there() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;

    window.close();
    eventually("the window is hidden", || async { (!window.is_visible()).then_some(()) }).await;
    stage.world.text(MARIA, "anybody there?").await;
    stage.panel.says_of(&window, "1 unread").await;
    stage.notifications.are_shown(1).await;

    stage.panel.click(&window, "Show Deskline").await;
    eventually("the window is back", || async { window.is_visible().then_some(()) }).await;
    stage.panel.click(&window, "Quit").await;
    eventually("the app has quit", || async { (!processes::is_running(window.app())).then_some(()) }).await;
    stage.notifications.are_withdrawn(1).await;
    drop(window);
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_quits_where_there_is_no_tray() {
    let mut stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.is_there("signin-submit").await;
    stage.panel.leave().await;

    window.close();

    eventually("the app has quit", || async { (!processes::is_running(window.app())).then_some(()) }).await;
    drop(window);
    stage.world.end().await;
}

/// Starts the program once more, as the system does for a link, and waits until it has given way.
async fn hand_over(window: &Window, link: &str) {
    let mut second = Command::new(crate::stage::app())
        .arg(link)
        .envs(window.place().environment().iter().map(|(name, value)| (*name, value.as_str())))
        .stderr(Stdio::null())
        .spawn()
        .expect("the app starts");
    eventually("the second one has ended", || {
        let ended = second.try_wait().expect("a child can be asked");
        async move { ended }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_its_conversation_whether_deskline_runs_or_not_and_a_malformed_one_does_nothing() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "is the oven on?").await;
    stage.world.text(OMAR, "do you deliver?").await;
    let maria = window.row("Maria's row", |row| row.text.contains("is the oven on?")).await.contact;
    window.row("Omar's row", |row| row.text.contains("do you deliver?")).await;

    for link in ["deskline://conversation/../../etc/passwd", "deskline://compose?to=+15550100001&text=hello"] {
        hand_over(&window, link).await;
    }
    hand_over(&window, &format!("deskline://compose?to={OMAR}")).await;
    window.bubble("Omar's thread", |bubble| bubble.text.contains("do you deliver?")).await;
    hand_over(&window, &format!("deskline://conversation/{maria}")).await;
    window.bubble("Maria's thread", |bubble| bubble.text.contains("is the oven on?")).await;

    let place = window.quit().await;
    let window = place.open_with(&[&format!("deskline://compose?to={OMAR}")]).await;
    window.bubble("Omar's thread from the start", |bubble| bubble.text.contains("do you deliver?")).await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn started_at_login_it_waits_in_the_tray_and_a_click_on_a_notification_brings_its_thread() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;

    let window = window.quit().await.open_with(&["--hidden"]).await;
    window.live().await;
    assert!(!window.is_visible(), "nobody asked for a window");
    stage.world.text(MARIA, "anybody there?").await;
    stage.notifications.are_shown(1).await;
    Notifications::click();

    eventually("the window is there", || async { window.is_visible().then_some(()) }).await;
    window.bubble("the text is on the screen", |bubble| bubble.text.contains("anybody there?")).await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_at_login_is_set_and_unset_in_the_settings() {
    let stage = Stage::enter().await;
    let place = stage.place().in_the_usual_folder();
    let entry = place.folder().join("home/.config/autostart/Deskline.desktop");
    let window = place.open().await;
    window.sign_in(&stage.world.agent("ann").await).await;

    window.click("agent-menu").await;
    window.click("open-settings").await;
    window.click("settings-computer").await;
    window.is_there("start-at-login").await;
    window.picture("settings");
    window.click("start-at-login").await;
    let said = eventually("the session will start it", || {
        let said = std::fs::read_to_string(&entry).ok();
        async move { said }
    })
    .await;
    assert!(said.lines().any(|line| line.starts_with("Exec=") && line.ends_with("--hidden")), "{said}");

    window.click("start-at-login").await;
    eventually("the session will not start it", || {
        let gone = !entry.exists();
        async move { gone.then_some(()) }
    })
    .await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn do_not_disturb_in_the_tray_keeps_notifications_away_until_it_is_turned_off() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;

    stage.panel.click(&window, "Do not disturb").await;
    window.is_there("quiet").await;
    stage.world.text(MARIA, "are you open?").await;
    window.has_title("(1) Deskline").await;
    assert_eq!(shown(), 0);

    stage.panel.click(&window, "Do not disturb").await;
    window
        .when("the mark is gone", async |page| {
            let marks = page.find_all(fantoccini::Locator::Css("[data-testid=quiet]")).await.ok()?;
            marks.is_empty().then_some(())
        })
        .await;
    stage.world.text(OMAR, "do you deliver?").await;
    stage.notifications.are_shown(1).await;
    window.quit().await;
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_quits_for_whoever_wants_it_so() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    window.click("agent-menu").await;
    window.click("open-settings").await;
    window.click("settings-computer").await;
    window.click("close-to-tray").await;
    let kept = window.place().data().join("desktop.json");
    eventually("it is kept", || {
        let kept = std::fs::read_to_string(&kept).is_ok_and(|json| json.contains("false"));
        async move { kept.then_some(()) }
    })
    .await;

    window.close();

    eventually("the app has quit", || async { (!processes::is_running(window.app())).then_some(()) }).await;
    drop(window);
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_are_live_at_once_and_a_click_brings_the_one_that_was_written_to() {
    let stage = Stage::enter().await;
    let other = deskline_e2e::World::start().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, "to the first").await;
    window.row("the first account's row", |row| row.text.contains("to the first")).await;
    stage.notifications.are_shown(1).await;

    window.click("agent-menu").await;
    window.click("add-account").await;
    window.sign_in(&other.agent("ann").await).await;
    other.text(OMAR, "to the second").await;
    let rows = window.row("the second account's row", |row| row.text.contains("to the second")).await;
    assert!(!rows.text.contains("to the first"), "{rows:?}");
    window.has_title("(2) Deskline").await;
    stage.panel.says_of(&window, "2 unread").await;
    window.picture("second-account");

    processes::output("dunstctl", &["close-all"]);
    stage.notifications.are_shown(0).await;
    stage.world.text(MARIA, "are you there?").await;
    window.has_title("(3) Deskline").await;
    stage.notifications.are_shown(1).await;
    Notifications::click();
    window.bubble("the first account's thread", |bubble| bubble.text.contains("are you there?")).await;

    let window = window.quit().await.open().await;
    window.row("the first account again", |row| row.text.contains("are you there?")).await;
    other.text(OMAR, "still here?").await;
    stage.notifications.are_shown(1).await;
    window.quit().await;
    other.end().await;
    stage.world.end().await;
}
