//! What belongs to a team: labels, notes, canned replies, and the names of its members.

use deskline_domain::{
    change::Decoded,
    command::{Action, Command},
    ids::{CannedReplyId, CommandId, ContactId, LabelId, NoteId, UserId},
    protocol::CommandOutcome,
    team::{LabelRow, NoteRow},
};
use deskline_store::Role;
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    replica::Replica,
    world::{ANN, World, at, uuid},
};

fn label(label_id: LabelId, name: &str) -> Action {
    Action::CreateLabel { label_id, name: name.to_owned(), color: "#FF8800".to_owned() }
}

fn note(contact_id: ContactId, note_id: NoteId, content: &str, mentions: &[UserId]) -> Action {
    Action::AddNote { contact_id, note_id, content: content.to_owned(), mentions: mentions.to_vec() }
}

fn reply(name: &str, content: &str) -> Action {
    let canned_reply_id = CannedReplyId(uuid());
    Action::CreateCannedReply { canned_reply_id, name: name.to_owned(), content: content.to_owned() }
}

async fn rows<T: DeserializeOwned>(world: &World, table: &str) -> Vec<T> {
    let sql = format!("select to_jsonb(t) from {table} t order by id");
    let rows: Vec<Value> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(world.pool()).await.unwrap();
    rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
}

#[tokio::test]
async fn admins_make_rename_and_delete_labels_and_agents_do_not() {
    let world = World::start().await;
    let (admin, agent) = (world.member(Role::Admin).await, world.member(Role::Agent).await);
    let id = LabelId(uuid());

    assert!(world.does(agent, label(id, "Urgent")).await.unwrap_err().contains("owners and admins"));
    world.does(admin, label(id, " Urgent ")).await.unwrap();
    let [row]: [LabelRow; 1] = rows(&world, "labels").await.try_into().unwrap();
    assert_eq!((row.id, row.name.as_str(), row.color.as_str()), (id, "Urgent", "#ff8800"));

    let rename = |name: &str| Action::UpdateLabel { label_id: id, name: name.to_owned(), color: "#000000".to_owned() };
    world.does(admin, rename("URGENT")).await.unwrap();
    assert_eq!(rows::<LabelRow>(&world, "labels").await[0].name, "URGENT");
    assert!(world.does(agent, rename("x")).await.is_err());
    assert!(world.does(agent, Action::DeleteLabel { label_id: id }).await.is_err());
    world.does(admin, Action::DeleteLabel { label_id: id }).await.unwrap();
    assert_eq!(world.does(admin, rename("x")).await.unwrap_err(), "This label is no longer there.");
    assert_eq!(world.number("select count(*) from labels").await, 0);
}

#[tokio::test]
async fn two_labels_never_have_the_same_name_even_when_made_at_once() {
    let world = World::start().await;
    let admin = world.member(Role::Admin).await;

    let made = join_all((0..6).map(|_| world.does(admin, label(LabelId(uuid()), "Urgent")))).await;

    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
    assert!(made.iter().flat_map(|made| made.as_ref().err()).all(|why| why.contains("already a label")), "{made:?}");
    let second = LabelId(uuid());
    world.does(admin, label(second, "Bikes")).await.unwrap();
    let taken = Action::UpdateLabel { label_id: second, name: "uRGENT".to_owned(), color: "#000000".to_owned() };
    assert!(world.does(admin, taken).await.unwrap_err().contains("already a label"));
    assert_eq!(world.does(admin, label(second, "New")).await.unwrap_err(), "Another label has this id.");
}

