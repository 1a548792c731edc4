//! Where the window is started: its folder, its keychain and its programs.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use deskline_client::view::SignIn;
use deskline_e2e::history::History;
use tempfile::TempDir;

/// Names the app, for the driver as well.
pub(crate) fn app() -> PathBuf {
    program("DESKLINE_APP")
}

/// The window with nothing in it.
pub(crate) fn empty() -> PathBuf {
    program("DESKLINE_EMPTY")
}

fn program(name: &str) -> PathBuf {
    let program = std::env::var_os(name).map(PathBuf::from);
    let program = program.unwrap_or_else(|| panic!("{name} names no program: run `cargo xtask bench window`"));
    assert!(program.is_file(), "{name} is {}, and there is no such file", program.display());
    program
}

/// A home folder, and a data folder that somebody else made.
pub(crate) struct Seat {
    home: TempDir,
    data: PathBuf,
}

impl Seat {
    /// Beside a data folder that nobody has used.
    pub(crate) fn beside(data: PathBuf) -> Self {
        Self { home: TempDir::with_prefix("deskline-bench-home-").expect("a folder can be made"), data }
    }

    /// Puts what the history has in its own keychain into the real one.
    pub(crate) fn with(history: &History) -> Self {
        let data = fs::canonicalize(history.folder()).expect("the folder is there");
        let mut store = Command::new("secret-tool")
            .args(["store", "--label=Deskline", "service", "app.deskline.desktop", "username"])
            .arg(&data)
            .stdin(Stdio::piped())
            .spawn()
            .expect("secret-tool is installed: `cargo xtask setup` says how");
        let mut input = store.stdin.take().expect("its input is a pipe");
        input.write_all(history.keychain_item().as_bytes()).expect("it takes the secret");
        drop(input);
        assert!(store.wait().is_ok_and(|status| status.success()), "the keychain keeps the item");
        Self::beside(data)
    }

    /// What the programs find around them.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let under = |name: &str| Path::join(self.home.path(), name).display().to_string();
        vec![
            ("DESKLINE_DATA_DIR", self.data.display().to_string()),
            ("HOME", self.home.path().display().to_string()),
            ("XDG_CONFIG_HOME", under(".config")),
            ("XDG_DATA_HOME", under(".local/share")),
            ("XDG_CACHE_HOME", under(".cache")),
        ]
    }

    /// Signs an agent in at the app, as from a terminal.
    pub(crate) fn sign_in(&self, agent: &SignIn) {
        let mut process = Command::new(app())
            .args(["sign-in", "--server", &agent.server, "--email", &agent.email, "--password-stdin"])
            .envs(self.environment())
            .stdin(Stdio::piped())
            .spawn()
            .expect("the app starts");
        let mut input = process.stdin.take().expect("its input is a pipe");
        input.write_all(agent.password.as_bytes()).expect("it takes the password");
        drop(input);
        assert!(process.wait().is_ok_and(|status| status.success()), "the app signs the agent in");
    }

    /// Starts a program here.
    pub(crate) fn start(&self, program: &Path) -> Child {
        let mut command = Command::new(program);
        command.envs(self.environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }
}
