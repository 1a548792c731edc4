//! What a test stands on: a database of its own, a simulator, one server or more, and people with tokens and sockets.
//!
//! Everything goes away with the [`World`].

mod database;
mod socket;

use std::{sync::Arc, time::Duration};

use deskline_domain::ids::{ContactId, UserId, WorkspaceId};
use deskline_server::{
    Config, Timers,
    config::{MediaSettings, Place},
    edge::{entropy, now},
    run,
};
use deskline_simulator::Simulator;
use deskline_store::{Role, SecretKey, Store};
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use url::Url;
use uuid::Uuid;

use self::database::Database;
pub(crate) use self::socket::{Heard, Socket};

pub(crate) const JWT_SECRET: &str = "a secret of the tests that is long enough";
pub(crate) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
pub(crate) const FRONTEND: &str = "http://dashboard.example:3000";
pub(crate) const METRICS_TOKEN: &str = "only for the machine that watches";
/// Anything takes less than this; whoever waits longer has found a bug.
pub(crate) const SOON: Duration = Duration::from_secs(20);
pub(crate) const ANN: &str = "+15557770001";
pub(crate) const BOB: &str = "+15557770002";

/// A running server.
pub(crate) struct Server {
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    /// Stops it and gives what [`run`] returned.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        self.task.await.unwrap()
    }
}

/// A database, a Twilio, and a server with one workspace.
pub(crate) struct World {
    pub(crate) twilio: Simulator,
    pub(crate) store: Store,
    pub(crate) servers: Vec<Server>,
    pub(crate) workspace: WorkspaceId,
    pub(crate) owner: UserId,
    pub(crate) http: reqwest::Client,
    public_url: Url,
    database: Arc<Database>,
    /// Where every server of this world keeps its files.
    pub(crate) files: tempfile::TempDir,
}

/// A test changes what it needs to.
pub(crate) fn config(database_url: &str, twilio_url: Url, public_url: Url) -> Config {
    Config {
        direct_database_url: None,
        direct_database_ca: None,
        database_url: database_url.to_owned().into(),
        bind: ([127, 0, 0, 1], 0).into(),
        public_url,
        jwt_secret: Some(JWT_SECRET.to_owned().into()),
        jwks_url: None,
        secret_key: KEY.to_owned().into(),
        twilio_url,
        frontend_origin: FRONTEND.parse().unwrap(),
        metrics_token: Some(METRICS_TOKEN.to_owned().into()),
        media: MediaSettings { place: Place::Folder(std::env::temp_dir()), ..MediaSettings::default() },
        trusted_proxies: Vec::new(),
        timers: Timers {
            twilio_timeout: Duration::from_secs(2),
            retry_base: Duration::from_millis(100),
            retry_cap: Duration::from_secs(1),
            poll_every: Duration::from_millis(500),
            send_patience: Duration::from_secs(15),
            jwks_min_refresh: Duration::from_secs(60),
            members_checked_every: Duration::ZERO,
            media_timeout: Duration::from_secs(10),
            media_retry_cap: Duration::from_millis(400),
            ..Timers::default()
        },
    }
}

impl World {
    /// Starts one server.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts one server with other settings.
    pub(crate) async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        let database = Arc::new(Database::create().await);
        let store = Store::connect(&database.url, SecretKey::from_hex(KEY).unwrap()).unwrap();
        store.migrate().await.unwrap();
        let twilio = Simulator::start(deskline_simulator::Config::default()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let public_url = Url::parse(&url).unwrap();
        twilio.set_webhook(public_url.join("/twilio/webhook").unwrap());
        let mut world = Self {
            workspace: WorkspaceId::v7(now(), entropy()),
            owner: UserId::v7(now(), entropy()),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            servers: Vec::new(),
            twilio,
            store,
            public_url,
            database,
            files: tempfile::tempdir().unwrap(),
        };
        let mut config = world.config();
        adjust(&mut config);
        world.servers.push(start(listener, config));
        world.store.create_workspace(world.workspace, "Fernway Cycles").await.unwrap();
        world.store.add_member(world.workspace, world.owner, Role::Owner).await.unwrap();
        world.connect_twilio(world.workspace).await;
        world
    }

    /// Settings for another server of this world.
    pub(crate) fn config(&self) -> Config {
        let place = Place::Folder(self.files.path().to_owned());
        Config {
            media: MediaSettings { place, ..MediaSettings::default() },
            ..config(&self.database.url, self.twilio.url(), self.public_url.clone())
        }
    }

    /// Starts another server on the same database; answers its index.
    pub(crate) async fn another_server(&mut self) -> usize {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.servers.push(start(listener, self.config()));
        self.servers.len() - 1
    }

