//! Identifiers: UUIDs with a type each, so that a contact's id cannot be passed where a message's is wanted.
//!
//! Used by every crate. Never makes randomness or reads the clock by itself: see [`MessageId::v7`].

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(transparent)]
        #[ts(export, as = "String")]
        pub struct $name(pub Uuid);

        impl $name {
            /// A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then randomness, so that ids made later sort later.
            #[must_use]
            pub fn v7(now: DateTime<Utc>, entropy: [u8; 10]) -> Self {
                Self(v7(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// A team: its contacts, numbers and messages.
    WorkspaceId
}
id! {
    /// Somebody who signs in. May live in a foreign user directory such as Supabase.
    UserId
}
id! {
    /// A person, or a sender without one, that the team texts with.
    ContactId
}
id! {
    /// A text. For an outbound one it is made where Enter was pressed, and stays the same all the way to Twilio.
    MessageId
}
id! {
    /// One thing an agent did; carrying it out twice is carrying it out once.
    CommandId
}
id! {
    /// A file that the server keeps: one that came with a text, or one that an agent uploaded.
    FileId
}
id! {
    /// A file on an agent's machine that is to go with a text.
    AttachmentId
}
id! {
    /// A label of a team, which conversations can carry.
    LabelId
}
id! {
    /// A private note beside a conversation.
    NoteId
}
id! {
    /// A text that a team keeps for answering again and again.
    CannedReplyId
}
id! {
    /// One life of one database's change feed. A restored backup gets another.
    FeedId
}

fn v7(now: DateTime<Utc>, entropy: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_made_later_sorts_later() {
        let early = DateTime::from_timestamp_millis(1_700_000_000_000).unwrap();

        let first = MessageId::v7(early, [0xff; 10]);
        let second = MessageId::v7(early + chrono::TimeDelta::milliseconds(1), [0; 10]);

        assert!(first < second);
        assert_eq!(first.0.get_version_num(), 7);
    }

    #[test]
    fn an_id_reads_back_from_what_it_prints() {
        let id = ContactId(Uuid::from_u128(7));

        assert_eq!(id.to_string().parse::<ContactId>().unwrap(), id);
        assert!("seven".parse::<ContactId>().is_err());
    }
}
