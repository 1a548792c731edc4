//! The 32 posters: each takes the next step of the plan, or a status callback that waits, and sees it through to its answer.
//!
//! Started by `main`. What a check needs to know besides the plan is noted here: what contacts said last about being texted, what
//! became of each reply, and how often each callback was posted.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use deskline_domain::{delivery::DeliveryStatus, keyword::Keyword};
use deskline_simulator::Sent;
use deskline_twilio::AccountSid;
use rand::{RngExt, rngs::StdRng, seq::SliceRandom};
use reqwest::StatusCode;
use serde_json::json;
use tokio::sync::{RwLock, mpsc, watch};

use crate::{
    courier::{Courier, Form},
    plan::{self, CONTACTS, Kind, Plan, Repeat, Step, Stream, TEAMS, Text},
    world::World,
};

/// So many at once.
pub(crate) const POSTERS: usize = 32;
/// One 2xx in so many is checked at once with a direct query.
const LOOKED_UP: u32 = 5;

/// What the posters share.
pub(crate) struct Crew {
    pub(crate) courier: Courier,
    plan: Plan,
    next: AtomicU32,
    /// Texts that come once more, by the step before which they do.
    later: Mutex<BTreeSet<(u32, u32)>>,
    callbacks: tokio::sync::Mutex<mpsc::UnboundedReceiver<Sent>>,
    /// What each contact said last to each number of the team. Nobody replies to a contact while it is changing its mind, and
    /// nobody changes it twice at once, so that what must be the outcome is certain.
    minds: Vec<RwLock<[Mind; 2]>>,
    /// Held by replies on their way; a disturber may ask for it when there is no time to wait for leases.
    pub(crate) under_way: RwLock<()>,
    /// How many texts were answered.
    pub(crate) progress: watch::Sender<u32>,
    pub(crate) noted: Mutex<Noted>,
}

/// What a contact said last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mind {
    #[default]
    Welcome,
    Stop,
}

/// What a check cannot read from the plan.
#[derive(Default)]
pub(crate) struct Noted {
    /// The replies that were sent, with Twilio's id; the others were refused.
    pub(crate) sent: HashMap<u32, String>,
    pub(crate) refused: Vec<u32>,
    /// Callbacks: (SID, status), and how often it was answered and posted.
    pub(crate) callbacks: HashMap<(String, DeliveryStatus), (u32, u32)>,
}

impl Crew {
    pub(crate) fn new(courier: Courier, callbacks: mpsc::UnboundedReceiver<Sent>) -> Self {
        Self {
            plan: courier.world.plan,
            courier,
            next: AtomicU32::new(0),
            later: Mutex::default(),
            callbacks: tokio::sync::Mutex::new(callbacks),
            minds: (0..TEAMS * CONTACTS as usize).map(|_| RwLock::default()).collect(),
            under_way: RwLock::default(),
            progress: watch::Sender::new(0),
            noted: Mutex::default(),
        }
    }

    fn world(&self) -> &World {
        &self.courier.world
    }

    fn mind_of(&self, team: usize, contact: u32) -> &RwLock<[Mind; 2]> {
        &self.minds[team * CONTACTS as usize + contact as usize]
    }

    /// What a contact said last, to both numbers of a team.
    pub(crate) async fn mind(&self, team: usize, contact: u32) -> [Mind; 2] {
        *self.mind_of(team, contact).read().await
    }

    /// One poster, until there is no step left.
    pub(crate) async fn post(self: Arc<Self>) {
        loop {
            if let Some(sent) = self.waiting_callback() {
                self.report(sent).await;
                continue;
            }
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if let Some(index) = self.due_again(number) {
                self.repeat(index).await;
            }
            if number >= self.plan.steps() {
                break;
            }
            match Plan::step(number) {
                Step::Text(index) => self.text(number, index).await,
                Step::Reply(index) => self.reply(index).await,
            }
        }
        while let Some(index) = self.due_again(u32::MAX) {
            self.repeat(index).await;
        }
    }

    /// The same for the callbacks that are left, until nobody can send more of them.
    pub(crate) async fn post_callbacks(self: Arc<Self>) {
        loop {
            let Some(sent) = self.callbacks.lock().await.recv().await else { return };
            self.report(sent).await;
        }
    }

