//! Nothing readable on the disk, in the log or in the list of processes: secrets are in the keychain, texts are encrypted.

use std::{
    fs,
    path::{Path, PathBuf},
};

use deskline_client::view::SignIn;
use deskline_e2e::world::{MARIA, PASSWORD};
use serde_json::Value;

use crate::{processes, stage::Stage, window::Window};

const INBOUND: &str = "the-safe-combination-is-14-52-7";
const OUTBOUND: &str = "never-write-that-in-a-text-again";
const DRAFT: &str = "a-draft-that-nobody-has-sent";
const NAME: &str = "Wilhelmina Featherstonehaugh";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_text_can_be_found_in_any_file_of_the_desktop() {
    let stage = Stage::enter().await;
    let window = stage.place().open().await;
    let request = stage.world.agent("ann").await;
    stage.world.foreign_contact(MARIA, NAME).await;
    window.sign_in(&request).await;
    stage.world.text(MARIA, INBOUND).await;
    window.open_conversation(INBOUND).await;
    window.send(OUTBOUND).await;
    window.reaches(OUTBOUND, "delivered").await;
    window.is_there("composer").await.send_keys(DRAFT).await.expect("the composer takes text");
    window.row("the draft is kept", |row| row.text.contains(NAME)).await;

    let item = keychain_item(&window.place().data());
    let mut secrets = secrets_in(&item);
    assert!(secrets.len() >= 4, "the keychain holds tokens and keys: {} were found", secrets.len());
    secrets.extend([INBOUND, OUTBOUND, DRAFT, NAME, MARIA, PASSWORD].map(str::to_owned));
    let server = request.server.trim_start_matches("http://").to_owned();
    let posted = diagnostics(&window).await;
    for secret in secrets.iter().chain([&request.email, &server]) {
        assert!(!posted.contains(secret), "the diagnostics tell \"{}…\"", secret.chars().take(8).collect::<String>());
    }
    assert!(posted.lines().any(|line| line == "Conversations: 1"), "the diagnostics count: {posted}");
    let family = processes::family(window.app());
    for process in family {
        for file in ["cmdline", "environ"] {
            search(Path::new(&format!("/proc/{process}/{file}")), &secrets);
        }
    }
    search_folder(window.place().folder(), &secrets);
    let place = window.quit().await;
    search_folder(place.folder(), &secrets);
    stage.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_from_a_terminal_leaves_a_window_that_is_signed_in() {
    let stage = Stage::enter().await;
    let place = stage.place();
    let right = stage.world.agent("ann").await;

    let wrong = sign_in_from_a_terminal(place.environment(), &SignIn { password: "wrong".to_owned(), ..right.clone() });
    assert!(!wrong.0 && wrong.1.contains("password is wrong"), "{wrong:?}");
    let done = sign_in_from_a_terminal(place.environment(), &right);
    assert!(done.0, "{}", done.1);

    let window = place.open().await;
    window.live().await;
    let second = sign_in_from_a_terminal(window.place().environment(), &right);
    assert!(!second.0 && second.1.contains("Another Deskline uses the folder"), "{second:?}");
    window.quit().await;
    stage.world.end().await;
}

fn sign_in_from_a_terminal(environment: &[(&str, String)], request: &SignIn) -> (bool, String) {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    let mut process = Command::new(crate::stage::app())
        .args(["sign-in", "--server", &request.server, "--email", &request.email, "--password-stdin"])
        .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the app starts");
    let mut stdin = process.stdin.take().expect("its input is a pipe");
    writeln!(stdin, "{}", request.password).expect("it reads the password");
    drop(stdin);
    let output = process.wait_with_output().expect("it ends");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What the window gives out to be posted in public.
async fn diagnostics(window: &Window) -> String {
    window.click("agent-menu").await;
    window.click("open-diagnostics").await;
    window
        .when("the diagnostics are written", async |page| {
            let shown = "return document.querySelector('[data-testid=diagnostics]').value";
            let text = page.execute(shown, Vec::new()).await.ok()?;
            text.as_str().filter(|text| text.starts_with("Deskline: ")).map(ToOwned::to_owned)
        })
        .await
}

/// The one item of this desktop, as the keychain gives it out.
fn keychain_item(data: &Path) -> Value {
    let user = fs::canonicalize(data).expect("the data folder is there").display().to_string();
    let item = processes::output("secret-tool", &["lookup", "service", "app.deskline.desktop", "username", &user]);
    serde_json::from_str(&item).expect("the keychain has the item of this folder")
}

/// Every long text in the item: tokens and keys, but for the address and the e-mail, which are none.
fn secrets_in(item: &Value) -> Vec<String> {
    match item {
        Value::String(text) if text.len() >= 32 && !text.contains('@') && uuid::Uuid::parse_str(text).is_err() => {
            vec![text.clone()]
        }
        Value::Array(items) => items.iter().flat_map(secrets_in).collect(),
        Value::Object(fields) => fields.values().flat_map(secrets_in).collect(),
        _ => Vec::new(),
    }
}

fn search_folder(folder: &Path, secrets: &[String]) {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder can be listed").flatten() {
            let kind = entry.file_type().expect("an entry has a kind");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files += 1;
                search(&entry.path(), secrets);
            }
        }
    }
    assert!(files >= 3, "the search looked at files: there were {files}");
}

fn search(file: &Path, secrets: &[String]) {
    // A journal may go away between listing and reading.
    let Ok(bytes) = fs::read(file) else { return };
    for secret in secrets {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = contains(&bytes, secret.as_bytes()) || contains(&bytes, &wide);
        assert!(!found, "{} holds the words \"{}…\"", file.display(), secret.chars().take(8).collect::<String>());
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
