//! System notifications: one for each contact, replaced and not piled up, gone once the texts were read anywhere.
//!
//! The engine decides what is worth one; this shows it. A click opens the conversation. Without a notification service
//! nothing fails: the first time is logged. Never logs what a notification says.

#[cfg_attr(target_os = "linux", path = "notifier/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "notifier/elsewhere.rs")]
mod screen;

use deskline_client::{Notification, Notifier};
use deskline_domain::ids::ContactId;
use tokio::sync::{mpsc, oneshot};

/// What the screen is told, in order.
enum Order {
    Show(Notification),
    Withdraw(ContactId),
    WithdrawAll(oneshot::Sender<()>),
}

/// Shows notifications without making anybody wait.
#[derive(Clone, Debug)]
pub(crate) struct DesktopNotifier {
    orders: mpsc::UnboundedSender<Order>,
}

impl DesktopNotifier {
    /// Starts. `opened` is called with the contact whose notification was clicked.
    pub(crate) fn start(opened: impl Fn(ContactId) + Clone + Send + Sync + 'static) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        tauri::async_runtime::spawn(screen::run(inbox, opened));
        Self { orders }
    }

    /// Takes all away. Returns once they are gone.
    pub(crate) async fn withdraw_all(&self) {
        let (done, gone) = oneshot::channel();
        self.tell(Order::WithdrawAll(done));
        // An error means that the screen is gone already, and its notifications with it.
        let _ = gone.await;
    }

    fn tell(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::debug!("A notification came after the end");
        }
    }
}

impl Notifier for DesktopNotifier {
    fn show(&self, notification: Notification) {
        self.tell(Order::Show(notification));
    }

    fn withdraw(&self, contact_id: ContactId) {
        self.tell(Order::Withdraw(contact_id));
    }
}
