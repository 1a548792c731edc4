//! Notifications on macOS and Windows, as far as `notify-rust` reaches there.
//!
//! It can show one and hear a click, each on a thread of its own, but neither replace nor take away: there the system's own
//! notification centre groups them, and they stay until they are dismissed.

use deskline_client::Notification;
use deskline_domain::ids::ContactId;
use notify_rust::NotificationResponse;
use tokio::sync::mpsc;

use super::Order;

/// Carries orders out until the notifier is gone.
pub(super) async fn run<F>(mut orders: mpsc::UnboundedReceiver<Order>, opened: F)
where
    F: Fn(ContactId) + Clone + Send + Sync + 'static,
{
    while let Some(order) = orders.recv().await {
        match order {
            Order::Show(notification) => show(notification, opened.clone()),
            Order::Withdraw(_) => {}
            // Whoever asked may have stopped waiting.
            Order::WithdrawAll(done) => _ = done.send(()),
        }
    }
}

fn show(notification: Notification, opened: impl Fn(ContactId) + Send + 'static) {
    std::thread::spawn(move || {
        let contact_id = notification.contact_id;
        let shown = notify_rust::Notification::new()
            .appname(crate::window::TITLE)
            .summary(&notification.title)
            .body(&notification.body)
            .show()
            .and_then(|handle| {
                handle.wait_for_response(|response: &NotificationResponse| {
                    if !matches!(response, NotificationResponse::Closed(_)) {
                        opened(contact_id);
                    }
                })
            });
        if let Err(error) = shown {
            tracing::warn!(%error, "A notification could not be shown");
        }
    });
}
