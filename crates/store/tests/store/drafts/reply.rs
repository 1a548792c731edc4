//! Reply settings of a draft: one version with the words, and a draft by themselves.

use deskline_domain::{
    command::Action,
    ids::{ContactId, UserId},
    protocol::{DraftRow, ReplySettings, SaveDraft},
};
use deskline_store::{DraftOutcome, Role};

use super::version;
use crate::world::{ANN, BOB, World, at};

impl World {
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
}

fn noted(note: &str) -> ReplySettings {
    ReplySettings { cancel_on_reply: false, note: note.to_owned() }
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
