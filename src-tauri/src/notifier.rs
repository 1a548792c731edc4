//! System notifications: one in each slot, replaced and not piled up, gone once the texts were read anywhere.
//!
//! The engine decides what is worth one; this shows it. A click opens the conversation; where the system has a field for it, the
//! text can be answered. Without a notification service nothing fails: the first time is logged. Never logs what a notification
//! says, nor what is answered.

#[cfg_attr(target_os = "linux", path = "notifier/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "notifier/elsewhere.rs")]
mod screen;

use deskline_client::{Notification, Notifier, Slot};
use deskline_domain::ids::{ContactId, MessageId};
use tokio::sync::{mpsc, oneshot};

/// What the screen is told, in order.
enum Order {
    Show(Notification),
    Withdraw(Slot),
    WithdrawAll(oneshot::Sender<()>),
}

/// What the agent did with a notification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Clicked it.
    Opened(ContactId),
    /// Answered the newest text that it told of.
    Answered { contact_id: ContactId, newest: MessageId, text: String },
}

/// Shows notifications without making anybody wait.
#[derive(Clone, Debug)]
pub(crate) struct DesktopNotifier {
    orders: mpsc::UnboundedSender<Order>,
}

impl DesktopNotifier {
    /// Starts. `heard` is called with whatever the agent does with one.
    pub(crate) fn start(heard: impl Fn(Heard) + Clone + Send + Sync + 'static) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        tauri::async_runtime::spawn(screen::run(inbox, heard));
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

    fn withdraw(&self, slot: Slot) {
        self.tell(Order::Withdraw(slot));
    }
}
