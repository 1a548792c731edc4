//! Notifications on macOS and Windows, as far as `notify-rust` reaches there.
//!
//! It can show one, hear a click and on macOS an answer, each on a thread of its own, but neither replace nor take away: there the
//! system's own notification centre groups them, and they stay until they are dismissed. On Windows it has no field to write in.

use deskline_client::Notification;
use notify_rust::NotificationResponse;
use tokio::sync::mpsc;

use super::{Heard, Order};
use crate::desk::Seat;

/// Carries orders out until the notifier is gone.
pub(super) async fn run<F>(mut orders: mpsc::UnboundedReceiver<Order>, heard: F)
where
    F: Fn(Heard) + Clone + Send + Sync + 'static,
{
    while let Some(order) = orders.recv().await {
        match order {
            Order::Show(seat, notification) => show(seat, notification, heard.clone()),
            Order::Withdraw(_) => {}
            // Whoever asked may have stopped waiting.
            Order::WithdrawAll(done) => _ = done.send(()),
        }
    }
}

fn show(seat: Seat, notification: Notification, heard: impl Fn(Heard) + Send + 'static) {
    std::thread::spawn(move || {
        let Notification { contact_id, newest, .. } = notification;
        let shown = compose(&notification).show().and_then(|handle| {
            handle.wait_for_response(|response: &NotificationResponse| match (response, newest) {
                (NotificationResponse::Closed(_), _) => {}
                (NotificationResponse::Reply(text), Some(newest)) => {
                    heard(Heard::Answered { seat, contact_id, newest, text: text.clone() });
                }
                _ => heard(Heard::Opened { seat, contact_id }),
            })
        });
        if let Err(error) = shown {
            tracing::warn!(%error, "A notification could not be shown");
        }
    });
}

fn compose(notification: &Notification) -> notify_rust::Notification {
    let mut composed = notify_rust::Notification::new();
    composed.appname(crate::window::TITLE).summary(&notification.title).body(&notification.body);
    #[cfg(target_os = "macos")]
    if notification.newest.is_some() {
        composed.reply("Write a reply");
    }
    #[cfg(target_os = "windows")]
    composed.app_id(crate::place::IDENTIFIER);
    composed
}
