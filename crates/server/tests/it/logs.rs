//! What a server says about its work at the default level: no text of a message, no number, nobody's address.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command},
    time::Duration,
};

use deskline_simulator::{CallbackPlan, Fault, InboundMedia, InboundText, MediaFault, Scope, Signing};
use deskline_twilio::AuthToken;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    admin::{program, run},
    world::{ANN, BOB, SOON, Socket, World, token},
};

/// The program, and every line that it has logged.
pub(crate) struct Logged {
    child: Child,
    lines: UnboundedReceiver<String>,
    log: String,
}

impl Logged {
    /// Starts `serve`; answers once it serves.
    pub(crate) async fn serve(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (sender, lines) = unbounded_channel();
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().for_each(|line| drop(sender.send(line.unwrap_or_default())));
        });
        let mut logged = Self { child, lines, log: String::new() };
        logged.until("serving").await;
        logged
    }

    /// Waits for a line that contains `what`; answers it.
    pub(crate) async fn until(&mut self, what: &str) -> String {
        let found = async {
            loop {
                let line = self.lines.recv().await.expect("the program has ended");
                self.log.push_str(&line);
                self.log.push('\n');
                if line.contains(what) {
                    return line;
                }
            }
        };
        tokio::time::timeout(SOON, found).await.unwrap_or_else(|_| panic!("{what:?} was never logged"))
    }

    /// Ends it, and answers all that it said.
    pub(crate) async fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        while let Some(line) = self.lines.recv().await {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        self.log
    }
}

/// The program in place of the world's own server.
async fn in_place(world: &mut World, format: &str) -> Logged {
    let address = world.url().trim_start_matches("http://").to_owned();
    world.servers.remove(0).stop().await.unwrap();
    let mut command = program(world, world.database_url(), &["serve"]);
    command.env("DESKLINE_BIND", address).env("DESKLINE_LOG_FORMAT", format);
    Logged::serve(command).await
}

#[tokio::test]
async fn the_log_is_json_when_asked_for() {
    let mut world = World::start().await;

    let log = in_place(&mut world, "json").await.end().await;

    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    assert!(log.contains("\"address\":\"127.0.0.1"), "{log}");
}

