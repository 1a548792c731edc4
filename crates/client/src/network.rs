//! The way to the server, and to Twilio: through a proxy or not, and whose certificates are believed. The same for HTTP and for the socket.
//!
//! Given to the engine when it opens ([`crate::Options::network`]). [`Road`] is what all of them are built from (Postgres knows no proxy, and has
//! its certificates in `upstream/direct/reach`); [`relay`] leads a socket
//! through a proxy, since its library cannot; [`http`] makes the client for everything else when it is needed.

pub(crate) mod http;
pub(crate) mod relay;

use std::{fmt, sync::Arc, time::Duration};

use deskline_twilio::{Client as Twilio, Credentials};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use native_tls::{Certificate, TlsConnector};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;
use url::Url;

use crate::{Result, error::Error};

/// Nobody reaches a server of this machine through a proxy.
const HERE: &str = "localhost,127.0.0.1,::1";

/// How the server is reached.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Through what.
    pub proxy: Proxy,
    /// Certificates, as PEM, that are believed beside the system's: of a company that looks into its connections, or of a server
    /// that signed its own.
    pub roots: Option<Vec<u8>>,
}

/// Through what connections go.
#[derive(Clone, Default)]
pub enum Proxy {
    /// What the system says (on Linux the variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`).
    #[default]
    System,
    /// Nothing.
    Direct,
    /// This one.
    Manual {
        /// `http://host:port`, without a name or a password.
        url: Url,
        /// What it asks for.
        login: Option<(String, SecretString)>,
    },
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Direct => "Direct",
            Self::Manual { .. } => "Manual",
        })
    }
}

impl Proxy {
    /// Reads the address of a proxy, as a person writes it.
    ///
    /// # Errors
    /// [`Error::Network`] says what it should look like.
    pub fn address(text: &str) -> Result<Url> {
        let text = text.trim();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&with_scheme).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
        let url =
            url.ok_or_else(|| Error::Network("The address of a proxy looks like proxy.example.com:8080.".to_owned()))?;
        if url.scheme() != "http" {
            return Err(Error::Network(format!(
                "Deskline can use HTTP proxies, and no {} ones. Ask whoever runs the network for an HTTP proxy.",
                url.scheme().to_uppercase()
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Network("Name and password of a proxy have fields of their own.".to_owned()));
        }
        Ok(url)
    }
}

impl Network {
    /// Whether it can be used; nothing is connected.
    ///
    /// # Errors
    /// [`Error::Network`] says in plain words what is wrong with it.
    pub fn check(&self) -> Result<()> {
        Road::new(self).map(drop)
    }
}

/// What connections are built from.
#[derive(Clone)]
pub(crate) struct Road {
    proxies: Arc<Matcher>,
    roots: Vec<Certificate>,
    network: Network,
}

impl Default for Road {
    /// The system's own.
    fn default() -> Self {
        Self { proxies: Arc::new(Matcher::from_system()), roots: Vec::new(), network: Network::default() }
    }
}

impl fmt::Debug for Road {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Road")
    }
}

impl Road {
    pub(crate) fn new(network: &Network) -> Result<Self> {
        let proxies = match &network.proxy {
            Proxy::System => Matcher::from_system(),
            Proxy::Direct => Matcher::builder().build(),
            Proxy::Manual { url, login } => Matcher::builder().all(with_login(url, login.as_ref())?).no(HERE).build(),
        };
        let roots = match &network.roots {
            Some(pem) => certificates(pem)?,
            None => Vec::new(),
        };
        Ok(Self { proxies: Arc::new(proxies), roots, network: network.clone() })
    }

