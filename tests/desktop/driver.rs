//! One WebKitWebDriver for each window: it starts the app and speaks WebDriver with its page.
//!
//! This is all that `tauri-driver` does on Linux, without a process between. The app hears of it through its environment.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use deskline_e2e::{PATIENCE, eventually};
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use serde_json::json;
use tokio::time::timeout;

use crate::{processes, stage};

const PROGRAM: &str = "WebKitWebDriver";

/// A driver with its app. Both end with it.
pub(crate) struct Driver {
    process: Child,
    app: u32,
    page: Client,
}

/// Fails with a sentence when there is none.
pub(crate) fn check() {
    let there = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(there.is_ok(), "{PROGRAM} is not installed: on Debian it is in webkit2gtk-driver");
}

impl Driver {
    /// Starts the app with these arguments, and these variables in its environment.
    pub(crate) async fn start(environment: &[(&str, String)], arguments: &[&str]) -> Self {
        let port = free_port();
        let process = Command::new(PROGRAM)
            .arg(format!("--port={port}"))
            .arg("--host=127.0.0.1")
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver starts");
        eventually("WebKitWebDriver listens", || async move {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
        })
        .await;
        let address = format!("http://127.0.0.1:{port}");
        // The driver itself waits for ever for an app that ended before it had a page.
        let page = timeout(PATIENCE, ClientBuilder::native().capabilities(capabilities(arguments)).connect(&address))
            .await
            .expect("the app starts within its time: see what it said above")
            .expect("the app starts and lets itself be driven");
        let driver = process.id();
        let app =
            eventually(
                "the app is a child of its driver",
                || async move { processes::children(driver).into_iter().next() },
            )
            .await;
        Self { process, app, page }
    }

    /// The page.
    pub(crate) const fn page(&self) -> &Client {
        &self.page
    }

    /// The process of the app.
    pub(crate) const fn app(&self) -> u32 {
        self.app
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The app first: the driver would leave it behind.
        if processes::is_running(self.app) {
            processes::signal(self.app, "KILL");
        }
        // A driver that ended by itself is what is wanted, too.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn capabilities(arguments: &[&str]) -> Capabilities {
    let app = stage::app();
    let mut capabilities = Capabilities::new();
    capabilities.insert("webkitgtk:browserOptions".to_owned(), json!({ "binary": app, "args": arguments }));
    capabilities
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("a bound socket has an address").port()
}
