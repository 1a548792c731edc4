//! What the desktops stand on: Postgres, two servers behind one address, a Twilio, one team with its agents and contacts.
//!
//! Made once by a run; everybody else borrows it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use deskline_domain::ids::{ContactId, LabelId, UserId, WorkspaceId};
use deskline_e2e::{
    Flaky,
    database::fresh_id,
    eventually,
    postgres::Postgres,
    world::{OUR_NUMBER, PASSWORD},
};
use deskline_simulator::{Config, Simulator};
use deskline_store::{Number, Role, SecretKey, Store};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::plan::{self, CONTACTS, DESKS, Names, Plan};
use crate::servers::{KEY, Servers, two_addresses};

const DATABASE: &str = "chaos_desktops";
/// Twilio tries twice; a team whose servers are down for longer gets the rest by redelivery.
const ATTEMPTS: u32 = 6;

/// See the module.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) folder: PathBuf,
    pub(crate) postgres: Postgres,
    pub(crate) servers: Servers,
    pub(crate) addresses: [SocketAddr; 2],
    pub(crate) twilio: Simulator,
    pub(crate) workspace: WorkspaceId,
    pub(crate) names: Names,
    pub(crate) database: PgPool,
    /// What desktops that work directly reach Postgres through.
    pub(crate) door: Flaky,
    store: Store,
    /// The one address that Twilio knows.
    _front: Flaky,
}

impl World {
    pub(crate) async fn start(plan: Plan) -> Arc<Self> {
        let folder = std::env::var_os("DESKLINE_CHAOS_FOLDER")
            .map_or_else(|| std::env::temp_dir().join("deskline-chaos"), PathBuf::from);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let postgres = Postgres::start(&folder, |_| {}).await;
        let mut admin = PgConnection::connect(postgres.url()).await.unwrap();
        admin.execute(sqlx::AssertSqlSafe(format!("drop database if exists {DATABASE} with (force)"))).await.unwrap();
        admin.execute(sqlx::AssertSqlSafe(format!("create database {DATABASE}"))).await.unwrap();
        let mut url: url::Url = postgres.url().parse().expect("DATABASE_URL is an address");
        url.set_path(DATABASE);

        let addresses = two_addresses();
        let front = Flaky::before(addresses.to_vec(), plan.seed).await;
        let config = Config { attempts: ATTEMPTS, seed: Some(plan.seed), ..Config::default() };
        let twilio = Simulator::start(config).await.expect("the simulator starts");
        twilio.set_webhook(format!("{}/twilio/webhook", front.url()).parse().expect("an address"));
        let door = door(&url, plan.seed).await;
        let direct = format!("{}/{DATABASE}?sslmode=disable", door.url().replace("http://", "postgres://"));
        let servers = Servers::start_at(
            addresses,
            folder.clone(),
            url.to_string(),
            twilio.url().to_string(),
            front.url(),
            Some(direct),
        )
        .await;

        let database = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(60))
            .connect(url.as_str())
            .await
            .expect("Postgres answers");
        let store = Store::from_pool(database.clone(), SecretKey::from_hex(KEY).unwrap());
        let workspace = WorkspaceId(fresh_id());
        store.create_workspace(workspace, "Corner Bakery").await.unwrap();
        connect_twilio(&store, workspace, &twilio).await;
        let names = people(&store, workspace).await;
        let world = Self {
            plan,
            folder,
            postgres,
            servers,
            addresses,
            twilio,
            workspace,
            names,
            database,
            door,
            store,
            _front: front,
        };
        for desk in (0..DESKS).filter(|desk| plan.begins_directly(*desk)) {
            world.lets_work_directly(desk, true).await;
        }
        Arc::new(world)
    }

    /// An admin lets an agent work directly, or takes that back. Postgres may be away at this moment.
    pub(crate) async fn lets_work_directly(&self, desk: u32, allowed: bool) {
        let user = self.names.agents[desk as usize];
        eventually("an admin has decided about an agent", || async {
            let done = if allowed {
                self.store.allow_direct(self.workspace, user, None).await
            } else {
                self.store.revoke_direct(self.workspace, user).await
            };
            done.ok()
        })
        .await;
    }

    /// An agent's address to sign in with.
    pub(crate) fn email(desk: u32) -> String {
        format!("desk-{desk}@example.com")
    }
}

/// In front of Postgres.
async fn door(database: &url::Url, seed: u64) -> Flaky {
    let host = database.host_str().expect("Postgres has a host").to_owned();
    let port = database.port().expect("Postgres has a port");
    let mut addresses = tokio::net::lookup_host((host, port)).await.expect("Postgres has an address");
    Flaky::start(addresses.next().expect("Postgres has an address"), seed).await
}

async fn connect_twilio(store: &Store, workspace: WorkspaceId, twilio: &Simulator) {
    let account = twilio.credentials();
    let number = Number {
        sid: None,
        phone_number: OUR_NUMBER.to_owned(),
        friendly_name: Some("Front desk".to_owned()),
        capabilities: json!({ "sms": true, "mms": true, "voice": false }),
    };
    store.save_twilio_account(workspace, account.account_sid.as_str(), &account.secret, &[number]).await.unwrap();
}

async fn people(store: &Store, workspace: WorkspaceId) -> Names {
    let hash = deskline_server::auth::password::hash(PASSWORD.into()).await.unwrap();
    let mut agents = Vec::new();
    for desk in 0..DESKS {
        let agent = UserId(fresh_id());
        store.create_user(agent, &World::email(desk), &hash.clone().into()).await.unwrap();
        store.add_member(workspace, agent, Role::Agent).await.unwrap();
        agents.push(agent);
    }
    let mut contacts = Vec::new();
    for contact in 0..CONTACTS {
        let id: Uuid =
            sqlx::query_scalar("insert into contacts (workspace_id, phone, name) values ($1, $2, $3) returning id")
                .bind(workspace.0)
                .bind(plan::phone(contact))
                .bind(format!("Contact {contact}"))
                .fetch_one(store.pool())
                .await
                .unwrap();
        contacts.push(ContactId(id));
    }
    let label = LabelId(fresh_id());
    sqlx::query("insert into labels (id, workspace_id, name, color) values ($2, $1, 'urgent', '#3b5bdb')")
        .bind(workspace.0)
        .bind(label.0)
        .execute(store.pool())
        .await
        .unwrap();
    Names { contacts, agents, label }
}
