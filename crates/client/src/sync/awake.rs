//! Notices that the machine slept, that its clock was set, and that its network is another one; then everything begins anew, at once.
//!
//! One task, started by `client`. A connection that was made before may be dead without anybody having been told: whoever waits for an
//! answer on it would wait for as long as a server may take. So [`Core::begin_anew`] gives up all of them. No system service is needed:
//! sleep shows in the clocks, and the addresses of the machine are looked at as often, which takes no time.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::time::Instant;
use tracing::{debug, info};

use crate::core::Core;

/// Clocks that differ by more than this were set, or stood still.
const HITCH: TimeDelta = TimeDelta::seconds(10);
/// Between two looks. A network that is back is noticed within this.
const PERIOD: Duration = Duration::from_secs(1);

/// Watches until it is dropped.
pub(crate) async fn run(core: Arc<Core>) {
    let period = core.options.patience.between_looks.min(PERIOD);
    let mut looked = (core.now(), Instant::now());
    let mut network = addresses();
    loop {
        tokio::time::sleep(period).await;
        let now = (core.now(), Instant::now());
        let slept = slept(now.0 - looked.0, now.1 - looked.1, period);
        looked = now;
        let before = std::mem::replace(&mut network, addresses());
        if slept || before != network {
            info!(slept, "The machine slept, its clock was set, or its network is another one: beginning anew");
            core.begin_anew();
        }
    }
}

/// Whether the machine slept between two looks, or its clock was set: the wall's clock and our own say different things. Where our own
/// goes on while the machine sleeps, the look itself came far too late.
fn slept(by_the_wall: TimeDelta, by_our_own: Duration, period: Duration) -> bool {
    let in_time = |time: Duration| TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    (by_the_wall - in_time(by_our_own)).abs() > HITCH || in_time(by_our_own.saturating_sub(period)) > HITCH
}

/// The machine's addresses, but for those that lead nowhere else. None where the system does not tell.
fn addresses() -> BTreeSet<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().inspect_err(|error| debug!(%error, "The addresses are not known"));
    interfaces.into_iter().flatten().map(|interface| interface.ip()).filter(|address| !address.is_loopback()).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::as_usual(5, 5, false)]
    #[case::a_busy_machine(12, 12, false)]
    #[case::a_clock_that_is_corrected_a_little(7, 5, false)]
    #[case::a_night(8 * 3_600, 5, true)]
    #[case::a_night_on_a_system_whose_own_clock_goes_on(8 * 3_600, 8 * 3_600, true)]
    #[case::set_ahead_by_a_year(365 * 24 * 3_600, 5, true)]
    #[case::set_back_by_a_year(-365 * 24 * 3_600, 5, true)]
    fn sleep_shows_in_the_clocks(#[case] by_the_wall: i64, #[case] by_our_own: u64, #[case] expected: bool) {
        let by_the_wall = TimeDelta::seconds(by_the_wall);

        assert_eq!(slept(by_the_wall, Duration::from_secs(by_our_own), Duration::from_secs(5)), expected);
    }
}
