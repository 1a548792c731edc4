//! What an agent has begun, with its files, at both of the agent's desktops.

use deskline_client::view::{Attachment, Connection, MessageState, NewFile, PictureSize};
use deskline_domain::{ids::ContactId, protocol::ReplySettings};
use deskline_e2e::{Desktop, World, eventually, world::MARIA};
use sqlx::AssertSqlSafe;

use crate::media::{CARD, PNG, fetch};

/// Two desktops of one agent, and Maria's conversation.
async fn two_desktops(world: &World) -> (Desktop, Desktop, ContactId) {
    let ann = world.agent("ann").await;
    let [office, home] = [Desktop::new().await, Desktop::new().await];
    office.sign_in(ann.clone()).await;
    home.sign_in(ann).await;
    world.text(MARIA, "What does it look like?").await;
    let maria = office.conversation("Maria", |row| row.phone == MARIA).await.contact_id;
    home.conversation("Maria at home", |row| row.phone == MARIA).await;
    (office, home, maria)
}

async fn attach(desktop: &Desktop, maria: ContactId, name: &str, content: &[u8]) -> Attachment {
    let file = NewFile { name: Some(name.to_owned()), content_type: None, content: content.to_vec() };
    desktop.client.attach(maria, file).await.unwrap()
}

/// Waits until a desktop has exactly these files with the draft, and their contents.
async fn has_files(desktop: &Desktop, maria: ContactId, names: &[&str]) -> Vec<Attachment> {
    desktop
        .when(&format!("the files of the draft are {names:?}"), async |client| {
            let files = client.conversation(maria).await.ok()?.attachments;
            let same = files.iter().map(|file| file.name.as_deref().unwrap_or_default()).eq(names.iter().copied());
            (same && files.iter().all(|file| file.is_here)).then_some(files)
        })
        .await
}

async fn has_words(desktop: &Desktop, maria: ContactId, words: Option<&str>) {
    desktop
        .when(&format!("the words are {words:?}"), async |client| {
            (client.conversation(maria).await.ok()?.draft.as_deref() == words).then_some(())
        })
        .await;
}

/// Waits until this stands in a desktop's composer beside the words.
async fn has_reply(desktop: &Desktop, maria: ContactId, reply: &ReplySettings) {
    desktop
        .when(&format!("beside the words stands {:?}", reply.note), async |client| {
            (client.conversation(maria).await.ok()?.reply == *reply).then_some(())
        })
        .await;
}

fn set(cancel_on_reply: bool, note: &str) -> ReplySettings {
    ReplySettings { cancel_on_reply, note: note.to_owned() }
}

/// Waits until the server has a draft with so many files.
async fn server_has(world: &World, files: usize) {
    let sql = format!("select from drafts where jsonb_array_length(files) = {files}");
    eventually(&format!("the server has a draft with {files} files"), || async {
        sqlx::query(AssertSqlSafe(sql.clone())).fetch_optional(&world.foreign).await.ok().flatten()
    })
    .await;
}

