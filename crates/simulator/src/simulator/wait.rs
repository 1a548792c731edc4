//! Waiting for what a test expects, without a sleep and with an end.

use std::time::Duration;

use crate::{
    Simulator,
    callback::Delivery,
    files::Served,
    state::{Asked, Sent, State},
};

/// What was waited for did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "nothing like that happened within {waited:?}: {asked} requests came, {sent} texts were taken, {delivered} webhooks and callbacks \
     were delivered and {failed} were not"
)]
pub struct TimedOut {
    /// How long.
    pub waited: Duration,
    /// Requests to the API until then.
    pub asked: usize,
    /// Texts that were taken until then.
    pub sent: usize,
    /// Webhooks and callbacks that the server took.
    pub delivered: usize,
    /// Those that it did not take.
    pub failed: usize,
}

impl Simulator {
    /// Waits for a text that was created through the API, an earlier one too, and gives it.
    ///
    /// # Errors
    /// [`TimedOut`] when none comes.
    pub async fn wait_for(&self, is_it: impl Fn(&Sent) -> bool, within: Duration) -> Result<Sent, TimedOut> {
        self.wait(within, |state| state.outbound().find(|sent| is_it(sent)).cloned()).await
    }

    /// Waits until the texts that were created through the API are as they should be, and gives them.
    ///
    /// # Errors
    /// [`TimedOut`] when they never are.
    pub async fn wait_until(
        &self,
        are_they: impl Fn(&[Sent]) -> bool,
        within: Duration,
    ) -> Result<Vec<Sent>, TimedOut> {
        self.wait(within, |state| Some(state.sent()).filter(|sent| are_they(sent))).await
    }

    /// Waits until more texts than `known` were created through the API, for as long as it takes, and gives those that came after these.
    pub async fn sent_after(&self, known: usize) -> Vec<Sent> {
        // Listen first, then look: what happens in between wakes us.
        let mut changes = self.inner.changes();
        loop {
            let news: Vec<Sent> = self.inner.state().outbound().skip(known).cloned().collect();
            // An error would mean that the sender is gone, and we hold it.
            if !news.is_empty() || changes.changed().await.is_err() {
                return news;
            }
        }
    }

    /// Waits until the requests that came are as they should be, whether or not they were answered.
    ///
    /// # Errors
    /// [`TimedOut`] when they never are.
    pub async fn wait_until_asked(
        &self,
        are_they: impl Fn(&[Asked]) -> bool,
        within: Duration,
    ) -> Result<Vec<Asked>, TimedOut> {
        self.wait(within, |state| are_they(&state.asked).then(|| state.asked.clone())).await
    }

    /// Waits until the requests for files that reached the host which Twilio redirects to are as they should be.
    ///
    /// # Errors
    /// [`TimedOut`] when they never are.
    pub async fn wait_until_served(
        &self,
        are_they: impl Fn(&[Served]) -> bool,
        within: Duration,
    ) -> Result<Vec<Served>, TimedOut> {
        self.wait(within, |state| are_they(&state.served).then(|| state.served.clone())).await
    }

    /// Waits for a webhook or callback that is over, an earlier one too, and gives it.
    ///
    /// # Errors
    /// [`TimedOut`] when there is none.
    pub async fn wait_for_delivery(
        &self,
        is_it: impl Fn(&Delivery) -> bool,
        within: Duration,
    ) -> Result<Delivery, TimedOut> {
        self.wait(within, |state| state.deliveries.iter().find(|delivery| is_it(delivery)).cloned()).await
    }

    /// Waits until every webhook and callback that is under way was delivered or given up. With callbacks held back, that is
    /// after they are released.
    pub async fn settled(&self) {
        self.inner.settled().await;
    }

    async fn wait<T>(&self, within: Duration, look: impl Fn(&State) -> Option<T>) -> Result<T, TimedOut> {
        // Listen first, then look: what happens in between wakes us.
        let mut changes = self.inner.changes();
        let found = async {
            loop {
                let found = look(&self.inner.state());
                if let Some(found) = found {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(within, found).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) | Err(_) => Err(self.inner.state().timed_out(within)),
        }
    }
}

impl State {
    /// The texts that were created through the API.
    pub(crate) fn outbound(&self) -> impl Iterator<Item = &Sent> {
        use deskline_twilio::message::MessageDirection::Inbound;
        self.messages.iter().filter(|stored| stored.direction != Inbound).map(|stored| &stored.text)
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.outbound().cloned().collect()
    }

    fn timed_out(&self, waited: Duration) -> TimedOut {
        let delivered = self.deliveries.iter().filter(|delivery| delivery.is_ok()).count();
        TimedOut {
            waited,
            asked: self.asked.len(),
            sent: self.outbound().count(),
            delivered,
            failed: self.deliveries.len() - delivered,
        }
    }
}
