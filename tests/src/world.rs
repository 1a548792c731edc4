//! One team with its server, its numbers and its Twilio, ready to be texted.
//!
//! Used by every system test: `World::start()` gives a database, a simulator and a server; [`World::desktop`] an agent at work.

use std::{net::SocketAddr, time::Duration};

use deskline_client::view::SignIn;
use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    message::MessageRow,
};
use deskline_server::config::{Config, Timers};
use deskline_simulator::Simulator;
use deskline_store::{Role, SecretKey, Store};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    Desktop,
    database::{TestDatabase, fresh_id},
    eventually,
    server::RunningServer,
};

/// The password of every agent.
pub const PASSWORD: &str = "correct horse battery staple";
/// The team's first number.
pub const OUR_NUMBER: &str = "+15550001111";
/// A contact.
pub const MARIA: &str = "+15552223333";
/// Another contact.
pub const OMAR: &str = "+15554445555";

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Everything behind the desktops.
#[derive(Debug)]
pub struct World {
    /// The Twilio.
    pub twilio: Simulator,
    /// The team.
    pub workspace: WorkspaceId,
    /// The store, as an admin's command line uses it.
    pub store: Store,
    /// Postgres, as a program that is not ours uses it.
    pub foreign: PgPool,
    database: TestDatabase,
    server: Option<RunningServer>,
    address: SocketAddr,
}

impl World {
    /// A team with one number and no agents.
    pub async fn start() -> Self {
        let database = TestDatabase::create().await;
        let key = SecretKey::from_hex(KEY).expect("the test key is 32 bytes of hex");
        let store = Store::connect(&database.url(), key).expect("the database's address is good");
        store.migrate().await.expect("the schema can be made");

        let twilio = Simulator::start(deskline_simulator::Config::default()).await.expect("the simulator starts");
        let server =
            RunningServer::start(([127, 0, 0, 1], 0).into(), |address| config(&database.url(), address, &twilio));
        let address = server.address();
        twilio.set_webhook(format!("http://{address}/twilio/webhook").parse().expect("an address"));

        let workspace = WorkspaceId(fresh_id());
        store.create_workspace(workspace, "Corner Bakery").await.expect("a workspace can be made");
        let foreign = PgPool::connect(&database.url()).await.expect("Postgres answers");
        let world = Self { twilio, workspace, store, foreign, database, server: Some(server), address };
        world.connect_twilio().await;
        world
    }

    /// Stores the simulator's account and numbers, as `test-connection` does.
    async fn connect_twilio(&self) {
        let account = self.twilio.credentials();
        let number = deskline_store::Number {
            sid: None,
            phone_number: OUR_NUMBER.to_owned(),
            friendly_name: Some("Front desk".to_owned()),
            capabilities: serde_json::json!({ "sms": true, "mms": true, "voice": false }),
        };
        self.store
            .save_twilio_account(self.workspace, account.account_sid.as_str(), &account.secret, &[number])
            .await
            .expect("an account can be stored");
    }

    /// Base address of the server.
    #[must_use]
    pub fn server_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the server listens.
    #[must_use]
    pub const fn server_address(&self) -> SocketAddr {
        self.address
    }

    /// Address of the database.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.database.url()
    }

    /// Makes an agent of the team.
    pub async fn agent(&self, name: &str) -> SignIn {
        let email = format!("{name}@example.com");
        let hash = deskline_server::auth::password::hash(PASSWORD.into()).await.expect("a password can be hashed");
        let id = UserId(fresh_id());
        self.store.create_user(id, &email, &hash.into()).await.expect("a user can be made");
        self.store.add_member(self.workspace, id, Role::Agent).await.expect("a user can join the team");
        SignIn { server: self.server_url(), email, password: PASSWORD.to_owned() }
    }

    /// A new agent at a new desktop, signed in and live.
    pub async fn desktop(&self, name: &str) -> Desktop {
        let desktop = Desktop::new().await;
        desktop.sign_in(self.agent(name).await).await;
        desktop
    }

    /// A contact texts the team.
    pub async fn text(&self, from: &str, body: &str) -> String {
        let delivery = self.twilio.receive_sms(from, OUR_NUMBER, body).await;
        assert!(delivery.is_ok(), "the server takes a signed webhook, but it answered {:?}", delivery.answer);
        delivery.sid
    }

    /// Pulls the server's plug.
    pub fn kill_server(&mut self) {
        self.server.take().expect("the server runs").kill();
    }

    /// Brings it back on the same port.
    pub async fn restart_server(&mut self) {
        assert!(self.server.is_none(), "kill the server before it is restarted");
        let address = self.address;
        eventually("the port of the killed server is free", || async move {
            std::net::TcpListener::bind(address).ok().map(drop)
        })
        .await;
        let url = self.database.url();
        self.server = Some(RunningServer::start(address, |address| config(&url, address, &self.twilio)));
    }

    /// A second server on the same database, with nothing between the two.
    #[must_use]
    pub fn second_server(&self) -> RunningServer {
        let url = self.database.url();
        RunningServer::start(([127, 0, 0, 1], 0).into(), |address| config(&url, address, &self.twilio))
    }

    /// Cuts every connection to Postgres.
    pub async fn cut_database(&self) {
        self.database.cut_connections().await;
    }

    /// A contact that another program wrote.
    pub async fn foreign_contact(&self, phone: &str, name: &str) -> ContactId {
        let id: Uuid =
            sqlx::query_scalar("insert into contacts (workspace_id, phone, name) values ($1, $2, $3) returning id")
                .bind(self.workspace.0)
                .bind(phone)
                .bind(name)
                .fetch_one(&self.foreign)
                .await
                .expect("another program may write contacts");
        ContactId(id)
    }

    /// A text of the shared table, once it has got so far.
    pub async fn row(&self, what: &str, fits: impl Fn(&MessageRow) -> bool) -> MessageRow {
        let fits = &fits;
        eventually(what, || async move {
            let page = self.store.changes_after(self.workspace, 0, 100_000).await.ok()?;
            page.changes.iter().find_map(|change| match change.decode() {
                Ok(deskline_domain::change::Decoded::Message(row)) if fits(&row) => Some(*row),
                _ => None,
            })
        })
        .await
    }

    /// Ends everything and drops the database.
    pub async fn end(mut self) {
        drop(self.server.take());
        self.foreign.close().await;
        self.database.drop().await;
    }
}

fn config(database_url: &str, address: SocketAddr, twilio: &Simulator) -> Config {
    let settings = |name: &str| {
        Some(match name {
            "DATABASE_URL" => database_url.to_owned(),
            "DESKLINE_BIND" => address.to_string(),
            "DESKLINE_PUBLIC_URL" => format!("http://{address}"),
            "DESKLINE_JWT_SECRET" => "a secret of the tests, longer than thirty-two bytes".to_owned(),
            "DESKLINE_SECRET_KEY" => KEY.to_owned(),
            "DESKLINE_MEDIA_DIR" => std::env::temp_dir().join("deskline-e2e-media").to_string_lossy().into_owned(),
            "DESKLINE_TWILIO_URL" => twilio.url().to_string(),
            _ => return None,
        })
    };
    let timers = Timers {
        twilio_timeout: Duration::from_secs(2),
        retry_base: Duration::from_millis(100),
        retry_cap: Duration::from_secs(1),
        ..Timers::default()
    };
    Config { timers, ..Config::from_vars(settings).expect("the settings of the tests are good") }
}
