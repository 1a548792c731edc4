//! A workspace in which there is something of everything, and two people who have no business there.

use deskline_domain::{
    ids::{CannedReplyId, LabelId, NoteId, UserId, WorkspaceId},
    message::MediaState,
};
use deskline_simulator::{AccountConfig, Fault, InboundMedia, InboundText};
use deskline_store::Role;
use deskline_twilio::AuthToken;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use super::requests::Ids;
use crate::{
    media::PNG,
    world::{ANN, BOB, World, store_number, token},
};

/// Stands in every text and name of the team.
pub(super) const MARK: &str = "For-Fernway-alone";

pub(super) struct Team {
    pub(super) ids: Ids,
    /// Owns [`Team::other`], and is no member here.
    pub(super) stranger: UserId,
    pub(super) other: WorkspaceId,
    /// Another Twilio account's token.
    pub(super) other_token: AuthToken,
    other_account: String,
    /// Was a member until a moment ago.
    pub(super) former: UserId,
}

fn an_id() -> Uuid {
    Uuid::from_bytes(deskline_server::edge::entropy())
}

impl Team {
    pub(super) async fn start(world: &World) -> Self {
        let (other, stranger) = world.another_workspace().await;
        let account = world.twilio.add_account(&AccountConfig { numbers: Vec::new(), ..AccountConfig::default() });
        let other_token = world.twilio.auth_token_of(&account).unwrap();
        let secret = SecretString::from(other_token.expose().to_owned());
        let number = store_number("+15553334444");
        world.store.save_twilio_account(other, account.as_str(), &secret, &[number]).await.unwrap();
        let former = world.member(Role::Admin).await;
        let ids = something_of_everything(world).await;
        sqlx::query("delete from workspace_members where user_id = $1")
            .bind(former.0)
            .execute(world.store.pool())
            .await
            .unwrap();
        world.twilio.settled().await;
        Self { ids, stranger, other, other_token, other_account: account.to_string(), former }
    }

    /// Every row that is the team's or nobody's.
    pub(super) async fn dump(&self, world: &World) -> Vec<(String, Value)> {
        // What the audit writes about its own turns is no answer to anybody.
        let tables: Vec<(String, bool, bool)> = sqlx::query_as(
            "select t.table_name::text,
                    exists (select from information_schema.columns c where c.table_name = t.table_name and c.column_name = 'workspace_id'),
                    exists (select from information_schema.columns c where c.table_name = t.table_name and c.column_name = 'account_sid')
             from information_schema.tables t
             where t.table_schema = 'public' and t.table_type = 'BASE TABLE' and t.table_name not like 'audit%'
             order by 1",
        )
        .fetch_all(world.store.pool())
        .await
        .unwrap();
        assert!(tables.len() > 15, "{tables:?}");
        let mut dump = Vec::new();
        for (table, of_workspaces, of_accounts) in tables {
            let rows = match (table.as_str(), of_workspaces, of_accounts) {
                ("workspaces", ..) => "t.id::text = $1",
                // The stranger may take somebody into a team of their own.
                ("agents", ..) => "t.email <> 'new@example.com' and $1::text is not null",
                (_, true, _) => "t.workspace_id::text = $1",
                (_, false, true) => "t.account_sid <> $2 and $1::text is not null",
                (_, false, false) => "$1::text is not null",
            };
            let sql = format!(
                "select coalesce(jsonb_agg(to_jsonb(t) order by to_jsonb(t)::text), '[]') from {table} t
                 where ({rows}) and $2::text is not null"
            );
            let rows: Value = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                .bind(self.ids.workspace.to_string())
                .bind(&self.other_account)
                .fetch_one(world.store.pool())
                .await
                .unwrap();
            dump.push((table, rows));
        }
        dump
    }

    pub(super) async fn is_unchanged(&self, world: &World, before: Vec<(String, Value)>) {
        for ((table, was), (_, is)) in before.into_iter().zip(self.dump(world).await) {
            assert_eq!(was, is, "{table} was changed");
        }
    }
}

async fn something_of_everything(world: &World) -> Ids {
    let workspace = world.workspace;
    let file = InboundMedia { content_type: "image/png".to_owned(), bytes: PNG.to_vec() };
    let text = InboundText { media: vec![file], ..InboundText::new(ANN, world.number(), MARK) };
    let sid = world.twilio.receive(text).await.sid;
    let (inbound, contact): (Uuid, Uuid) = sqlx::query_as("select id, contact_id from messages where twilio_sid = $1")
        .bind(sid)
        .fetch_one(world.store.pool())
        .await
        .unwrap();
    world.eventually(&json!(inbound), "fetched", |row| row.media[0].state == Some(MediaState::Stored)).await;
    let media = world.store.message(workspace, inbound.into()).await.unwrap().unwrap().media.remove(0);
    let other_contact = world.contact(BOB).await;

    world.twilio.fault(Fault::RefuseWith { code: 21408 });
    let (_, failed) = world.send(contact.into(), MARK).await;
    let mut later = world.text(contact.into(), MARK);
    later["sendAt"] = json!(deskline_server::edge::now() + chrono::TimeDelta::hours(1));
    let (status, scheduled) = world.call(Method::POST, "/sms/send-sms", Some(later)).await;
    assert_eq!(status, 200, "{scheduled}");
    let nobodys =
        InboundText { account_sid: Some(world.twilio.account_sid()), ..InboundText::new(ANN, "+15559990000", MARK) };
    let letter = world.twilio.receive(nobodys).await.sid;
    let url = format!("{}/contacts/{other_contact}/opt-out", world.url());
    let opt_out = world.http.post(url).bearer_auth(token(world.owner)).json(&json!({ "workspaceId": workspace }));
    assert_eq!(opt_out.send().await.unwrap().status(), 200);

    let id = |answer: &Value| answer["message"]["id"].as_str().unwrap().parse().unwrap();
    let ids = Ids {
        workspace,
        contact: contact.into(),
        other_contact,
        failed: id(&failed),
        scheduled: id(&scheduled),
        inbound: inbound.into(),
        file: media.key.unwrap(),
        letter,
        label: LabelId(an_id()),
        note: NoteId(an_id()),
        canned_reply: CannedReplyId(an_id()),
        user: world.owner,
        account: world.twilio.account_sid().to_string(),
        number: world.number(),
    };
    let rest = format!(
        "insert into labels (id, workspace_id, name, color) values ('{}', '{workspace}', '{MARK}', '#ff0000');
         insert into notes (id, workspace_id, contact_id, author_id, content) values ('{}', '{workspace}', '{contact}', '{}', '{MARK}');
         insert into canned_replies (id, workspace_id, name, content) values ('{}', '{workspace}', '{MARK}', '{MARK}');
         update contacts set name = '{MARK}' where workspace_id = '{workspace}'",
        ids.label, ids.note, world.owner, ids.canned_reply,
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(rest)).execute(world.store.pool()).await.unwrap();
    ids
}