async fn count(world: &World, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&world.foreign).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_were_attached_in_the_office_are_sent_from_home_and_are_gone_in_the_office() {
    let world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    let ben = world.desktop("ben").await;
    ben.conversation("Maria at Ben's", |row| row.phone == MARIA).await;
    office.client.save_draft(maria, "Like this".to_owned()).await.unwrap();
    attach(&office, maria, "drawing.png", PNG).await;
    attach(&office, maria, "shop.vcf", CARD).await;

    let files = has_files(&home, maria, &["drawing.png", "shop.vcf"]).await;
    has_words(&home, maria, Some("Like this")).await;
    assert_eq!((files[0].width, files[0].is_picture), (Some(1), true));
    home.client.picture_of_attachment(files[0].id, PictureSize::Small).await.unwrap();
    let ids: Vec<_> = files.iter().map(|file| file.id).collect();
    let echo = home.client.send_with(maria, "Like this.".to_owned(), &ids).await.unwrap();

    home.reaches(echo.id, MessageState::Delivered).await;
    has_files(&office, maria, &[]).await;
    has_words(&office, maria, None).await;
    let sent = world.twilio.sent();
    assert_eq!((sent.len(), sent[0].media_urls.len()), (1, 2));
    for (url, expected) in sent[0].media_urls.iter().zip([PNG, CARD]) {
        assert_eq!(fetch(url).await, expected, "Twilio finds the right bytes there");
    }
    assert_eq!(count(&world, "select count(*) from media_files").await, 2, "each file was given to the server once");
    has_files(&ben, maria, &[]).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_away_or_discarded_at_one_desktop_is_gone_at_the_other() {
    let world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    attach(&office, maria, "drawing.png", PNG).await;
    attach(&office, maria, "shop.vcf", CARD).await;
    let files = has_files(&home, maria, &["drawing.png", "shop.vcf"]).await;

    home.client.detach(files[0].id).await.unwrap();
    let left = has_files(&office, maria, &["shop.vcf"]).await;
    office.client.detach(left[0].id).await.unwrap();

    has_files(&home, maria, &[]).await;
    server_has(&world, 0).await;
    assert_eq!(count(&world, "select count(*) from drafts where content is not null").await, 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_versions_that_were_edited_apart_the_later_one_stays_with_its_words_and_its_files() {
    let mut world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    office.client.save_draft(maria, "Like this".to_owned()).await.unwrap();
    attach(&office, maria, "drawing.png", PNG).await;
    let at_home = has_files(&home, maria, &["drawing.png"]).await;
    let office = office.close().await;
    home.client.detach(at_home[0].id).await.unwrap();
    server_has(&world, 0).await;
    world.kill_server();
    let office = office.open().await;
    office.offline().await;

    attach(&office, maria, "shop.vcf", CARD).await;
    world.restart_server().await;

    for desktop in [&office, &home] {
        has_files(desktop, maria, &["drawing.png", "shop.vcf"]).await;
        has_words(desktop, maria, Some("Like this")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_gives_way_with_its_files_also_when_they_were_attached_offline() {
    let mut world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    world.kill_server();
    office.offline().await;
    home.offline().await;

    attach(&office, maria, "drawing.png", PNG).await;
    let office = office.close().await;
    home.client.save_draft(maria, "Without a drawing".to_owned()).await.unwrap();
    world.restart_server().await;
    home.live().await;
    eventually("home's version", || async {
        sqlx::query("select from drafts where content is not null").fetch_optional(&world.foreign).await.ok().flatten()
    })
    .await;
    let office = office.open().await;

    has_words(&office, maria, Some("Without a drawing")).await;
    has_files(&office, maria, &[]).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_on_takes_nothing_away_that_was_attached_at_the_other_desktop_meanwhile() {
    let world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    office.client.save_draft(maria, "Like".to_owned()).await.unwrap();
    has_words(&home, maria, Some("Like")).await;

    office.client.typing(maria, false).await.unwrap();
    attach(&home, maria, "drawing.png", PNG).await;
    server_has(&world, 1).await;
    office.client.save_draft(maria, "Like this".to_owned()).await.unwrap();

    has_words(&home, maria, Some("Like this")).await;
    has_files(&home, maria, &["drawing.png"]).await;
    has_files(&office, maria, &["drawing.png"]).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_there_is_no_server_words_are_told_directly_and_files_once_it_is_back() {
    let mut world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    for desktop in [&office, &home] {
        desktop.client.work_directly(world.lets_work_directly("ann").await).await.unwrap();
    }
    attach(&home, maria, "shop.vcf", CARD).await;
    has_files(&office, maria, &["shop.vcf"]).await;
    world.kill_server();

    attach(&office, maria, "drawing.png", PNG).await;
    office.client.save_draft(maria, "Like this".to_owned()).await.unwrap();
    let told = "select from drafts where content = 'Like this' and jsonb_array_length(files) = 1";
    eventually("the words, with the files that were there", || async {
        sqlx::query(told).fetch_optional(&world.foreign).await.ok().flatten()
    })
    .await;
    has_files(&office, maria, &["shop.vcf", "drawing.png"]).await;
    world.restart_server().await;

    for desktop in [&office, &home] {
        has_files(desktop, maria, &["shop.vcf", "drawing.png"]).await;
        has_words(desktop, maria, Some("Like this")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_each_desktop_hears_at_once_what_was_edited_at_the_other() {
    let mut world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    for desktop in [&office, &home] {
        desktop.client.work_directly(world.lets_work_directly("ann").await).await.unwrap();
    }
    world.kill_server();
    for desktop in [&office, &home] {
        desktop
            .when("it works directly", async |client| (client.connection() == Connection::Direct).then_some(()))
            .await;
    }

    // Whatever a desktop asks by itself when it begins, and each five minutes, it has asked by the second one.
    for (here, there, words) in [(&office, &home, "Like"), (&home, &office, "Like this"), (&office, &home, "Like that")]
    {
        here.client.save_draft(maria, words.to_owned()).await.unwrap();
        has_words(there, maria, Some(words)).await;
    }

    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_edited_while_no_server_listened_is_heard_when_it_listens_again() {
    let world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    office.client.save_draft(maria, "Like".to_owned()).await.unwrap();
    has_words(&home, maria, Some("Like")).await;

    // As it is for servers that hear nothing at this moment.
    let unheard = "alter table drafts disable trigger drafts_told;
                   update drafts set content = 'Like this', edited_at = clock_timestamp();
                   alter table drafts enable trigger drafts_told";
    sqlx::raw_sql(unheard).execute(&world.foreign).await.unwrap();
    world.cut_database().await;

    has_words(&home, maria, Some("Like this")).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_was_begun_and_what_was_set_follow_the_agent_from_desktop_to_desktop() {
    let world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    let ben = world.desktop("ben").await;
    ben.conversation("Maria at Ben's", |row| row.phone == MARIA).await;

    office.client.save_reply(maria, set(true, "wants it in bl")).await.unwrap();
    has_reply(&home, maria, &set(true, "wants it in bl")).await;
    home.client.save_draft(maria, "In blue".to_owned()).await.unwrap();
    has_words(&office, maria, Some("In blue")).await;
    home.client.send_message(maria, "In blue?".to_owned()).await.unwrap();

    for desktop in [&office, &home] {
        has_words(desktop, maria, None).await;
        has_reply(desktop, maria, &set(false, "wants it in bl")).await;
    }
    home.client.save_reply(maria, set(false, "")).await.unwrap();
    has_reply(&office, maria, &ReplySettings::default()).await;
    has_reply(&ben, maria, &ReplySettings::default()).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_was_begun_while_there_was_no_server_is_told_directly() {
    let mut world = World::start().await;
    let (office, home, maria) = two_desktops(&world).await;
    for desktop in [&office, &home] {
        desktop.client.work_directly(world.lets_work_directly("ann").await).await.unwrap();
    }
    world.kill_server();

    office.client.save_reply(maria, set(true, "wants it in blue")).await.unwrap();

    has_reply(&home, maria, &set(true, "wants it in blue")).await;
    world.restart_server().await;
    has_reply(&home, maria, &set(true, "wants it in blue")).await;
    world.end().await;
}
