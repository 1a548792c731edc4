//! A desk: its disk, its network, and the desktop's process, which may be killed and started again.
//!
//! Used by the agents, one each. A desktop that gives no answer in time, or ends by itself, ends the run.

use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    net::SocketAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use deskline_e2e::{Flaky, eventually};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::{sleep, timeout},
};

use super::disk::Disk;

/// Nothing that an agent does may take longer, whatever is broken.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Texts, index, outbox and backup of a long run, with room for a second cache while one is set aside.
const MEGABYTES: u32 = 96;

/// See the module.
pub(crate) struct Seat {
    pub(crate) network: Flaky,
    pub(crate) disk: Disk,
    email: String,
    log: PathBuf,
    place: PathBuf,
    /// By how many seconds its clock is wrong.
    clock: i64,
    running: Option<Running>,
    /// When the outbox was last written because of an agent.
    written: SystemTime,
}

struct Running {
    process: Child,
    keyboard: ChildStdin,
    screen: Lines<BufReader<ChildStdout>>,
}

impl Seat {
    /// A desk of its own behind two servers, with the program running and somebody signed in.
    pub(crate) async fn new(folder: &Path, servers: [SocketAddr; 2], email: String, seed: u64) -> Self {
        let name = email.split('@').next().unwrap_or_default().to_owned();
        let place = folder.join(&name);
        let mut seat = Self {
            network: Flaky::before(servers.to_vec(), seed).await,
            disk: Disk::mount(&place, MEGABYTES).await,
            log: folder.join(format!("{name}.log")),
            email,
            place,
            clock: 0,
            running: None,
            written: now(),
        };
        seat.start();
        let answer = seat.ask("wait", ANSWERED_WITHIN).await;
        assert_eq!(answer, "live");
        seat
    }

    /// Starts the program.
    pub(crate) fn start(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log can be written");
        let mut process = self
            .disk
            .command(env!("CARGO_BIN_EXE_headless-desktop"))
            .arg(&self.place)
            .args([self.network.url(), self.email.clone(), self.clock.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("nsenter can be run: on Debian it is in util-linux");
        let keyboard = process.stdin.take().expect("its input is ours");
        let screen = BufReader::new(process.stdout.take().expect("its output is ours")).lines();
        self.running = Some(Running { process, keyboard, screen });
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().expect("whoever kills a desktop starts it again")
    }

    /// Types a line and reads the answer.
    pub(crate) async fn ask(&mut self, line: &str, patience: Duration) -> String {
        self.say(line).await;
        let log = self.log.clone();
        match timeout(patience, self.running().screen.next_line()).await {
            Ok(Ok(Some(answer))) => answer,
            Ok(_) => panic!("the desktop ended by itself at {line:?}; its log is {}", log.display()),
            Err(_) => panic!("the desktop did not answer {line:?} within {patience:?}; its log is {}", log.display()),
        }
    }

    /// The same for whatever an agent does by hand, which takes no time.
    pub(crate) async fn act(&mut self, line: &str) -> String {
        let answer = self.ask(line, ANSWERED_WITHIN).await;
        self.written = now();
        answer
    }

    async fn say(&mut self, line: &str) {
        // A program that has ended is noticed when its answer is read.
        _ = self.running().keyboard.write_all(format!("{line}\n").as_bytes()).await;
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.process.kill().await.expect("a process can be killed");
        }
    }

    /// Types a line, and kills the program so long afterwards. Answers what was said until then.
    pub(crate) async fn kill_after(&mut self, line: &str, pause: Duration) -> Option<String> {
        self.say(line).await;
        sleep(pause).await;
        let mut running = self.running.take().expect("it runs");
        running.process.kill().await.expect("a process can be killed");
        self.written = now();
        running.screen.next_line().await.ok().flatten()
    }

    /// Sets the clock of the desktop.
    pub(crate) async fn set_clock(&mut self, wrong_by: i64) {
        self.clock = wrong_by;
        let answer = self.ask(&format!("clock {wrong_by}"), ANSWERED_WITHIN).await;
        assert_eq!(answer, "done");
    }

    /// Waits until everything that was written is in the backup as well. The last act must have written something, on a disk with room.
    pub(crate) async fn backed_up(&self) {
        let backup = self.data().join("outbox-backup.db");
        let fresh = || async {
            let modified = std::fs::metadata(&backup).and_then(|file| file.modified()).ok()?;
            (modified > self.written).then_some(())
        };
        eventually("the outbox was backed up after it was written", fresh).await;
    }

    /// Overwrites a file, all of it or a part, with noise.
    pub(crate) fn overwrite(&self, file: &str, whole: bool, seed: u64) {
        let mut dice = StdRng::seed_from_u64(seed);
        let path = self.data().join(file);
        let mut file = File::options().write(true).open(&path).expect("the file is there");
        let length = usize::try_from(file.metadata().expect("it can be looked at").len()).unwrap_or(usize::MAX);
        let mut noise = vec![0; if whole { length } else { (length / 3).max(1) }];
        dice.fill_bytes(&mut noise);
        let from = dice.random_range(0..=length - noise.len());
        file.seek(SeekFrom::Start(from as u64)).and_then(|_| file.write_all(&noise)).expect("it can be written");
    }

    /// Which file lies under a name.
    pub(crate) fn inode(&self, file: &str) -> Option<u64> {
        std::fs::metadata(self.data().join(file)).ok().map(|file| file.ino())
    }

    /// Waits until another file lies under its name: the damaged one was set aside.
    pub(crate) async fn replaced(&self, file: &str, damaged: Option<u64>) {
        eventually(&format!("{file} was replaced after it was damaged"), || async {
            (self.inode(file) != damaged).then_some(())
        })
        .await;
    }

    fn data(&self) -> PathBuf {
        self.disk.path().join("data")
    }
}

#[expect(clippy::disallowed_methods, reason = "it is compared with the times of files")]
fn now() -> SystemTime {
    SystemTime::now()
}
