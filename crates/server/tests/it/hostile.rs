//! Requests that nobody means well with: each is a 4xx with a JSON body or does no harm, and none costs more than a moment.
//!
//! Written to the connection byte by byte, since no client of other people would send them. What is refused before it is a request is
//! tested in `src/listen.rs`, what a socket is sent in [`super::hostile_sockets`].

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{ANN, World, token};

/// The most that one of these may take in a debug build on a busy machine. The least that was ever wrong took half a minute.
const A_MOMENT: Duration = Duration::from_secs(10);

/// Sends bytes and answers what came back until the server hung up.
async fn raw(world: &World, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let talk = async {
        // The server may hang up before it has read all of it.
        let (_, read) = tokio::join!(to.write_all(bytes), from.read_to_end(&mut answer));
        read.unwrap_or_else(|error| panic!("{error} after {}: {:.80}", answer.len(), String::from_utf8_lossy(bytes)));
    };
    let in_time = tokio::time::timeout(A_MOMENT, talk).await;
    assert!(in_time.is_ok(), "no answer in {A_MOMENT:?} to {:.80}", String::from_utf8_lossy(bytes));
    String::from_utf8(answer).unwrap()
}

/// The status and the JSON of the last answer.
fn last(answer: &str, to: &[u8]) -> (u16, Value) {
    let at = answer.rfind("HTTP/1.").unwrap_or_else(|| panic!("no answer to {:.80}", String::from_utf8_lossy(to)));
    let (head, body) = answer[at..].split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
}