#[tokio::test]
async fn a_note_is_written_once_edited_by_its_author_and_deleted_by_author_or_admin() {
    let world = World::start().await;
    let (author, other, admin) =
        (world.member(Role::Agent).await, world.member(Role::Agent).await, world.member(Role::Admin).await);
    let ann = world.contact(world.team, ANN).await;
    let (first, second) = (NoteId(uuid()), NoteId(uuid()));

    world.does(author, note(ann, first, "Call @Bo", &[other, other])).await.unwrap();
    world.does(author, note(ann, second, "Mine", &[])).await.unwrap();
    let [row, _]: [NoteRow; 2] = rows(&world, "notes").await.try_into().unwrap();
    assert_eq!(
        (row.author_id, row.content.as_str(), row.mentions, row.edited_at),
        (author, "Call @Bo", vec![other], None)
    );

    let edit = |content: &str| Action::EditNote { note_id: first, content: content.to_owned(), mentions: vec![] };
    for stranger in [other, admin] {
        assert_eq!(world.does(stranger, edit("x")).await.unwrap_err(), "Only its author can change a note.");
    }
    world.does(author, edit("Called")).await.unwrap();
    let row: NoteRow = rows(&world, "notes").await.remove(0);
    assert_eq!((row.content.as_str(), row.mentions, row.edited_at), ("Called", vec![], Some(at(100))));

    assert!(world.does(other, Action::DeleteNote { note_id: first }).await.is_err());
    world.does(author, Action::DeleteNote { note_id: first }).await.unwrap();
    world.does(admin, Action::DeleteNote { note_id: second }).await.unwrap();
    assert_eq!(world.does(author, edit("x")).await.unwrap_err(), "This note is no longer there.");
    assert_eq!(world.number("select count(*) from notes").await, 0);
    let kept = world.number("select count(*) from commands where action::text like '%Call%'").await;
    assert_eq!(kept, 0, "the text of a deleted note is nowhere");
}

#[tokio::test]
async fn a_note_mentions_members_only_and_its_id_is_its_own() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let id = NoteId(uuid());

    let refusal = world.does(agent, note(ann, id, "Hi", &[agent, UserId(uuid())])).await.unwrap_err();
    assert_eq!(refusal, "A note can mention members of this workspace only.");
    let nobody = note(ContactId(uuid()), id, "Hi", &[]);
    assert_eq!(world.does(agent, nobody).await.unwrap_err(), "This contact is no longer there.");
    world.does(agent, note(ann, id, "Hi", &[agent])).await.unwrap();
    assert_eq!(world.does(agent, note(ann, id, "Again", &[])).await.unwrap_err(), "Another note has this id.");
    assert_eq!(rows::<NoteRow>(&world, "notes").await[0].content, "Hi");
}

#[tokio::test]
async fn a_nul_in_a_command_is_refused_and_not_an_error() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;

    for action in [
        note(ann, NoteId(uuid()), "a\0b", &[]),
        Action::RenameContact { contact_id: ann, name: "a\0b".to_owned() },
        Action::SetAttribute { contact_id: ann, name: "a".to_owned(), value: "\0".to_owned() },
        Action::SetAttribute { contact_id: ann, name: "\0".to_owned(), value: "x".to_owned() },
        Action::RemoveAttribute { contact_id: ann, name: "a\0".to_owned() },
    ] {
        assert!(world.does(agent, action).await.is_err());
    }
}

#[tokio::test]
async fn admins_keep_canned_replies_whose_variables_are_spelt_right() {
    let world = World::start().await;
    let (admin, agent) = (world.member(Role::Admin).await, world.member(Role::Agent).await);
    let good = reply("hours", "Hi {{contact.first_name}}, we close at six.");
    let Action::CreateCannedReply { canned_reply_id, .. } = good else { unreachable!() };

    assert!(world.does(agent, good.clone()).await.unwrap_err().contains("owners and admins"));
    world.does(admin, good).await.unwrap();
    assert!(world.does(admin, reply("HOURS", "x")).await.unwrap_err().contains("already a canned reply"));
    let misspelt = world.does(admin, reply("bad", "Hi {{contact.frist_name}}")).await.unwrap_err();
    assert!(misspelt.contains("{{contact.frist_name}}"), "{misspelt}");

    let update = |content: &str| Action::UpdateCannedReply {
        canned_reply_id,
        name: "Opening hours".to_owned(),
        content: content.to_owned(),
    };
    assert!(world.does(agent, update("x")).await.is_err());
    assert!(world.does(admin, update("{{oops")).await.is_err());
    world.does(admin, update("Nine to six.")).await.unwrap();
    assert_eq!(world.number("select count(*) from canned_replies where content = 'Nine to six.'").await, 1);

    assert!(world.does(agent, Action::DeleteCannedReply { canned_reply_id }).await.is_err());
    world.does(admin, Action::DeleteCannedReply { canned_reply_id }).await.unwrap();
    assert_eq!(world.does(admin, update("x")).await.unwrap_err(), "This canned reply is no longer there.");
}

