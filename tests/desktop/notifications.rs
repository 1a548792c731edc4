//! The notification service: dunst, asked through `dunstctl`, and heard on the bus.
//!
//! Works with any settings of dunst: what expires by itself is told apart from what its owner took back.

use std::sync::{Arc, Mutex};

use deskline_e2e::eventually;
use futures_util::StreamExt as _;
use serde_json::Value;
use zbus::{Connection, MatchRule, MessageStream, message::Type};

use crate::processes::output;

/// The notifications of one test.
pub(crate) struct Notifications {
    /// Every notification that the program which had shown it took back.
    taken_back: Arc<Mutex<Vec<u32>>>,
    /// The newest before the test.
    before: i64,
}

/// A notification that is over.
#[derive(Debug)]
pub(crate) struct Past {
    id: i64,
    pub(crate) app: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) category: String,
}

impl Notifications {
    /// Takes all of earlier tests away, and listens from now on.
    pub(crate) async fn start() -> Self {
        assert!(
            output("dunstctl", &["is-paused"]).trim() == "false",
            "no dunst answers on the session bus: run `cargo xtask test --only desktop`, which starts one"
        );
        output("dunstctl", &["close-all"]);
        let taken_back = Arc::default();
        listen(Arc::clone(&taken_back)).await;
        let mut this = Self { taken_back, before: 0 };
        this.are_shown(0).await;
        this.before = this.past().iter().map(|past| past.id).max().unwrap_or_default();
        this
    }

    /// Waits until so many are on the screen.
    pub(crate) async fn are_shown(&self, count: usize) {
        eventually(
            &format!("{count} notifications are on the screen"),
            || async move { (shown() == count).then_some(()) },
        )
        .await;
    }

    /// Waits until so many were taken back in this test.
    pub(crate) async fn are_withdrawn(&self, count: usize) {
        eventually(&format!("{count} notifications were withdrawn"), || {
            let there = self.taken_back.lock().expect("nobody panicked here").len();
            async move { (there >= count).then_some(()) }
        })
        .await;
    }

    /// All of this test that are over, newest first.
    pub(crate) fn past(&self) -> Vec<Past> {
        let history: Value = serde_json::from_str(&output("dunstctl", &["history"])).expect("dunst's history is JSON");
        let text = |entry: &Value, name: &str| entry[name]["data"].as_str().unwrap_or_default().to_owned();
        history["data"][0]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| Past {
                id: entry["id"]["data"].as_i64().unwrap_or_default(),
                app: text(entry, "appname"),
                title: text(entry, "summary"),
                body: text(entry, "body"),
                category: text(entry, "category"),
            })
            .filter(|past| past.id > self.before)
            .collect()
    }

    /// Clicks the newest.
    pub(crate) fn click() {
        output("dunstctl", &["action", "0"]);
    }
}

/// How many are on the screen, or wait for a place there.
pub(crate) fn shown() -> usize {
    ["displayed", "waiting"]
        .iter()
        .map(|which| output("dunstctl", &["count", which]).trim().parse::<usize>().expect("dunst counts"))
        .sum()
}

/// Watches the bus for what is taken back: dunst tells the end of a notification to its owner alone.
async fn listen(taken_back: Arc<Mutex<Vec<u32>>>) {
    let bus = Connection::session().await.expect("the session bus answers");
    let rule = MatchRule::builder()
        .msg_type(Type::MethodCall)
        .interface("org.freedesktop.Notifications")
        .and_then(|rule| rule.member("CloseNotification"))
        .expect("the names are good")
        .build();
    let mut calls = MessageStream::from(&bus);
    let monitor = zbus::fdo::MonitoringProxy::new(&bus).await.expect("the bus has its own interface");
    monitor.become_monitor(&[rule], 0).await.expect("the bus lets itself be watched");
    tokio::spawn(async move {
        while let Some(Ok(call)) = calls.next().await {
            let is_it = call.header().member().is_some_and(|member| member == "CloseNotification");
            if let (true, Ok(id)) = (is_it, call.body().deserialize()) {
                taken_back.lock().expect("nobody panicked here").push(id);
            }
        }
    });
}
