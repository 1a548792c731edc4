//! A database with a team in it, and short verbs for what tests do again and again.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::{
    command::{Action, Command},
    contact::ContactRow,
    ids::{CommandId, ContactId, MessageId, UserId, WorkspaceId},
    keyword::Keyword,
    phone::Sender,
    protocol::CommandOutcome,
};
use deskline_store::{
    AgentRole, Asked, MIGRATOR, NewInbound, NewOutbound, Number, Outbound, OutboundError, PutBack, Recorded, Role,
    SecretKey, Setback, Store,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

pub(crate) const ANN: &str = "+15550000001";
pub(crate) const BOB: &str = "+15550000002";
pub(crate) const OUR_NUMBER: &str = "+15559990001";
pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub(crate) const LEASE: std::time::Duration = std::time::Duration::from_secs(60);

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that no other caller in this process gets.
pub(crate) fn fresh() -> u128 {
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn uuid() -> Uuid {
    Uuid::from_u128(0x0100_0000_0000_7000_8000_0000_0000_0000 + fresh())
}

/// An id that no other process has, for what belongs to the whole cluster.
pub(crate) fn fresh_in_cluster() -> Uuid {
    Uuid::from_u128(rand::random())
}

/// Noon of some day, and so many seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn admin_url() -> String {
    std::env::var("DATABASE_URL").expect(
        "DATABASE_URL is missing: these tests need a Postgres server on which they may create databases. Run `cargo xtask test`, \
         which starts one and sets it.",
    )
}

/// A database of its own, dropped with this value, and one team with an account, a number and no contacts.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) team: WorkspaceId,
    name: String,
    /// Login roles that were made for it: they belong to the whole cluster.
    roles: Mutex<Vec<String>>,
}

