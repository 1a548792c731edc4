//! Two `deskline-server` processes on one database, with nothing between them but Postgres. Each can be killed with `kill -9` and
//! replaced at its address.
//!
//! Made by the world; posters, dashboards and desktops ask where they are, the disturber kills them.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use deskline_e2e::eventually;
use rand::RngExt;
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};

/// How Twilio would reach this team: what it signs. Nobody is there.
pub(crate) const PUBLIC_URL: &str = "https://desk.example";
/// The key under which the stores of this run seal tokens.
pub(crate) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Both.
pub(crate) struct Servers {
    program: PathBuf,
    folder: PathBuf,
    database_url: String,
    twilio_url: String,
    public_url: String,
    /// Where desktops reach Postgres by themselves, if they may.
    direct: Option<String>,
    places: [Place; 2],
    http: reqwest::Client,
}

struct Place {
    address: String,
    running: Mutex<Option<Child>>,
}

impl Servers {
    /// Migrates the database, starts both, and waits until they are ready.
    pub(crate) async fn start(folder: PathBuf, database_url: String, twilio_url: String) -> Self {
        Self::start_at(two_addresses(), folder, database_url, twilio_url, PUBLIC_URL.to_owned(), None).await
    }

    /// The same at addresses that are known before, with a public URL behind which somebody listens.
    pub(crate) async fn start_at(
        addresses: [SocketAddr; 2],
        folder: PathBuf,
        database_url: String,
        twilio_url: String,
        public_url: String,
        direct: Option<String>,
    ) -> Self {
        let program = std::env::var_os("DESKLINE_SERVER").map(PathBuf::from).filter(|program| program.is_file()).expect(
            "DESKLINE_SERVER names no built deskline-server: run `cargo xtask test --only chaos` or `cargo xtask chaos server`",
        );
        let places = addresses.map(|address| Place { address: address.to_string(), running: Mutex::default() });
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        let servers = Self { program, folder, database_url, twilio_url, public_url, direct, places, http };
        let migrated = servers.command("migrate", 0).status().await.expect("deskline-server can be run");
        assert!(migrated.success(), "deskline-server migrate failed; its log lies in {}", servers.folder.display());
        for which in 0..2 {
            *servers.places[which].running.lock().await = Some(servers.launch(which));
        }
        for which in 0..2 {
            servers.ready(which).await;
        }
        servers
    }

    /// Base address of one of them, killed or not.
    pub(crate) fn url(&self, which: usize) -> String {
        format!("http://{}", self.places[which].address)
    }

    /// Kills one in the middle of whatever it does, and puts another in its place.
    pub(crate) async fn kill_and_replace(&self, which: usize) {
        let mut running = self.places[which].running.lock().await;
        if let Some(mut server) = running.take() {
            assert!(
                server.try_wait().unwrap().is_none(),
                "server {which} ended by itself; its log lies in {}",
                self.folder.display()
            );
            server.kill().await.expect("a process can be killed");
        }
        *running = Some(self.launch(which));
    }

    /// Waits until one takes requests and has its database.
    pub(crate) async fn ready(&self, which: usize) {
        let url = format!("{}/readyz", self.url(which));
        let what = format!("server {which} is ready (its log lies in {})", self.folder.display());
        eventually(&what, || async {
            self.http.get(&url).send().await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    fn launch(&self, which: usize) -> Child {
        self.command("serve", which).spawn().expect("deskline-server can be run")
    }

    fn command(&self, verb: &str, which: usize) -> Command {
        let log = self.folder.join(format!("server-{which}.log"));
        let log = File::options().create(true).append(true).open(log).expect("a log can be written");
        let mut command = Command::new(&self.program);
        command
            .arg(verb)
            .current_dir(&self.folder)
            .env("DATABASE_URL", &self.database_url)
            .env("DESKLINE_BIND", &self.places[which].address)
            .env("DESKLINE_PUBLIC_URL", &self.public_url)
            .env("DESKLINE_JWT_SECRET", "a secret of the tests, longer than thirty-two bytes")
            .env("DESKLINE_SECRET_KEY", KEY)
            .env("DESKLINE_MEDIA_DIR", self.folder.join("media"))
            .env("DESKLINE_TWILIO_URL", &self.twilio_url)
            .envs(self.direct.iter().map(|url| ("DESKLINE_DIRECT_DATABASE_URL", url)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true);
        command
    }
}

/// Where they may listen: free, and taken by nobody while a server is dead, since they lie below the ports that systems give to
/// outgoing connections.
pub(crate) fn two_addresses() -> [SocketAddr; 2] {
    let mut dice = rand::rng();
    let mut free = Vec::new();
    for _ in 0..1_000 {
        let Ok(listener) = TcpListener::bind(("127.0.0.1", dice.random_range(20_000..32_000))) else { continue };
        free.push(listener);
        if let [one, other] = free.as_slice() {
            return [one, other].map(|listener| listener.local_addr().expect("a bound socket has an address"));
        }
    }
    panic!("two of a thousand ports are free")
}
