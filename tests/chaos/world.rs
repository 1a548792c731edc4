//! Everything that a run stands on: Postgres, two servers, a Twilio, four teams.
//!
//! Made once by `main`; everybody else borrows it.

use std::{future::Future, path::PathBuf, sync::Arc, time::Duration};

use deskline_client::view::SignIn;
use deskline_domain::ids::{ContactId, UserId, WorkspaceId};
use deskline_e2e::{database::fresh_id, eventually, postgres::Postgres, world::PASSWORD};
use deskline_simulator::{AccountConfig, CallbackPlan, NumberConfig, Simulator};
use deskline_store::{Number, Role, SecretKey, Store};
use deskline_twilio::{AccountSid, AuthToken};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::{
    plan::{self, KNOWN, Plan, TEAMS},
    servers::{KEY, Servers},
};

const DATABASE: &str = "chaos";

/// What a run stands on.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) folder: PathBuf,
    pub(crate) postgres: Postgres,
    pub(crate) servers: Servers,
    pub(crate) twilio: Simulator,
    pub(crate) teams: Vec<Team>,
    /// The life of the feed, which a crash of Postgres does not end.
    pub(crate) feed: Uuid,
    /// The database, as any program that shares it sees it.
    pub(crate) database: PgPool,
}

/// A team.
pub(crate) struct Team {
    pub(crate) workspace: WorkspaceId,
    pub(crate) account: AccountSid,
    pub(crate) auth_token: AuthToken,
    /// Those that it knows from the start, by their place in the plan.
    pub(crate) contacts: Vec<ContactId>,
    /// Its one agent's, for HTTP and sockets.
    pub(crate) bearer: String,
    email: String,
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

        let accounts = (0..TEAMS).map(|team| AccountConfig {
            sid: Some(account(team)),
            numbers: (0..2).map(|place| NumberConfig::new(plan::number(team, place), "A number")).collect(),
            ..AccountConfig::default()
        });
        let config =
            deskline_simulator::Config { accounts: accounts.collect(), ..deskline_simulator::Config::default() };
        let twilio = Simulator::start(config).await.expect("the simulator starts");
        // It reports nothing by itself: the posters do, in an order that the plan knows.
        twilio.plan(CallbackPlan::none());

        let servers = Servers::start(folder.clone(), url.to_string(), twilio.url().to_string()).await;
        let database = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(60))
            .connect(url.as_str())
            .await
            .expect("Postgres answers");
        let store = Store::from_pool(database.clone(), SecretKey::from_hex(KEY).unwrap());
        let mut teams = Vec::new();
        for team in 0..TEAMS {
            teams.push(Team::make(team, &store, &twilio, &servers).await);
        }
        let feed = sqlx::query_scalar("select id from feeds").fetch_one(&database).await.unwrap();
        Arc::new(Self { plan, folder, postgres, servers, twilio, teams, feed, database })
    }

    /// Asks the database until it answers: it may be away at the moment.
    pub(crate) async fn ask<T, F>(&self, what: &str, question: impl Fn(PgPool) -> F) -> T
    where
        F: Future<Output = sqlx::Result<T>>,
    {
        let question = &question;
        eventually(what, || async move { question(self.database.clone()).await.ok() }).await
    }

    /// Which team a workspace is.
    pub(crate) fn team_of(&self, workspace: Uuid) -> Option<usize> {
        self.teams.iter().position(|team| team.workspace.0 == workspace)
    }

    /// What an agent of a team signs in with, at the server that its desktop uses.
    pub(crate) fn sign_in(&self, team: usize) -> SignIn {
        SignIn {
            server: self.servers.url(team % 2),
            email: self.teams[team].email.clone(),
            password: PASSWORD.to_owned(),
        }
    }
}

impl Team {
    async fn make(team: usize, store: &Store, twilio: &Simulator, servers: &Servers) -> Self {
        let account = account(team);
        let (workspace, agent) = (WorkspaceId(fresh_id()), UserId(fresh_id()));
        store.create_workspace(workspace, &format!("Team {team}")).await.unwrap();
        let auth_token = twilio.auth_token_of(&account).unwrap();
        let numbers: Vec<Number> = (0..2)
            .map(|place| Number {
                sid: None,
                phone_number: plan::number(team, place),
                friendly_name: None,
                capabilities: json!({ "sms": true, "mms": true }),
            })
            .collect();
        let secret = SecretString::from(auth_token.expose().to_owned());
        store.save_twilio_account(workspace, account.as_str(), &secret, &numbers).await.unwrap();
        let email = format!("agent-{team}@example.com");
        let hash = deskline_server::auth::password::hash(PASSWORD.into()).await.unwrap();
        store.create_user(agent, &email, &hash.into()).await.unwrap();
        store.add_member(workspace, agent, Role::Agent).await.unwrap();

        let mut contacts = Vec::new();
        for contact in 0..KNOWN {
            let id: Uuid = sqlx::query_scalar(
                "insert into contacts (workspace_id, phone, name, conversation_status) values ($1, $2, $3, $4) returning id",
            )
            .bind(workspace.0)
            .bind(plan::phone(contact))
            .bind(plan::name(contact))
            .bind(if contact % 4 == 1 { "Closed" } else { "Open" })
            .fetch_one(store.pool())
            .await
            .unwrap();
            contacts.push(ContactId(id));
        }

        let request = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let request = request.post(format!("{}/auth/v1/token?grant_type=password", servers.url(0)));
        let answer = request.json(&json!({ "email": email, "password": PASSWORD })).send().await.unwrap();
        let tokens: Value = answer.json().await.unwrap();
        let bearer = tokens["access_token"].as_str().expect("an agent can sign in").to_owned();
        Self { workspace, account, auth_token, contacts, bearer, email }
    }
}

fn account(team: usize) -> AccountSid {
    AccountSid::new(format!("AC{team:032x}"))
}
