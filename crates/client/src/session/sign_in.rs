//! Signing in: who is it, is the server one of ours, and whose files lie here.
//!
//! The same person again goes on where they stopped. Another person gets an empty cache; the former one's outbox, if there
//! is anything in it, is put on a shelf: a file that only a key in the keychain opens, taken down when its owner is back.

use std::sync::Arc;

use deskline_domain::protocol::{PROTOCOL, PasswordGrant, SessionReply};
use tracing::warn;
use url::Url;

use crate::{
    Result,
    core::Core,
    credentials::{Account, FileKey, Shelved, Vault},
    error::Error,
    files,
    mend::lease::Lease,
    notify::board::Board,
    upstream::{
        answer::CallError,
        server::{Caller, Server},
    },
    view::{LocalCopy, SignIn},
};

impl Core {
    /// Asks the server for tokens and checks that both speak the same language. Changes nothing here.
    pub(crate) async fn authenticate(self: &Arc<Self>, request: &SignIn) -> Result<(Account, SessionReply)> {
        let address = address(&request.server)?;
        let http = self.http.client().await.map_err(|error| error.into_error(&address))?;
        let server = Server::new(http, address.clone());
        let email = request.email.trim().to_owned();

        let grant = PasswordGrant { email: email.clone(), password: request.password.clone() };
        let reply = server.sign_in(&grant).await.map_err(|error| match error {
            CallError::Said { status, .. } if status == 400 || status == 403 => Error::BadCredentials,
            CallError::Unauthorized => Error::BadCredentials,
            CallError::Said { status, .. } if status == 404 || status == 405 => Error::NotAServer(address.clone()),
            error => error.into_error(&address),
        })?;
        let account = self.account(address.clone(), email, reply);

        let caller = Caller { server, token: account.access_token.0.clone() };
        let (session, at) = caller.session().await.map_err(|error| match error {
            CallError::Said { status, .. } if status == 404 => Error::NotAServer(address.clone()),
            error => error.into_error(&address),
        })?;
        check_protocol(session.protocol)?;
        self.server_says(at);
        Ok((account, session))
    }

    /// Makes the account the one that is signed in. No task may be running.
    pub(crate) async fn move_in(self: &Arc<Self>, account: Account, session: &SessionReply) -> Result<()> {
        let mut vault = self.vault.lock().await;
        let stays = vault.account.as_ref().is_none_or(|former| former.is(&account.server, account.user_id));
        if !stays {
            self.make_room(&mut vault).await?;
        }
        self.take_down(&mut vault, &account).await?;

        vault.last_server = Some(account.server.clone());
        vault.last_email = Some(account.email.clone());
        vault.account = Some(account);
        vault.lease = Some(Lease::begins(self.now(), self.server_time()));
        self.save_vault(&mut vault).await?;
        self.roads.reopen(&vault, &self.options);
        self.inbox().cache.save_workspaces(&session.workspaces).await?;
        let workspaces = self.inbox().cache.workspaces().await?;
        self.set_session(self.view(&vault, workspaces));
        Ok(())
    }

    /// Another person comes: wipes the cache, and shelves the outbox if its owner would miss anything.
    async fn make_room(&self, vault: &mut Vault) -> Result<()> {
        let Some(former) = vault.account.take() else { return Ok(()) };
        vault.direct = None;
        vault.lost_role = None;
        vault.twilio.clear();
        let inbox = self.inbox();
        let empty = inbox.outbox.is_empty().await?;
        inbox.close().await;
        let dir = &self.options.data_dir;
        let old_key = std::mem::replace(&mut vault.outbox_key, FileKey::roll(&self.options.dice));
        vault.cache_key = FileKey::roll(&self.options.dice);
        let shelf = format!("outbox-of-{}-{}.db", former.user_id, self.now().format("%Y%m%dT%H%M%S%.3fZ"));
        if !empty && !self.is_memory_only() {
            vault.shelved.push(Shelved {
                server: former.server,
                user_id: former.user_id,
                file: shelf.clone(),
                key: old_key,
            });
        }
        // The key is safe before the file moves; `files::open` finishes a move that was cut off.
        self.save_vault(vault).await?;
        if !self.is_memory_only() {
            files::remove_cache(dir)?;
            if !empty {
                files::shelve_outbox(dir, &dir.join(shelf))?;
            }
            files::remove_outbox(dir)?;
        }
        self.replace_inbox(files::open(&self.options, vault, self.is_memory_only()).await?.0);
        self.change_local_copy(LocalCopy::begin_anew);
        self.on_board(Board::clear);
        Ok(())
    }

    /// Takes the account's outbox from the shelf, if it has one there. The outbox in place is empty then.
    async fn take_down(&self, vault: &mut Vault, account: &Account) -> Result<()> {
        let found = vault.shelved.iter().position(|shelved| account.is(&shelved.server, shelved.user_id));
        let Some(found) = found else { return Ok(()) };
        let path = self.options.data_dir.join(&vault.shelved[found].file);
        if !path.exists() {
            warn!(file = %path.display(), "An outbox that was put away is gone");
            vault.shelved.remove(found);
            return Ok(());
        }
        self.inbox().close().await;
        let shelved = vault.shelved.remove(found);
        files::remove_outbox(&self.options.data_dir)?;
        files::take_down_outbox(&self.options.data_dir, &path)?;
        vault.outbox_key = shelved.key;
        self.save_vault(vault).await?;
        self.replace_inbox(files::open(&self.options, vault, self.is_memory_only()).await?.0);
        Ok(())
    }
}

/// Whether both speak the same version.
pub(crate) fn check_protocol(server: u32) -> Result<()> {
    if server < PROTOCOL {
        return Err(Error::Incompatible(format!(
            "The server speaks version {server} of the protocol, and this Deskline needs version {PROTOCOL}. \
             Ask whoever runs the server to update it."
        )));
    }
    Ok(())
}

/// The base address in the form in which it is kept: with a scheme, without a slash at the end.
fn address(text: &str) -> Result<String> {
    let text = text.trim();
    let not_a_server = || Error::NotAServer(text.to_owned());
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&with_scheme).map_err(|_| not_a_server())?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    if !usable {
        return Err(not_a_server());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://desk.example.com/", "https://desk.example.com")]
    #[case(" desk.example.com ", "https://desk.example.com")]
    #[case("http://127.0.0.1:4000", "http://127.0.0.1:4000")]
    #[case("https://example.com/desk/?a=1#b", "https://example.com/desk")]
    fn an_address_is_kept_in_one_form(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(address(text).unwrap(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("ftp://example.com")]
    #[case("https://ann:secret@example.com")]
    #[case("not a server")]
    fn what_is_no_address_is_said_so(#[case] text: &str) {
        assert!(matches!(address(text), Err(Error::NotAServer(_))));
    }

    #[test]
    fn an_older_server_is_told_apart_in_plain_words() {
        assert!(check_protocol(PROTOCOL).is_ok());
        assert!(check_protocol(PROTOCOL + 1).is_ok(), "a newer server decides by itself whether it takes us");
        assert!(check_protocol(0).unwrap_err().to_string().contains("update it"));
    }
}