/// A request with a token that asks to be the last one.
fn request(world: &World, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let token = token(world.owner);
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn post(world: &World, path: &str, body: &[u8]) -> Vec<u8> {
    request(world, "POST", path, &format!("Content-Length: {}\r\n", body.len()), body)
}

#[tokio::test]
async fn addresses_and_headers_that_are_odd_are_answered_as_any_other() {
    let world = World::start().await;
    let workspace = world.workspace;
    let cases = [
        ("GET", "http://evil.example/nothing".to_owned(), "", 404),
        ("CONNECT", "evil.example:443".to_owned(), "", 404),
        ("GET", "*".to_owned(), "", 404),
        ("GET", "/nothing".to_owned(), "Host: y\r\n", 404),
        ("FROB", "/healthz".to_owned(), "", 405),
        ("TRACE", "/healthz".to_owned(), "", 405),
        ("GET", format!("/twilio/config?workspaceId={}", "a".repeat(20_000)), "", 400),
        ("GET", format!("/twilio/config?{}", "a=b&".repeat(7_000)), "", 400),
        ("GET", "/twilio/config?workspaceId=%ff%fe".to_owned(), "", 400),
        ("GET", "/messages/%00/ledger".to_owned(), "", 400),
        ("GET", "/messages/%ff/ledger".to_owned(), "", 400),
        ("GET", "/media/%00?expires=1&signature=1".to_owned(), "", 404),
        ("GET", "/media/%ff?expires=%ff&signature=1".to_owned(), "", 400),
        ("GET", format!("/sync?workspaceId={workspace}&snapshot=%00"), "", 400),
        ("GET", format!("/sync?workspaceId={workspace}&feed={workspace}&after=92233720368547758070"), "", 400),
        (
            "GET",
            format!(
                "/sync?workspaceId={workspace}&feed={workspace}&after=9223372036854775807&limit=-9223372036854775808"
            ),
            "",
            409,
        ),
        ("GET", format!("/sms/scheduled?workspaceId={workspace}&contactId=%00"), "", 400),
        ("GET", "/session".to_owned(), "x-deskline-protocol: 99999999999\r\n", 426),
        ("GET", "/session".to_owned(), "Authorization: Bearer again\r\n", 401),
        ("GET", "/socket.io/?EIO=%00&transport=%ff&sid=%00".to_owned(), "", 400),
        ("GET", "/socket.io/?EIO=4&transport=websocket".to_owned(), "", 400),
    ];

    for (method, path, headers, expected) in cases {
        let bytes = request(&world, method, &path, headers, b"");
        let (status, body) = last(&raw(&world, &bytes).await, &bytes);
        assert_eq!((status, body["error"].is_string()), (expected, true), "{method} {path:.80} {headers}: {body}");
    }
    let old = b"GET /nothing HTTP/1.0\r\n\r\n";
    assert_eq!(last(&raw(&world, old).await, old).0, 404, "HTTP/1.0 needs no Host");
}

#[tokio::test]
async fn bodies_that_are_not_what_they_say_are_4xx() {
    let world = World::start().await;
    let chunked = |body: &[u8]| request(&world, "POST", "/sms/send-sms", "Transfer-Encoding: chunked\r\n", body);
    let with = |headers: &str, body: &[u8]| request(&world, "POST", "/sms/send-sms", headers, body);
    let chunk = [b"10000\r\n", &vec![b'x'; 65_536][..], b"\r\n"].concat();
    let text = |message: &str| post(&world, "/sms/send-sms", format!("{{\"workspaceId\":{message}}}").as_bytes());
    let cases = [
        (with("Content-Length: 10\r\n", b"{}{}{}{}{}{}{}{}"), 400),
        (with("Content-Length: 99999999999\r\n", &vec![b'x'; 2_000_000]), 413),
        (post(&world, "/sms/send-sms", &vec![b'x'; 3_000_000]), 413),
        (
            with(
                "Content-Length: 20\r\nContent-Encoding: gzip\r\n",
                &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0],
            ),
            400,
        ),
        (with("Content-Length: 2\r\nExpect: 200-magic\r\n", b"{}"), 400),
        (with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"2\r\n{}\r\n0\r\n\r\n"), 400),
        (chunked(b"zz\r\nabc\r\n0\r\n\r\n"), 400),
        (chunked(b"-1\r\nabc\r\n0\r\n\r\n"), 400),
        (chunked(b"fffffffffffffffff\r\nabc"), 400),
        (chunked(&[b"2;", &vec![b'a'; 60_000][..], b"\r\n{}\r\n0\r\n\r\n"].concat()), 400),
        (chunked(&[b"2\r\n{}\r\n0\r\n", &b"x: y\r\n".repeat(20_000)[..], b"\r\n"].concat()), 400),
        (chunked(&chunk.repeat(40)), 413),
        (text("1e999"), 400),
        (text("123456789012345678901234567890"), 400),
        (text("\"\\ud800\""), 400),
        (text("null,\"workspaceId\":7"), 400),
        (text(&"[".repeat(900_000)), 400),
        (text(&"{\"a\":".repeat(180_000)), 400),
    ];

    for (bytes, expected) in cases {
        let (status, body) = last(&raw(&world, &bytes).await, &bytes);
        let shown = String::from_utf8_lossy(&bytes[bytes.len().min(330)..bytes.len().min(420)]).into_owned();
        assert_eq!((status, body["error"].is_string()), (expected, true), "{shown}: {body}");
    }
    assert_eq!(world.twilio.sent().len(), 0);
}

