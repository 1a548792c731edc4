//! A Twilio account whose owner would rather enter it than have the server make keys: tried with Twilio, then kept in the keychain's one item.

use deskline_domain::protocol::TwilioKey;
use deskline_twilio::{Credentials, client::TWILIO_URL};
use url::Url;

use super::Client;
use crate::{
    Result,
    error::Error,
    view::direct::{DirectWork, OwnAccount, TwilioLogin},
};

const BAD_ACCOUNT: &str = "An Account SID begins with AC, and has 32 digits and letters from a to f after it.";
const BAD_KEY: &str = "The SID of an API key begins with SK, and has 32 digits and letters from a to f after it. Leave it empty to enter the auth token.";
const NO_SECRET: &str = "Enter the key's secret, or the account's auth token.";

impl Client {
    /// How it stands with working without the server.
    pub async fn direct_work(&self) -> DirectWork {
        let core = self.core();
        let vault = core.vault.lock().await;
        let account = |key: &TwilioKey| OwnAccount {
            account_sid: key.account_sid.clone(),
            key_sid: (key.sid != key.account_sid).then(|| key.sid.clone()),
        };
        DirectWork { ready: vault.direct.is_some(), accounts: vault.twilio.iter().map(account).collect() }
    }

    /// Keeps an account for texts that leave from here, once Twilio takes it. One that was entered before is replaced.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::NotAllowed`] for what is none; [`Error::Direct`] when Twilio does not take it or cannot be asked. Nothing is kept
    /// then.
    pub async fn enter_twilio(&self, login: TwilioLogin) -> Result<DirectWork> {
        let core = self.core();
        core.me()?;
        let key = read(&login)?;
        let credentials = Credentials::api_key(key.account_sid.as_str(), &key.sid, key.secret.clone());
        let held = core.vault.lock().await.direct.clone();
        let url = held.and_then(|access| access.twilio_url).unwrap_or_else(|| TWILIO_URL.to_owned());
        let url = Url::parse(&url).map_err(|_| Error::Direct("the address of Twilio cannot be read".to_owned()))?;
        // Any key may ask for numbers; about the account itself Twilio answers its token alone.
        let twilio = core.road.twilio(url, credentials, core.options.patience.twilio).await;
        let twilio = twilio.map_err(|error| Error::Direct(error.to_string()))?;
        twilio.list_numbers().await.map_err(|error| match error {
            error if error.is_unauthorized() => {
                Error::Direct("Twilio does not take this account with this key or token".to_owned())
            }
            error => Error::Direct(error.to_string()),
        })?;
        self.keep_twilio(|kept| {
            kept.retain(|other| other.account_sid != key.account_sid);
            kept.push(key);
        })
        .await
    }

    /// Forgets an account that was entered here. One that is not there is no error.
    ///
    /// # Errors
    /// [`Error::Keychain`].
    pub async fn forget_twilio(&self, account_sid: &str) -> Result<DirectWork> {
        self.keep_twilio(|kept| kept.retain(|key| key.account_sid != account_sid)).await
    }

    async fn keep_twilio(&self, change: impl FnOnce(&mut Vec<TwilioKey>)) -> Result<DirectWork> {
        let core = self.core();
        {
            let mut vault = core.vault.lock().await;
            let before = vault.twilio.clone();
            change(&mut vault.twilio);
            if let Err(error) = core.save_vault(&mut vault).await {
                vault.twilio = before;
                return Err(error);
            }
            core.roads.reopen(&vault, &core.options);
        }
        Ok(self.direct_work().await)
    }
}

fn read(login: &TwilioLogin) -> Result<TwilioKey> {
    let [account, sid, secret] = [&login.account_sid, &login.key_sid, &login.secret].map(|text| text.trim().to_owned());
    if !is_sid(&account, "AC") {
        return Err(Error::NotAllowed(BAD_ACCOUNT));
    }
    if !sid.is_empty() && !is_sid(&sid, "SK") {
        return Err(Error::NotAllowed(BAD_KEY));
    }
    if secret.is_empty() {
        return Err(Error::NotAllowed(NO_SECRET));
    }
    let sid = if sid.is_empty() { account.clone() } else { sid };
    Ok(TwilioKey { account_sid: account, sid, secret })
}

fn is_sid(text: &str, kind: &str) -> bool {
    text.strip_prefix(kind).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
    const KEY: &str = "SK0123456789abcdef0123456789abcdef";

    fn login(account_sid: &str, key_sid: &str, secret: &str) -> TwilioLogin {
        let text = str::to_owned;
        TwilioLogin { account_sid: text(account_sid), key_sid: text(key_sid), secret: text(secret) }
    }

    #[rstest]
    #[case(ACCOUNT, KEY, "secret", KEY)]
    #[case(" AC0123456789abcdef0123456789abcdef ", "", "token", ACCOUNT)]
    fn an_account_is_entered_with_a_key_or_with_its_token(
        #[case] account: &str,
        #[case] key: &str,
        #[case] secret: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(read(&login(account, key, secret)).unwrap().sid, expected);
    }

    #[rstest]
    #[case("", KEY, "secret", BAD_ACCOUNT)]
    #[case(KEY, "", "secret", BAD_ACCOUNT)]
    #[case("AC0123", KEY, "secret", BAD_ACCOUNT)]
    #[case(ACCOUNT, ACCOUNT, "secret", BAD_KEY)]
    #[case(ACCOUNT, KEY, "  ", NO_SECRET)]
    fn what_is_none_is_said_in_a_sentence(
        #[case] account: &str,
        #[case] key: &str,
        #[case] secret: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(read(&login(account, key, secret)).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", login(ACCOUNT, KEY, "open sesame")).contains("sesame"));
    }
}