impl World {
    /// An empty database, not even migrated.
    pub(crate) async fn empty() -> Self {
        let name = format!("deskline_store_test_{}_{}", std::process::id(), fresh());
        let mut admin =
            PgConnection::connect(&admin_url()).await.expect("the Postgres that DATABASE_URL names is not there");
        for sql in [format!("drop database if exists {name} with (force)"), format!("create database {name}")] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        }
        let options: PgConnectOptions = admin_url().parse().unwrap();
        let pool = PgPoolOptions::new().max_connections(40).connect_lazy_with(options.database(&name));
        Self {
            store: Store::from_pool(pool, SecretKey::from_bytes([7; 32])),
            team: WorkspaceId(uuid()),
            name,
            roles: Mutex::default(),
        }
    }

    /// An empty database of a role that is no superuser and may create roles, as on most hosts. It comes to a cluster in which the group of
    /// agents is somebody else's.
    pub(crate) async fn of_a_plain_owner() -> Self {
        let mut world = Self::empty().await;
        let owner = format!("deskline_store_test_owner_{}", fresh_in_cluster().simple());
        world
            .sql(&format!(
                "do $$ begin create role deskline_agent nologin; exception when duplicate_object or unique_violation then null; end $$;
                 create role {owner} login createrole password 'owner';
                 alter database {} owner to {owner};
                 alter schema public owner to {owner}",
                world.name
            ))
            .await;
        let options = world.pool().connect_options().as_ref().clone().username(&owner).password("owner");
        world.roles.lock().unwrap().push(owner);
        let pool = PgPoolOptions::new().max_connections(8).connect_lazy_with(options);
        world.store = Store::from_pool(pool, SecretKey::from_bytes([7; 32]));
        world
    }

    /// SQL of whoever runs the cluster.
    pub(crate) async fn sql_of_a_superuser(&self, sql: &str) {
        let options: PgConnectOptions = admin_url().parse().unwrap();
        let mut admin = PgConnection::connect_with(&options.database(&self.name)).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut admin).await.unwrap();
    }

    pub(crate) async fn start() -> Self {
        let world = Self::empty().await;
        MIGRATOR.run(world.pool()).await.unwrap();
        world.add_team(world.team, ACCOUNT, OUR_NUMBER).await;
        world
    }

    pub(crate) async fn add_team(&self, id: WorkspaceId, account: &str, number: &str) {
        self.store.create_workspace(id, "Team").await.unwrap();
        self.store.save_twilio_account(id, account, &"token".into(), &[our_number(number)]).await.unwrap();
    }

    pub(crate) async fn second_team(&self) -> WorkspaceId {
        let id = WorkspaceId(uuid());
        self.add_team(id, "AC00000000000000000000000000000002", "+15559990002").await;
        id
    }

    pub(crate) fn pool(&self) -> &PgPool {
        self.store.pool()
    }

    /// Lets a member work directly, and signs in to Postgres as their desktop does.
    pub(crate) async fn direct(&self, team: WorkspaceId, user: UserId) -> (Store, AgentRole) {
        assert!(self.store.allow_direct(team, user, None).await.unwrap());
        let role = AgentRole::new(fresh_in_cluster());
        let password: SecretString = fresh_in_cluster().simple().to_string().into();
        self.store.create_agent_role(user, &role, &password).await.unwrap();
        self.roles.lock().unwrap().push(role.as_str().to_owned());
        let options: PgConnectOptions = admin_url().parse().unwrap();
        let options = options.database(&self.name).username(role.as_str()).password(password.expose_secret());
        (Store::of_agent(PgPoolOptions::new().max_connections(4).connect_lazy_with(options)), role)
    }

    /// What a foreign program does: SQL, in a transaction of its own.
    pub(crate) async fn sql(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(self.pool()).await.unwrap();
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(self.pool()).await.unwrap()
    }

    /// Waits until a statement on this database waits for a lock.
    pub(crate) async fn someone_waits_for_a_lock(&self) {
        let waiting =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while self.number(waiting).await == 0 {}
    }

    /// A contact that another program stored.
    pub(crate) async fn contact(&self, team: WorkspaceId, phone: &str) -> ContactId {
        let id = sqlx::query_scalar(
            "insert into contacts (workspace_id, phone, name) values ($1, $2, 'Somebody') returning id",
        )
        .bind(team.0)
        .bind(phone)
        .fetch_one(self.pool())
        .await
        .unwrap();
        ContactId(id)
    }

    pub(crate) async fn member(&self, role: Role) -> UserId {
        let user = UserId(uuid());
        self.store.add_member(self.team, user, role).await.unwrap();
        user
    }

    /// Carries out a command with an id of its own; the reason, if it is refused.
    pub(crate) async fn does(&self, user: UserId, action: Action) -> Result<(), String> {
        let command = Command { id: CommandId(uuid()), workspace_id: self.team, at: at(100), action };
        match self.store.execute(user, &command, at(100)).await.unwrap() {
            CommandOutcome::Done { .. } => Ok(()),
            CommandOutcome::Refused { reason } => Err(reason),
        }
    }

    pub(crate) async fn row(&self, contact: ContactId) -> ContactRow {
        self.store.contact(self.team, contact).await.unwrap().unwrap()
    }

    /// The teams with a number.
    pub(crate) async fn has_number(&self, number: &str) -> Vec<WorkspaceId> {
        let asked = Asked { number: number.to_owned(), ..Asked::default() };
        self.store.look_up(asked).await.unwrap().by_number
    }

    /// The teams with a Messaging Service.
    pub(crate) async fn has_service(&self, service: &str) -> Vec<WorkspaceId> {
        let asked = Asked { service: service.to_owned(), ..Asked::default() };
        self.store.look_up(asked).await.unwrap().by_service
    }

    pub(crate) async fn receives(&self, from: &str, body: &str) -> Recorded {
        self.store.record_inbound(&inbound(self.team, from, body)).await.unwrap()
    }

    /// An attempt came to nothing, and the text comes up again. False when the attempt is out of date.
    pub(crate) async fn puts_back(&self, id: MessageId, attempt: i32, why: Setback, again_at: DateTime<Utc>) -> bool {
        let back = PutBack { id, attempt, why, code: None, explanation: "Not now.", now: at(0), again_at };
        self.store.put_back(&back).await.unwrap()
    }

    pub(crate) async fn sends(&self, contact: ContactId, content: &str) -> Result<Outbound, OutboundError> {
        self.store.record_outbound(&outbound(self.team, contact, content)).await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let mut drops = vec![format!("drop database if exists {} with (force)", self.name)];
        let roles = self.roles.lock().unwrap();
        drops.extend(roles.iter().map(|role| format!("drop role if exists {role}")));
        drop(roles);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&admin_url()).await.unwrap();
                for sql in drops {
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
                }
            });
        });
        let dropped = dropping.join();
        assert!(dropped.is_ok() || std::thread::panicking(), "the test's database could not be dropped");
    }
}

pub(crate) fn our_number(phone: &str) -> Number {
    Number {
        sid: Some(format!("PN{phone}")),
        phone_number: phone.to_owned(),
        friendly_name: None,
        capabilities: json!({ "sms": true }),
    }
}

pub(crate) fn inbound(team: WorkspaceId, from: &str, body: &str) -> NewInbound {
    NewInbound {
        id: MessageId(uuid()),
        contact_id: ContactId(uuid()),
        workspace_id: team,
        from: Sender::parse(from).unwrap(),
        to: OUR_NUMBER.to_owned(),
        service: None,
        twilio_sid: format!("SM{:032}", fresh()),
        body: body.to_owned(),
        media: Vec::new(),
        keyword: Keyword::read(None, body),
        raw: json!({ "Body": body }),
        received_at: at(0),
    }
}

pub(crate) fn outbound(team: WorkspaceId, contact: ContactId, content: &str) -> NewOutbound {
    NewOutbound {
        id: MessageId(uuid()),
        workspace_id: team,
        contact_id: contact,
        content: content.to_owned(),
        media_urls: Vec::new(),
        client_id: None,
        sent_by: None,
        later: None,
        now: at(0),
        lease: LEASE,
    }
}
