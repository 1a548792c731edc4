//! Workspaces with accounts, numbers, contacts and a member, in a database of their own, and a server process over them.

use std::net::SocketAddr;

use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_e2e::database::{TestDatabase, fresh_id};
use deskline_store::{Number, Role, SecretKey, Store};
use deskline_twilio::{AuthToken, signature};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

use crate::{process::ServerProcess, twilio};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const JWT_SECRET: &str = "a secret of the benchmarks, longer than thirty-two bytes";

/// Contacts in all, spread evenly over the workspaces.
pub(crate) const CONTACTS: usize = 1_000;

/// One team.
pub(crate) struct Team {
    pub(crate) workspace: WorkspaceId,
    pub(crate) number: String,
    account: String,
    token: String,
}

/// Everything that a part of the benchmark needs.
pub(crate) struct Stage {
    pub(crate) server: ServerProcess,
    pub(crate) address: SocketAddr,
    pub(crate) teams: Vec<Team>,
    pub(crate) store: Store,
    pub(crate) database: TestDatabase,
    user: UserId,
}

impl Stage {
    /// So many workspaces, and a Twilio that answers at once.
    pub(crate) async fn set(workspaces: usize) -> Self {
        let database = TestDatabase::create().await;
        let store = Store::connect(&database.url(), SecretKey::from_hex(KEY).expect("32 bytes")).expect("an address");
        store.migrate().await.expect("the schema can be made");
        let user = UserId(fresh_id());
        let mut teams = Vec::new();
        for index in 0..workspaces {
            let team = Team {
                workspace: workspace_id(index),
                number: format!("+1555000{index:04}"),
                account: format!("AC{index:032}"),
                token: format!("the token of account {index}"),
            };
            let number = Number {
                sid: None,
                phone_number: team.number.clone(),
                friendly_name: None,
                capabilities: json!({ "sms": true, "mms": true }),
            };
            store.create_workspace(team.workspace, "A team").await.expect("a workspace can be made");
            store.add_member(team.workspace, user, Role::Agent).await.expect("a member can be added");
            store
                .save_twilio_account(team.workspace, &team.account, &team.token.clone().into(), &[number])
                .await
                .expect("an account can be stored");
            sqlx::query(
                "insert into contacts (workspace_id, phone, name)
                 select $1, '+1666' || lpad((n * $3 + $2)::text, 7, '0'), 'Contact ' || n from generate_series(0, $4 / $3 - 1) n",
            )
            .bind(team.workspace.0)
            .bind(i32::try_from(index).unwrap_or_default())
            .bind(i32::try_from(workspaces).unwrap_or(1))
            .bind(i32::try_from(CONTACTS).unwrap_or(1))
            .execute(store.pool())
            .await
            .expect("contacts can be written");
            teams.push(team);
        }
        let address = free_address();
        let twilio = twilio::start().await;
        let settings = [
            ("DATABASE_URL", database.url()),
            ("DESKLINE_BIND", address.to_string()),
            ("DESKLINE_PUBLIC_URL", format!("http://{address}")),
            ("DESKLINE_JWT_SECRET", JWT_SECRET.to_owned()),
            ("DESKLINE_SECRET_KEY", KEY.to_owned()),
            ("DESKLINE_TWILIO_URL", format!("http://{twilio}")),
            ("DESKLINE_MEDIA_DIR", std::env::temp_dir().join("deskline-bench-media").to_string_lossy().into_owned()),
        ];
        let server = ServerProcess::start(address, &settings).await;
        Self { server, address, teams, store, database, user }
    }

    /// A whole HTTP request with a signed text from a contact: text `index` comes from contact `index`, and says so.
    pub(crate) fn webhook(&self, index: usize) -> Vec<u8> {
        let team = &self.teams[index % self.teams.len()];
        let form: Vec<(String, String)> = [
            ("ToCountry", "US".to_owned()),
            ("SmsMessageSid", format!("SM{index:032}")),
            ("NumMedia", "0".to_owned()),
            ("SmsSid", format!("SM{index:032}")),
            ("SmsStatus", "received".to_owned()),
            ("Body", format!("text {index} of a contact who would like to know when the shop opens")),
            ("FromCountry", "US".to_owned()),
            ("To", team.number.clone()),
            ("NumSegments", "1".to_owned()),
            ("MessageSid", format!("SM{index:032}")),
            ("AccountSid", team.account.clone()),
            ("From", format!("+1666{:07}", index % CONTACTS)),
            ("ApiVersion", "2010-04-01".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let url = format!("http://{}/twilio/webhook", self.address);
        let signature = signature::sign(&AuthToken::new(team.token.clone()), &url, &form);
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        request(
            "POST /twilio/webhook",
            self.address,
            &format!("X-Twilio-Signature: {signature}\r\nContent-Type: application/x-www-form-urlencoded\r\n"),
            &body,
        )
    }

    /// A whole HTTP request with a text to a contact.
    pub(crate) fn send(&self, index: usize, contacts: &[(Uuid, Uuid)]) -> Vec<u8> {
        let (workspace, contact) = contacts[index % contacts.len()];
        let body = json!({
            "workspaceId": workspace, "contactId": contact, "clientId": format!("send-{index}"),
            "message": format!("text {index}: we open at nine and close at five"),
        });
        let headers = format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", self.token());
        request("POST /sms/send-sms", self.address, &headers, &body.to_string())
    }

    /// A token of the member.
    pub(crate) fn token(&self) -> String {
        let claims = json!({ "sub": self.user, "exp": 4_000_000_000_u64, "aud": "authenticated" });
        encode(&Header::default(), &claims, &EncodingKey::from_secret(JWT_SECRET.as_bytes())).expect("a token")
    }

    /// One number out of the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.store.pool()).await.expect("the database answers")
    }

    /// Ends the server and drops the database.
    pub(crate) async fn strike(self) {
        drop(self.server);
        self.store.pool().close().await;
        self.database.drop().await;
    }
}

/// Ids that a script of `pgbench` can make from a number.
fn workspace_id(index: usize) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(0x7000_8000_0000_0000_0000 + index as u128))
}

fn request(what: &str, host: SocketAddr, headers: &str, body: &str) -> Vec<u8> {
    format!("{what} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("a bound socket has an address")
}
