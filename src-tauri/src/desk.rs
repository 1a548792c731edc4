//! The engines as the commands find them: one for each account, opened in the background while the window is already there.
//!
//! The window looks at one account at a time, and its commands go there; all of them synchronise, count and notify side by side. Opening
//! asks the keychain, which may ask the agent for a password and so take any time. Until it is open, commands wait; when it could not be
//! opened, each of them answers with the reason, and the window shows that sentence.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskline_client::{Client, view::Session};
use tokio::sync::SetOnce;

use crate::error::{CommandError, Result};

/// The number of an account on this desktop: 0 is the data folder's own.
pub(crate) type Seat = u32;

type Opened = Arc<SetOnce<Result<Client>>>;

/// All engines, once they are open.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    seats: Arc<Mutex<Seats>>,
}

#[derive(Default)]
struct Seats {
    all: Vec<(Seat, Opened)>,
    current: Seat,
}

impl Desk {
    /// The engine that the window looks at; waits for it.
    pub(crate) async fn client(&self) -> Result<Client> {
        let opened = {
            let seats = self.seats();
            seats.opened(seats.current)
        };
        match opened {
            Some(opened) => opened.wait().await.clone(),
            None => Err(deskline_client::Error::NotFound("account").into()),
        }
    }

    /// The engine that the window looks at, if it is open by now.
    pub(crate) fn client_if_open(&self) -> Option<Client> {
        self.client_of(self.current())
    }

    /// The engine of an account, if it is open by now.
    pub(crate) fn client_of(&self, seat: Seat) -> Option<Client> {
        self.seats().opened(seat)?.get()?.as_ref().ok().cloned()
    }

    /// Every engine that is open by now.
    pub(crate) fn clients(&self) -> Vec<(Seat, Client)> {
        let seats = self.seats();
        let open = seats.all.iter().filter_map(|(seat, opened)| Some((*seat, opened.get()?.as_ref().ok()?.clone())));
        open.collect()
    }

    /// Which account the window looks at.
    pub(crate) fn current(&self) -> Seat {
        self.seats().current
    }

    /// An account whose engine is about to be opened.
    pub(crate) fn add(&self, seat: Seat) {
        self.seats().all.push((seat, Opened::default()));
    }

    /// Called once for each account, when opening is over.
    pub(crate) fn set(&self, seat: Seat, opened: std::result::Result<Client, deskline_client::Error>) {
        let Some(place) = self.seats().opened(seat) else { return };
        if place.set(opened.map_err(CommandError::from)).is_err() {
            tracing::error!(seat, "The engine was opened twice");
        }
    }

    /// An account that could not be opened before is open now.
    pub(crate) fn renew(&self, seat: Seat, client: Client) {
        if let Some((_, opened)) = self.seats().all.iter_mut().find(|(other, _)| *other == seat) {
            *opened = Arc::new(Ok(client).into());
        }
    }

    /// Lets the window look at another account. Answers whether there is one.
    pub(crate) fn switch(&self, to: Seat) -> bool {
        let mut seats = self.seats();
        let there = seats.opened(to).is_some();
        if there {
            seats.current = to;
        }
        there
    }

    /// Takes an account away that the window does not look at.
    pub(crate) fn remove(&self, seat: Seat) -> Option<Client> {
        let client = self.client_of(seat);
        self.seats().all.retain(|(other, _)| *other != seat);
        client
    }

    /// What an account is called, where somebody is signed in to more than one.
    pub(crate) fn label(&self, seat: Seat) -> Option<String> {
        let emails: Vec<(Seat, String)> =
            self.clients().into_iter().filter_map(|(seat, client)| Some((seat, email(&client.session())?))).collect();
        if emails.len() < 2 {
            return None;
        }
        emails.into_iter().find_map(|(other, email)| (other == seat).then_some(email))
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn opened(&self, seat: Seat) -> Option<Opened> {
        self.all.iter().find_map(|(other, opened)| (*other == seat).then(|| Arc::clone(opened)))
    }
}

/// Whoever is signed in.
pub(crate) fn email(session: &Session) -> Option<String> {
    match session {
        Session::SignedIn { email, .. } => Some(email.clone()),
        Session::SignedOut { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use deskline_client::{Error, ErrorCode};

    use super::*;

    #[tokio::test]
    async fn every_command_says_why_the_folder_could_not_be_opened() {
        let desk = Desk::default();
        desk.add(0);
        desk.set(0, Err(Error::InUse("/data".to_owned())));

        for _ in 0..2 {
            assert_eq!(desk.client().await.unwrap_err().code, ErrorCode::InUse);
        }
        assert!(desk.client_if_open().is_none());
    }

    #[tokio::test]
    async fn the_window_looks_at_one_account_and_never_at_one_that_is_gone() {
        let desk = Desk::default();
        desk.add(0);
        desk.add(1);
        desk.set(0, Err(Error::InUse("/data".to_owned())));
        desk.set(1, Err(Error::DiskFull));

        assert!(desk.switch(1));
        assert_eq!(desk.client().await.unwrap_err().code, ErrorCode::DiskFull);
        assert!(desk.switch(0));
        desk.remove(1);
        assert!(!desk.switch(1));
        assert_eq!(desk.client().await.unwrap_err().code, ErrorCode::InUse);
    }
}
