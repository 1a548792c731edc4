//! `GET /twilio/audit`: what the last comparison with Twilio's own list came to. For owners and admins.

use std::sync::Arc;

use axum::{Json, extract::State};
use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::WorkspaceId;
use deskline_store::AuditedHour;
use serde_json::{Value, json};

use super::{caller::Caller, extract::Query};
use crate::{app::App, error::ApiError};

/// `?workspaceId=`: the workspace's own numbers, hour by hour, and in one line.
///
/// # Errors
/// 400, 401, 403; 400 `Twilio not configured for this workspace`.
pub async fn show(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.admin(&caller, workspace).await?;
    let audit = app.store.audit_of(workspace).await?.ok_or(ApiError::NotConfigured)?;
    let sums = Sums::of(&audit.hours);
    Ok(Json(json!({
        "accountSid": audit.account_sid,
        "checkedAt": audit.checked_at,
        "windowFrom": audit.window_from,
        "windowTo": audit.window_to,
        "twilio": sums.twilio,
        "here": sums.here,
        "elsewhere": sums.elsewhere,
        "matches": audit.checked_at.is_some() && sums.matches(),
        "imported": audit.imported,
        "settled": audit.settled,
        "onlyHere": audit.only_here,
        "problem": audit.problem,
        "summary": sums.summary(audit.checked_at.map(|at| app.clock.now() - at)),
        "hours": audit.hours,
    })))
}

/// Hours added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    twilio: i64,
    here: i64,
    elsewhere: i64,
}

impl Sums {
    /// Adds hours up.
    #[must_use]
    pub fn of(hours: &[AuditedHour]) -> Self {
        hours.iter().fold(Self::default(), |sums, hour| Self {
            twilio: sums.twilio + i64::from(hour.twilio),
            here: sums.here + i64::from(hour.here),
            elsewhere: sums.elsewhere + i64::from(hour.elsewhere),
        })
    }

    /// Whether every text of the teams that Twilio lists is here.
    #[must_use]
    pub const fn matches(self) -> bool {
        self.twilio == self.here + self.elsewhere
    }

    /// `Twilio 412 = here 412, checked 3 minutes ago`. Texts of other programs to strangers are left out on both sides.
    #[must_use]
    pub fn summary(self, age: Option<TimeDelta>) -> String {
        let Some(age) = age else { return "Not compared with Twilio yet".to_owned() };
        let ours = self.twilio - self.elsewhere;
        let sign = if self.matches() { "=" } else { "≠" };
        format!("Twilio {ours} {sign} here {}, checked {}", self.here, ago(age))
    }
}

fn ago(age: TimeDelta) -> String {
    let of = |count: i64, unit: &str| format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" });
    match age.num_minutes() {
        ..1 => "just now".to_owned(),
        minutes @ 1..60 => of(minutes, "minute"),
        minutes @ 60..2_880 => of(minutes / 60, "hour"),
        minutes => of(minutes / 1_440, "day"),
    }
}

/// A window, for people.
#[must_use]
pub fn window_words(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!("{} to {}", from.format("%F %H:%M"), to.format("%F %H:%M UTC"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(412, 412, 0, Some(3), "Twilio 412 = here 412, checked 3 minutes ago")]
    #[case(500, 412, 88, Some(0), "Twilio 412 = here 412, checked just now")]
    #[case(2, 1, 0, Some(60), "Twilio 2 ≠ here 1, checked 1 hour ago")]
    #[case(0, 0, 0, Some(2_880), "Twilio 0 = here 0, checked 2 days ago")]
    #[case(0, 0, 0, None, "Not compared with Twilio yet")]
    fn a_comparison_is_told_in_one_line(
        #[case] twilio: i64,
        #[case] here: i64,
        #[case] elsewhere: i64,
        #[case] minutes: Option<i64>,
        #[case] expected: &str,
    ) {
        let sums = Sums { twilio, here, elsewhere };

        assert_eq!(sums.summary(minutes.map(TimeDelta::minutes)), expected);
    }
}