#[tokio::test]
async fn a_body_that_never_ends_is_refused_when_its_time_is_over() {
    let world = World::start_with(|config| config.timers.body_timeout = Duration::from_millis(500)).await;
    let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).await.unwrap();
    stream.write_all(&request(&world, "POST", "/sms/send-sms", "Transfer-Encoding: chunked\r\n", b"")).await.unwrap();
    let (mut from, mut to) = stream.split();
    let drip = async {
        while to.write_all(b"1\r\n \r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };

    let mut answer = String::new();
    tokio::select! {
        read = from.read_to_string(&mut answer) => drop(read.unwrap()),
        () = drip => panic!("the connection was reset before it was answered"),
    }

    assert_eq!(last(&answer, b"").0, 408, "{answer}");
}

/// Each of these once took from half a minute up, without a token even.
#[tokio::test]
async fn a_megabyte_of_anything_costs_a_moment() {
    let world = World::start().await;
    let import = format!("/contacts/import?workspaceId={}", world.workspace);
    let list = |each: &dyn Fn(usize) -> String, joined: &str| (0..60_000).map(each).collect::<Vec<_>>().join(joined);
    let form = "From=%2B15557770001&To=%2B15557770002&MessageSid=SM1&AccountSid=AC1&";
    let files = form.to_owned() + &list(&|n| format!("MediaUrl{n}=x"), "&");
    let again = form.to_owned() + &list(&|n| format!("MediaUrl0={}", n % 10), "&");
    let once = form.to_owned() + &list(&|n| format!("{n:x}"), "&");
    let columns = "phone,".to_owned() + &list(&|n| format!("a{n}"), ",");
    let empty_columns = "phone".to_owned() + &",".repeat(900_000);
    let commands = format!("[{}]", "1,".repeat(500_000) + "1");

    for (path, body, expected) in [
        ("/twilio/webhook", files.as_str(), 404),
        ("/twilio/webhook", &again, 404),
        ("/twilio/status", &once, 400),
        ("/twilio/webhook", &"&".repeat(1_000_000), 400),
        ("/twilio/webhook", &"%".repeat(1_000_000), 400),
        (&import, &columns, 400),
        (&import, &empty_columns, 400),
        (&import, &"phone\n\"".repeat(120_000), 400),
        ("/commands", &commands, 400),
    ] {
        let bytes = post(&world, path, body.as_bytes());
        let (status, answer) = last(&raw(&world, &bytes).await, &bytes);
        assert_eq!((status, answer["error"].is_string()), (expected, true), "{path} {body:.80}: {answer}");
    }
}

#[tokio::test]
async fn a_command_from_before_the_calendar_or_after_it_is_carried_out_now() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;

    for (n, at) in
        ["-200000-01-01T00:00:00Z", "+200000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"].into_iter().enumerate()
    {
        for (m, up_to) in [json!(null), json!(contact)].into_iter().enumerate() {
            let command = json!([{
                "id": format!("018f3c2e-7b1a-7000-8000-0000000000{n}{m}"),
                "workspaceId": world.workspace,
                "at": at,
                "action": { "type": "markRead", "contactId": contact, "upTo": up_to },
            }]);
            let (status, answer) = world.call(Method::POST, "/commands", Some(command)).await;
            assert_eq!((status.as_u16(), &answer["outcomes"][0]["outcome"]), (200, &json!("done")), "{at}: {answer}");
        }
    }
}

/// Every field of every route, as `GET /openapi.json` names them, with what no field expects, while the others are good.
#[tokio::test]
async fn no_field_of_any_route_makes_the_server_fail() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let (_, sent) = world.send(contact, "hello").await;
    let good = |name: &str| match name {
        "workspaceId" => json!(world.workspace),
        "contactId" | "id" => json!(contact),
        "messageId" => sent["message"]["id"].clone(),
        "sid" => sent["twilioSid"].clone(),
        "sendAt" => json!("2027-03-01T09:30:00Z"),
        name if name.ends_with("Urls") => json!(["https://files.example/a.png"]),
        _ => json!("1"),
    };
    let (_, document) = world.call(Method::GET, "/openapi.json", None).await;
    let mut asked = 0;

    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let fields = Fields::of(&document, operation);
            let method: Method = method.to_uppercase().parse().unwrap();
            for name in fields.path.iter().chain(&fields.query).chain(&fields.body) {
                for nonsense in nonsense() {
                    let value = |field: &String| if field == name { nonsense.clone() } else { good(field) };
                    let text = |field: &String| percent(&said(&value(field)));
                    let place = fields
                        .path
                        .iter()
                        .fold(path.clone(), |path, field| path.replace(&format!("{{{field}}}"), &text(field)));
                    let query: Vec<_> = fields.query.iter().map(|field| format!("{field}={}", text(field))).collect();
                    let mut request =
                        world.http.request(method.clone(), format!("{}{place}?{}", world.url(), query.join("&")));
                    request = request.bearer_auth(token(world.owner));
                    if fields.is_form {
                        let form: Vec<_> = fields.body.iter().map(|field| (field, said(&value(field)))).collect();
                        request = request.form(&form);
                    } else if !fields.body.is_empty() {
                        let body = fields.body.iter().map(|field| (field.clone(), value(field)));
                        request = request.json(&body.collect::<serde_json::Map<_, _>>());
                    }
                    let answer = request.send().await.unwrap();
                    let (status, body) = (answer.status(), answer.text().await.unwrap());
                    assert!(!status.is_server_error(), "{method} {path}, {name} = {nonsense:.60}: {status} {body}");
                    assert!(
                        !status.is_client_error() || body.contains("\"error\""),
                        "{method} {path}: {status} {body}"
                    );
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1_000, "the description names hardly any field: {asked}");
}

