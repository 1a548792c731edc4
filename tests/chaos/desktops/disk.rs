//! A small disk for one desktop, which can be full, and which outlives the desktop's process when that is killed.
//!
//! Mounted in a name space of its own that a sleeping process keeps open, so that no rights on this machine are needed. Used by the seats.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Gone when dropped.
pub(crate) struct Disk {
    keeper: Child,
    /// Where it is mounted, inside.
    place: PathBuf,
}

impl Disk {
    /// Mounts one of so many megabytes at `place`.
    pub(crate) async fn mount(place: &Path, megabytes: u32) -> Self {
        std::fs::create_dir_all(place).expect("a folder can be made");
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m none '{}' && echo mounted && exec sleep 1000000",
            place.display()
        );
        let mut keeper = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("unshare can be run: on Debian it is in util-linux");
        let said = keeper.stdout.take().expect("its output is ours");
        let line = BufReader::new(said).lines().next_line().await.expect("its output can be read");
        assert_eq!(line.as_deref(), Some("mounted"), "allow name spaces of users, or be root");
        Self { keeper, place: place.to_owned() }
    }

    fn keeper(&self) -> u32 {
        self.keeper.id().expect("the keeper of a disk sleeps until it is dropped")
    }

    /// A program that sees the disk at its place.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.keeper().to_string(), "--user", "--mount", "--preserve-credentials", "--"])
            .arg(program);
        command
    }

    /// The disk, as it is seen from outside.
    pub(crate) fn path(&self) -> PathBuf {
        let place = self.place.strip_prefix("/").unwrap_or(&self.place);
        Path::new("/proc").join(self.keeper().to_string()).join("root").join(place)
    }

    /// Takes all the room there is.
    pub(crate) fn fill(&self) {
        let mut filler = std::fs::File::create(self.path().join("filler")).expect("a file can be made");
        let filled = std::io::copy(&mut std::io::repeat(7), &mut filler);
        assert_eq!(filled.expect_err("a small disk ends").kind(), ErrorKind::StorageFull);
    }

    /// Gives the room back.
    pub(crate) fn make_room(&self) {
        _ = std::fs::remove_file(self.path().join("filler"));
    }
}
