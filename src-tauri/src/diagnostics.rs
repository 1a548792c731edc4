//! "Copy diagnostics": what helps whoever is asked for help, and can be posted in public.
//!
//! Figures and states of the engine, which has no field for anything else; versions of what the program stands on; and the last
//! warnings, without anything that was filled into them. No name, number, text, address, path or id.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use deskline_client::Diagnostics;

use crate::logging::Trouble;

/// What the program stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ground {
    pub(crate) system: String,
    pub(crate) desktop: String,
    pub(crate) webview: String,
    pub(crate) tray: bool,
}

impl Ground {
    /// Asks the system.
    pub(crate) fn look(tray: bool) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| is_a_word(value));
        let desktop = [variable("XDG_CURRENT_DESKTOP"), variable("XDG_SESSION_TYPE")];
        Self {
            system: format!("{} {}", system(), std::env::consts::ARCH),
            desktop: desktop.into_iter().flatten().collect::<Vec<_>>().join(", "),
            webview: tauri::webview_version().unwrap_or_else(|_| "unknown".to_owned()),
            tray,
        }
    }
}

/// Whatever stands in a variable, only what looks like the name of a desktop goes on.
fn is_a_word(value: &str) -> bool {
    value.len() < 40 && value.chars().all(|c| c.is_ascii_alphanumeric() || ":-_;".contains(c))
}

#[cfg(target_os = "linux")]
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| "Linux".to_owned(), |name| name.trim_matches('"').to_owned())
}

#[cfg(not(target_os = "linux"))]
fn system() -> String {
    std::env::consts::OS.to_owned()
}

/// The text to copy.
pub(crate) fn write(
    engine: Result<&Diagnostics, &str>,
    ground: &Ground,
    troubles: &[Trouble],
    now: DateTime<Utc>,
) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| _ = writeln!(text, "{name}: {value}");
    line("Deskline", env!("CARGO_PKG_VERSION"));
    line("Written", &at(now));
    line("System", &ground.system);
    line("Desktop", if ground.desktop.is_empty() { "unknown" } else { &ground.desktop });
    line("WebView", &ground.webview);
    line("Tray", if ground.tray { "there" } else { "none" });
    match engine {
        Ok(engine) => _ = write!(text, "{engine}"),
        Err(code) => line("Engine", &format!("did not open ({code})")),
    }
    _ = writeln!(text, "Last warnings: {}", if troubles.is_empty() { "none" } else { "" });
    for trouble in troubles {
        let times = if trouble.times > 1 { format!(" ({} times)", trouble.times) } else { String::new() };
        _ = writeln!(text, "  {} {} {}: {}{times}", at(trouble.at), trouble.level, trouble.target, trouble.words);
    }
    text
}

fn at(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn ground() -> Ground {
        Ground {
            system: "Debian GNU/Linux 12 x86_64".to_owned(),
            desktop: "KDE, wayland".to_owned(),
            webview: "2.50".to_owned(),
            tray: true,
        }
    }

    #[test]
    fn it_says_what_the_program_stands_on_and_what_went_wrong() {
        let trouble = Trouble {
            at: DateTime::UNIX_EPOCH,
            level: Level::WARN,
            target: "deskline_client::sync",
            words: "It does not answer attempt=3".to_owned(),
            times: 2,
        };

        let text = write(Ok(&Diagnostics::default()), &ground(), &[trouble], DateTime::UNIX_EPOCH);

        assert!(text.starts_with(concat!("Deskline: ", env!("CARGO_PKG_VERSION"))), "{text}");
        assert!(text.contains("Desktop: KDE, wayland"), "{text}");
        assert!(
            text.ends_with(
                "  1970-01-01T00:00:00Z WARN deskline_client::sync: It does not answer attempt=3 (2 times)\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn an_engine_that_did_not_open_is_worth_diagnostics_most_of_all() {
        let text = write(Err("InUse"), &ground(), &[], DateTime::UNIX_EPOCH);

        assert!(text.contains("Engine: did not open (InUse)") && text.contains("Last warnings: none"), "{text}");
    }

    #[test]
    fn a_variable_with_something_else_in_it_is_left_out() {
        assert!(is_a_word("ubuntu:GNOME") && is_a_word("wayland"));
        assert!(!is_a_word("/home/ann") && !is_a_word("ann@example.com") && !is_a_word("a b"));
    }
}
