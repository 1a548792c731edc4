//! The notification service: dunst, asked through `dunstctl`.

use deskline_e2e::eventually;
use serde_json::Value;

use crate::processes::output;

/// Fails with a sentence when there is no dunst on this bus.
pub(crate) fn check() {
    assert!(
        output("dunstctl", &["is-paused"]).trim() == "false",
        "no dunst answers on the session bus: run `cargo xtask test --only desktop`, which starts one"
    );
}

/// Closes all, and forgets all that were closed.
pub(crate) fn clear() {
    output("dunstctl", &["close-all"]);
    output("dunstctl", &["history-clear"]);
}

/// How many are on the screen.
pub(crate) fn shown() -> usize {
    output("dunstctl", &["count", "displayed"]).trim().parse().expect("dunst counts")
}

/// Waits until so many are on the screen.
pub(crate) async fn are_shown(count: usize) {
    eventually(&format!("{count} notifications are on the screen"), || async { (shown() == count).then_some(()) })
        .await;
}

/// Clicks the newest.
pub(crate) fn click() {
    output("dunstctl", &["action", "0"]);
}

/// A notification that is over.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) app: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) category: String,
}

/// All that are over, newest first.
pub(crate) fn history() -> Vec<Past> {
    let history: Value = serde_json::from_str(&output("dunstctl", &["history"])).expect("dunst's history is JSON");
    let text = |entry: &Value, name: &str| entry[name]["data"].as_str().unwrap_or_default().to_owned();
    history["data"][0]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| Past {
            app: text(entry, "appname"),
            title: text(entry, "summary"),
            body: text(entry, "body"),
            category: text(entry, "category"),
        })
        .collect()
}
