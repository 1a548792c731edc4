//! A start that met another Deskline in the moment of its death begins once more.
//!
//! Called by `setup` when the app could not be built. The bus still knew the name of an instance that was just killed or quit; by
//! now the name is free. A toolkit can be started once a process, so the process is replaced by itself. Never more often than
//! [`MOST`] times: whoever really cannot be reached is an error.

use anyhow::Context;

/// How often a start is repeated.
const MOST: u32 = 10;

/// Counts the starts, for the next one to know.
const STARTS: &str = "DESKLINE_STARTS";

/// Starts the program again where that can help. Answers only when it does not.
pub(crate) fn after(error: tauri::Error) -> anyhow::Error {
    let starts = std::env::var(STARTS).ok().and_then(|starts| starts.parse().ok()).unwrap_or(0);
    if starts < MOST && met_another(&error) {
        return replace(starts + 1);
    }
    anyhow::Error::new(error).context("the window could not be made")
}

/// Whether another instance had the name, and did not answer.
fn met_another(error: &tauri::Error) -> bool {
    matches!(error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance")
}

#[cfg(unix)]
fn replace(starts: u32) -> anyhow::Error {
    use std::os::unix::process::CommandExt;

    let program = match std::env::current_exe().context("the program does not know where it lies") {
        Ok(program) => program,
        Err(error) => return error,
    };
    let error =
        std::process::Command::new(program).args(std::env::args_os().skip(1)).env(STARTS, starts.to_string()).exec();
    anyhow::Error::new(error).context("the window could not be started again")
}

#[cfg(not(unix))]
fn replace(_starts: u32) -> anyhow::Error {
    anyhow::anyhow!("Another Deskline is just ending. Start Deskline again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_instance_that_does_not_answer_is_met() {
        let plugin = |name: &str| tauri::Error::PluginInitialization(name.to_owned(), "no reply".to_owned());

        assert!(met_another(&plugin("single-instance")));
        assert!(!met_another(&plugin("something-else")));
        assert!(!met_another(&tauri::Error::WindowNotFound));
    }
}
