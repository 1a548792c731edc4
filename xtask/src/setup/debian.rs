//! Packages of the system, on Debian and its relatives. Elsewhere, or without the right to install, says what is missing.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{paths, postgres, process, say::say};

/// What building and testing needs; what is there already is left alone.
const PACKAGES: [&str; 24] = [
    // to build
    "clang",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "mold",
    "patchelf",
    "pkg-config",
    "python3-venv",
    "xdg-utils",
    "file",
    // to show and to test
    "chromium",
    "dbus",
    "dbus-x11",
    "dunst",
    "fonts-noto-color-emoji",
    "gnome-keyring",
    "imagemagick",
    "iproute2",
    "libsecret-tools",
    "pgbouncer",
    "webkit2gtk-driver",
    "xdotool",
    "xvfb",
];

/// Installs what is missing.
pub(super) fn install() -> Result<()> {
    if !process::is_installed("dpkg-query") {
        return Ok(());
    }
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get update && apt-get install --yes --no-install-recommends {}", missing.join(" "));
    let Some(prefix) = right_to_install() else {
        bail!(
            "this machine lacks some packages, and installing them needs root. Please run:\n\n  sudo sh -c '{by_hand}'\n"
        )
    };
    say!("Installing {} Debian packages: {}", missing.len(), missing.join(" "));
    let log = paths::logs().join("apt.log");
    let _ = std::fs::remove_file(&log);
    process::run("apt-get update", &mut apt(prefix, &["update"]), &log)?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&missing);
    process::run("apt-get install", &mut apt(prefix, &arguments), &log)
}

fn missing() -> Vec<&'static str> {
    let mut query = Command::new("dpkg-query");
    // dpkg-query fails when it does not know one of them, and prints the others all the same.
    query.args(["--show", "--showformat=${Package} ${db:Status-Status}\n"]).args(PACKAGES);
    let known = query.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let installed: Vec<&str> = known.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    PACKAGES.into_iter().filter(|package| !installed.contains(package)).collect()
}

/// What to put before `apt-get`: nothing for root, `sudo` where it asks no password.
fn right_to_install() -> Option<&'static [&'static str]> {
    if !process::is_installed("apt-get") {
        return None;
    }
    if postgres::is_root() {
        return Some(&[]);
    }
    process::answer(Command::new("sudo").args(["--non-interactive", "true"]))
        .map(|_| &["sudo", "--non-interactive"][..])
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let mut words = prefix
        .iter()
        .copied()
        .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .chain(arguments.iter().copied());
    let mut command = Command::new(words.next().unwrap_or("apt-get"));
    command.args(words);
    command
}
