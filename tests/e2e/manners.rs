//! Bad input and bad luck: each gets a plain sentence, and nothing is lost or half done.

use deskline_client::{ErrorCode, view::SignIn};
use deskline_e2e::{
    Desktop, World, eventually,
    world::{MARIA, PASSWORD},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_says_so_and_leaves_nothing_behind() {
    let world = World::start().await;
    let ann = world.agent("ann").await;
    let desktop = Desktop::new().await;

    let error = desktop.client.sign_in(SignIn { password: "guess".to_owned(), ..ann.clone() }).await.unwrap_err();

    assert_eq!(error.code(), ErrorCode::BadCredentials);
    desktop.sign_in(ann).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_server_at_first_sign_in_is_a_sentence_with_its_address() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let desktop = Desktop::new().await;
    let request =
        SignIn { server: format!("http://{free}"), email: "ann@example.com".to_owned(), password: PASSWORD.to_owned() };

    let error = desktop.client.sign_in(request).await.unwrap_err();

    assert_eq!(error.code(), ErrorCode::Unreachable);
    assert!(error.to_string().contains(&free.to_string()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_at_the_address_is_told_apart_from_a_deskline_server() {
    let world = World::start().await;
    let desktop = Desktop::new().await;
    let request = SignIn {
        server: world.twilio.url().to_string(),
        email: "ann@example.com".to_owned(),
        password: PASSWORD.to_owned(),
    };

    let error = desktop.client.sign_in(request).await.unwrap_err();

    assert_eq!(error.code(), ErrorCode::NotAServer, "{error}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_characters_and_an_empty_text_are_refused_before_they_are_queued() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "hi").await;
    let maria = ann.conversation("Maria's text", |row| row.phone == MARIA).await.contact_id;

    for text in ["x".repeat(10_000), " \n ".to_owned(), "nul\0".to_owned()] {
        let error = ann.client.send_message(maria, text).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Refused, "{error}");
    }

    assert_eq!(ann.client.waiting_count().await.unwrap(), 0);
    assert!(world.twilio.sent().is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_used_by_one_desktop_at_a_time() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    let options = deskline_client::Options::new(
        ann.folder(),
        std::sync::Arc::new(deskline_client::MemoryCredentials::default()),
        std::sync::Arc::new(deskline_client::RecordingNotifier::default()),
    );

    let error = deskline_client::Client::open(options).await.unwrap_err();

    assert_eq!(error.code(), ErrorCode::InUse);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_on_the_server_as_well() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    let pool = sqlx::PgPool::connect(&world.database_url()).await.unwrap();
    let good = || async {
        sqlx::query_scalar::<_, i64>("select count(*) from refresh_tokens where revoked_at is null")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert_eq!(good().await, 1);

    ann.client.sign_out().await.unwrap();

    eventually("an ended session", || async { (good().await == 0).then_some(()) }).await;
    pool.close().await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leaves_nothing_readable() {
    let world = World::start().await;
    let ann = world.desktop("ann").await;
    world.text(MARIA, "a private matter").await;
    ann.conversation("Maria's text", |row| row.phone == MARIA).await;

    ann.client.sign_out().await.unwrap();

    assert!(ann.conversations().await.is_empty());
    assert_eq!(ann.client.unread_count().await.unwrap_or(0), 0);
    world.end().await;
}
