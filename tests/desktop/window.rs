//! A desktop with a window, and verbs for what an agent does with it.
//!
//! [`Place`] is what stays while it is off: the data folder, and with it the entry in the keychain.

mod frame;
mod place;

use std::{collections::HashMap, time::Duration};

use deskline_client::view::SignIn;
use deskline_e2e::{PATIENCE, eventually};
use fantoccini::{Client, Locator, key::Key};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::{driver::Driver, processes};

pub(crate) use place::Place;

/// A desktop that is on.
pub(crate) struct Window {
    driver: Driver,
    place: Place,
}

/// A row of the list, as it is on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Row {
    pub(crate) contact: String,
    pub(crate) text: String,
    /// What the pill says; `None` without a pill.
    pub(crate) pill: Option<String>,
}

/// A bubble, as it is on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Bubble {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) direction: String,
    pub(crate) text: String,
}

impl Window {
    /// The page, for what has no verb here.
    pub(crate) const fn page(&self) -> &Client {
        self.driver.page()
    }

    /// The process of the app.
    pub(crate) const fn app(&self) -> u32 {
        self.driver.app()
    }

    /// The place that it runs on.
    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    /// Quits as the end of a session does.
    pub(crate) async fn quit(self) -> Place {
        let app = self.app();
        processes::signal(app, "TERM");
        eventually("the app has quit", || async move { (!processes::is_running(app)).then_some(()) }).await;
        drop(self.driver);
        self.place
    }

    /// Kills the app where it stands (`kill -9`).
    pub(crate) async fn kill(self) -> Place {
        let app = self.app();
        processes::signal(app, "KILL");
        eventually("the app is dead", || async move { (!processes::is_running(app)).then_some(()) }).await;
        drop(self.driver);
        self.place
    }

