//! A desktop without a desk: a display nobody sees, a session bus, a keychain and a notification service, all of our own.
//!
//! The desktop tests and `demo --screenshot` run the real window in it, so that nothing of the person at the machine is touched.
//! Linux only: the other systems have no such display.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{self, Running, Stop},
    wait,
};

const PATIENCE: Duration = Duration::from_secs(30);
const DUNST_SETTINGS: &str = include_str!("../data/dunstrc");
const BUS_SETTINGS: &str = include_str!("../data/session-bus.xml");

/// The programs that make up the desk, and how others find them.
pub(crate) struct Desk {
    // Dropped first to last: whoever talks to the bus and the display goes before them.
    _parts: Vec<Running>,
    environment: Vec<(&'static str, String)>,
}

impl Desk {
    /// Sets up a desk whose home lies in `folder`. What the home held before is kept.
    pub(crate) fn start(folder: &Path, width: u32, height: u32) -> Result<Self> {
        programs(&["Xvfb", "dbus-daemon", "dbus-send", "gnome-keyring-daemon", "dunst"])?;
        let home = Home::make(folder)?;
        let mut environment = home.environment();

        let (display, name) = start_display(&home, width, height)?;
        environment.push(("DISPLAY", name));
        Self::furnish(&home, environment, vec![display])
    }

