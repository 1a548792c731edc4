//! What goes wrong on demand. Tests queue faults; the API takes the first that fits at each request.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

/// Something that goes wrong. Each `times` counts requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Fault {
    /// Twilio says no, once, with one of its codes.
    RefuseWith {
        /// Such as 21610.
        code: i32,
    },
    /// 429, code 20429. Nothing is taken.
    RateLimit {
        /// The `Retry-After` header, in whole seconds.
        #[serde(default, with = "seconds")]
        retry_after: Option<Duration>,
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// 500 with Twilio's JSON. Nothing is taken, but nobody can know that from the answer.
    ServerError {
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// 200 with a web page, as a proxy or a Wi-Fi sign-in would answer. Nothing is taken.
    NotJson {
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// The text is taken, callbacks and all, and the connection is cut instead of an answer.
    AcceptAndDropAnswer {
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// The connection is cut, and nothing is taken.
    Drop {
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// No answer until the faults are cleared, and nothing is taken before that. Then the request goes on.
    Hang {
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// The text is taken, callbacks and all, and there is no answer until the faults are cleared.
    AcceptAndHang {
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
    /// A slow answer. The request is carried out at its end.
    Delay {
        /// How slow, in seconds.
        #[serde(with = "plain_seconds")]
        by: Duration,
        /// How often.
        #[serde(default = "once")]
        times: u32,
    },
}

/// Which requests a fault hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Only those that create a text.
    #[default]
    Create,
    /// Every request to Twilio's API, look-ups too.
    Any,
}

const fn once() -> u32 {
    1
}

/// Faults that wait for their request.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<(Scope, Fault)>);

impl Faults {
    pub(crate) fn push(&mut self, scope: Scope, fault: Fault) {
        self.0.push_back((scope, fault));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault that fits, counted down.
    pub(crate) fn take(&mut self, creates: bool) -> Option<Fault> {
        let index = self.0.iter().position(|(scope, _)| *scope == Scope::Any || creates)?;
        let (_, fault) = self.0.get_mut(index)?;
        let taken = *fault;
        if fault.count_down() == 0 {
            self.0.remove(index);
        }
        Some(taken)
    }
}

impl Fault {
    /// Takes one off, and says how many are left.
    fn count_down(&mut self) -> u32 {
        match self {
            Self::RefuseWith { .. } => 0,
            Self::RateLimit { times, .. }
            | Self::ServerError { times }
            | Self::NotJson { times }
            | Self::AcceptAndDropAnswer { times }
            | Self::Drop { times }
            | Self::Hang { times }
            | Self::AcceptAndHang { times }
            | Self::Delay { times, .. } => {
                *times = times.saturating_sub(1);
                *times
            }
        }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(|value| value.as_secs()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

mod plain_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_secs_f64().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_hits_as_often_as_it_says_and_the_next_comes_after_it() {
        let mut faults = Faults::default();
        faults.push(Scope::Create, Fault::ServerError { times: 2 });
        faults.push(Scope::Create, Fault::RefuseWith { code: 21610 });

        let hits: Vec<_> = std::iter::from_fn(|| faults.take(true)).collect();

        assert_eq!(hits.len(), 3);
        assert_eq!(hits[2], Fault::RefuseWith { code: 21610 });
    }

    #[test]
    fn a_look_up_passes_by_faults_that_are_meant_for_new_texts() {
        let mut faults = Faults::default();
        faults.push(Scope::Create, Fault::Hang { times: 1 });
        faults.push(Scope::Any, Fault::ServerError { times: 1 });

        assert_eq!(faults.take(false), Some(Fault::ServerError { times: 1 }));
        assert_eq!(faults.take(false), None);
        assert_eq!(faults.take(true), Some(Fault::Hang { times: 1 }));
    }

    #[test]
    fn a_fault_is_written_in_json_as_the_control_api_takes_it() {
        let fault: Fault = serde_json::from_value(json!({ "kind": "rateLimit", "retryAfter": 3 })).unwrap();

        assert_eq!(fault, Fault::RateLimit { retry_after: Some(Duration::from_secs(3)), times: 1 });
        assert!(serde_json::from_value::<Fault>(json!({ "kind": "delay", "by": -1 })).is_err());
    }
}
