//! What lies in the data folder: nothing that anybody could read.

use deskline_client::{
    CredentialStore,
    view::{ConversationFilter, NewFile},
};
use secrecy::ExposeSecret;

use crate::{desk::Desk, server::TeamServer};

#[tokio::test]
async fn no_text_no_name_no_number_and_no_secret_is_readable_in_any_file() {
    let server = TeamServer::start().await;
    let ann = server.contact("Annabel Readable", "+15550100001");
    for n in 0..200 {
        server.receives(ann, &format!("an inbound text number {n}")).await;
    }
    let desk = Desk::signed_in(&server).await;
    desk.until("all of it", async |desk| desk.thread(ann).await.len() == 200).await;
    server.set_down(true).await;
    desk.client.send_message(ann, "an outbound text".to_owned()).await.unwrap();
    desk.client.save_draft(ann, "a draft of a text".to_owned()).await.unwrap();
    let file = NewFile {
        name: Some("readable name.txt".to_owned()),
        content_type: Some("text/plain".to_owned()),
        content: b"the words of a file".to_vec(),
    };
    desk.client.attach(ann, file).await.unwrap();
    assert_eq!(desk.names(ConversationFilter::All).await, ["Annabel Readable"]);

    let item = desk.credentials.load().unwrap().unwrap();
    let vault: serde_json::Value = serde_json::from_str(item.expose_secret()).unwrap();
    let keys = [&vault["cacheKey"], &vault["outboxKey"]].map(|key| key.as_str().unwrap().to_owned());
    let secrets = [
        "an inbound text",
        "an outbound text",
        "a draft of a text",
        "the words of a file",
        "readable name",
        "Annabel",
        "+1555010",
        "access-secret",
        "refresh-secret",
        "open sesame",
        "agent@example.com",
        &keys[0],
        &keys[1],
        "SQLite format 3",
    ];
    desk.until("a backup", async |desk| desk.files().contains(&"outbox-backup.db".to_owned())).await;
    let mut bytes = 0;
    let beside = std::fs::read_dir(desk.folder().join("outbox-files")).unwrap().map(|file| file.unwrap().path());
    let paths: Vec<_> = desk.files().iter().map(|name| desk.folder().join(name)).chain(beside).collect();
    for path in paths.into_iter().filter(|path| !path.is_dir()) {
        let name = path.display().to_string();
        // A backup that is being written has another name a moment later, under which it is looked at.
        if path.extension().is_some_and(|extension| extension == "new") {
            continue;
        }
        // Nor does the journal with which it is written stay.
        let content = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            content => content.unwrap(),
        };
        bytes += content.len();
        for secret in secrets {
            let found = content.windows(secret.len()).any(|window| window.eq_ignore_ascii_case(secret.as_bytes()));
            assert!(!found, "\"{secret}\" can be read in {name}");
        }
    }
    assert!(bytes > 100_000, "there was something to look at");
}
