//! Manners of a desktop app: one instance for each folder, a window that comes back as it was, and a page that stays put.

use std::{
    process::{Command, Stdio},
    sync::Arc,
};

use deskline_e2e::{eventually, world::MARIA};
use serde_json::json;
use tokio::sync::Notify;
use zbus::fdo::DBusProxy;

use crate::{processes, stage::Stage};

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
