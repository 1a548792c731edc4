//! Who is in a team: `GET` and `POST /team`, `POST /team/{userId}`, `POST /team/{userId}/remove`. Shown to members, changed by owners and admins.
//!
//! Only an owner makes owners, and touches one. A password that was made here goes out once, in the answer to whoever asked for it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use deskline_domain::ids::{UserId, WorkspaceId};
use deskline_store::{Error, MemberOutcome, Role};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    caller::Caller,
    extract::{JsonBody, Query},
};
use crate::{
    app::App,
    auth::{Identity, password},
    direct::Direct,
    edge,
    error::ApiError,
    payload::{self, Fields},
};

/// `?workspaceId=`: everybody, with the address that they sign in with.
///
/// # Errors
/// 400, 401, 403.
pub async fn list(State(app): State<Arc<App>>, Caller(caller): Caller, query: Query) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = query.required_id("workspaceId")?;
    app.member(&caller, workspace).await?;
    let members = app.store.members(workspace).await?;
    let shown = members
        .iter()
        .map(|member| json!({ "userId": member.user_id, "email": member.email, "role": member.role.as_str(), "direct": member.direct }));
    Ok(Json(json!({ "members": shown.collect::<Vec<_>>() })))
}

/// `{workspaceId, email, role}`: somebody who is known already becomes a member, or gets the role; anybody else becomes a user whose first
/// password is in the answer.
///
/// # Errors
/// 400, 401, 403; 409 when the last owner would lose the role.
pub async fn add(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let workspace: WorkspaceId = fields.required_id("workspaceId")?;
    let role = role(&fields)?;
    let email = address(fields.required_text("email")?)
        .ok_or_else(|| ApiError::BadRequest("email must be an e-mail address".to_owned()))?;
    let mine = app.member(&caller, workspace).await?;
    may_give(mine, role)?;
    let known = app.store.user_by_email(email).await?.map(|agent| agent.id);
    let (user, password) = match known {
        Some(user) => (user, None),
        None => match create(&app, email).await? {
            Some((user, password)) => (user, Some(password)),
            // Somebody else was a moment faster.
            None => return Err(ApiError::WrongState("This person was added a moment ago. Try again.")),
        },
    };
    match app.store.role_of(workspace, user).await? {
        Some(before) => {
            may_give(mine, before)?;
            finish(app.store.change_role(workspace, user, role).await?)?;
        }
        None => app.store.add_member(workspace, user, role).await?,
    }
    Ok(Json(json!({ "userId": user, "email": email, "role": role.as_str(), "password": password })))
}

/// `{workspaceId, role}`
///
/// # Errors
/// 400, 401, 403; 404 for nobody of this team; 409 for the last owner.
pub async fn change(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(user): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields::of(&body)?;
    let workspace: WorkspaceId = fields.required_id("workspaceId")?;
    let (user, role) = (payload::parse_id("userId", &user)?, role(&fields)?);
    may_change(&app, &caller, workspace, user, role).await?;
    finish(app.store.change_role(workspace, user, role).await?)?;
    Ok(Json(json!({ "userId": user, "role": role.as_str() })))
}

/// `{workspaceId}`: takes somebody out of the team.
///
/// # Errors
/// As of [`change`].
pub async fn remove(
    State(app): State<Arc<App>>,
    Caller(caller): Caller,
    Path(user): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let workspace: WorkspaceId = Fields::of(&body)?.required_id("workspaceId")?;
    let user = payload::parse_id("userId", &user)?;
    may_change(&app, &caller, workspace, user, Role::Agent).await?;
    finish(app.store.remove_member(workspace, user).await?)?;
    // The membership has ended, and direct work with it; what is left of it is looked for again until it is gone.
    if let Err(error) = Direct::new(&app.store, &app.config).sweep().await {
        tracing::warn!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "what a former member worked with cannot be ended yet"
        );
    }
    Ok(Json(json!({ "success": true })))
}

/// A new user with a password of twenty letters and digits; `None` when there is one with this address after all.
async fn create(app: &App, email: &str) -> Result<Option<(UserId, String)>, ApiError> {
    let password = readable(edge::entropy());
    let hash = password::hash(SecretString::from(password.clone())).await.map_err(ApiError::Internal)?;
    let user = UserId::v7(edge::now(), edge::entropy());
    match app.store.create_user(user, email, &hash.into()).await {
        Ok(()) => Ok(Some((user, password))),
        Err(Error::EmailTaken) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// In groups of five, without letters and digits that look like others: 97 bits.
fn readable(bytes: [u8; 20]) -> String {
    const LETTERS: &[u8; 29] = b"abcdefghjkmnpqrstuvwxyz345678";
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

async fn may_change(
    app: &App,
    caller: &Identity,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
) -> Result<(), ApiError> {
    let mine = app.member(caller, workspace).await?;
    may_give(mine, role)?;
    let before = app.store.role_of(workspace, user).await?.ok_or(ApiError::MemberNotFound)?;
    may_give(mine, before)
}

/// Whether somebody with a role may give another role, or take it away.
fn may_give(mine: Role, role: Role) -> Result<(), ApiError> {
    match (mine, role) {
        (Role::Owner, _) | (Role::Admin, Role::Admin | Role::Agent) => Ok(()),
        (Role::Admin, Role::Owner) => Err(ApiError::OwnersOnly),
        (Role::Agent, _) => Err(ApiError::AdminsOnly),
    }
}

fn finish(outcome: MemberOutcome) -> Result<(), ApiError> {
    match outcome {
        MemberOutcome::Done => Ok(()),
        MemberOutcome::Unknown => Err(ApiError::MemberNotFound),
        MemberOutcome::LastOwner => {
            Err(ApiError::WrongState("A workspace needs an owner. Make somebody else an owner first."))
        }
    }
}

fn role(fields: &Fields) -> Result<Role, ApiError> {
    let word = fields.required_text("role")?;
    word.parse().map_err(|_| ApiError::BadRequest("role must be owner, admin or agent".to_owned()))
}

/// An e-mail address as far as one can tell without writing to it.
///
/// Also what the admin command line goes by.
#[must_use]
pub fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty())?;
    let fits = !text.contains(char::is_whitespace) && !text.contains(char::is_control) && text.len() <= 254;
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Role::Owner, Role::Owner, true)]
    #[case(Role::Admin, Role::Owner, false)]
    #[case(Role::Admin, Role::Admin, true)]
    #[case(Role::Agent, Role::Agent, false)]
    fn nobody_gives_more_than_they_have(#[case] mine: Role, #[case] given: Role, #[case] may: bool) {
        assert_eq!(may_give(mine, given).is_ok(), may);
    }

    #[test]
    fn a_first_password_can_be_read_out() {
        assert_eq!(readable([0; 20]), "aaaaa-aaaaa-aaaaa-aaaaa");
        assert_ne!(readable([1; 20]), readable([2; 20]));
    }

    #[rstest]
    #[case("ann@example.com", true)]
    #[case(" ann@example.com ", true)]
    #[case("ann", false)]
    #[case("@example.com", false)]
    #[case("ann @example.com", false)]
    #[case("ann@exam\0ple.com", false)]
    fn an_address_looks_like_one(#[case] text: &str, #[case] fits: bool) {
        assert_eq!(address(text).is_some(), fits);
    }
}
