//! The simulator from the side of a test: start it, tell it what should happen, ask what happened.
//!
//! Receiving texts is in [`receive`], waiting in [`wait`], people in [`crate::people`]. When the last handle is dropped,
//! everything that the simulator started ends.

pub(crate) mod receive;
pub(crate) mod wait;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use deskline_twilio::{AccountSid, AuthToken, Credentials};
use tokio_util::sync::DropGuard;
use url::Url;

use crate::{
    api,
    callback::{self, Delivery, Post},
    clock,
    config::{AccountConfig, Config},
    control,
    faults::{Fault, Scope},
    files::{Fetched, MediaFault, MediaFaults, Served},
    inner::{Inner, Urls},
    lifecycle::CallbackPlan,
    listener::Listener,
    state::{Asked, Sent, State},
};

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port cannot be had.
    #[error("cannot listen on {address}; is another simulator running there?")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Without an account, nobody can ask for anything.
    #[error("a simulator needs an account with a number; add one to its configuration")]
    NoAccount,
    /// The HTTP client for webhooks cannot be set up.
    #[error("webhooks cannot be posted from this machine")]
    Http(#[source] reqwest::Error),
}

/// A running simulator. Clones are handles of the same one.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) inner: Arc<Inner>,
    /// Everything ends with the last of these. The simulator's own tasks hold none, so that they do not keep themselves alive.
    _ends_with_the_last: Option<Arc<DropGuard>>,
}

impl Simulator {
    /// Starts one. It serves as soon as this returns.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config) -> Result<Self, StartError> {
        if config.accounts.first().is_none_or(|account| account.numbers.is_empty()) {
            return Err(StartError::NoAccount);
        }
        let seed = config.seed.unwrap_or_else(rand::random);
        let state = State::new(&config.accounts, config.webhook.clone(), seed, clock::now());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .build()
            .map_err(StartError::Http)?;
        let inner = Inner::new(state, http, &config);
        let ends = inner.shutdown.clone().drop_guard();

