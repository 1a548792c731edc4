//! Files of a draft: the author's uploads, one version with the words, kept as long as a draft names them.

use chrono::TimeDelta;
use deskline_domain::{
    command::Action,
    gate::Refusal,
    ids::{ContactId, FileId, UserId, WorkspaceId},
    protocol::{DraftFile, DraftRow, SaveDraft},
};
use deskline_store::{DraftOutcome, NewFile, Role};

use super::version;
use crate::world::{ANN, BOB, World, at, uuid};

impl World {
    /// A file that somebody uploaded, kept for a hundred seconds.
    async fn uploaded(&self, team: WorkspaceId, by: Option<UserId>, size: i64) -> FileId {
        let id = FileId(uuid());
        let file = NewFile {
            id,
            workspace_id: team,
            content_type: "image/png".to_owned(),
            size,
            name: Some("Grüße.png".to_owned()),
            uploaded_by: by,
            kept_until: at(100),
            now: at(0),
        };
        self.store.record_file(&file).await.unwrap();
        id
    }

    /// What stays of a version with files that was edited at a time, at which it arrives.
    async fn puts(&self, user: UserId, contact: ContactId, content: &str, files: &[FileId], edited: i64) -> DraftRow {
        let version = SaveDraft { files: Some(files.to_vec()), ..version(self.team, contact, content, 0) };
        match self.store.save_draft(user, &version, at(edited)).await.unwrap() {
            DraftOutcome::Saved(row) | DraftOutcome::Older(row) => row,
            other => panic!("expected a version to stay, got {other:?}"),
        }
    }

    /// The files of the one draft that there is.
    async fn files(&self, user: UserId) -> Vec<FileId> {
        let mut rows = self.store.drafts(self.team, user).await.unwrap();
        assert!(rows.len() < 2, "{rows:?}");
        rows.pop().map(|row| ids(&row)).unwrap_or_default()
    }
}

fn ids(row: &DraftRow) -> Vec<FileId> {
    row.files.iter().flatten().map(|file| file.id).collect()
}

#[tokio::test]
async fn a_draft_has_the_files_that_its_author_uploaded_to_the_team_and_no_others() {
    let world = World::start().await;
    let (agent, colleague) = (world.member(Role::Agent).await, world.member(Role::Agent).await);
    let (ann, other) = (world.contact(world.team, ANN).await, world.second_team().await);
    let own = world.uploaded(world.team, Some(agent), 7).await;
    let second = world.uploaded(world.team, Some(agent), 8).await;
    let strangers = [
        world.uploaded(world.team, Some(colleague), 7).await,
        world.uploaded(world.team, None, 7).await,
        world.uploaded(other, Some(agent), 7).await,
        FileId(uuid()),
    ];

    let wanted = [&[second, own, second][..], &strangers].concat();
    let saved = world.puts(agent, ann, "look", &wanted, 10).await;

    assert_eq!(ids(&saved), [second, own], "in the order of the version, and each once");
    let file = DraftFile {
        id: second,
        name: Some("Grüße.png".to_owned()),
        content_type: "image/png".to_owned(),
        size: 8,
        url: None,
    };
    assert_eq!(world.store.drafts(world.team, agent).await.unwrap()[0].files.as_ref().unwrap()[0], file);
    let idle = world.uploaded(world.team, Some(agent), 7).await;
    let late = world.puts(agent, ann, "look", &[own, idle], 200).await;
    assert_eq!(ids(&late), [own], "an upload that nothing held in its time may be about to be removed");
}

#[tokio::test]
async fn words_and_files_are_one_version_and_the_one_that_was_edited_last_stays() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    let one = world.uploaded(world.team, Some(agent), 7).await;
    let two = world.uploaded(world.team, Some(agent), 7).await;

    world.puts(agent, ann, "newer", &[one], 30).await;
    let stays = world.puts(agent, ann, "older", &[two], 20).await;
    assert_eq!((stays.content.as_deref(), ids(&stays)), (Some("newer"), vec![one]));
    let same = SaveDraft { files: Some(vec![one]), ..version(world.team, ann, "newer", 0) };
    let again = world.store.save_draft(agent, &same, at(30)).await.unwrap();
    assert!(matches!(again, DraftOutcome::Saved(_)), "the same again is no quarrel: {again:?}");

    world.puts(agent, ann, "", &[one], 40).await;
    assert_eq!(world.files(agent).await, [one], "a draft can be of files alone");
    world.store.forget_strays(at(1_000), 10).await.unwrap();
    assert_eq!(world.files(agent).await, [one], "and is none that was sent");
    world.puts(agent, ann, "", &[], 50).await;
    assert!(world.store.drafts(world.team, agent).await.unwrap().is_empty(), "sent, or deleted");
}

#[tokio::test]
async fn a_version_that_says_nothing_of_files_leaves_them_as_they_are() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    let one = world.uploaded(world.team, Some(agent), 7).await;
    world.puts(agent, ann, "look", &[one], 10).await;

    assert_eq!(world.edits(agent, ann, "look at this", 20).await, (true, Some("look at this".to_owned())));
    assert_eq!(world.files(agent).await, [one]);
    world.edits(agent, ann, "", 30).await;

    assert_eq!(world.files(agent).await, [one], "an older desktop sent the words; nobody has sent the file");
}

#[tokio::test]
async fn an_upload_stays_as_long_as_a_draft_names_it_and_ninety_days_after() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    let file = world.uploaded(world.team, Some(agent), 7).await;
    let days = |days| at(50) + TimeDelta::days(days);
    world.puts(agent, ann, "look", &[file], 40).await;

    assert!(world.store.idle_files(days(10_000), 10).await.unwrap().is_empty(), "a draft names it");
    world.store.forget_file(file).await.unwrap();
    assert!(world.store.file(file).await.unwrap().is_some());

    world.puts(agent, ann, "", &[], 50).await;
    assert!(world.store.idle_files(days(89), 10).await.unwrap().is_empty(), "a text with it may be on its way");
    let idle = world.store.idle_files(days(90), 10).await.unwrap();
    assert_eq!(idle.iter().map(|file| file.id).collect::<Vec<_>>(), [file]);
    world.store.forget_file(file).await.unwrap();
    assert_eq!(ids(&world.puts(agent, ann, "look", &[file], 60).await), [], "it is gone for good");
}

#[tokio::test]
async fn files_that_no_text_could_carry_are_refused() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    let half = [
        world.uploaded(world.team, Some(agent), 3 << 20).await,
        world.uploaded(world.team, Some(agent), 3 << 20).await,
    ];
    let version = SaveDraft { files: Some(half.to_vec()), ..version(world.team, ann, "look", 0) };

    let outcome = world.store.save_draft(agent, &version, at(1)).await.unwrap();

    assert_eq!(outcome, DraftOutcome::Refused(Refusal::FilesTooLarge));
    assert_eq!(world.number("select count(*) from drafts").await, 0);
}

#[tokio::test]
async fn files_follow_their_draft_when_contacts_are_merged() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    let file = world.uploaded(world.team, Some(agent), 7).await;
    world.puts(agent, bob, "", &[file], 10).await;
    world.edits(agent, ann, "", 20).await;

    world.does(agent, Action::MergeContacts { contact_id: ann, from: bob }).await.unwrap();

    assert_eq!(world.files(agent).await, [file]);
}
