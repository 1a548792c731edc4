//! What an agent has begun, told and heard directly: words, files and reply settings, and nobody else's.

use chrono::TimeDelta;
use deskline_domain::{
    ids::FileId,
    protocol::{ReplySettings, SaveDraft},
};
use deskline_store::{DraftOutcome, NewFile, Role, Wake};

use super::{Desk, a_draft};
use crate::world::{ANN, BOB, World, uuid};

#[tokio::test]
async fn a_draft_that_is_saved_directly_is_told_to_the_servers() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let mut server = world.store.listen();
    assert_eq!(server.next().await, Wake::All);
    let draft = SaveDraft { contact_id: ann, ..a_draft(world.team) };

    let saved = desk.store.save_draft(desk.user, &draft, desk.now().await).await.unwrap();

    assert!(matches!(saved, DraftOutcome::Saved(_)), "{saved:?}");
    let Wake::Draft(told) = server.next().await else { panic!("the servers are to hear of the draft") };
    assert_eq!((told.user_id, told.contact_id), (desk.user, ann));
    assert_eq!(desk.store.drafts(world.team, desk.user).await.unwrap().len(), 1);
    assert!(colleague.store.drafts(world.team, desk.user).await.unwrap().is_empty(), "a draft is its author's alone");
}

#[tokio::test]
async fn an_agents_desktops_hear_directly_of_the_own_drafts_and_of_no_colleagues() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let (laptop, ended) = world.direct(world.team, desk.user).await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let mut heard = [laptop.listen(), colleague.store.listen()];
    for listener in &mut heard {
        assert_eq!(listener.next().await, Wake::All);
    }
    let draft = |contact_id| SaveDraft { contact_id, ..a_draft(world.team) };

    desk.store.save_draft(desk.user, &draft(ann), desk.now().await).await.unwrap();
    let Wake::Draft(told) = heard[0].next().await else { panic!("the laptop is to hear of the desk's draft") };
    assert_eq!((told.user_id, told.contact_id), (desk.user, ann));
    colleague.store.save_draft(colleague.user, &draft(bob), desk.now().await).await.unwrap();
    let Wake::Draft(told) = heard[1].next().await else { panic!("the colleague hears of the own draft") };
    assert_eq!((told.user_id, told.contact_id), (colleague.user, bob), "and of no other one before it");

    // A channel is the role's and ends with it; nobody can ask for another one's.
    let own: Option<String> = sqlx::query_scalar("select direct_whisper()").fetch_one(laptop.pool()).await.unwrap();
    let others: Option<String> =
        sqlx::query_scalar("select direct_whisper()").fetch_one(desk.store.pool()).await.unwrap();
    assert!(own.is_some() && own != others);
    world.sql(&format!("update direct_roles set ended_at = now() where role_name = '{}'", ended.as_str())).await;
    let over: Option<String> = sqlx::query_scalar("select direct_whisper()").fetch_one(laptop.pool()).await.unwrap();
    assert_eq!(over, None);
}

#[tokio::test]
async fn files_of_a_draft_are_seen_directly_and_are_for_a_server_to_change() {
    let world = World::start().await;
    let desk = Desk::of(&world, Role::Agent).await;
    let ann = world.contact(world.team, ANN).await;
    let file = NewFile {
        id: FileId(uuid()),
        workspace_id: world.team,
        content_type: "image/png".to_owned(),
        size: 7,
        name: None,
        uploaded_by: Some(desk.user),
        kept_until: desk.now().await + TimeDelta::days(90),
        now: desk.now().await,
    };
    world.store.record_file(&file).await.unwrap();
    let with_file = SaveDraft {
        workspace_id: world.team,
        contact_id: ann,
        content: Some("look".to_owned()),
        files: Some(vec![file.id]),
        reply: None,
        from: None,
        age_ms: 0,
    };
    world.store.save_draft(desk.user, &with_file, desk.now().await).await.unwrap();

    let words = SaveDraft { content: Some("look at this".to_owned()), files: None, ..with_file.clone() };
    let saved = desk.store.save_draft(desk.user, &words, desk.now().await).await.unwrap();

    let DraftOutcome::Saved(row) = saved else { panic!("the words are the newest: {saved:?}") };
    assert_eq!(row.files.unwrap()[0].id, file.id);
    assert_eq!(desk.store.drafts(world.team, desk.user).await.unwrap()[0].files.as_ref().unwrap()[0].id, file.id);
    desk.store.save_draft(desk.user, &with_file, desk.now().await).await.unwrap_err();
    sqlx::query("update drafts set files = '[]'").execute(desk.store.pool()).await.unwrap_err();
}

#[tokio::test]
async fn reply_settings_of_a_draft_are_written_directly() {
    let world = World::start().await;
    let (desk, colleague) = (Desk::of(&world, Role::Agent).await, Desk::of(&world, Role::Agent).await);
    let ann = world.contact(world.team, ANN).await;
    let begun = |note: &str| Some(ReplySettings { cancel_on_reply: true, note: note.to_owned() });
    let noted = |note| SaveDraft { contact_id: ann, reply: begun(note), ..a_draft(world.team) };

    for note in ["asks", "asks for a refund"] {
        desk.store.save_draft(desk.user, &noted(note), desk.now().await).await.unwrap();
        assert_eq!(world.store.drafts(world.team, desk.user).await.unwrap()[0].reply, begun(note));
    }

    sqlx::query("update drafts set reply = '{}'").execute(colleague.store.pool()).await.unwrap();
    assert_eq!(
        desk.store.drafts(world.team, desk.user).await.unwrap()[0].reply,
        begun("asks for a refund"),
        "it is the author's alone"
    );
}