    fn waiting_callback(&self) -> Option<Sent> {
        self.callbacks.try_lock().ok()?.try_recv().ok()
    }

    fn due_again(&self, number: u32) -> Option<u32> {
        let mut later = self.later.lock().unwrap();
        let (due, index) = *later.first()?;
        (due <= number).then(|| {
            later.pop_first();
            index
        })
    }

    async fn text(&self, number: u32, index: u32) {
        let text = self.plan.text(index);
        let mut dice = self.plan.dice(Stream::TextOnItsWay, index);
        let says = text.keyword().filter(|_| text.kind == Kind::Good);
        // Held until it is answered.
        let mut mind = match says {
            Some(_) => Some(self.mind_of(text.team, text.contact).write().await),
            None => None,
        };
        if text.repeat == Repeat::AtOnce {
            let mut other = self.plan.dice(Stream::RepetitionOnItsWay, index);
            self.courier.tally.repeats.add(1);
            tokio::join!(self.deliver(&text, &mut dice), self.deliver(&text, &mut other));
        } else {
            self.deliver(&text, &mut dice).await;
        }
        if let Some(mind) = &mut mind {
            match says {
                Some(Keyword::Stop) => mind[text.number] = Mind::Stop,
                Some(Keyword::Start) => mind[text.number] = Mind::Welcome,
                Some(Keyword::Help) | None => {}
            }
        }
        drop(mind);
        if let Repeat::Later(steps) = text.repeat {
            self.later.lock().unwrap().insert((number + steps, index));
        }
        self.courier.tally.texts.add(1);
        self.courier.tally.not_for_us.add(u64::from(text.kind != Kind::Good));
        self.progress.send_modify(|answered| *answered += 1);
    }

    async fn repeat(&self, index: u32) {
        let mut dice = self.plan.dice(Stream::RepetitionOnItsWay, index);
        self.courier.tally.repeats.add(1);
        self.deliver(&self.plan.text(index), &mut dice).await;
    }

    /// Posts a text until it is answered as it must be. A 2xx is a promise, and is looked at now and then before anything else happens.
    async fn deliver(&self, text: &Text, dice: &mut StdRng) {
        let team = &self.world().teams[text.team];
        let (path, fields) = ("/twilio/webhook".to_owned(), fields(text, &team.account));
        let form = match text.kind {
            Kind::Forged => Form::forged(path, fields),
            Kind::Good | Kind::Stray | Kind::Unusable => Form::new(team, path, fields),
        };
        let expected = match text.kind {
            Kind::Good => StatusCode::OK,
            Kind::Stray => StatusCode::NOT_FOUND,
            Kind::Unusable => StatusCode::BAD_REQUEST,
            Kind::Forged => StatusCode::FORBIDDEN,
        };
        self.courier.deliver(&form, expected, dice.random_range(0..2)).await;
        if text.kind == Kind::Good && dice.random_ratio(1, LOOKED_UP) {
            self.courier.tally.looked_up.add(1);
            let sid = text.sid.as_str();
            let stored: i64 = self
                .world()
                .ask("Postgres answers", |database| async move {
                    sqlx::query_scalar("select count(*) from messages where twilio_sid = $1")
                        .bind(sid)
                        .fetch_one(&database)
                        .await
                })
                .await;
            assert_eq!(stored, 1, "{sid} was answered with 200, and right afterwards so many rows had it");
        }
    }