        let own = Self { inner: inner.clone(), _ends_with_the_last: None };
        let beside = Router::new().merge(control::router(own.clone())).merge(api::media_router(inner.clone()));
        let beside = listen(&inner, config.listen_beside, beside).await?;
        let api = api::router(inner.clone()).merge(control::router(own));
        let api = listen(&inner, config.listen, api).await?;
        // Nobody else sets these two.
        let _ = inner.urls.set(Urls { api: address_of(api.address), beside: address_of(beside.address) });
        let _ = inner.api.set(api);
        Ok(Self { inner, _ends_with_the_last: Some(Arc::new(ends)) })
    }

    /// Where Twilio's API is served.
    #[must_use]
    pub fn url(&self) -> Url {
        self.urls().api.clone()
    }

    /// Where the control API is served, also while the API refuses connections.
    #[must_use]
    pub fn control_url(&self) -> Url {
        self.urls().beside.clone()
    }

    /// The first account.
    #[must_use]
    pub fn account_sid(&self) -> AccountSid {
        self.inner.state().first_account.clone()
    }

    /// The first account's token.
    #[must_use]
    pub fn auth_token(&self) -> AuthToken {
        self.auth_token_of(&self.account_sid()).unwrap_or_else(|| AuthToken::new(""))
    }

    /// Any account's token.
    #[must_use]
    pub fn auth_token_of(&self, account: &AccountSid) -> Option<AuthToken> {
        self.inner.state().accounts.get(account).map(|account| account.auth_token.clone())
    }

    /// The first account's credentials.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials::token(self.account_sid(), self.auth_token())
    }

    /// The first account's numbers.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let state = self.inner.state();
        let account = state.accounts.get(&state.first_account);
        account.into_iter().flat_map(|account| &account.numbers).map(|number| number.phone_number.clone()).collect()
    }

    /// The first account's first number.
    #[must_use]
    pub fn number(&self) -> String {
        self.numbers().into_iter().next().unwrap_or_default()
    }

    /// Adds an account, and says its SID.
    pub fn add_account(&self, config: &AccountConfig) -> AccountSid {
        self.inner.state().add_account(config, clock::now())
    }

    /// Gives an account another token, as rotating it does.
    pub fn rotate_token(&self, account: &AccountSid, token: AuthToken) {
        if let Some(account) = self.inner.state().accounts.get_mut(account) {
            account.auth_token = token;
        }
    }

    /// Where inbound texts are reported from now on.
    pub fn set_webhook(&self, url: Url) {
        self.inner.state().webhook = Some(url);
    }

    /// Where a number's texts are reported, and what becomes of what it sends, as they were set for this number.
    #[must_use]
    pub fn addresses_of(&self, number: &str) -> (Option<String>, Option<String>) {
        let state = self.inner.state();
        let mut numbers = state.accounts.values().flat_map(|account| &account.numbers);
        let found = numbers.find(|owned| owned.phone_number == number);
        found.map(|owned| (owned.sms_url.clone(), owned.status_callback.clone())).unwrap_or_default()
    }

    /// Lets something go wrong with the next texts that are created.
    pub fn fault(&self, fault: Fault) {
        self.fault_on(Scope::Create, fault);
    }

    /// Lets something go wrong with the next requests of a kind.
    pub fn fault_on(&self, scope: Scope, fault: Fault) {
        self.inner.state().faults.push(scope, fault);
    }

    /// Lets something go wrong with the next file of an inbound text that is fetched.
    pub fn media_fault(&self, fault: MediaFault) {
        self.inner.state().media_faults.0.push_back(fault);
    }

    /// Whether the files of outbound texts are fetched from now on, as Twilio does it: a text whose files are out of reach, of a type
    /// that Twilio does not take or too large then fails with 11200, 12300 or 11751.
    pub fn fetch_outbound_media(&self, fetch: bool) {
        self.inner.state().fetch_media = fetch;
    }

    /// The files of outbound texts that were fetched, in their order.
    #[must_use]
    pub fn fetched(&self) -> Vec<Fetched> {
        self.inner.state().fetched.clone()
    }

    /// The requests for files of inbound texts that reached the host which Twilio redirects to, in their order.
    #[must_use]
    pub fn served(&self) -> Vec<Served> {
        self.inner.state().served.clone()
    }

    /// Nothing goes wrong any more, and whatever hangs goes on.
    pub fn clear_faults(&self) {
        {
            let mut state = self.inner.state();
            state.faults.clear();
            state.media_faults = MediaFaults::default();
        }
        self.inner.release();
    }

    /// The API refuses connections from now on, and cuts those that are open.
    ///
    /// # Errors
    /// When the simulator has ended.
    pub async fn go_away(&self) -> io::Result<()> {
        self.refuse(true).await
    }

    /// The API can be reached again, at the same address.
    ///
    /// # Errors
    /// When the port was given to somebody else meanwhile, or the simulator has ended.
    pub async fn come_back(&self) -> io::Result<()> {
        self.refuse(false).await
    }

    /// What becomes of texts from now on.
    pub fn plan(&self, plan: CallbackPlan) {
        self.inner.state().plan = plan;
    }

    /// What becomes of the next text. Several are used up in turn.
    pub fn plan_next(&self, plan: CallbackPlan) {
        self.inner.state().next_plans.push_back(plan);
    }

    /// What becomes of texts to one number.
    pub fn plan_for(&self, to: impl Into<String>, plan: CallbackPlan) {
        self.inner.state().plans_by_number.insert(to.into(), plan);
    }

    /// Statuses wait from now on, and the texts with them.
    pub fn hold_callbacks(&self) {
        self.inner.hold(true);
    }

    /// Statuses go on.
    pub fn release_callbacks(&self) {
        self.inner.hold(false);
    }

    /// The texts that were created through the API, in their order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.inner.state().sent()
    }

    /// The requests that the API got, in their order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.inner.state().asked.clone()
    }

    /// The webhooks and callbacks that are over, in the order in which they ended.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inner.state().deliveries.clone()
    }

    /// Whether texts from a number of ours to a number of theirs are refused.
    #[must_use]
    pub fn is_opted_out(&self, ours: &str, theirs: &str) -> bool {
        self.inner.state().opted_out.contains(&(ours.to_owned(), theirs.to_owned()))
    }

    /// Posts every webhook and callback once more that the server did not take, in their order.
    pub async fn redeliver(&self) -> Vec<Delivery> {
        let failed: Vec<Delivery> = {
            let mut state = self.inner.state();
            let (failed, kept) = std::mem::take(&mut state.deliveries).into_iter().partition(|one| !one.is_ok());
            state.deliveries = kept;
            failed
        };
        let mut again = Vec::new();
        for old in failed {
            let Some(url) = old.url else { continue };
            let account = old.params.iter().find(|(name, _)| name == "AccountSid").map(|(_, sid)| AccountSid::new(sid));
            let token = account.and_then(|account| self.auth_token_of(&account));
            again.push(self.post(old.sid, Post { url, params: old.params, token }).await);
        }
        again
    }

    /// Ends everything, and waits for it.
    pub async fn shutdown(&self) {
        self.stop_people().await;
        self.inner.shutdown.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// A handle for the simulator's own tasks, which does not keep it running.
    pub(crate) fn own(&self) -> Self {
        Self { inner: self.inner.clone(), _ends_with_the_last: None }
    }

    /// Posts a form, keeps what became of it, and says it.
    pub(crate) async fn post(&self, sid: String, post: Post) -> Delivery {
        let _busy = self.inner.busy();
        let delivery = callback::deliver(&self.inner, Some(sid), post).await;
        self.inner.state().deliveries.push(delivery.clone());
        self.inner.changed();
        delivery
    }

    async fn refuse(&self, refuse: bool) -> io::Result<()> {
        match self.inner.api.get() {
            Some(api) => api.refuse(refuse).await,
            None => Err(io::Error::other("the simulator has not started yet")),
        }
    }

    fn urls(&self) -> &Urls {
        #[expect(clippy::expect_used, reason = "a handle exists only once the simulator has started")]
        self.inner.urls.get().expect("a handle exists only once the simulator has started")
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("url", &self.url().as_str()).finish_non_exhaustive()
    }
}

async fn listen(inner: &Arc<Inner>, address: SocketAddr, router: Router) -> Result<Listener, StartError> {
    Listener::start(address, router, &inner.tasks, inner.shutdown.clone())
        .await
        .map_err(|source| StartError::Listen { address, source })
}

fn address_of(address: SocketAddr) -> Url {
    #[expect(clippy::expect_used, reason = "an address with a scheme before it is a URL")]
    Url::parse(&format!("http://{address}")).expect("an address with a scheme before it is a URL")
}
