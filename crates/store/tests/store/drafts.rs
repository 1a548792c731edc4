//! What agents have begun: the version that was edited last, and nobody's business but the author's.

use chrono::TimeDelta;
use deskline_domain::{
    command::Action,
    gate::Refusal,
    ids::{ContactId, FileId, UserId, WorkspaceId},
    protocol::{DraftFile, DraftRow, ReplySettings, SaveDraft},
};
use deskline_store::{DraftOutcome, NewFile, Role, Wake};
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

    /// What stays of a version with reply settings that was edited at a time, at which it arrives.
    async fn sets(
        &self,
        user: UserId,
        contact: ContactId,
        content: &str,
        reply: ReplySettings,
        edited: i64,
    ) -> DraftRow {
        let version = SaveDraft { reply: Some(reply), ..version(self.team, contact, content, 0) };
        match self.store.save_draft(user, &version, at(edited)).await.unwrap() {
            DraftOutcome::Saved(row) | DraftOutcome::Older(row) => row,
            other => panic!("expected a version to stay, got {other:?}"),
        }
    }

    /// The reply settings of the one draft that there is.
    async fn reply(&self, user: UserId) -> Option<ReplySettings> {
        let mut rows = self.store.drafts(self.team, user).await.unwrap();
        assert!(rows.len() < 2, "{rows:?}");
        rows.pop().and_then(|row| row.reply)
    }

    /// The files of the one draft that there is.
    async fn files(&self, user: UserId) -> Vec<FileId> {
        let mut rows = self.store.drafts(self.team, user).await.unwrap();
        assert!(rows.len() < 2, "{rows:?}");
        rows.pop().map(|row| ids(&row)).unwrap_or_default()
    }
}

fn noted(note: &str) -> ReplySettings {
    ReplySettings { cancel_on_reply: false, note: note.to_owned() }
}

fn ids(row: &DraftRow) -> Vec<FileId> {
    row.files.iter().flatten().map(|file| file.id).collect()
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

#[tokio::test]
async fn reply_settings_are_a_part_of_the_version_and_the_one_that_was_edited_last_stays() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    let both = ReplySettings { cancel_on_reply: true, note: "asks for a refund".to_owned() };

    assert_eq!(world.sets(agent, ann, "Dear Ann", both.clone(), 30).await.reply, Some(both.clone()));
    assert_eq!(world.sets(agent, ann, "Dear Ann", noted("older"), 20).await.reply, Some(both.clone()));
    assert_eq!(world.reply(agent).await, Some(both));

    let again = SaveDraft { reply: Some(noted("older")), ..version(world.team, ann, "Dear Ann", 0) };
    let outcome = world.store.save_draft(agent, &again, at(30)).await.unwrap();
    assert!(matches!(outcome, DraftOutcome::Older(_)), "it says something else: {outcome:?}");
    world.sets(agent, ann, "Dear Ann", ReplySettings::default(), 40).await;
    assert_eq!(world.reply(agent).await, Some(ReplySettings::default()));
}

#[tokio::test]
async fn a_version_that_says_nothing_of_reply_settings_leaves_them_as_they_are() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    world.sets(agent, ann, "Dear", noted("asks for a refund"), 10).await;

    assert_eq!(world.edits(agent, ann, "Dear Ann", 20).await, (true, Some("Dear Ann".to_owned())));
    assert_eq!(world.reply(agent).await, Some(noted("asks for a refund")));
    world.edits(agent, ann, "", 30).await;

    assert_eq!(world.reply(agent).await, Some(noted("asks for a refund")), "the words were sent, and the note was not");
}

#[tokio::test]
async fn settings_alone_are_a_draft_until_they_are_taken_away() {
    let world = World::start().await;
    let (agent, ann) = (world.member(Role::Agent).await, world.contact(world.team, ANN).await);
    let later = ReplySettings { cancel_on_reply: true, ..ReplySettings::default() };

    for reply in [noted("asks"), later] {
        world.sets(agent, ann, "", reply.clone(), 10).await;
        world.store.forget_strays(at(1_000), 10).await.unwrap();
        assert_eq!(world.reply(agent).await, Some(reply));
        world.sets(agent, ann, "", noted(" "), 20).await;
        assert_eq!(world.reply(agent).await, None, "a blank note is none");
        world.store.forget_strays(at(1_000), 10).await.unwrap();
        assert_eq!(world.number("select count(*) from drafts").await, 0, "nothing is kept of it for ever");
    }
}

#[tokio::test]
async fn a_note_that_was_begun_goes_on_beside_the_words_to_the_contact_that_was_merged() {
    let world = World::start().await;
    let agent = world.member(Role::Agent).await;
    let (ann, bob) = (world.contact(world.team, ANN).await, world.contact(world.team, BOB).await);
    world.sets(agent, ann, "", noted("asks for a refund"), 20).await;
    world.edits(agent, bob, "to the one that goes", 10).await;

    world.does(agent, Action::MergeContacts { contact_id: ann, from: bob }).await.unwrap();

    assert_eq!(world.begun(agent).await, [(ann, "to the one that goes".to_owned())]);
    assert_eq!(world.reply(agent).await, Some(noted("asks for a refund")));
}
