//! A notification service with a field for answers, at the other end of a wire without a bus between.

use std::{
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
};

use deskline_client::Slot;
use uuid::Uuid;
use zbus::{Guid, object_server::SignalEmitter, zvariant::OwnedValue};

use super::*;

const ANN: ContactId = ContactId(Uuid::from_u128(1));
const SEAT: Seat = 3;
const TEXT: MessageId = MessageId(Uuid::from_u128(2));

/// What was shown, and what was closed.
#[derive(Clone, Default)]
struct Service {
    seen: Arc<Mutex<Seen>>,
    abilities: Vec<String>,
}

#[derive(Default)]
struct Seen {
    shown: Vec<Shown>,
    closed: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Shown {
    replaces: u32,
    body: String,
    actions: Vec<String>,
    hints: String,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        self.abilities.clone()
    }

    #[expect(clippy::too_many_arguments, reason = "so many has the interface")]
    #[expect(clippy::needless_pass_by_value, reason = "the bus hands arguments over by value")]
    fn notify(
        &self,
        _app: &str,
        replaces: u32,
        _icon: &str,
        _title: &str,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let mut seen = self.seen.lock().unwrap();
        seen.shown.push(Shown { replaces, body, actions, hints: format!("{hints:?}") });
        if replaces > 0 { replaces } else { u32::try_from(seen.shown.len()).unwrap() }
    }

    fn close_notification(&self, id: u32) {
        self.seen.lock().unwrap().closed.push(id);
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_replied(emitter: &SignalEmitter<'_>, id: u32, text: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

/// Both ends.
struct Wire {
    screen: Screen,
    service: Service,
    far: Connection,
}

impl Wire {
    async fn to(abilities: &[&str]) -> Self {
        let (near, far) = UnixStream::pair().unwrap();
        let service =
            Service { abilities: abilities.iter().map(|word| (*word).to_owned()).collect(), ..Service::default() };
        let far = zbus::connection::Builder::async_io_unix_stream(far)
            .server(Guid::generate())
            .unwrap()
            .p2p()
            .serve_at("/org/freedesktop/Notifications", service.clone())
            .unwrap()
            .build();
        let near = zbus::connection::Builder::async_io_unix_stream(near).p2p().build();
        let (near, far) = tokio::join!(near, far);
        Self { screen: Screen::on(near.unwrap()).await.unwrap(), service, far: far.unwrap() }
    }

    async fn show(&mut self, notification: Notification) -> Shown {
        self.screen.show(SEAT, &notification).await.unwrap();
        self.service.seen.lock().unwrap().shown.last().cloned().unwrap()
    }

    fn emitter(&self) -> SignalEmitter<'_> {
        SignalEmitter::new(&self.far, "/org/freedesktop/Notifications").unwrap()
    }

    /// What is heard of the next signal.
    async fn hear(&mut self) -> Vec<Heard> {
        let signal = self.screen.bus.next().await.unwrap();
        let heard = Mutex::new(Vec::new());
        self.screen.hear(signal, &|one| heard.lock().unwrap().push(one)).await;
        heard.into_inner().unwrap()
    }

    fn closed(&self) -> Vec<u32> {
        self.service.seen.lock().unwrap().closed.clone()
    }
}

fn notification(body: &str) -> Notification {
    Notification {
        slot: Slot::Conversation(ANN),
        contact_id: ANN,
        title: "Ann <3".to_owned(),
        body: body.to_owned(),
        count: 1,
        newest: Some(TEXT),
        silent: false,
    }
}

#[tokio::test]
async fn an_answer_comes_back_with_the_text_that_it_answers() {
    let mut wire = Wire::to(&["body", "actions", "inline-reply"]).await;

    let shown = wire.show(notification("are you open?")).await;
    Service::notification_replied(&wire.emitter(), 1, "until six").await.unwrap();

    assert_eq!(shown.actions, ["default", "Open", "inline-reply", "Reply"]);
    assert!(shown.hints.contains("im.received") && shown.hints.contains("x-kde-reply-placeholder-text"), "{shown:?}");
    let answered = Heard::Answered { seat: SEAT, contact_id: ANN, newest: TEXT, text: "until six".to_owned() };
    assert_eq!(wire.hear().await, [answered]);
    assert_eq!(wire.closed(), [1]);
}

#[tokio::test]
async fn a_click_opens_the_conversation_and_a_click_on_what_is_gone_does_nothing() {
    let mut wire = Wire::to(&["body", "actions"]).await;
    let shown = wire.show(notification("are you open?")).await;

    for id in [1, 1, 7] {
        Service::action_invoked(&wire.emitter(), id, "default").await.unwrap();
    }

    assert_eq!(shown.actions, ["default", "Open"], "a service without a field is not asked for one");
    assert_eq!(wire.hear().await, [Heard::Opened { seat: SEAT, contact_id: ANN }]);
    assert_eq!(wire.hear().await, []);
    assert_eq!(wire.hear().await, []);
    assert_eq!(wire.closed(), [1]);
}

#[tokio::test]
async fn one_that_cannot_be_answered_has_no_field() {
    let mut wire = Wire::to(&["actions", "inline-reply"]).await;

    let shown = wire.show(Notification { newest: None, slot: Slot::Many, ..notification("12 new texts") }).await;
    Service::notification_replied(&wire.emitter(), 1, "to whom?").await.unwrap();

    assert_eq!(shown.actions, ["default", "Open"]);
    assert_eq!(
        wire.hear().await,
        [Heard::Opened { seat: SEAT, contact_id: ANN }],
        "whatever a service says, nothing is sent to nobody"
    );
}

#[tokio::test]
async fn the_next_one_of_a_slot_takes_the_place_of_the_one_before_until_that_is_gone() {
    let mut wire = Wire::to(&["body"]).await;
    wire.show(notification("one")).await;

    assert_eq!(wire.show(notification("two")).await.replaces, 1);
    Service::notification_closed(&wire.emitter(), 1, 2).await.unwrap();
    assert_eq!(wire.hear().await, []);
    assert_eq!(wire.show(notification("three")).await.replaces, 0);

    wire.screen.withdraw((SEAT, Slot::Conversation(ANN))).await;
    wire.screen.withdraw((SEAT, Slot::Conversation(ANN))).await;
    assert_eq!(wire.closed(), [3]);
}

#[tokio::test]
async fn a_text_is_never_read_as_markup() {
    let text = "<img src=x> a & b";

    let mut reads_markup = Wire::to(&["body-markup"]).await;
    let mut reads_none = Wire::to(&["body"]).await;

    assert_eq!(reads_markup.show(notification(text)).await.body, "&lt;img src=x&gt; a &amp; b");
    assert_eq!(reads_none.show(notification(text)).await.body, text);
}

#[tokio::test]
async fn a_quiet_one_asks_for_no_sound() {
    let mut wire = Wire::to(&["sound"]).await;

    let loud = wire.show(notification("one")).await;
    let quiet = wire.show(Notification { silent: true, ..notification("two") }).await;

    assert!(loud.hints.contains("Bool(false)") && quiet.hints.contains("Bool(true)"), "{loud:?} {quiet:?}");
}
