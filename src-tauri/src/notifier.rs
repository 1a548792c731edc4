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

use crate::desk::{Desk, Seat};

/// A place on the screen, of one account.
type Place = (Seat, Slot);

/// What the screen is told, in order.
enum Order {
    Show(Seat, Notification),
    Withdraw(Place),
    WithdrawAll(oneshot::Sender<()>),
}

/// What the agent did with a notification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Clicked it.
    Opened { seat: Seat, contact_id: ContactId },
    /// Answered the newest text that it told of.
    Answered { seat: Seat, contact_id: ContactId, newest: MessageId, text: String },
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

/// The notifications of one account: they say which, where there are several.
#[derive(Clone)]
pub(crate) struct SeatNotifier {
    screen: DesktopNotifier,
    seat: Seat,
    desk: Desk,
}

impl SeatNotifier {
    /// Of this account.
    pub(crate) const fn new(screen: DesktopNotifier, seat: Seat, desk: Desk) -> Self {
        Self { screen, seat, desk }
    }
}

impl Notifier for SeatNotifier {
    fn show(&self, notification: Notification) {
        let title = match self.desk.label(self.seat) {
            Some(account) => format!("{} · {account}", notification.title),
            None => notification.title,
        };
        self.screen.tell(Order::Show(self.seat, Notification { title, ..notification }));
    }

    fn withdraw(&self, slot: Slot) {
        self.screen.tell(Order::Withdraw((self.seat, slot)));
    }
}
