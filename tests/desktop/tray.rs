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
    zvariant::{OwnedObjectPath, OwnedValue},
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

/// A row of a menu, with the rows below it: its number, what is known of it, and its children.
type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));

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

    /// Waits until the menu of this window's icon has a row with these words.
    pub(crate) async fn says_of(&self, window: &Window, words: &str) {
        let wanted = format!("\"{words}\"");
        let (wanted, app) = (&wanted, window.app());
        eventually(&format!("the tray says {wanted}"), || async move {
            let menu = self.menu_of(app).await.ok()??;
            menu.contains(wanted).then_some(())
        })
        .await;
    }

    /// The menu of the icon of a process, as one text.
    async fn menu_of(&self, process: u32) -> zbus::Result<Option<String>> {
        let icons = self.icons.lock().expect("nobody panicked here").clone();
        for icon in icons {
            if self.process_of(&icon.owner).await != Some(process) {
                continue;
            }
            let item =
                Proxy::new(&self.bus, icon.owner.as_str(), icon.path.as_str(), "org.kde.StatusNotifierItem").await?;
            let menu: OwnedObjectPath = item.get_property("Menu").await?;
            let menu = Proxy::new(&self.bus, icon.owner.as_str(), menu.as_str(), "com.canonical.dbusmenu").await?;
            let layout: Layout = menu.call("GetLayout", &(0, -1, Vec::<String>::new())).await?;
            return Ok(Some(format!("{layout:?}")));
        }
        Ok(None)
    }

    async fn process_of(&self, owner: &str) -> Option<u32> {
        let bus = zbus::fdo::DBusProxy::new(&self.bus).await.ok()?;
        bus.get_connection_unix_process_id(BusName::try_from(owner).ok()?).await.ok()
    }
}