    /// The same, but with windows on the display of the person at the machine.
    pub(crate) fn start_at_this_display(folder: &Path) -> Result<Self> {
        programs(&["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "dunst"])?;
        let home = Home::make(folder)?;
        let mut environment = home.folders();
        environment.extend(display_of_this_session());
        Self::furnish(&home, environment, Vec::new())
    }

    /// Adds a session bus, a keychain and notifications.
    fn furnish(home: &Home, mut environment: Vec<(&'static str, String)>, before: Vec<Running>) -> Result<Self> {
        let settings = home.run.join("session-bus.xml");
        fs::write(&settings, BUS_SETTINGS)?;
        let mut command = Command::new("dbus-daemon");
        command.arg("--config-file").arg(&settings).args(["--nofork", "--nopidfile", "--print-address=1"]);
        command.arg(format!("--address={}", home.bus_address()?));
        command.envs(environment.iter().cloned());
        let (bus, mut said) =
            Running::start_with_output("The session bus", &mut command, &home.log("bus"), Stop::Terminate)?;
        let address = process::first_line(&mut said)?;
        if address.is_empty() {
            bail!("the session bus gave no address: {}", bus.last_words(5));
        }
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address));

        let desk = Self { _parts: Vec::new(), environment };
        let mut parts = vec![desk.start_notifications(home)?, desk.start_keychain(home)?, bus];
        parts.extend(before);
        Ok(Self { _parts: parts, ..desk })
    }

    /// Sits a program down at this desk.
    pub(crate) fn seat<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for gone in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "XAUTHORITY",
            "GNOME_KEYRING_CONTROL",
            "SESSION_MANAGER",
            "DESKTOP_STARTUP_ID",
        ] {
            command.env_remove(gone);
        }
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())))
    }

    fn start_keychain(&self, home: &Home) -> Result<Running> {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        self.seat(&mut command);
        let mut keychain = Running::start_with_input(
            "The keychain",
            &mut command,
            &home.log("keychain"),
            Stop::Terminate,
            "deskline",
        )?;
        self.wait_for_name(&mut keychain, "org.freedesktop.secrets")?;
        Ok(keychain)
    }

    fn start_notifications(&self, home: &Home) -> Result<Running> {
        let settings = home.run.join("dunstrc");
        fs::write(&settings, DUNST_SETTINGS)?;
        let mut command = Command::new("dunst");
        command.arg("-conf").arg(&settings);
        self.seat(&mut command);
        let mut dunst = Running::start("dunst", &mut command, &home.log("dunst"), Stop::Terminate)?;
        self.wait_for_name(&mut dunst, "org.freedesktop.Notifications")?;
        Ok(dunst)
    }

    /// A service is there once it has taken its name on the bus.
    fn wait_for_name(&self, service: &mut Running, name: &str) -> Result<()> {
        service.wait_until(&format!("{name} on the session bus"), PATIENCE, || {
            let mut command = Command::new("dbus-send");
            command.args([
                "--session",
                "--print-reply=literal",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
            ]);
            command.arg("org.freedesktop.DBus.NameHasOwner").arg(format!("string:{name}"));
            let answer = process::answer(self.seat(&mut command)).unwrap_or_default();
            Ok(answer.contains("true").then_some(()))
        })
    }

    /// Waits until a window with this title shows that is none of `others`, and answers its X id.
    pub(crate) fn wait_for_window(&self, owner: &mut Running, title: &str, others: &[String]) -> Result<String> {
        owner.wait_until(&format!("a window with the title {title}"), Duration::from_secs(60), || {
            let mut command = Command::new("xdotool");
            command.args(["search", "--onlyvisible", "--name", title]);
            let found = process::answer(self.seat(&mut command)).unwrap_or_default();
            let new = |id: &&str| !id.is_empty() && !others.iter().any(|other| other == id);
            Ok(found.lines().rfind(new).map(str::to_owned))
        })
    }

    /// Puts a window to the top of the display, so far from the left and at this size, with the keyboard.
    pub(crate) fn place_window(&self, id: &str, x: u32, width: u32, height: u32) -> Result<()> {
        let mut command = Command::new("xdotool");
        command.args(["windowmove", id, &x.to_string(), "0", "windowsize", "--sync", id]);
        command.args([width.to_string(), height.to_string()]).args(["windowfocus", id]);
        process::answer(self.seat(&mut command)).map(drop).context("xdotool could not place the window")
    }

    /// Writes what the display shows to a PNG.
    pub(crate) fn screenshot(&self, file: &Path) -> Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut command = Command::new("import");
        command.args(["-window", "root"]).arg(file);
        process::answer(self.seat(&mut command))
            .map(drop)
            .with_context(|| format!("`import` (of ImageMagick) could not write {}", file.display()))
    }

    /// Clicks at a place of the display, and takes the pointer out of the picture.
    pub(crate) fn click(&self, x: u32, y: u32) -> Result<()> {
        let mut command = Command::new("xdotool");
        command.args(["mousemove", &x.to_string(), &y.to_string(), "click", "1", "mousemove", "9999", "9999"]);
        process::answer(self.seat(&mut command)).map(drop).context("xdotool could not click")
    }

    /// What the display shows, to see whether something has changed.
    pub(crate) fn look(&self, folder: &Path) -> Result<Vec<u8>> {
        let file = folder.join("look.png");
        self.screenshot(&file)?;
        Ok(fs::read(&file)?)
    }

    /// Gives a window the keyboard.
    pub(crate) fn focus(&self, id: &str) -> Result<()> {
        let mut command = Command::new("xdotool");
        command.args(["windowfocus", "--sync", id]);
        process::answer(self.seat(&mut command)).map(drop).context("xdotool could not give the window the keyboard")
    }

    /// Presses keys one after the other, as xdotool names them: `i`, `ctrl+k`, `Escape`.
    pub(crate) fn press(&self, keys: &[&str]) -> Result<()> {
        let mut command = Command::new("xdotool");
        command.arg("key").args(keys);
        process::answer(self.seat(&mut command)).map(drop).context("xdotool could not press a key")
    }

    /// Types a text.
    pub(crate) fn type_text(&self, text: &str) -> Result<()> {
        let mut command = Command::new("xdotool");
        command.args(["type", "--delay", "40", text]);
        process::answer(self.seat(&mut command)).map(drop).context("xdotool could not type")
    }

    /// Waits until the display shows something, and has stayed the same for a few looks in a row.
    pub(crate) fn wait_until_drawn(&self, folder: &Path) -> Result<()> {
        let file = folder.join("look.png");
        let (mut last, mut same) = (Vec::new(), 0);
        wait::until("the picture to settle", PATIENCE, || {
            self.screenshot(&file)?;
            let now = fs::read(&file)?;
            same = if now == last { same + 1 } else { 0 };
            last = now;
            Ok((same >= STILL && self.colours(folder, "100%x100%+0+0")? >= COLOURS_OF_A_DRAWN_WINDOW).then_some(()))
        })
    }

    /// How many colours a part of the display has; `part` is ImageMagick's `WIDTHxHEIGHT+X+Y`.
    pub(crate) fn colours(&self, folder: &Path, part: &str) -> Result<u32> {
        let file = folder.join("part.png");
        let mut command = Command::new("import");
        command.args(["-window", "root", "-crop", part, "+repage"]).arg(&file);
        process::answer(self.seat(&mut command)).context("`import` (of ImageMagick) failed")?;
        let counted = process::answer(Command::new("identify").args(["-format", "%k"]).arg(&file));
        let counted = counted.context("`identify` (of ImageMagick) failed")?;
        counted.parse().with_context(|| format!("`identify` counted {counted} colours"))
    }
}

/// How many looks in a row, about a fifth of a second apart, have to show the same.
const STILL: u32 = 8;

