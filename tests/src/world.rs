//! One team with its server, its numbers and its Twilio, ready to be texted.
//!
//! Used by every system test: `World::start()` gives a database, a simulator and a server; [`World::desktop`] an agent at work.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use deskline_client::view::SignIn;
use deskline_domain::{
    ids::{ContactId, UserId, WorkspaceId},
    message::MessageRow,
    protocol::{DirectAccess, TwilioKey},
};
use deskline_server::config::{Config, Timers};
use deskline_simulator::Simulator;
use deskline_store::{AgentRole, Role, SecretKey, Store};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use crate::{
    Desktop,
    database::{TestDatabase, fresh_id},
    eventually,
    guarded::Guarded,
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
    door: Door,
    timers: Timers,
}

/// How desktops reach Postgres, as the server tells them.
#[derive(Clone, Debug)]
struct Door {
    url: Url,
    authority: Option<PathBuf>,
}

impl World {
    /// A team with one number and no agents.
    pub async fn start() -> Self {
        let database = TestDatabase::create().await;
        let mut url: Url = database.url().parse().expect("the database's address is one");
        url.set_username("").and_then(|()| url.set_password(None)).expect("an address has a place for a user");
        url.set_query(Some("sslmode=disable"));
        Self::start_on(database, Door { url, authority: None }).await
    }

    /// The same on a Postgres as hosts run it.
    pub async fn start_guarded(postgres: &Guarded) -> Self {
        let database = TestDatabase::guarded(postgres).await;
        let door = Door { url: postgres.for_desktops(database.name()), authority: Some(postgres.authority_file()) };
        Self::start_on(database, door).await
    }

    async fn start_on(database: TestDatabase, door: Door) -> Self {
        let key = SecretKey::from_hex(KEY).expect("the test key is 32 bytes of hex");
        let store = Store::connect(&database.url(), key).expect("the database's address is good");
        store.migrate().await.expect("the schema can be made");

        let twilio = Simulator::start(deskline_simulator::Config::default()).await.expect("the simulator starts");
        let server = RunningServer::start(([127, 0, 0, 1], 0).into(), |address| {
            config(&database.url(), &door, address, &twilio, timers())
        });
        let address = server.address();
        twilio.set_webhook(format!("http://{address}/twilio/webhook").parse().expect("an address"));

        let workspace = WorkspaceId(fresh_id());
        store.create_workspace(workspace, "Corner Bakery").await.expect("a workspace can be made");
        let foreign = PgPool::connect(&database.url()).await.expect("Postgres answers");
        let world =
            Self { twilio, workspace, store, foreign, database, server: Some(server), address, door, timers: timers() };
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

    /// Lets an agent work directly, and answers what the desktop needs for it: a login role, and a key of the account.
    pub async fn lets_work_directly(&self, name: &str) -> DirectAccess {
        let user = self.user(name).await;
        assert!(self.store.allow_direct(self.workspace, user, None).await.expect("an agent can be let in"));
        let (role, password) = (AgentRole::new(fresh_id()), fresh_id().simple().to_string());
        self.store.create_agent_role(user, &role, &password.as_str().into()).await.expect("a login role can be made");
        let mut url = self.door.url.clone();
        url.set_username(role.as_str()).expect("an address with a user");
        url.set_password(Some(&password)).expect("an address with a password");
        let authority = self.door.authority.as_ref().map(std::fs::read_to_string);
        let key = self.owner_of_the_account().create_key(name).await.expect("the simulator makes keys");
        DirectAccess {
            database_url: url.into(),
            database_ca: authority.transpose().expect("an authority's file can be read"),
            twilio_keys: vec![TwilioKey {
                account_sid: self.twilio.account_sid().to_string(),
                sid: key.sid,
                secret: key.secret.expose_secret().to_owned(),
            }],
            public_url: Some(self.server_url()),
            twilio_url: Some(self.twilio.url().to_string()),
            issued_at: None,
        }
    }

    /// Takes it back.
    pub async fn revokes_direct_work(&self, name: &str) {
        let user = self.user(name).await;
        self.store.revoke_direct(self.workspace, user).await.expect("access can be taken back");
    }

    fn owner_of_the_account(&self) -> deskline_twilio::Client {
        deskline_twilio::Client::new(self.twilio.url(), self.twilio.credentials(), Duration::from_secs(5))
    }

    /// An agent of the team.
    pub async fn user(&self, name: &str) -> UserId {
        let agent = self.store.user_by_email(&format!("{name}@example.com")).await.expect("Postgres answers");
        agent.expect("there is such an agent").id
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

    /// The next server compares with Twilio's own list as soon as it runs, down to the newest text.
    pub async fn audit_at_once(&mut self) {
        self.timers.audit_every = Duration::from_millis(200);
        self.timers.audit_grace = Duration::ZERO;
        sqlx::query("update audits set next_at = now()").execute(&self.foreign).await.expect("Postgres answers");
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
        self.server =
            Some(RunningServer::start(address, |address| config(&url, &self.door, address, &self.twilio, self.timers)));
    }

    /// A second server on the same database, with nothing between the two.
    #[must_use]
    pub fn second_server(&self) -> RunningServer {
        let url = self.database.url();
        RunningServer::start(([127, 0, 0, 1], 0).into(), |address| {
            config(&url, &self.door, address, &self.twilio, self.timers)
        })
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
        // Login roles belong to the whole cluster, and outlive their database.
        let roles = sqlx::query_scalar("select role_name::text from direct_roles").fetch_all(&self.foreign).await;
        for role in roles.unwrap_or_default().iter().filter_map(|name: &String| AgentRole::read(name)) {
            // A connection that a test has cut may be the first that is at hand; the same call does the rest.
            eventually("a login role can be ended", || async { self.store.end_agent_role(&role).await.ok() }).await;
        }
        self.foreign.close().await;
        self.database.drop().await;
    }
}

fn config(database_url: &str, door: &Door, address: SocketAddr, twilio: &Simulator, timers: Timers) -> Config {
    let settings = |name: &str| {
        Some(match name {
            "DATABASE_URL" => database_url.to_owned(),
            "DESKLINE_BIND" => address.to_string(),
            "DESKLINE_PUBLIC_URL" => format!("http://{address}"),
            "DESKLINE_JWT_SECRET" => "a secret of the tests, longer than thirty-two bytes".to_owned(),
            "DESKLINE_SECRET_KEY" => KEY.to_owned(),
            "DESKLINE_MEDIA_DIR" => std::env::temp_dir().join("deskline-e2e-media").to_string_lossy().into_owned(),
            "DESKLINE_DIRECT_DATABASE_URL" => door.url.to_string(),
            "DESKLINE_DIRECT_DATABASE_CA" => door.authority.as_ref()?.to_string_lossy().into_owned(),
            "DESKLINE_TWILIO_URL" => twilio.url().to_string(),
            _ => return None,
        })
    };
    Config { timers, ..Config::from_vars(settings).expect("the settings of the tests are good") }
}

fn timers() -> Timers {
    Timers {
        twilio_timeout: Duration::from_secs(2),
        retry_base: Duration::from_millis(100),
        retry_cap: Duration::from_secs(1),
        ..Timers::default()
    }
}
