//! A locked keychain: the window says so and reads nothing, and once it is unlocked everything is here again by itself.

use deskline_e2e::world::MARIA;
use fantoccini::Locator;
use zbus::{
    Connection, Proxy,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

use crate::stage::Stage;

const TEXT: &str = "can I pick it up today?";
const SERVICE: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/aliases/default";
/// What the stage's keychain was made with.
const MASTER_PASSWORD: &str = "deskline";

/// The session's keychain, as its owner has it in hand.
struct Owner {
    bus: Connection,
}

impl Owner {
    async fn new() -> Self {
        Self { bus: Connection::session().await.expect("the stage has a session bus") }
    }

    async fn lock(&self) {
        let service = self.ask("org.freedesktop.Secret.Service").await;
        let collections = [OwnedObjectPath::try_from(COLLECTION).expect("a path")];
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) =
            service.call("Lock", &(&collections[..],)).await.expect("the keychain can be locked");
        assert!(self.is_locked().await, "the keychain is locked, or this test shows nothing");
    }

    /// Without a window that asks for the password: that of gnome-keyring is not on the stage.
    async fn unlock(&self) {
        let service = self.ask("org.freedesktop.Secret.Service").await;
        let (_, session): (OwnedValue, OwnedObjectPath) =
            service.call("OpenSession", &("plain", Value::from(""))).await.expect("the keychain takes plain sessions");
        let inside = self.ask("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface").await;
        let password = (session, Vec::<u8>::new(), MASTER_PASSWORD.as_bytes().to_vec(), "text/plain");
        let collection = OwnedObjectPath::try_from(COLLECTION).expect("a path");
        let () = inside
            .call("UnlockWithMasterPassword", &(collection, password))
            .await
            .expect("the keychain takes the password that it was made with");
        assert!(!self.is_locked().await, "the keychain is unlocked again");
    }

    async fn is_locked(&self) -> bool {
        let collection = Proxy::new(&self.bus, SERVICE, COLLECTION, "org.freedesktop.Secret.Collection").await;
        let collection = collection.expect("the keychain is on the bus");
        collection.get_property("Locked").await.expect("a keychain has a default collection")
    }

    async fn ask(&self, interface: &'static str) -> Proxy<'_> {
        Proxy::new(&self.bus, SERVICE, PATH, interface).await.expect("the keychain is on the bus")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_is_said_and_once_it_is_unlocked_the_conversations_are_back_without_a_sign_in() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    window.sign_in(&stage.world.agent("ann").await).await;
    stage.world.text(MARIA, TEXT).await;
    window.row("Maria's text", |row| row.text.contains(TEXT)).await;
    let place = window.quit().await;
    let owner = Owner::new().await;
    owner.lock().await;

    let window = place.open().await;
    window
        .when("the window says that the keychain is locked", async |page| {
            let said = page.find(Locator::Css("[data-testid=signin-keychain]")).await.ok()?.text().await.ok()?;
            said.contains("locked").then_some(())
        })
        .await;
    window.picture("keychain-locked");
    owner.unlock().await;

    window.live().await;
    window.row("Maria is here again", |row| row.text.contains(TEXT)).await;
    window.quit().await;
    stage.world.end().await;
}