fn nonsense() -> Vec<Value> {
    let mut values: Vec<Value> =
        ["", " ", "\0", "\u{feff}", "-1", "99999999999999999999", "9223372036854775807", "1e400", "%00", "../..", "'"]
            .map(Value::from)
            .to_vec();
    values.extend([json!("+262000-01-01T00:00:00Z"), json!("-200000-01-01T00:00:00Z"), json!("é".repeat(500))]);
    values.extend([json!("00000000-0000-0000-0000-000000000000"), json!(null), json!(true), json!(-1), json!(1e300)]);
    values.extend([json!([]), json!([null]), json!(["\0"]), json!({}), json!({ "\0": "\0" }), json!([[[[[[]]]]]])]);
    values
}

/// A value where there is only text.
fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What an operation can be told.
struct Fields {
    path: Vec<String>,
    query: Vec<String>,
    body: Vec<String>,
    is_form: bool,
}

impl Fields {
    fn of(document: &Value, operation: &Value) -> Self {
        let named = |place: &str| {
            let all = operation["parameters"].as_array().into_iter().flatten();
            all.filter(|one| one["in"] == place).map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        let content = operation["requestBody"]["content"].as_object();
        let (kind, content) = content.and_then(|content| content.iter().next()).unzip();
        let schema = content.and_then(|content| content["schema"]["$ref"].as_str()).unwrap_or_default();
        let schema = &document["components"]["schemas"][schema.rsplit('/').next().unwrap()];
        let body = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        Self {
            path: named("path"),
            query: named("query"),
            body,
            is_form: kind.is_some_and(|kind| kind.contains("form")),
        }
    }
}

/// Thousands of hostile requests, many at a time: the server answers others meanwhile, and keeps nothing of them.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn thousands_of_hostile_requests_leave_nothing_behind() {
    let world = World::start().await;
    let contact = world.contact(ANN).await;
    let hostile: Vec<Vec<u8>> = vec![
        b"nonsense\r\n\r\n".to_vec(),
        format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(100_000)).into_bytes(),
        post(&world, "/sms/send-sms", &vec![b'['; 900_000]),
        post(&world, "/twilio/webhook", &vec![b'x'; 1_100_000]),
        request(&world, "GET", &format!("/{}", "%00".repeat(2_000)), "", b""),
        request(&world, "GET", "/socket.io/?EIO=9&transport=smoke", "", b""),
        request(&world, "POST", "/socket.io/?EIO=4&transport=polling&sid=nobody", "Content-Length: 3\r\n", b"abc"),
    ];
    let round = async |requests: usize| {
        for group in 0..requests / 50 {
            let all = (0..50).map(|n| raw(&world, &hostile[(group + n) % hostile.len()]));
            let answers = futures_util::future::join_all(all).await;
            assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 4")), "{answers:.200?}");
        }
    };

    round(500).await;
    let before = resident_megabytes();
    round(3_000).await;
    let after = resident_megabytes();

    assert!(after < before + 48, "grew from {before} to {after} MB");
    assert_eq!(world.send(contact, "still well").await.0, 200);
}

/// What this process has in memory, the server in it and this test.
#[cfg(target_os = "linux")]
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}
