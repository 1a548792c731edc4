//! What agents have begun: the version that was edited last, and nobody's business but the author's.

mod files;
mod reply;

use deskline_domain::{
    command::Action,
    ids::{ContactId, UserId, WorkspaceId},
    protocol::{DraftRow, SaveDraft},
};
use deskline_store::{DraftOutcome, Role, Wake};
use futures_util::StreamExt;

use crate::world::{ANN, BOB, World, at, uuid};

fn version(workspace_id: WorkspaceId, contact_id: ContactId, content: &str, age_ms: u64) -> SaveDraft {
    SaveDraft {
        workspace_id,
        contact_id,
        content: Some(content.to_owned()),
        files: None,
        reply: None,
        from: None,
        age_ms,
    }
}

impl World {
    /// What stays of a version that was edited at a time.
    async fn edits(&self, user: UserId, contact: ContactId, content: &str, edited: i64) -> (bool, Option<String>) {
        let age = u64::try_from((at(100) - at(edited)).num_milliseconds()).unwrap();
        match self.store.save_draft(user, &version(self.team, contact, content, age), at(100)).await.unwrap() {
            DraftOutcome::Saved(row) => (true, row.content),
            DraftOutcome::Older(row) => (false, row.content),
            other => panic!("expected a version to stay, got {other:?}"),
        }
    }

    async fn begun(&self, user: UserId) -> Vec<(ContactId, String)> {
        let rows = self.store.drafts(self.team, user).await.unwrap();
        rows.into_iter().map(|DraftRow { contact_id, content, .. }| (contact_id, content.unwrap())).collect()
    }
}

#[tokio::test]
async fn the_version_that_was_edited_last_stays_whichever_arrives_last() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);

    assert_eq!(world.edits(agent, ann, "one", 10).await, (true, Some("one".to_owned())));
    assert_eq!(world.edits(agent, ann, "three", 30).await, (true, Some("three".to_owned())));
    assert_eq!(world.edits(agent, ann, "two", 20).await, (false, Some("three".to_owned())));
    assert_eq!(
        world.edits(agent, ann, "three", 30).await,
        (true, Some("three".to_owned())),
        "the same again is no quarrel"
    );

    assert_eq!(world.begun(agent).await, [(ann, "three".to_owned())]);
}

#[tokio::test]
async fn what_was_sent_or_deleted_stays_so_although_an_older_version_arrives() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    world.edits(agent, ann, "begun", 10).await;

    assert_eq!(world.edits(agent, ann, " ", 30).await, (true, None));

    assert_eq!(world.edits(agent, ann, "begun at home", 20).await, (false, None));
    assert!(world.begun(agent).await.is_empty());
    assert_eq!(world.edits(agent, ann, "begun anew", 40).await, (true, Some("begun anew".to_owned())));
    world.store.forget_strays(at(41), 10).await.unwrap();
    assert_eq!(world.begun(agent).await.len(), 1);
    world.edits(agent, ann, "", 50).await;
    world.store.forget_strays(at(51), 10).await.unwrap();
    assert_eq!(world.number("select count(*) from drafts").await, 0, "nothing is kept of it for ever");
}

#[tokio::test]
async fn nobody_else_hears_of_a_draft_and_its_author_does() {
    let world = World::start().await;
    let (agent, colleague) = (world.member(Role::Agent).await, world.member(Role::Owner).await);
    let ann = world.contact(world.team, ANN).await;
    let head = world.store.head(world.team).await.unwrap();
    let mut listener = world.store.listen();
    assert_eq!(listener.next().await, Wake::All);

    world.edits(agent, ann, "for my eyes", 10).await;

    let Wake::Draft(told) = listener.next().await else { panic!("the author's desktops are told") };
    assert_eq!((told.user_id, told.contact_id, told.workspace_id), (agent, ann, world.team));
    assert!(world.begun(colleague).await.is_empty());
    assert_eq!(world.store.head(world.team).await.unwrap(), head, "the team's feed does not tell it");
    let exported: Vec<_> = world.store.export(world.team, None).collect().await;
    let text = exported.into_iter().map(|row| serde_json::to_string(&row.unwrap()).unwrap()).collect::<String>();
    assert!(!text.contains("for my eyes"), "an export holds what the team has, and this is one agent's");
}

#[tokio::test]
async fn a_draft_is_to_a_contact_of_the_workspace() {
    let world = World::start().await;
    let other = world.second_team().await;
    let (agent, theirs) = (world.member(Role::Agent).await, world.contact(other, ANN).await);

    for contact in [theirs, ContactId(uuid())] {
        let outcome = world.store.save_draft(agent, &version(world.team, contact, "Hi", 0), at(1)).await.unwrap();
        assert_eq!(outcome, DraftOutcome::ContactNotFound);
    }

    assert_eq!(world.number("select count(*) from drafts").await, 0);
}

#[tokio::test]
async fn drafts_go_with_the_member_the_contact_and_the_time() {
    let world = World::start().await;
    let (agent, leaving) = (world.member(Role::Agent).await, world.member(Role::Agent).await);
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    for (user, contact) in [(agent, ann), (agent, bob), (leaving, ann)] {
        world.edits(user, contact, "begun", 10).await;
    }

    world.sql(&format!("delete from workspace_members where user_id = '{leaving}'")).await;
    assert_eq!(world.number("select count(*) from drafts").await, 2, "whoever left has begun nothing");
    world.sql(&format!("delete from contacts where id = '{bob}'")).await;
    assert_eq!(world.begun(agent).await.len(), 1);
    world.store.forget(world.team, at(11), 10).await.unwrap();
    assert!(world.begun(agent).await.is_empty(), "a workspace that forgets forgets what was begun, too");
}

#[tokio::test]
async fn a_merge_keeps_what_was_begun_to_either_and_never_two() {
    let world = World::start().await;
    let (agent, colleague) = (world.member(Role::Agent).await, world.member(Role::Agent).await);
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    world.edits(agent, ann, "to the one that stays", 10).await;
    world.edits(agent, bob, "to the one that goes", 10).await;
    world.edits(colleague, ann, "", 20).await;
    world.edits(colleague, bob, "to the one that goes", 10).await;

    world.does(agent, Action::MergeContacts { contact_id: ann, from: bob }).await.unwrap();

    assert_eq!(world.begun(agent).await, [(ann, "to the one that stays".to_owned())]);
    assert_eq!(world.begun(colleague).await, [(ann, "to the one that goes".to_owned())]);
}

#[tokio::test]
async fn an_agent_with_a_thousand_drafts_can_still_change_and_delete_them_and_begins_no_other() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    world
        .sql(&format!(
            "insert into contacts (workspace_id, phone) select '{team}', 'p' || n from generate_series(1, 1000) n;
             insert into drafts (user_id, contact_id, workspace_id, content, edited_at)
               select '{agent}', id, workspace_id, 'begun', '2027-01-01' from contacts where phone like 'p%'",
            team = world.team,
        ))
        .await;

    let one_more = world.store.save_draft(agent, &version(world.team, ann, "Hi", 0), at(1)).await.unwrap();

    assert_eq!(one_more, DraftOutcome::TooMany);
    let known = world.store.drafts(world.team, agent).await.unwrap()[0].contact_id;
    assert_eq!(world.edits(agent, known, "changed", 90).await, (true, Some("changed".to_owned())));
}