    /// Waits until `probe` gives a value. Fails with what the window shows instead.
    pub(crate) async fn when<T>(&self, what: &str, probe: impl AsyncFn(&Client) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A question that is not answered counts as a no: the page may have been busy.
            if let Some(value) = timeout(PATIENCE / 3, probe(self.page())).await.ok().flatten() {
                return value;
            }
            if Instant::now() > deadline {
                let shown = timeout(PATIENCE / 3, script(self.page(), "return document.body.innerText", &[])).await;
                panic!("waited {PATIENCE:?} for this and it did not happen: {what}; the window shows {shown:?}");
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Fills the form and presses its button.
    pub(crate) async fn try_to_sign_in(&self, request: &SignIn) {
        for (field, value) in [
            ("signin-server", &request.server),
            ("signin-email", &request.email),
            ("signin-password", &request.password),
        ] {
            self.fill(field, value).await;
        }
        self.click("signin-submit").await;
    }

    /// Signs in and waits until every change arrives as it happens.
    pub(crate) async fn sign_in(&self, request: &SignIn) {
        self.try_to_sign_in(request).await;
        self.live().await;
    }

    /// Waits until the page says that it is connected.
    pub(crate) async fn live(&self) {
        self.connection_is("live").await;
    }

    /// Waits until the page, which is then no sign-in form any more, says this of the connection.
    pub(crate) async fn connection_is(&self, wanted: &str) {
        self.when(&format!("the connection is {wanted}"), async |page| {
            let state =
                script(page, "return document.querySelector('[data-testid=connection]')?.dataset.state", &[]).await?;
            (state == json!(wanted)).then_some(())
        })
        .await;
    }

    /// Waits for a row that fits.
    pub(crate) async fn row(&self, what: &str, fits: impl Fn(&Row) -> bool) -> Row {
        let fits = &fits;
        self.when(what, async |page| read::<Vec<Row>>(page, ROWS).await?.into_iter().find(|row| fits(row))).await
    }

    /// The bubbles that are on the screen, oldest first.
    pub(crate) async fn bubbles(&self) -> Vec<Bubble> {
        read(self.page(), BUBBLES).await.unwrap_or_default()
    }

    /// Waits for a bubble that fits.
    pub(crate) async fn bubble(&self, what: &str, fits: impl Fn(&Bubble) -> bool) -> Bubble {
        let fits = &fits;
        self.when(what, async |page| read::<Vec<Bubble>>(page, BUBBLES).await?.into_iter().find(|bubble| fits(bubble)))
            .await
    }

    /// Waits until a text has got so far.
    pub(crate) async fn reaches(&self, text: &str, state: &str) -> Bubble {
        self.bubble(&format!("\"{text}\" becomes {state}"), |bubble| {
            bubble.text.contains(text) && bubble.state == state
        })
        .await
    }

    /// Opens the conversation whose row says this.
    pub(crate) async fn open_conversation(&self, words: &str) {
        let row = self.row(&format!("a row says \"{words}\""), |row| row.text.contains(words)).await;
        let row = format!("[data-testid=conversation][data-contact-id='{}']", row.contact);
        let opened = format!("{row}[aria-selected=true]");
        // The list may move a row in the moment of the click: then it is clicked again, as a hand would.
        self.when(&format!("the conversation that says \"{words}\" opens"), async |page| {
            page.find(Locator::Css(&row)).await.ok()?.click().await.ok()?;
            page.find(Locator::Css(&opened)).await.ok()?;
            page.find(Locator::Css(&selector("thread"))).await.ok().map(drop)
        })
        .await;
    }

    /// Writes in the open conversation and presses Enter.
    pub(crate) async fn write(&self, text: &str) {
        let composer = self.is_there("composer").await;
        if !text.is_empty() {
            answer("the composer takes text", composer.send_keys(text)).await;
        }
        answer("the composer takes Enter", composer.send_keys(&char::from(Key::Enter).to_string())).await;
    }

    /// Writes what no keyboard has keys for, as pasting or an input method does, and presses Enter.
    pub(crate) async fn paste(&self, text: &str) {
        self.is_there("composer").await;
        let pasted = "const composer = document.querySelector('[data-testid=composer]');
            composer.focus();
            document.execCommand('insertText', false, arguments[0])";
        answer("the composer takes what is pasted", self.page().execute(pasted, vec![json!(text)])).await;
        self.write("").await;
    }

    /// Writes, and waits until the bubble is there.
    pub(crate) async fn send(&self, text: &str) -> Bubble {
        self.write(text).await;
        self.bubble(&format!("the bubble of \"{text}\" is there"), |bubble| bubble.text.contains(text)).await
    }

    /// Waits for an element.
    pub(crate) async fn is_there(&self, test_id: &str) -> fantoccini::elements::Element {
        let selector = selector(test_id);
        self.when(&format!("{test_id} is there"), async |page| page.find(Locator::Css(&selector)).await.ok()).await
    }

    /// Clicks an element.
    pub(crate) async fn click(&self, test_id: &str) {
        let element = self.is_there(test_id).await;
        answer(&format!("{test_id} can be clicked"), element.click()).await;
    }

    /// Puts a value in the place of what a field held, as a hand would: all of it is marked and written over.
    pub(crate) async fn fill(&self, test_id: &str, value: &str) {
        let field = self.is_there(test_id).await;
        let mark_all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
        for keys in [mark_all.as_str(), value] {
            answer(&format!("{test_id} takes text"), field.send_keys(keys)).await;
        }
    }

    /// Presses keys, wherever the focus is.
    pub(crate) async fn press(&self, keys: &str) {
        let active = answer("something has the focus", self.page().active_element()).await;
        answer("it takes keys", active.send_keys(keys)).await;
    }

    /// Presses one key that is no letter.
    pub(crate) async fn press_key(&self, key: Key) {
        self.press(&char::from(key).to_string()).await;
    }

    /// Waits until an element has the focus.
    pub(crate) async fn is_focused(&self, test_id: &str) {
        self.when(&format!("{test_id} has the focus"), async |page| (focused(page).await? == test_id).then_some(()))
            .await;
    }

    /// Presses a key, with Shift for the other direction, until an element whose test id begins so has the focus.
    pub(crate) async fn reach(&self, test_id: &str, key: Key, back: bool) {
        const FAR: usize = 40;
        let shift = if back { char::from(Key::Shift).to_string() } else { String::new() };
        let keys = format!("{shift}{}{}", char::from(key), char::from(Key::Null));
        let mut met = Vec::new();
        for _ in 0..FAR {
            let there = focused(self.page()).await.unwrap_or_default();
            if there.starts_with(test_id) {
                return;
            }
            met.push(there);
            self.press(&keys).await;
        }
        panic!("{test_id} cannot be reached with this key; it led over {met:?}");
    }
}

/// The answer of the driver to a command, which may fail but not take for ever.
async fn answer<T, E: std::fmt::Display>(what: &str, asked: impl Future<Output = Result<T, E>>) -> T {
    match timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => panic!("{what}, but the driver says: {error}"),
        Err(_) => panic!("{what}, but the driver did not answer within {PATIENCE:?}"),
    }
}

const ROWS: &str = "return [...document.querySelectorAll('[data-testid=conversation]')].map((row) => ({
    contact: row.dataset.contactId,
    text: row.innerText,
    pill: row.querySelector('[data-testid=unread-pill] [aria-hidden]')?.textContent ?? null,
}))";

const BUBBLES: &str = "return [...document.querySelectorAll('[data-testid=message]')].map((bubble) => ({
    id: bubble.dataset.messageId,
    state: bubble.dataset.state,
    direction: bubble.dataset.direction,
    text: bubble.innerText,
}))";

fn selector(test_id: &str) -> String {
    format!("[data-testid={test_id}]")
}

/// The test id of what has the focus; empty where it has none.
async fn focused(page: &Client) -> Option<String> {
    let id = script(page, "return document.activeElement?.dataset?.testid ?? ''", &[]).await?;
    id.as_str().map(ToOwned::to_owned)
}

async fn script(page: &Client, script: &str, arguments: &[Value]) -> Option<Value> {
    page.execute(script, arguments.to_vec()).await.ok()
}

async fn read<T: serde::de::DeserializeOwned>(page: &Client, what: &str) -> Option<T> {
    serde_json::from_value(script(page, what, &[]).await?).ok()
}

/// How often each of these texts is on the screen.
pub(crate) fn counts<'a>(bubbles: &[Bubble], texts: &[&'a str]) -> HashMap<&'a str, usize> {
    texts.iter().map(|text| (*text, bubbles.iter().filter(|bubble| bubble.text.contains(text)).count())).collect()
}