    /// The HTTP client. `answer` limits each request from beginning to end.
    pub(crate) fn http(&self, answer: Duration) -> reqwest::Result<reqwest::Client> {
        self.builder()?
            .timeout(answer)
            .connect_timeout(answer.min(Duration::from_secs(10)))
            .user_agent(concat!("Deskline/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the token to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
    }

    /// Twilio's, for one account. Reads the system's certificates, which takes a moment.
    pub(crate) async fn twilio(&self, url: Url, credentials: Credentials, answer: Duration) -> Result<Twilio> {
        let road = self.clone();
        let made = spawn_blocking(move || Ok(Twilio::through(road.builder()?, url, credentials, answer))).await;
        let made: reqwest::Result<Twilio> = made.map_err(|_| Error::NotAllowed("The program is closing."))?;
        made.map_err(|error| Error::Network(error.to_string()))
    }

    /// What every HTTP client of the engine begins with.
    fn builder(&self) -> reqwest::Result<reqwest::ClientBuilder> {
        let mut builder = reqwest::Client::builder();
        if let Some(pem) = &self.network.roots {
            builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        Ok(match &self.network.proxy {
            Proxy::System => builder,
            Proxy::Direct => builder.no_proxy(),
            Proxy::Manual { url, login } => {
                let mut proxy = reqwest::Proxy::all(url.clone())?;
                if let Some((name, password)) = login {
                    proxy = proxy.basic_auth(name, password.expose_secret());
                }
                builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_string(HERE)))
            }
        })
    }

    /// What a socket's TLS is made with.
    pub(crate) fn tls(&self) -> native_tls::Result<TlsConnector> {
        let mut builder = TlsConnector::builder();
        for root in &self.roots {
            builder.add_root_certificate(root.clone());
        }
        builder.build()
    }

    /// The proxy on the way to an address, if there is one.
    pub(crate) fn proxy_to(&self, url: &Url) -> Option<Intercept> {
        self.proxies.intercept(&url.as_str().parse().ok()?)
    }
}

fn with_login(url: &Url, login: Option<&(String, SecretString)>) -> Result<String> {
    let mut url = url.clone();
    if let Some((name, password)) = login {
        let set = url.set_username(name).and_then(|()| url.set_password(Some(password.expose_secret())));
        set.map_err(|()| Error::Network("The address of the proxy takes no name.".to_owned()))?;
    }
    Ok(url.into())
}

/// Every certificate of a PEM file.
fn certificates(pem: &[u8]) -> Result<Vec<Certificate>> {
    let damaged = |_| Error::Network("A certificate of the file is damaged.".to_owned());
    authorities(pem)?.iter().map(|one| Certificate::from_pem(one.as_bytes()).map_err(damaged)).collect()
}

/// The same, each as PEM by itself. A file that has none is an error, since it was chosen to have some.
pub(crate) fn authorities(pem: &[u8]) -> Result<Vec<String>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let none = || Error::Network("The file holds no certificate. It has to be a PEM file.".to_owned());
    let text = std::str::from_utf8(pem).map_err(|_| none())?;
    let bodies = text.split(BEGIN).skip(1).map(|part| part.split_once(END).map(|(body, _)| body).ok_or_else(none));
    let all = bodies.map(|body| Ok(format!("{BEGIN}{}{END}\n", body?))).collect::<Result<Vec<_>>>()?;
    if all.is_empty() { Err(none()) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[rstest]
    #[case("proxy.example.com:8080", "http://proxy.example.com:8080/")]
    #[case(" http://10.0.0.1:3128/ ", "http://10.0.0.1:3128/")]
    fn a_proxy_is_written_as_people_do(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(Proxy::address(text).unwrap().as_str(), expected);
    }

    #[rstest]
    #[case("", "looks like")]
    #[case("socks5://proxy.example.com:1080", "no SOCKS5 ones")]
    #[case("https://proxy.example.com", "no HTTPS ones")]
    #[case("http://ann:secret@proxy.example.com", "fields of their own")]
    fn what_is_no_proxy_is_said_so_without_repeating_it(#[case] text: &str, #[case] expected: &str) {
        let said = Proxy::address(text).unwrap_err().to_string();

        assert!(said.contains(expected) && !said.contains("secret"), "{said}");
    }

    #[rstest]
    #[case(b"".as_slice(), "no certificate")]
    #[case(b"\xff\x00".as_slice(), "no certificate")]
    #[case(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".as_slice(), "no certificate")]
    #[case(b"-----BEGIN CERTIFICATE-----\nAAAA\n".as_slice(), "no certificate")]
    #[case(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".as_slice(), "damaged")]
    fn a_file_without_certificates_is_told_apart(#[case] pem: &[u8], #[case] expected: &str) {
        let network = Network { roots: Some(pem.to_vec()), ..Network::default() };

        assert!(network.check().unwrap_err().to_string().contains(expected));
    }

    #[test]
    fn what_a_proxy_asks_for_is_printed_nowhere() {
        let login = Some(("ann".to_owned(), SecretString::from("open sesame")));
        let network = Network {
            proxy: Proxy::Manual { url: Proxy::address("proxy.example.com:8080").unwrap(), login },
            roots: None,
        };

        assert_eq!(format!("{network:?}"), "Network { proxy: Manual, roots: None }");
        assert_eq!(format!("{:?}", Road::new(&network).unwrap()), "Road");
    }

    /// Answers one request over TLS, with a certificate that it has signed itself. Answers the address and the certificate.
    async fn twilio_that_signed_itself() -> (Url, Vec<u8>) {
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let pem = signed.cert.pem();
        let identity =
            native_tls::Identity::from_pkcs8(pem.as_bytes(), signed.signing_key.serialize_pem().as_bytes()).unwrap();
        let acceptor = tokio_native_tls::TlsAcceptor::from(native_tls::TlsAcceptor::new(identity).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            _ = stream.read(&mut [0; 4_096]).await;
            let body = r#"{"incoming_phone_numbers": []}"#;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        (url.parse().unwrap(), pem.into_bytes())
    }

    #[tokio::test]
    async fn twilio_is_believed_with_the_agents_certificates_and_not_without() {
        for vouched_for in [true, false] {
            let (url, pem) = twilio_that_signed_itself().await;
            let road = Road::new(&Network { proxy: Proxy::Direct, roots: vouched_for.then_some(pem) }).unwrap();
            let key = Credentials::api_key("AC0123", "SK0123", "secret".to_owned());

            let twilio = road.twilio(url, key, Duration::from_secs(10)).await.unwrap();

            assert_eq!(twilio.list_numbers().await.is_ok(), vouched_for);
        }
    }

    #[test]
    fn a_server_of_this_machine_is_reached_without_a_proxy() {
        let url = Proxy::address("proxy.example.com:8080").unwrap();
        let road = Road::new(&Network { proxy: Proxy::Manual { url, login: None }, roots: None }).unwrap();

        assert!(road.proxy_to(&Url::parse("http://127.0.0.1:4000/").unwrap()).is_none());
        assert!(road.proxy_to(&Url::parse("https://desk.example.com/").unwrap()).is_some());
        assert!(
            Road::new(&Network { proxy: Proxy::Direct, roots: None })
                .unwrap()
                .proxy_to(&Url::parse("https://desk.example.com/").unwrap())
                .is_none()
        );
    }
}
