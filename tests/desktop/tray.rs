//! A panel that tray icons register with, as a desktop's own does: it shows nothing, and can be asked what they say.
//!
//! Speaks StatusNotifierWatcher, and reads an icon's menu over `com.canonical.dbusmenu`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use deskline_e2e::eventually;
use zbus::{
    Connection, Proxy,
    message::Header,
    names::BusName,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

use crate::window::Window;

const NAME: &str = "org.kde.StatusNotifierWatcher";

/// The panel. Gone when dropped, and then the app finds no tray.
pub(crate) struct Panel {
    bus: Connection,
    icons: Arc<Mutex<Vec<Icon>>>,
}

#[derive(Clone, Debug)]
struct Icon {
    owner: String,
    path: String,
}

struct Watcher {
    icons: Arc<Mutex<Vec<Icon>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    #[expect(clippy::needless_pass_by_value, reason = "the bus hands headers over by value")]
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let owner = header.sender().map(ToString::to_string).unwrap_or_default();
        let path = if service.starts_with('/') { service } else { "/StatusNotifierItem" };
        self.icons.lock().expect("nobody panicked here").push(Icon { owner, path: path.to_owned() });
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.icons
            .lock()
            .expect("nobody panicked here")
            .iter()
            .map(|icon| format!("{}{}", icon.owner, icon.path))
            .collect()
    }
}

/// A menu, or a row of one, with the rows below it: its number, what is known of it, and its children.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A row of a menu.
struct Row {
    number: i32,
    words: String,
}

impl Panel {
    /// Puts it on the session bus.
    pub(crate) async fn start() -> Self {
        let icons = Arc::default();
        let bus = zbus::connection::Builder::session()
            .expect("the session bus has an address")
            .serve_at("/StatusNotifierWatcher", Watcher { icons: Arc::clone(&icons) })
            .expect("a panel can be served")
            .name(NAME)
            .expect("the name is good")
            .build()
            .await
            .expect("no other panel is on this bus");
        Self { bus, icons }
    }

    /// Takes it off the bus, as a panel that crashed.
    pub(crate) async fn leave(&mut self) {
        self.bus.release_name(NAME).await.expect("a panel can leave");
    }

    /// Waits until the menu of this window's icon has a row with these words.
    pub(crate) async fn says_of(&self, window: &Window, words: &str) {
        self.row_of(window, words).await;
    }

    /// Clicks the row with these words in the menu of this window's icon.
    pub(crate) async fn click(&self, window: &Window, words: &str) {
        let (menu, row) = self.row_of(window, words).await;
        let clicked: zbus::Result<()> = menu.call("Event", &(row.number, "clicked", Value::from(0), 0_u32)).await;
        clicked.expect("a row of a menu can be clicked");
    }

    async fn row_of(&self, window: &Window, words: &str) -> (Proxy<'static>, Row) {
        let app = window.app();
        eventually(&format!("the tray says \"{words}\""), || async move {
            let menu = self.menu_of(app).await?;
            let (_, (_, _, rows)): (u32, Layout) = menu.call("GetLayout", &(0, -1, Vec::<String>::new())).await.ok()?;
            let row = rows.into_iter().filter_map(read).find(|row| row.words == words)?;
            Some((menu, row))
        })
        .await
    }

    /// The menu of the icon of a process.
    async fn menu_of(&self, process: u32) -> Option<Proxy<'static>> {
        let icons = self.icons.lock().expect("nobody panicked here").clone();
        for Icon { owner, path } in icons {
            if self.process_of(&owner).await == Some(process) {
                let icon = Proxy::new(&self.bus, owner.clone(), path, "org.kde.StatusNotifierItem").await.ok()?;
                let menu: OwnedObjectPath = icon.get_property("Menu").await.ok()?;
                return Proxy::new(&self.bus, owner, menu, "com.canonical.dbusmenu").await.ok();
            }
        }
        None
    }

    async fn process_of(&self, owner: &str) -> Option<u32> {
        let bus = zbus::fdo::DBusProxy::new(&self.bus).await.ok()?;
        bus.get_connection_unix_process_id(BusName::try_from(owner).ok()?).await.ok()
    }
}

fn read(row: OwnedValue) -> Option<Row> {
    let (number, known, _): Layout = row.try_into().ok()?;
    let words = known.get("label").and_then(|label| label.downcast_ref::<&str>().ok()).unwrap_or_default().to_owned();
    Some(Row { number, words })
}
