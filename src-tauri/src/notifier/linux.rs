//! Notifications over the session bus (`org.freedesktop.Notifications`).
//!
//! Spoken here and not through `notify-rust`, which cannot hear answers: a service tells them to the connection that showed the
//! notification, and to nobody else. One connection serves all of them.

#[path = "linux/bus.rs"]
mod bus;

use std::collections::HashMap;

use deskline_client::Notification;
use deskline_domain::ids::{ContactId, MessageId};
use tokio::sync::mpsc;
use zbus::Connection;

use self::bus::{Bus, Signal, Wanted};
use super::{Heard, Order, Place};
use crate::desk::Seat;

/// One that is on the screen.
struct Live {
    /// Its number on the bus. The one that took its place has the same.
    id: u32,
    contact_id: ContactId,
    newest: Option<MessageId>,
}

/// What is on the screen of one connection.
struct Screen {
    bus: Bus,
    live: HashMap<Place, Live>,
}

/// Carries orders out until the notifier is gone.
pub(super) async fn run<F>(mut orders: mpsc::UnboundedReceiver<Order>, heard: F)
where
    F: Fn(Heard) + Clone + Send + Sync + 'static,
{
    let mut screen: Option<Screen> = None;
    let mut complained = false;
    loop {
        let signal = async {
            match &mut screen {
                Some(screen) => screen.bus.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { return };
                if let Err(error) = carry_out(&mut screen, order).await {
                    complain(&mut complained, &error);
                }
            }
            signal = signal => match signal {
                Some(signal) => {
                    if let Some(screen) = &mut screen {
                        screen.hear(signal, &heard).await;
                    }
                }
                // The bus is gone; another one may come.
                None => screen = None,
            },
        }
    }
}

async fn carry_out(screen: &mut Option<Screen>, order: Order) -> zbus::Result<()> {
    match (order, screen) {
        (Order::Show(seat, notification), Some(screen)) => screen.show(seat, &notification).await,
        (Order::Show(seat, notification), none) => {
            let screen = none.insert(Screen::on(Connection::session().await?).await?);
            screen.show(seat, &notification).await
        }
        (Order::Withdraw(place), Some(screen)) => {
            screen.withdraw(place).await;
            Ok(())
        }
        (Order::WithdrawAll(done), screen) => {
            if let Some(screen) = screen {
                screen.withdraw_all().await;
            }
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
            Ok(())
        }
        (Order::Withdraw(_), None) => Ok(()),
    }
}

/// Once as a warning: a desktop without a notification service has none for every text.
fn complain(complained: &mut bool, error: &zbus::Error) {
    if *complained {
        tracing::debug!(%error, "A notification could not be shown");
    } else {
        *complained = true;
        tracing::warn!(%error, "This desktop shows no notifications");
    }
}

impl Screen {
    async fn on(connection: Connection) -> zbus::Result<Self> {
        Ok(Self { bus: Bus::on(connection).await?, live: HashMap::new() })
    }

    async fn show(&mut self, seat: Seat, notification: &Notification) -> zbus::Result<()> {
        let abilities = self.bus.abilities().await?;
        let Notification { slot, contact_id, newest, silent, .. } = *notification;
        let can_be_answered = newest.is_some() && abilities.inline_reply;
        let wanted = Wanted {
            // The number of one that is gone already makes a new one.
            replaces: self.live.get(&(seat, slot)).map_or(0, |live| live.id),
            title: &notification.title,
            body: if abilities.markup { escape(&notification.body) } else { notification.body.clone() },
            can_be_answered,
            silent,
        };
        let id = self.bus.show(&wanted).await?;
        self.live.insert((seat, slot), Live { id, contact_id, newest });
        Ok(())
    }

    async fn withdraw(&mut self, place: Place) {
        if let Some(live) = self.live.remove(&place) {
            self.bus.close(live.id).await;
        }
    }

    async fn withdraw_all(&mut self) {
        for live in std::mem::take(&mut self.live).into_values() {
            self.bus.close(live.id).await;
        }
    }

    async fn hear(&mut self, signal: Signal, heard: &impl Fn(Heard)) {
        let id = match &signal {
            Signal::Invoked(id) | Signal::Closed(id) | Signal::Replied(id, _) => *id,
        };
        let Some(place) = self.live.iter().find_map(|(place, live)| (live.id == id).then_some(*place)) else { return };
        let Some(live) = self.live.remove(&place) else { return };
        let (seat, contact_id) = (place.0, live.contact_id);
        match (signal, live.newest) {
            (Signal::Closed(_), _) => return,
            (Signal::Replied(_, text), Some(newest)) => {
                heard(Heard::Answered { seat, contact_id, newest, text });
            }
            (Signal::Replied(..) | Signal::Invoked(_), _) => heard(Heard::Opened { seat, contact_id }),
        }
        // Some services leave it on the screen after a click.
        self.bus.close(id).await;
    }
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
#[path = "linux/tests.rs"]
mod tests;
