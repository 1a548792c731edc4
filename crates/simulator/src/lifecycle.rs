//! What becomes of a text after Twilio took it: a plan of statuses, each reported to the text's status callback.
//!
//! Run by the API for each text it takes. The order of reports is the plan's; nothing here decides what the receiver makes of it.

use std::{sync::Arc, time::Duration};

use deskline_domain::delivery::DeliveryStatus;
use tokio::sync::oneshot;

use crate::{
    callback::{self, Post},
    files,
    inner::{Busy, Inner},
};

/// Which statuses a text goes through, and how they are reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackPlan {
    /// In the order of the reports.
    pub steps: Vec<Step>,
    /// Whether the reports arrive before the API answers the request that created the text.
    pub before_answer: bool,
}

/// One status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The status.
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error_code: Option<i32>,
    /// How long it waits, in addition to the simulator's pace.
    pub after: Duration,
    /// How often it is reported.
    pub times: u32,
}

impl Step {
    const fn new(status: DeliveryStatus) -> Self {
        Self { status, error_code: None, after: Duration::ZERO, times: 1 }
    }
}

impl CallbackPlan {
    /// These statuses, in this order.
    #[must_use]
    pub fn of(statuses: &[DeliveryStatus]) -> Self {
        Self { steps: statuses.iter().copied().map(Step::new).collect(), before_answer: false }
    }

    /// `queued`, `sent`, `delivered`.
    #[must_use]
    pub fn normal() -> Self {
        Self::of(&[DeliveryStatus::Queued, DeliveryStatus::Sent, DeliveryStatus::Delivered])
    }

    /// As normal, the last report first.
    #[must_use]
    pub fn reversed() -> Self {
        let mut plan = Self::normal();
        plan.steps.reverse();
        plan
    }

    /// As normal, every report twice.
    #[must_use]
    pub fn repeated() -> Self {
        let mut plan = Self::normal();
        plan.steps.iter_mut().for_each(|step| step.times = 2);
        plan
    }

    /// The carrier takes it and then does not deliver it: `queued`, `sent`, `undelivered`.
    #[must_use]
    pub fn failing(code: i32) -> Self {
        Self::ending_with(&[DeliveryStatus::Queued, DeliveryStatus::Sent, DeliveryStatus::Undelivered], code)
    }

    /// It never leaves: `queued`, `failed`.
    #[must_use]
    pub fn failed(code: i32) -> Self {
        Self::ending_with(&[DeliveryStatus::Queued, DeliveryStatus::Failed], code)
    }

    /// It stays `queued`, and nothing is reported.
    #[must_use]
    pub fn none() -> Self {
        Self::of(&[])
    }

    /// The same, reported before the API answers.
    #[must_use]
    pub fn before_answer(mut self) -> Self {
        self.before_answer = true;
        self
    }

    fn ending_with(statuses: &[DeliveryStatus], code: i32) -> Self {
        let mut plan = Self::of(statuses);
        if let Some(last) = plan.steps.last_mut() {
            last.error_code = Some(code);
        }
        plan
    }
}

impl Default for CallbackPlan {
    fn default() -> Self {
        Self::normal()
    }
}

/// Walks a text through its plan, from the answer on. Ends when every report was delivered or given up.
pub(crate) async fn run(
    inner: Arc<Inner>,
    sid: String,
    plan: CallbackPlan,
    answered: Option<oneshot::Receiver<()>>,
    busy: Busy,
) {
    if let Some(answered) = answered {
        // An error means that the answer was dropped unsent, which ends the waiting just as well.
        let _ = answered.await;
    }
    let plan = match files::fetch_all(&inner, &sid).await {
        Some(code) => CallbackPlan::failed(code),
        None => plan,
    };
    for step in plan.steps {
        let pause = step.after + inner.state().next_pause(&inner.pace);
        if !inner.pause(pause).await {
            return;
        }
        let Some(report) = inner.state().reach(&sid, step.status, step.error_code) else { return };
        inner.changed();
        if step.status == DeliveryStatus::Delivered
            && let Some(arrival) = inner.state().arrival(&sid)
        {
            inner.arrived(arrival);
        }
        let Some(report) = report else { continue };
        for _ in 0..step.times {
            let post = Post { url: report.url.clone(), params: report.params.clone(), token: report.token.clone() };
            let delivery = callback::deliver(&inner, Some(sid.clone()), post).await;
            inner.state().deliveries.push(delivery);
            inner.changed();
        }
    }
    drop(busy);
}
