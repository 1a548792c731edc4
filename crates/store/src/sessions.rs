//! Sessions of agents: refresh tokens that are good once, and what happens to one that is used again.
//!
//! Called by the server's sign-in (`http/auth.rs`) alone. Never sees a token: it is given hashes.

use chrono::{DateTime, TimeDelta, Utc};
use deskline_domain::ids::UserId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, Store, store::retry};

/// A refresh token as it is kept: by its hash.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// The sign-in that it descends from.
    pub family: Uuid,
    /// Whose.
    pub user: UserId,
    /// Good until then.
    pub expires_at: DateTime<Utc>,
}

/// A refresh token that gives way to the next one.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// SHA-256 of the one that is used.
    pub used: [u8; 32],
    /// SHA-256 of the one that is given out for it, which is always the same one.
    pub next: [u8; 32],
    /// The next one is good until then.
    pub expires_at: DateTime<Utc>,
    /// A token that is used again within this is answered the same, as long as the next one was not used.
    pub reuse: TimeDelta,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Which sessions of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// The one with this family of refresh tokens.
    This(Uuid),
    /// Every other one.
    Others(Uuid),
    /// Every one.
    All,
}

/// What became of an attempt to use a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshUse {
    /// Good, and used up now, or a moment ago: give out the next one.
    Valid {
        /// Whose.
        user: UserId,
        /// The family of both.
        family: Uuid,
    },
    /// It was used before, or its family was revoked. The whole family is revoked now: either the agent or a thief has a newer token.
    Reused,
    /// Never given out.
    Unknown,
    /// Too old.
    Expired,
}

impl Store {
    /// Keeps a refresh token that is about to be given out.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn insert_refresh(&self, token: &RefreshToken) -> Result<()> {
        sqlx::query!(
            "insert into refresh_tokens (hash, family, user_id, expires_at) values ($1, $2, $3, $4)",
            &token.hash[..],
            token.family,
            token.user.0,
            token.expires_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Uses a refresh token up and keeps the next one, in one transaction: a session is never left without a token.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn rotate_refresh(&self, rotation: &Rotation) -> Result<RefreshUse> {
        retry(|| self.rotate(rotation)).await
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<RefreshUse> {
        let mut tx = self.pool.begin().await?;
        let Some(token) = sqlx::query!(
            "select family, user_id, expires_at, used_at, revoked_at from refresh_tokens where hash = $1 for update",
            &rotation.used[..],
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(RefreshUse::Unknown);
        };

        let valid = RefreshUse::Valid { user: UserId(token.user_id), family: token.family };
        let outcome = if token.revoked_at.is_some() {
            RefreshUse::Reused
        } else if let Some(used_at) = token.used_at {
            let may_be_lost = rotation.now - used_at < rotation.reuse && is_unused(&mut tx, &rotation.next).await?;
            if may_be_lost { valid } else { RefreshUse::Reused }
        } else if token.expires_at <= rotation.now {
            RefreshUse::Expired
        } else {
            replace(&mut tx, token.family, token.user_id, rotation).await?;
            valid
        };
        if outcome == RefreshUse::Reused {
            revoke_family(&mut tx, token.family, rotation.now).await?;
        }
        tx.commit().await?;
        Ok(outcome)
    }

    /// Ends sessions of a user: their refresh tokens are good for nothing any more. A trigger tells every server process.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn end_sessions(&self, user: UserId, which: Sessions, now: DateTime<Utc>) -> Result<()> {
        retry(|| async {
            let mut tx = self.pool.begin().await?;
            end(&mut tx, user, which, now).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    /// Those of these sign-ins, named by their families of refresh tokens, that have ended. One that nobody here has begun, as another issuer's, is not
    /// among them.
    ///
    /// # Errors
    /// [`crate::Error::Database`].
    pub async fn ended_sessions(&self, families: &[Uuid]) -> Result<Vec<Uuid>> {
        Ok(sqlx::query_scalar!(
            "select family from refresh_tokens where family = any ($1)
             group by family having bool_and(revoked_at is not null)",
            families,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

/// Ends them. Whoever is getting the next token at this moment is waited for first: the statement after that sees what was given out.
pub(crate) async fn end(tx: &mut PgConnection, user: UserId, which: Sessions, now: DateTime<Utc>) -> Result<()> {
    let (family, this) = match which {
        Sessions::This(family) => (Some(family), true),
        Sessions::Others(family) => (Some(family), false),
        Sessions::All => (None, true),
    };
    sqlx::query!(
        r#"select 1 as "one!" from refresh_tokens where user_id = $1 and revoked_at is null order by hash for update"#,
        user.0,
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "update refresh_tokens set revoked_at = $2
         where user_id = $1 and revoked_at is null and ($3::uuid is null or (family = $3) = $4)",
        user.0,
        now,
        family,
        this,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn replace(tx: &mut PgConnection, family: Uuid, user: Uuid, rotation: &Rotation) -> Result<()> {
    sqlx::query!("update refresh_tokens set used_at = $2 where hash = $1", &rotation.used[..], rotation.now)
        .execute(&mut *tx)
        .await?;
    // What is used up and too old to be used says nothing any more.
    sqlx::query!("delete from refresh_tokens where family = $1 and expires_at < $2", family, rotation.now)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "insert into refresh_tokens (hash, family, user_id, expires_at) values ($1, $2, $3, $4)",
        &rotation.next[..],
        family,
        user,
        rotation.expires_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a token is there and good.
async fn is_unused(tx: &mut PgConnection, hash: &[u8; 32]) -> Result<bool> {
    let there = sqlx::query_scalar!(
        r#"select exists (
             select from refresh_tokens where hash = $1 and used_at is null and revoked_at is null
           ) as "there!""#,
        &hash[..],
    )
    .fetch_one(tx)
    .await?;
    Ok(there)
}

/// As [`end`], of one family.
async fn revoke_family(tx: &mut PgConnection, family: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(r#"select 1 as "one!" from refresh_tokens where family = $1 order by hash for update"#, family)
        .fetch_all(&mut *tx)
        .await?;
    sqlx::query!("update refresh_tokens set revoked_at = $2 where family = $1 and revoked_at is null", family, now)
        .execute(tx)
        .await?;
    Ok(())
}
