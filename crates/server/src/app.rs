//! What every handler and run loop shares.
//!
//! Made once by [`crate::run`]. Holds no state of conversations: that is in Postgres, so that any number of processes can run side by side.

use std::sync::Arc;

use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_sending::Clock;
use deskline_store::{Role, SecretKey, Store};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::{
    auth::{Identity, TokenError, Tokens, limits::Limits, sign_ins::SignIns},
    config::Config,
    database, edge,
    error::ApiError,
    fanout::Fanout,
    intake::Intake,
    media::Media,
    metrics::Metrics,
    sender::Sender,
    together::Together,
};

/// Looks for roles at the same time, …
const LOOKS: usize = 2;
/// … and roles in one look.
const MOST: usize = 64;

/// A running server.
pub struct App {
    /// As it was started.
    pub config: Config,
    /// Postgres.
    pub store: Store,
    /// Verifies and issues access tokens.
    pub tokens: Tokens,
    /// Knows which sign-ins have ended.
    pub sign_ins: Arc<SignIns>,
    /// Remembers wrong passwords.
    pub limits: Limits,
    /// Asked with each request: many at a time while many wait.
    roles: Together<(WorkspaceId, UserId), deskline_store::Result<Option<Role>>>,
    /// Takes what Twilio posts.
    pub intake: Intake,
    /// The database's time, by which all processes go.
    pub clock: Arc<Clock>,
    /// The only caller of Twilio's create.
    pub sender: Arc<Sender>,
    /// The only emitter.
    pub fanout: Arc<Fanout>,
    /// Files.
    pub media: Arc<Media>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl App {
    /// Puts a server together. Connects to nothing yet.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn new(config: Config) -> anyhow::Result<Arc<Self>> {
        let key = SecretKey::from_hex(config.secret_key.expose_secret())?;
        let store = database::at(config.database_url.expose_secret(), key)?;
        let looking = store.clone();
        let (metrics, clock) = (Arc::new(Metrics::default()), Arc::new(Clock::new(edge::now)));
        let sign_ins = Arc::new(SignIns::new(store.clone()));
        Ok(Arc::new(Self {
            tokens: Tokens::new(&config)?,
            limits: Limits::default(),
            roles: Together::start(LOOKS, MOST, move |members: Vec<_>| {
                let store = looking.clone();
                async move { store.roles_of(&members).await }
            }),
            intake: Intake::start(&store),
            sender: Arc::new(Sender::new(store.clone(), &config, metrics.clone(), clock.clone())?),
            media: Arc::new(Media::new(store.clone(), &config, metrics.clone(), clock.clone())?),
            fanout: Arc::new(Fanout::new(store.clone(), config.timers, metrics.clone(), sign_ins.clone())),
            sign_ins,
            metrics,
            clock,
            store,
            config,
        }))
    }

    /// Who a token speaks for, as long as it is good and its sign-in goes on.
    ///
    /// # Errors
    /// [`TokenError`]; when the database fails.
    pub async fn identify(&self, token: &str) -> Result<Identity, ApiError> {
        let identity = self.tokens.verify(token, edge::now()).await?;
        if let Some(session) = identity.session
            && self.sign_ins.has_ended(session, Instant::now()).await?
        {
            return Err(TokenError::Invalid.into());
        }
        Ok(identity)
    }

    /// The caller's role in a workspace, read anew each time.
    ///
    /// # Errors
    /// [`ApiError::NotAMember`], also when there is no such workspace.
    pub async fn member(&self, caller: &Identity, workspace: WorkspaceId) -> Result<Role, ApiError> {
        self.roles.ask((workspace, caller.user_id)).await??.ok_or(ApiError::NotAMember)
    }

    /// The same for what only owners and admins may do.
    ///
    /// # Errors
    /// [`ApiError::NotAMember`], [`ApiError::AdminsOnly`].
    pub async fn admin(&self, caller: &Identity, workspace: WorkspaceId) -> Result<(), ApiError> {
        if self.member(caller, workspace).await?.is_admin() { Ok(()) } else { Err(ApiError::AdminsOnly) }
    }
}
