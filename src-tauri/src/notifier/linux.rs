//! Notifications over the session bus (`org.freedesktop.Notifications`).

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use deskline_client::Notification;
use deskline_domain::ids::ContactId;
use notify_rust::{Hint, NotificationHandle, NotificationResponse};
use tokio::{sync::mpsc, task::JoinHandle};

use super::Order;

/// One that is on the screen.
struct Live {
    /// Tells it from the one that it replaced, which had the same number on the bus.
    serial: u64,
    handle: Arc<NotificationHandle>,
    /// Waits for a click or for its end.
    watch: JoinHandle<()>,
}

/// How a notification ended.
struct Ended {
    contact_id: ContactId,
    serial: u64,
}

struct Screen<F> {
    live: HashMap<ContactId, Live>,
    ended: mpsc::UnboundedSender<Ended>,
    opened: F,
    shown: u64,
    /// Whether the service reads markup in bodies. Asked at the first one.
    markup: Option<bool>,
    complained: bool,
}

/// Carries orders out until the notifier is gone.
pub(super) async fn run<F>(mut orders: mpsc::UnboundedReceiver<Order>, opened: F)
where
    F: Fn(ContactId) + Clone + Send + Sync + 'static,
{
    let (ended, mut ends) = mpsc::unbounded_channel();
    let mut screen = Screen { live: HashMap::new(), ended, opened, shown: 0, markup: None, complained: false };
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Show(notification)) => screen.show(notification).await,
                Some(Order::Withdraw(contact_id)) => screen.withdraw(contact_id).await,
                Some(Order::WithdrawAll(done)) => {
                    screen.withdraw_all().await;
                    // Whoever asked may have stopped waiting.
                    let _ = done.send(());
                }
                None => return,
            },
            Some(end) = ends.recv() => screen.forget(&end),
        }
    }
}

impl<F: Fn(ContactId) + Clone + Send + Sync + 'static> Screen<F> {
    async fn show(&mut self, notification: Notification) {
        let contact_id = notification.contact_id;
        let before = self.live.remove(&contact_id);
        let markup = self.reads_markup().await;
        let mut wanted = compose(&notification, markup);
        if let Some(before) = &before {
            wanted.id(before.handle.id());
        }
        match wanted.show_async().await {
            Ok(handle) => {
                let live = self.watch(contact_id, handle);
                self.live.insert(contact_id, live);
            }
            Err(error) => self.complain(&error),
        }
        if let Some(before) = before {
            before.watch.abort();
        }
    }

    fn watch(&mut self, contact_id: ContactId, handle: NotificationHandle) -> Live {
        self.shown += 1;
        let serial = self.shown;
        let handle = Arc::new(handle);
        let (watched, opened, ended) = (Arc::clone(&handle), self.opened.clone(), self.ended.clone());
        let watch = tokio::spawn(async move {
            let clicked = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&clicked);
            watched
                .wait_for_action_async(move |response| {
                    if !matches!(response, NotificationResponse::Closed(_)) {
                        told.store(true, Ordering::Relaxed);
                        opened(contact_id);
                    }
                })
                .await;
            if clicked.load(Ordering::Relaxed) {
                // Some services leave it on the screen after a click.
                watched.close_async().await;
            }
            // The screen is gone when the app quits; nobody needs to be told then.
            let _ = ended.send(Ended { contact_id, serial });
        });
        Live { serial, handle, watch }
    }

    async fn withdraw(&mut self, contact_id: ContactId) {
        if let Some(live) = self.live.remove(&contact_id) {
            live.watch.abort();
            live.handle.close_async().await;
        }
    }

    async fn withdraw_all(&mut self) {
        for (_, live) in self.live.drain() {
            live.watch.abort();
            live.handle.close_async().await;
        }
    }

    /// Forgets one that was clicked or closed, unless a newer one has taken its place.
    fn forget(&mut self, end: &Ended) {
        if self.live.get(&end.contact_id).is_some_and(|live| live.serial == end.serial) {
            self.live.remove(&end.contact_id);
        }
    }

    async fn reads_markup(&mut self) -> bool {
        if let Some(known) = self.markup {
            return known;
        }
        let asked = tokio::task::spawn_blocking(notify_rust::get_capabilities).await;
        match asked {
            Ok(Ok(capabilities)) => *self.markup.insert(capabilities.iter().any(|word| word == "body-markup")),
            // Nobody answers: showing it will say so.
            _ => true,
        }
    }

    fn complain(&mut self, error: &notify_rust::error::Error) {
        if self.complained {
            tracing::debug!(%error, "A notification could not be shown");
        } else {
            self.complained = true;
            tracing::warn!(%error, "This desktop shows no notifications");
        }
    }
}

fn compose(notification: &Notification, markup: bool) -> notify_rust::Notification {
    let body = if markup { escape(&notification.body) } else { notification.body.clone() };
    notify_rust::Notification::new()
        .appname(crate::window::TITLE)
        .icon(crate::place::IDENTIFIER)
        .summary(&notification.title)
        .body(&body)
        .hint(Hint::Category("im.received".to_owned()))
        .hint(Hint::DesktopEntry("Deskline".to_owned()))
        .action("default", "Open")
        .finalize()
}

/// What somebody texted is never markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(body: &str) -> Notification {
        Notification {
            contact_id: ContactId(uuid::Uuid::nil()),
            title: "Maria <3".to_owned(),
            body: body.to_owned(),
            count: 1,
        }
    }

    #[test]
    fn a_text_is_never_read_as_markup() {
        let text = "<img src=x> a & b";

        assert_eq!(compose(&notification(text), true).body, "&lt;img src=x&gt; a &amp; b");
        assert_eq!(compose(&notification(text), false).body, text);
    }

    #[test]
    fn it_says_that_it_is_a_message_and_can_be_clicked() {
        let composed = compose(&notification("hello"), true);

        assert!(format!("{composed:?}").contains(r#"Category("im.received")"#), "{composed:?}");
        assert_eq!(composed.actions, ["default", "Open"]);
    }
}