#[tokio::test]
async fn members_are_told_by_the_feed_with_name_and_address() {
    let world = World::start().await;
    let (agent, other, owner) =
        (world.member(Role::Agent).await, world.member(Role::Agent).await, world.member(Role::Owner).await);
    world.store.create_user(agent, "andy@example.org", &"hash".into()).await.unwrap();
    let rename = |user_id: UserId, name: &str| Action::RenameMember { user_id, name: name.to_owned() };

    world.does(agent, rename(agent, "Andy")).await.unwrap();
    world.does(owner, rename(other, "Bea")).await.unwrap();
    assert!(world.does(agent, rename(other, "Mine")).await.unwrap_err().contains("Only admins"));
    world.sql(&format!("delete from workspace_members where user_id = '{}'", other.0)).await;

    let page = world.store.changes_after(world.team, 0, 100).await.unwrap();
    let told: Vec<_> = page.changes.iter().map(|change| change.decode().unwrap()).collect();
    assert!(told.iter().any(|told| matches!(told, Decoded::Member(row)
        if row.user_id == agent && row.name.as_deref() == Some("Andy") && row.email.as_deref() == Some("andy@example.org"))));
    assert!(told.iter().any(|told| matches!(told, Decoded::Deleted(_, id) if *id == other.0)));
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
}

#[tokio::test]
async fn members_that_were_there_before_the_feed_told_of_members_are_told_of() {
    let world = World::empty().await;
    let mut early = sqlx::migrate::Migrator::DEFAULT;
    early.migrations =
        deskline_store::MIGRATOR.iter().filter(|one| one.version < 4).cloned().collect::<Vec<_>>().into();
    early.run(world.pool()).await.unwrap();
    world.add_team(world.team, "AC00000000000000000000000000000001", "+15559990001").await;
    let agent = world.member(Role::Agent).await;
    let before = world.store.head(world.team).await.unwrap();

    deskline_store::MIGRATOR.run(world.pool()).await.unwrap();

    assert_eq!(world.store.head(world.team).await.unwrap().feed, before.feed);
    let page = world.store.changes_after(world.team, before.seq, 10).await.unwrap();
    assert_eq!(page.changes.iter().map(|change| change.id).collect::<Vec<_>>(), [agent.0]);
}

#[tokio::test]
async fn a_command_of_each_kind_is_carried_out_once() {
    let world = World::start().await;
    let admin = world.member(Role::Admin).await;
    let ann = world.contact(world.team, ANN).await;
    let actions = [
        label(LabelId(uuid()), "Urgent"),
        note(ann, NoteId(uuid()), "Hi", &[]),
        reply("hours", "Nine to six."),
        Action::Assign { contact_id: ann, user_id: admin },
        Action::Snooze { contact_id: ann, until: at(500) },
    ];

    for action in actions {
        let command = Command { id: CommandId(uuid()), workspace_id: world.team, at: at(1), action };
        let outcomes = join_all((0..4).map(|_| world.store.execute(admin, &command, at(2)))).await;
        assert!(outcomes.iter().all(|one| matches!(one, Ok(CommandOutcome::Done { .. }))), "{command:?} {outcomes:?}");
    }

    world.sql("update contacts set assigned_to = null").await;
    let mut replica = Replica::of(&world.store, world.team);
    replica.catch_up().await;
    replica.assert_equals_tables().await;
    for table in ["labels", "notes", "canned_replies"] {
        assert_eq!(world.number(&format!("select count(*) from {table}")).await, 1);
    }
}