#[tokio::test]
async fn whatever_goes_well_or_wrong_no_text_and_no_number_is_logged() {
    let mut world = World::start().await;
    let url = world.url().to_owned();
    let (unknown, number) = ("+15550004444", world.number());
    let (ann, bob) = (world.contact(ANN).await, world.contact(BOB).await);
    let mut server = in_place(&mut world, "").await;
    let bearer = token(world.owner);
    let post = async |path: &str, body: serde_json::Value| {
        world.http.post(format!("{url}{path}")).bearer_auth(&bearer).json(&body).send().await.unwrap().status().as_u16()
    };
    let send = async |contact, text: &str| post("/sms/send-sms", world.text(contact, text)).await;
    let webhook = async |text: InboundText| world.twilio.receive(text).await.status();

    // Texts that come in, and those that do not get in.
    assert_eq!(webhook(InboundText::new(ANN, &number, "zebra one")).await, 200);
    assert_eq!(
        webhook(InboundText { signing: Signing::Missing, ..InboundText::new(ANN, &number, "zebra two") }).await,
        403
    );
    assert_eq!(
        webhook(InboundText { sid: Some("SMzebra".into()), ..InboundText::new(ANN, &number, "STOP") }).await,
        200
    );
    assert_eq!(webhook(InboundText::new(ANN, &number, "START")).await, 200);
    let stray =
        InboundText { account_sid: Some(world.twilio.account_sid()), ..InboundText::new(BOB, unknown, "zebra") };
    assert_eq!(webhook(stray).await, 404);
    server.until("dead letter").await;
    sqlx::raw_sql(
        "alter table messages add constraint no_poison check (content <> 'zebra poison');
         create function chatter() returns trigger language plpgsql as $$
           begin raise warning 'a text: %', new.content; return null; end $$;
         create trigger chatters after insert on messages for each row execute function chatter()",
    )
    .execute(world.store.pool())
    .await
    .unwrap();
    assert_eq!(webhook(InboundText::new(BOB, &number, "zebra poison")).await, 500);
    server.until("a request failed").await;
    sqlx::raw_sql("alter table messages drop constraint no_poison").execute(world.store.pool()).await.unwrap();
    // A file that cannot be fetched.
    world.twilio.media_fault(MediaFault::HostRefuse { status: 404 });
    let media = vec![InboundMedia { content_type: "image/png".to_owned(), bytes: vec![1, 2, 3] }];
    assert_eq!(webhook(InboundText { media, ..InboundText::new(BOB, &number, "zebra picture") }).await, 200);
    server.until("a file ").await;
    // Texts that go out, and those that do not.
    assert_eq!(send(ann, "zebra four").await, 200);
    assert_eq!(send(ann, &"zebra ".repeat(400)).await, 422);
    world.twilio.fault(Fault::RefuseWith { code: 21_211 });
    assert_eq!(send(ann, "zebra five").await, 422);
    server.until("Twilio refused a text").await;
    world.twilio.fault(Fault::RateLimit { retry_after: Some(Duration::from_secs(1)), times: 1 });
    assert_eq!(send(ann, "zebra six").await, 200);
    server.until("a sender waits").await;
    world.twilio.fault(Fault::RefuseWith { code: 21_611 });
    world.twilio.plan_next(CallbackPlan::failing(30_003));
    assert_eq!(send(bob, "zebra seven").await, 200);
    world.twilio.fault(Fault::AcceptAndDropAnswer { times: 1 });
    world.twilio.fault_on(Scope::Any, Fault::RefuseWith { code: 20_404 });
    assert_eq!(send(bob, "zebra eight").await, 502);
    let socket = Socket::connect(&url, &bearer).await;
    socket.ask("join_workspace", json!(world.workspace)).await;
    socket.ask("send_message", world.text(ann, "zebra nine")).await;
    socket.emit("send_message", json!({ "message": "zebra ten", "contactId": ANN })).await;
    // A text that another program decides about, while Twilio is away.
    world.twilio.go_away().await.unwrap();
    assert_eq!(send(ann, "zebra eleven").await, 502);
    sqlx::query("update messages set status = 'sent', media = '[\"zebra twelve\"]' where content = 'zebra eleven'")
        .execute(world.store.pool())
        .await
        .unwrap();
    server.until("another program has decided").await;
    world.twilio.come_back().await.unwrap();
    // Reports about texts that nobody knows, contacts out of a file, a wrong password, requests that make no sense.
    for (path, body) in [
        ("/twilio/status", "MessageSid=SMzebra&MessageStatus=sent&From=%2B15557770001&To=zebra"),
        ("/twilio/webhook", "From=%2B15557770001&Body=zebra"),
    ] {
        let form = world.http.post(format!("{url}{path}")).body(body);
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    }
    let import = format!("{url}/contacts/import?workspaceId={}", world.workspace);
    for file in ["phone,name\n+15557770001,zebra\n12,zebra\n", "zebra\n+15557770001\n"] {
        world.http.post(&import).bearer_auth(&bearer).body(file).send().await.unwrap();
    }
    let grant = json!({ "email": "zebra@example.org", "password": "zebra zebra" });
    assert_eq!(post("/auth/v1/token?grant_type=password", grant).await, 400);
    assert_eq!(post(&format!("/contacts/{ANN}/opt-out"), json!({ "workspaceId": ANN })).await, 400);
    let export = world.http.get(format!("{url}/contacts/{ANN}/export")).bearer_auth(&bearer).send().await.unwrap();
    assert_eq!(export.status(), 400);
    // The audit, once it can compare and once it cannot.
    let missed = InboundText { signing: Signing::Missing, ..InboundText::new(BOB, &number, "zebra thirteen") };
    assert_eq!(webhook(missed).await, 403);
    let audit = run(program(&world, world.database_url(), &["audit", "--grace", "0"]), "").await;
    world.twilio.rotate_token(&world.twilio.account_sid(), AuthToken::new("another"));
    let failed = run(program(&world, world.database_url(), &["audit", "--grace", "0"]), "").await;
    assert!(audit.status.success() && !failed.status.success(), "{audit:?} {failed:?}");

    let mut log = server.end().await;
    for output in [audit, failed] {
        log.push_str(&String::from_utf8_lossy(&output.stderr));
        log.push_str(&String::from_utf8_lossy(&output.stdout));
    }

    let delivered = "select count(*) from messages where content like 'zebra%' and direction = 'outbound' and twilio_sid is not null";
    assert!(world.count(delivered).await >= 3, "texts went out on the way");
    for private in ["zebra", &ANN[1..], &BOB[1..], &number[1..], &unknown[1..]] {
        let place = log.lines().find(|line| line.contains(private));
        assert!(place.is_none(), "{private:?} is in the log: {place:?}");
    }
}