    /// Starts a server again where the first one was.
    pub(crate) async fn restart_first(&mut self) {
        let address = self.public_url.socket_addrs(|| None).unwrap()[0];
        let listener = loop {
            match TcpListener::bind(address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let config = self.config();
        self.servers.insert(0, start(listener, config));
    }

    /// Gives a workspace the simulator's account and numbers.
    pub(crate) async fn connect_twilio(&self, workspace: WorkspaceId) {
        let numbers: Vec<_> = self.twilio.numbers().iter().map(|number| store_number(number)).collect();
        let token = SecretString::from(self.twilio.auth_token().expose().to_owned());
        self.store.save_twilio_account(workspace, self.twilio.account_sid().as_str(), &token, &numbers).await.unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        &self.servers[0].url
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Our first number.
    pub(crate) fn number(&self) -> String {
        self.twilio.number()
    }

    /// Another member of the workspace.
    pub(crate) async fn member(&self, role: Role) -> UserId {
        let user = UserId::v7(now(), entropy());
        self.store.add_member(self.workspace, user, role).await.unwrap();
        user
    }

    /// Another workspace, with an owner of its own.
    pub(crate) async fn another_workspace(&self) -> (WorkspaceId, UserId) {
        let (workspace, owner) = (WorkspaceId::v7(now(), entropy()), UserId::v7(now(), entropy()));
        self.store.create_workspace(workspace, "Next Door").await.unwrap();
        self.store.add_member(workspace, owner, Role::Owner).await.unwrap();
        (workspace, owner)
    }

    /// A contact as another program would write one.
    pub(crate) async fn contact(&self, phone: &str) -> ContactId {
        self.contact_of(self.workspace, phone).await
    }

    pub(crate) async fn contact_of(&self, workspace: WorkspaceId, phone: &str) -> ContactId {
        let id: Uuid =
            sqlx::query_scalar("insert into contacts (workspace_id, phone, name) values ($1, $2, $2) returning id")
                .bind(workspace.0)
                .bind(phone)
                .fetch_one(self.store.pool())
                .await
                .unwrap();
        ContactId(id)
    }

    /// A request to the first server, with the owner's token.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.call_as(self.owner, method, path, body).await
    }

    pub(crate) async fn call_as(
        &self,
        user: UserId,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        self.call_at(0, &token(user), method, path, body).await
    }

    pub(crate) async fn call_at(
        &self,
        server: usize,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.servers[server].url)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await.unwrap()).await
    }

    /// The owner sends a text.
    pub(crate) async fn send(&self, contact: ContactId, text: &str) -> (StatusCode, Value) {
        self.call(Method::POST, "/sms/send-sms", Some(self.text(contact, text))).await
    }

    /// The body of `send-sms`.
    pub(crate) fn text(&self, contact: ContactId, text: &str) -> Value {
        json!({ "workspaceId": self.workspace, "contactId": contact, "message": text })
    }

    /// A socket to the first server that has joined the workspace.
    pub(crate) async fn joined(&self) -> Socket {
        self.joined_at(0, self.owner).await
    }

    pub(crate) async fn joined_at(&self, server: usize, user: UserId) -> Socket {
        self.joined_to(server, self.workspace, user).await
    }

    /// A socket to the first server that has joined another workspace.
    pub(crate) async fn joined_in(&self, workspace: WorkspaceId, user: UserId) -> Socket {
        self.joined_to(0, workspace, user).await
    }

    async fn joined_to(&self, server: usize, workspace: WorkspaceId, user: UserId) -> Socket {
        let socket = Socket::connect(&self.servers[server].url, &token(user)).await;
        let ack = socket.ask("join_workspace", json!(workspace)).await;
        assert_eq!(ack["ok"], true, "{ack}");
        socket
    }

    /// One number out of the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.store.pool()).await.unwrap()
    }

    /// Waits until a stored text is as it should be.
    pub(crate) async fn eventually(
        &self,
        id: &Value,
        what: &str,
        is_so: impl Fn(&deskline_domain::message::MessageRow) -> bool,
    ) {
        let id = id.as_str().unwrap().parse().unwrap();
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let row = self.store.message(self.workspace, id).await.unwrap().unwrap();
            if is_so(&row) {
                return;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "the text never became {what}; it is {:?} {:?}",
                row.status,
                row.twilio_sid
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Runs a server on a listener.
pub(crate) fn start(listener: TcpListener, config: Config) -> Server {
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(run(listener, config, async move { drop(stopped.await) }));
    Server { url, stop: Some(stop), task }
}

pub(crate) fn store_number(number: &str) -> deskline_store::Number {
    deskline_store::Number {
        sid: Some(format!("PN{:0>32}", number.trim_start_matches('+'))),
        phone_number: number.to_owned(),
        friendly_name: Some("Front desk".to_owned()),
        capabilities: json!({ "sms": true, "mms": true, "voice": false, "fax": false }),
    }
}

/// A token for a user.
pub(crate) fn token(user: UserId) -> String {
    token_with(&json!({ "sub": user, "exp": now().timestamp() + 3_600, "aud": "authenticated" }))
}

/// A token with any claims.
pub(crate) fn token_with(claims: &Value) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(JWT_SECRET.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key).unwrap()
}

/// An answer, which is JSON.
pub(crate) async fn read(response: reqwest::Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} with a body that is not JSON: {text:?}")))
}

/// Asserts an error's status and exact text.
#[track_caller]
pub(crate) fn assert_error((status, body): &(StatusCode, Value), expected: u16, text: &str) {
    assert_eq!((status.as_u16(), body["error"].as_str()), (expected, Some(text)), "{body}");
}
