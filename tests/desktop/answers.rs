//! Answers from where a text is notified, through a notification service that has a field for them, as KDE's has and dunst has not.
//!
//! It takes dunst's place on the session bus for as long as the test runs.

use std::{
    collections::HashMap,
    fs,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use deskline_e2e::{eventually, world::MARIA};
use zbus::{Connection, fdo::DBusProxy, names::BusName, object_server::SignalEmitter, zvariant::OwnedValue};

use crate::{processes, stage::Stage};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

#[derive(Clone, Debug)]
struct Shown {
    id: u32,
    title: String,
    body: String,
    can_be_answered: bool,
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<Shown>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Screen {
    #[expect(clippy::unused_self, reason = "the interface has an object")]
    fn get_capabilities(&self) -> Vec<String> {
        ["body", "actions", "inline-reply"].map(str::to_owned).into()
    }

    #[expect(clippy::too_many_arguments, reason = "so many has the interface")]
    #[expect(clippy::needless_pass_by_value, reason = "the bus hands arguments over by value")]
    fn notify(
        &self,
        _app: &str,
        replaces: u32,
        _icon: &str,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let mut shown = self.0.lock().expect("nobody panicked here");
        let id = if replaces > 0 { replaces } else { u32::try_from(shown.len()).expect("few are shown") + 1 };
        let can_be_answered = actions.iter().any(|action| action == "inline-reply");
        shown.push(Shown { id, title, body, can_be_answered });
        id
    }

    #[expect(clippy::unused_self, reason = "the interface has an object")]
    fn close_notification(&self, _id: u32) {}

    #[zbus(signal)]
    async fn notification_replied(emitter: &SignalEmitter<'_>, id: u32, text: &str) -> zbus::Result<()>;
}

/// The service, in dunst's place.
struct Service {
    screen: Screen,
    bus: Option<Connection>,
    dunst: Vec<String>,
}

impl Service {
    async fn start() -> Self {
        let bus = Connection::session().await.expect("the stage has a session bus");
        let names = DBusProxy::new(&bus).await.expect("a bus can be asked");
        let name = || BusName::try_from(NAME).expect("the name is good");
        let pid = names.get_connection_unix_process_id(name()).await.expect("dunst is on the bus");
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).expect("dunst was started with something");
        let dunst = line.split_terminator('\0').map(ToOwned::to_owned).collect();
        processes::signal(pid, "TERM");
        eventually("dunst has left the bus", || {
            let asked = names.name_has_owner(name());
            async move { asked.await.ok().and_then(|owned| (!owned).then_some(())) }
        })
        .await;
        let screen = Screen::default();
        let bus = zbus::connection::Builder::session()
            .and_then(|bus| bus.serve_at(PATH, screen.clone()))
            .and_then(|bus| bus.name(NAME))
            .expect("a name and a path")
            .build()
            .await
            .expect("the name is free");
        Self { screen, bus: Some(bus), dunst }
    }

    /// Waits for one with these words.
    async fn shows(&self, words: &str) -> Shown {
        eventually(&format!("a notification says \"{words}\""), || {
            let shown = self.screen.0.lock().expect("nobody panicked here").clone();
            async move { shown.into_iter().rev().find(|one| one.title.contains(words) || one.body.contains(words)) }
        })
        .await
    }

    /// Somebody writes in the field of one and presses its button.
    async fn answer(&self, shown: &Shown, text: &str) {
        let bus = self.bus.as_ref().expect("the service is there");
        let emitter = SignalEmitter::new(bus, PATH).expect("the path is good");
        Screen::notification_replied(&emitter, shown.id, text).await.expect("the bus takes a signal");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.bus.take();
        let [program, arguments @ ..] = self.dunst.as_slice() else { return };
        // The other tests need it. It ends with the bus.
        let again: std::io::Result<Child> = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Err(error) = again {
            eprintln!("dunst cannot be started again: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_answered_in_its_notification_but_not_when_a_colleague_has_answered_it() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    let ben = stage.world.desktop("ben").await;
    let service = Service::start().await;

    stage.world.text(MARIA, "are you open?").await;
    let shown = service.shows("are you open?").await;
    assert!(shown.can_be_answered, "{shown:?}");
    service.answer(&shown, "until six").await;
    let sent = || stage.world.twilio.sent().into_iter().map(|sent| sent.body).collect::<Vec<_>>();
    eventually("the answer has left", || async { (sent() == ["until six"]).then_some(()) }).await;
    window.has_title("Deskline").await;

    stage.world.text(MARIA, "and tomorrow?").await;
    let shown = service.shows("and tomorrow?").await;
    let maria = ben.conversation("Maria's row", |row| row.phone == MARIA).await.contact_id;
    ben.client.send_message(maria, "from nine on".to_owned()).await.expect("Ben can write");
    window.row("Ben's text is here", |row| row.text.contains("from nine on")).await;
    service.answer(&shown, "we are closed").await;

    let refused = service.shows("Not sent to").await;
    assert!(refused.body.contains("from nine on") && !refused.can_be_answered, "{refused:?}");
    window.row("what was answered is a draft", |row| row.text.contains("we are closed")).await;
    assert_eq!(sent(), ["until six", "from nine on"]);
    window.picture("answer-kept");
    window.quit().await;
    drop(service);
    stage.world.end().await;
}