    async fn reply(&self, index: u32) {
        let reply = self.plan.reply(index);
        let first = self.plan.dice(Stream::ReplyOnItsWay, index).random_range(0..2);
        let mind = self.mind_of(reply.team, reply.contact).read().await;
        let opted_out = mind.contains(&Mind::Stop);
        let _under_way = self.under_way.read().await;
        if let Some(trouble) = reply.trouble.filter(|_| !opted_out) {
            self.world().twilio.fault(trouble);
        }
        let team = &self.world().teams[reply.team];
        let body = json!({
            "workspaceId": team.workspace,
            "contactId": team.contacts[reply.contact as usize],
            "message": reply.body,
            "clientId": client_id(index),
        });
        let told = self.courier.reply(reply.team, &body, first).await;
        self.courier.tally.replies.add(1);
        if told.status == StatusCode::OK {
            assert!(
                !opted_out,
                "reply {index} was sent although contact {} of team {} has opted out",
                reply.contact, reply.team
            );
            let sid = told.body["twilioSid"]
                .as_str()
                .unwrap_or_else(|| panic!("a reply was sent without a SID: {}", told.body));
            self.noted.lock().unwrap().sent.insert(index, sid.to_owned());
        } else {
            assert!(opted_out, "reply {index} was refused although nobody opted out: {}", told.body);
            assert_eq!(told.body["code"], 21_610, "reply {index} was refused for another reason: {}", told.body);
            self.courier.tally.refused_replies.add(1);
            self.noted.lock().unwrap().refused.push(index);
        }
    }

    /// Twilio tells what became of a text that left. Begins as soon as it has the text, so often before the server has its answer.
    async fn report(&self, sent: Sent) {
        let index =
            Plan::reply_of(&sent.body).unwrap_or_else(|| panic!("a text left that nobody wrote: {:?}", sent.body));
        let reply = self.plan.reply(index);
        let mut dice = self.plan.dice(Stream::Reports, index);
        let team = &self.world().teams[reply.team];
        let url = sent.status_callback.as_deref().unwrap_or_default();
        let path =
            url.strip_prefix(crate::servers::PUBLIC_URL).unwrap_or_else(|| panic!("callbacks would go to {url:?}"));
        let mut posts: Vec<_> =
            reply.reports.iter().flat_map(|report| std::iter::repeat_n(*report, report.times as usize)).collect();
        if reply.disorder {
            posts.shuffle(&mut dice);
            self.courier.tally.disorder.add(1);
        }
        let deliveries: Vec<_> = posts
            .into_iter()
            .map(|report| {
                let form = Form::new(team, path.to_owned(), callback(&sent, report));
                let first = dice.random_range(0..2);
                (report.status, form, first)
            })
            .collect();
        let post = async |(status, form, first): (DeliveryStatus, Form, usize)| {
            let attempts = self.courier.deliver(&form, StatusCode::OK, first).await;
            self.courier.tally.callbacks.add(1);
            let mut noted = self.noted.lock().unwrap();
            let (answered, posted) = noted.callbacks.entry((sent.sid.clone(), status)).or_default();
            *answered += 1;
            *posted += attempts;
        };
        if reply.disorder {
            futures_util::future::join_all(deliveries.into_iter().map(post)).await;
        } else {
            for delivery in deliveries {
                post(delivery).await;
            }
        }
    }
}

/// The sender's own id of a reply.
pub(crate) fn client_id(index: u32) -> String {
    format!("reply-{index}")
}

/// The number that a text is to.
pub(crate) fn destination(text: &Text) -> String {
    if text.kind == Kind::Stray { "+15569999999".to_owned() } else { plan::number(text.team, text.number) }
}

fn fields(text: &Text, account: &AccountSid) -> Vec<(String, String)> {
    let mut fields = vec![
        ("AccountSid".to_owned(), account.to_string()),
        ("MessageSid".to_owned(), text.sid.clone()),
        ("From".to_owned(), plan::phone(text.contact)),
        ("To".to_owned(), destination(text)),
        ("Body".to_owned(), text.body.clone()),
        ("NumMedia".to_owned(), text.files.len().to_string()),
    ];
    for (place, (url, kind)) in text.files.iter().enumerate() {
        fields.push((format!("MediaUrl{place}"), url.clone()));
        fields.push((format!("MediaContentType{place}"), (*kind).to_owned()));
    }
    fields
}

fn callback(sent: &Sent, report: plan::Report) -> Vec<(String, String)> {
    let mut fields = vec![
        ("AccountSid".to_owned(), sent.account_sid.to_string()),
        ("MessageSid".to_owned(), sent.sid.clone()),
        ("MessageStatus".to_owned(), report.status.to_string()),
        ("To".to_owned(), sent.to.clone()),
        ("From".to_owned(), sent.from.clone()),
    ];
    if let Some(code) = report.code {
        fields.push(("ErrorCode".to_owned(), code.to_string()));
    }
    fields
}
