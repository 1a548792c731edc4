//! What an agent wants to be told, and how much of it. Kept in the outbox file: the cache may be thrown away.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// When to notify, and what to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct NotificationSettings {
    /// What a notification shows to whoever passes by.
    pub content: NotificationContent,
    /// Only for conversations that the agent sees to, and for those of nobody.
    pub mine_only: bool,
    /// Whether they may make a sound. Which one, the system decides.
    pub sound: bool,
    /// Whether to tell anything at all.
    pub do_not_disturb: DoNotDisturb,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            content: NotificationContent::NameAndText,
            mine_only: false,
            sound: true,
            do_not_disturb: DoNotDisturb::Off,
        }
    }
}

/// What a notification shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum NotificationContent {
    /// Who wrote, and what.
    NameAndText,
    /// Who wrote.
    NameOnly,
    /// That somebody wrote.
    Nothing,
}

/// Whether the agent wants to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "camelCase")]
#[ts(export)]
pub enum DoNotDisturb {
    /// No.
    Off,
    /// Until this time.
    Until {
        /// When notifications begin again.
        until: DateTime<Utc>,
    },
    /// Until it is turned off.
    On,
}

impl DoNotDisturb {
    /// Whether it holds at this moment.
    #[must_use]
    pub fn holds(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Off => false,
            Self::Until { until } => now < until,
            Self::On => true,
        }
    }

    /// When it ends by itself, if it does and has not yet.
    #[must_use]
    pub fn ends(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Until { until } if now < until => Some(until),
            _ => None,
        }
    }
}
