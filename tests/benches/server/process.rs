//! The server in a process of its own, and what the system says about it.

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Killed when dropped.
pub(crate) struct ServerProcess {
    child: Child,
}

impl ServerProcess {
    /// Starts `deskline-server serve` and waits until it is ready.
    pub(crate) async fn start(address: SocketAddr, settings: &[(&str, String)]) -> Self {
        let program = std::env::var("DESKLINE_SERVER")
            .expect("DESKLINE_SERVER names the server's program: run `cargo xtask bench server`");
        let child = Command::new(program)
            .arg("serve")
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self { child };
        let ready = format!("http://{address}/readyz");
        let wait = async {
            while !reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the server is ready within half a minute");
        server
    }

    /// Processor time so far, in user and system mode together. Linux counts it in hundredths of a second.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = self.read("stat");
        // The name in parentheses may hold anything; the fields behind it are numbers, the 12th and 13th of them the times.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory, in mebibytes.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.read("status");
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        kibibytes.expect("Linux tells a process's memory") / 1_024.0
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("the server is alive, on Linux")
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