/// An empty window has two or three, text alone has hundreds.
const COLOURS_OF_A_DRAWN_WINDOW: u32 = 100;

fn programs(names: &[&str]) -> Result<()> {
    match names.iter().find(|name| !process::is_installed(name)) {
        None => Ok(()),
        Some(missing) => bail!("a desk of our own needs {missing}: run `cargo xtask setup`"),
    }
}

/// A display that nobody sees, and its name.
fn start_display(home: &Home, width: u32, height: u32) -> Result<(Running, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0"]);
    command.arg(format!("{width}x{height}x24"));
    let (display, mut said) = Running::start_with_output("Xvfb", &mut command, &home.log("xvfb"), Stop::Terminate)?;
    let number = process::first_line(&mut said)?;
    if number.is_empty() {
        bail!("Xvfb gave no display: {}", display.last_words(5));
    }
    Ok((display, format!(":{number}")))
}

/// A home folder for whoever sits at the desk.
struct Home {
    folder: PathBuf,
    run: PathBuf,
}

impl Home {
    fn make(folder: &Path) -> Result<Self> {
        let run = folder.join("run");
        let _ = fs::remove_dir_all(&run);
        fs::create_dir_all(&run)?;
        make_private(&run)?;
        for name in ["config", "data", "cache", "state", "logs"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let _ = fs::remove_dir_all(folder.join("logs"));
        Ok(Self { folder: folder.to_path_buf(), run })
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    /// Where programs put their things.
    fn folders(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder.join(name).display().to_string();
        vec![
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CACHE_HOME", path("cache")),
            ("XDG_STATE_HOME", path("state")),
            ("XDG_RUNTIME_DIR", path("run")),
            // No portal runs on a bus of our own: do not wait for one.
            ("GTK_USE_PORTAL", "0".to_owned()),
        ]
    }

    /// The same, and what makes a display of our own behave alike on every machine.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = self.folders();
        environment.extend([
            ("HOME", self.folder.display().to_string()),
            ("XDG_CURRENT_DESKTOP", "Deskline".to_owned()),
            ("XDG_SESSION_TYPE", "x11".to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            // Nobody reads this screen aloud: do not wait for one who would.
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("GTK_A11Y", "none".to_owned()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
        ]);
        environment
    }

    /// A socket's path holds about 100 bytes; in a deeper folder, the system's folder for such things has to do.
    fn bus_address(&self) -> Result<String> {
        let path = self.run.join("bus").display().to_string();
        if path.contains([',', ';', '%']) {
            bail!("the repository lies in a folder with a character that D-Bus addresses cannot hold: {path}");
        }
        Ok(if path.len() < 100 { format!("unix:path={path}") } else { "unix:tmpdir=/tmp".to_owned() })
    }
}

/// How windows reach the display of the person at the machine, whatever else of the session is replaced.
fn display_of_this_session() -> Vec<(&'static str, String)> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut found = Vec::new();
    found.extend(variable("DISPLAY").map(|display| ("DISPLAY", display)));
    found.extend(variable("XAUTHORITY").map(|file| ("XAUTHORITY", file)));
    if let (Some(display), Some(run)) = (variable("WAYLAND_DISPLAY"), variable("XDG_RUNTIME_DIR")) {
        let socket = Path::new(&run).join(display);
        found.push(("WAYLAND_DISPLAY", socket.display().to_string()));
    }
    found
}

#[cfg(unix)]
fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    Ok(fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?)
}

#[cfg(not(unix))]
fn make_private(_folder: &Path) -> Result<()> {
    bail!("a desk of our own can be had on Linux only")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_desk_keeps_secrets_records_notifications_and_can_be_photographed() {
        let folder = crate::paths::target().join("desk/xtask");
        let desk = Desk::start(&folder, 320, 200).unwrap();
        let picture = folder.join("picture.png");

        let stored = "printf sesame | secret-tool store --label=test place door && secret-tool lookup place door";
        let secret = process::answer(desk.seat(Command::new("sh").args(["-c", stored])));
        let told = process::answer(desk.seat(Command::new("dunstify").args(["Nora", "Are you open?"])));
        let shown = process::answer(desk.seat(Command::new("dunstctl").args(["count", "displayed"])));
        desk.screenshot(&picture).unwrap();

        assert_eq!(secret.as_deref(), Some("sesame"));
        assert!(told.is_some(), "dunstify failed");
        assert_eq!(shown.as_deref(), Some("1"));
        assert!(fs::metadata(&picture).unwrap().len() > 0);
    }
}
