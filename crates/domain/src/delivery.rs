//! What became of a text: Twilio's statuses, and which may follow which.
//!
//! Called by the store for each status callback, by both senders, and by the desktop to show a tick. Callbacks arrive out of
//! order and twice; [`DeliveryStatus::advance`] is the only rule about that.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A status in Twilio's words (Message resource, `status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DeliveryStatus {
    /// Will be sent later, at a set time.
    Scheduled,
    /// Stored, and waiting to be sent.
    Queued,
    /// Twilio has it and is choosing a sender from a Messaging Service.
    Accepted,
    /// Twilio is handing it to the carrier.
    Sending,
    /// The carrier has it. Many carriers say no more than this.
    Sent,
    /// The handset has it. An inbound text is stored as this.
    Delivered,
    /// It was seen, where the channel reports that.
    Read,
    /// Received by Twilio from a handset.
    Received,
    /// A scheduled text that was called off.
    Canceled,
    /// The carrier could not deliver it.
    Undelivered,
    /// It never left.
    Failed,
}

/// A word that is no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a delivery status")]
pub struct UnknownStatus(pub String);

impl DeliveryStatus {
    /// Every status there is.
    pub const ALL: [Self; 11] = [
        Self::Scheduled,
        Self::Queued,
        Self::Accepted,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Received,
        Self::Canceled,
        Self::Undelivered,
        Self::Failed,
    ];

    /// How far along it is. `failed` and `undelivered` win over everything, so that no late `sent` hides a failure.
    const fn rank(self) -> u8 {
        match self {
            Self::Scheduled => 0,
            Self::Queued => 10,
            Self::Accepted => 20,
            Self::Sending => 30,
            Self::Sent => 40,
            Self::Delivered | Self::Received => 50,
            Self::Read => 60,
            Self::Canceled => 70,
            Self::Undelivered | Self::Failed => 80,
        }
    }

    /// The status to keep when `next` is reported. Never goes backwards; the first of two equal ranks stays.
    #[must_use]
    pub const fn advance(self, next: Self) -> Self {
        if next.rank() > self.rank() { next } else { self }
    }

    /// Whether this says that the text did not arrive.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Undelivered | Self::Failed)
    }

    /// Whether nothing more is expected, but for a failure or a read receipt.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        self.rank() >= 50
    }

    /// Twilio's word, as it stands in `messages.status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Received => "received",
            Self::Canceled => "canceled",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryStatus {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or_else(|| UnknownStatus(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_status() -> impl Strategy<Value = DeliveryStatus> {
        prop::sample::select(DeliveryStatus::ALL.to_vec())
    }

    #[test]
    fn every_status_reads_back_and_is_spelled_the_same_in_json() {
        for status in DeliveryStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }

    #[test]
    fn read_follows_delivered_and_failure_wins_over_both() {
        use DeliveryStatus::{Delivered, Failed, Read};

        assert_eq!(Delivered.advance(Read), Read);
        assert_eq!(Read.advance(Delivered), Read);
        assert_eq!(Read.advance(Failed), Failed);
        assert_eq!(Failed.advance(Delivered), Failed);
    }

    proptest! {
        #[test]
        fn order_and_repetition_of_callbacks_do_not_matter(
            (reported, shuffled) in prop::collection::vec(any_status(), 1..8)
                .prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))
        ) {
            let settle = |list: &[DeliveryStatus]| {
                list.iter().chain(list).fold(DeliveryStatus::Scheduled, |status, next| status.advance(*next)).rank()
            };

            prop_assert_eq!(settle(&reported), settle(&shuffled));
        }
    }
}
