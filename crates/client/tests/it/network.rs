//! A server that only a proxy reaches, with a certificate that only the agent's file makes credible.

use std::sync::{Arc, Mutex};

use deskline_client::{
    ErrorCode, MemoryCredentials, Network, Proxy,
    view::{Connection, direct::TwilioLogin},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    desk::{Desk, PATIENCE},
    server::TeamServer,
};

/// No name server knows it.
const HOST: &str = "desk.test";
/// `ann:open sesame`
const LOGIN: &str = "proxy-authorization: Basic YW5uOm9wZW4gc2VzYW1l";

/// Terminates TLS before a plain server.
struct Secure {
    port: u16,
    pem: Vec<u8>,
    _task: AbortOnDropHandle<()>,
}

impl Secure {
    async fn before(server: &TeamServer) -> Self {
        let signed = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
        let pem = signed.cert.pem();
        let identity =
            native_tls::Identity::from_pkcs8(pem.as_bytes(), signed.signing_key.serialize_pem().as_bytes()).unwrap();
        let acceptor = tokio_native_tls::TlsAcceptor::from(native_tls::TlsAcceptor::new(identity).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let plain = server.url.trim_start_matches("http://").to_owned();
        let task = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let (acceptor, plain) = (acceptor.clone(), plain.clone());
                tokio::spawn(async move {
                    let Ok(mut near) = acceptor.accept(near).await else { return };
                    let mut far = TcpStream::connect(plain).await.unwrap();
                    _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { port, pem: pem.into_bytes(), _task: AbortOnDropHandle::new(task) }
    }

    fn url(&self) -> String {
        format!("https://{HOST}:{}", self.port)
    }
}

/// Knows where `desk.test` is, and asks who wants to know.
struct Doorman {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _task: AbortOnDropHandle<()>,
}

impl Doorman {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let log = Arc::clone(&log);
                tokio::spawn(async move { Self::answer(near, &log).await });
            }
        });
        Self { url, asked, _task: AbortOnDropHandle::new(task) }
    }

    async fn answer(near: TcpStream, log: &Mutex<Vec<String>>) {
        let mut near = BufReader::new(near);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if near.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            match line.trim() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        log.lock().unwrap().push(lines[0].clone());
        if !lines.iter().any(|line| line.eq_ignore_ascii_case(LOGIN)) {
            _ = near.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
            return;
        }
        let port = lines[0].split([':', ' ']).nth(2).unwrap();
        let mut far = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
        near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        _ = copy_bidirectional(&mut near, &mut far).await;
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn as_proxy(&self, password: &str) -> Proxy {
        let login = Some(("ann".to_owned(), password.to_owned().into()));
        Proxy::Manual { url: Proxy::address(&self.url).unwrap(), login }
    }
}

async fn desk_on(network: Network, server: &TeamServer) -> Desk {
    Desk::on(server, MemoryCredentials::default(), PATIENCE, network).await
}

#[tokio::test]
async fn requests_and_the_socket_go_through_the_proxy_and_believe_the_agents_certificates() {
    let mut server = TeamServer::start().await;
    let secure = Secure::before(&server).await;
    let doorman = Doorman::start().await;
    let ann = server.contact("Ann", "+15550100001");
    server.state().sockets = true;
    server.state().skip_push();
    server.url = secure.url();
    let network = Network { proxy: doorman.as_proxy("open sesame"), roots: Some(secure.pem.clone()) };
    let desk = desk_on(network, &server).await;

    desk.sign_in().await.unwrap();
    desk.until("live", async |desk| desk.client.connection() == Connection::Live).await;
    let asked = server.asked("/sync");
    server.receives(ann, "are you open?").await;
    desk.until_shown(ann, &["are you open?"]).await;
    desk.client.send_message(ann, "until six".to_owned()).await.unwrap();
    desk.until("it left", async |_| server.sent_texts() == ["until six"]).await;

    assert!(server.asked("/sync") <= asked + 1, "the socket brought it");
    let asked = doorman.asked();
    assert!(asked.len() >= 2, "one connection for requests and one for the socket: {asked:?}");
    assert!(asked.iter().all(|line| line.starts_with(&format!("CONNECT {HOST}:{}", secure.port))), "{asked:?}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told_in_plain_words() {
    let mut server = TeamServer::start().await;
    let secure = Secure::before(&server).await;
    let doorman = Doorman::start().await;
    server.url = secure.url();
    let network = Network { proxy: doorman.as_proxy("open sesame"), roots: None };
    let desk = desk_on(network, &server).await;

    let error = desk.sign_in().await.unwrap_err();

    assert_eq!(error.code(), ErrorCode::Unreachable);
    assert!(error.to_string().contains("its certificate is not trusted on this computer"), "{error}");
}

#[tokio::test]
async fn a_proxy_that_takes_another_password_says_so_and_the_password_is_told_nowhere() {
    let mut server = TeamServer::start().await;
    let secure = Secure::before(&server).await;
    let doorman = Doorman::start().await;
    server.url = secure.url();
    let network = Network { proxy: doorman.as_proxy("guess"), roots: Some(secure.pem.clone()) };
    let desk = desk_on(network, &server).await;

    let error = desk.sign_in().await.unwrap_err();

    assert_eq!(error.code(), ErrorCode::Unreachable);
    let said = error.to_string();
    assert!(said.contains("the proxy wants another name or password") && !said.contains("guess"), "{said}");
}

#[tokio::test]
async fn twilio_is_asked_through_the_proxy_too() {
    let server = TeamServer::start().await;
    let doorman = Doorman::start().await;
    // Nobody of these tests reaches Twilio: the doorman does not let it through.
    let desk = desk_on(Network { proxy: doorman.as_proxy("guess"), roots: None }, &server).await;
    desk.sign_in().await.unwrap();
    let account_sid = "AC0123456789abcdef0123456789abcdef".to_owned();

    let login = TwilioLogin { account_sid, key_sid: String::new(), secret: "token".to_owned() };
    desk.client.enter_twilio(login).await.unwrap_err();

    assert!(doorman.asked()[0].starts_with("CONNECT api.twilio.com:443"), "{:?}", doorman.asked());
}

#[tokio::test]
async fn whoever_wants_no_proxy_goes_through_none() {
    let mut server = TeamServer::start().await;
    let secure = Secure::before(&server).await;
    server.url = secure.url();
    let desk = desk_on(Network { proxy: Proxy::Direct, roots: None }, &server).await;

    let error = desk.sign_in().await.unwrap_err();

    assert!(error.to_string().contains("its name is not known"), "{error}");
}
