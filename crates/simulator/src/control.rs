//! The control API: what a test can do with [`Simulator`] in its own process, for programs outside it.
//!
//! Served under `/simulator` on both ports, in JSON, with no credentials: a simulator listens on the loopback and is nobody's
//! Twilio. Everything is one of the simulator's verbs; nothing is decided here.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    CallbackPlan, Delivery, Fault, Fetched, InboundMedia, InboundText, MediaFault, Scope, Sent, Signing, Simulator,
    people::People,
};

/// The control API's routes.
pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/simulator", get(overview))
        .route("/simulator/receive", post(receive))
        .route("/simulator/sent", get(sent))
        .route("/simulator/deliveries", get(deliveries).post(redeliver))
        .route("/simulator/settled", post(settled))
        .route("/simulator/faults", post(add_fault).delete(clear_faults))
        .route("/simulator/faults/media", post(add_media_fault))
        .route("/simulator/media", get(media).post(fetch_media))
        .route("/simulator/unreachable", post(go_away).delete(come_back))
        .route("/simulator/callbacks", post(plan))
        .route("/simulator/callbacks/hold", post(hold).delete(release))
        .route("/simulator/webhook", post(set_webhook))
        .route("/simulator/people/start", post(start_people))
        .route("/simulator/people/stop", post(stop_people))
        .with_state(simulator)
}

/// An error with a sentence.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

fn gone(error: &std::io::Error) -> Refused {
    Refused(StatusCode::CONFLICT, error.to_string())
}

/// `GET /simulator`
async fn overview(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({
        "url": simulator.url(),
        "controlUrl": simulator.control_url(),
        "accountSid": simulator.account_sid(),
        "numbers": simulator.numbers(),
        "sent": simulator.sent().len(),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receive {
    from: String,
    /// Our first number when missing.
    to: Option<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: Vec<File>,
    opt_out_type: Option<String>,
    sid: Option<String>,
    messaging_service_sid: Option<String>,
    /// False posts the webhook without a signature.
    #[serde(default = "yes")]
    signed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    content_type: String,
    /// The content, as text.
    #[serde(default)]
    text: String,
}

const fn yes() -> bool {
    true
}

/// `POST /simulator/receive`: somebody texts. Answers once the webhook was answered.
async fn receive(State(simulator): State<Simulator>, Json(asked): Json<Receive>) -> Json<Value> {
    let file = |file: File| InboundMedia { content_type: file.content_type, bytes: file.text.into_bytes() };
    let text = InboundText {
        from: asked.from,
        to: asked.to.unwrap_or_else(|| simulator.number()),
        body: asked.body,
        media: asked.media.into_iter().map(file).collect(),
        opt_out_type: asked.opt_out_type,
        sid: asked.sid,
        messaging_service_sid: asked.messaging_service_sid,
        signing: if asked.signed { Signing::Good } else { Signing::Missing },
        ..InboundText::default()
    };
    Json(show_delivery(&simulator.receive(text).await))
}

/// `GET /simulator/sent`: the texts that were created through the API.
async fn sent(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.sent().iter().map(show_sent).collect())
}

/// `GET /simulator/deliveries`: webhooks and callbacks that are over.
async fn deliveries(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.deliveries().iter().map(show_delivery).collect())
}

/// `POST /simulator/deliveries`: posts again what nobody took.
async fn redeliver(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.redeliver().await.iter().map(show_delivery).collect())
}

/// `POST /simulator/settled`: answers once nothing is under way.
async fn settled(State(simulator): State<Simulator>) -> StatusCode {
    simulator.settled().await;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct AddFault {
    #[serde(default)]
    on: Scope,
    #[serde(flatten)]
    fault: Fault,
}

/// `POST /simulator/faults`: `{"kind": "refuseWith", "code": 21610}`, and `"on": "any"` to hit look-ups too.
async fn add_fault(State(simulator): State<Simulator>, Json(asked): Json<AddFault>) -> StatusCode {
    simulator.fault_on(asked.on, asked.fault);
    StatusCode::NO_CONTENT
}

/// `POST /simulator/faults/media`: `{"kind": "refuse", "status": 404}`
async fn add_media_fault(State(simulator): State<Simulator>, Json(fault): Json<MediaFault>) -> StatusCode {
    simulator.media_fault(fault);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FetchMedia {
    fetch_outbound: bool,
}

/// `POST /simulator/media`: `{"fetchOutbound": true}`
async fn fetch_media(State(simulator): State<Simulator>, Json(asked): Json<FetchMedia>) -> StatusCode {
    simulator.fetch_outbound_media(asked.fetch_outbound);
    StatusCode::NO_CONTENT
}

/// `GET /simulator/media`: the files of outbound texts that were fetched.
async fn media(State(simulator): State<Simulator>) -> Json<Value> {
    let show = |file: &Fetched| json!({ "url": file.url, "contentType": file.content_type, "size": file.size, "errorCode": file.error_code });
    Json(simulator.fetched().iter().map(show).collect())
}

/// `DELETE /simulator/faults`
async fn clear_faults(State(simulator): State<Simulator>) -> StatusCode {
    simulator.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Away {
    /// Comes back by itself after this many seconds.
    seconds: Option<u64>,
}

/// `POST /simulator/unreachable?seconds=30`. Ask the control port to come back; the API's own refuses this connection too.
async fn go_away(State(simulator): State<Simulator>, Query(away): Query<Away>) -> Result<StatusCode, Refused> {
    let (away_first, seconds) = (simulator.clone(), away.seconds);
    // In a task of its own, since going away may cut the very connection that asked for it.
    let going = tokio::spawn(async move {
        away_first.go_away().await?;
        Ok::<_, std::io::Error>(())
    });
    if let Some(seconds) = seconds {
        let tasks = simulator.inner.tasks.clone();
        tasks.spawn(async move {
            if simulator.inner.sleep(Duration::from_secs(seconds)).await
                && let Err(error) = simulator.come_back().await
            {
                tracing::error!(%error, "The API could not come back");
            }
        });
    }
    match going.await {
        Ok(Ok(())) | Err(_) => Ok(StatusCode::NO_CONTENT),
        Ok(Err(error)) => Err(gone(&error)),
    }
}

/// `DELETE /simulator/unreachable`
async fn come_back(State(simulator): State<Simulator>) -> Result<StatusCode, Refused> {
    simulator.come_back().await.map_err(|error| gone(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(tag = "plan", rename_all = "camelCase")]
enum Kind {
    Normal,
    Reversed,
    Repeated,
    None,
    Failing { code: i32 },
    Failed { code: i32 },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    #[serde(flatten)]
    kind: Kind,
    /// Only for the next text.
    #[serde(default)]
    next: bool,
    /// Only for texts to this number.
    to: Option<String>,
    /// Whether the reports come before the API answers.
    #[serde(default)]
    before_answer: bool,
}

/// `POST /simulator/callbacks`: `{"plan": "failing", "code": 30007, "next": true}`
async fn plan(State(simulator): State<Simulator>, Json(asked): Json<Plan>) -> StatusCode {
    let mut plan = match asked.kind {
        Kind::Normal => CallbackPlan::normal(),
        Kind::Reversed => CallbackPlan::reversed(),
        Kind::Repeated => CallbackPlan::repeated(),
        Kind::None => CallbackPlan::none(),
        Kind::Failing { code } => CallbackPlan::failing(code),
        Kind::Failed { code } => CallbackPlan::failed(code),
    };
    plan.before_answer = asked.before_answer;
    match asked.to {
        Some(to) => simulator.plan_for(to, plan),
        None if asked.next => simulator.plan_next(plan),
        None => simulator.plan(plan),
    }
    StatusCode::NO_CONTENT
}

/// `POST /simulator/callbacks/hold`
async fn hold(State(simulator): State<Simulator>) -> StatusCode {
    simulator.hold_callbacks();
    StatusCode::NO_CONTENT
}

/// `DELETE /simulator/callbacks/hold`
async fn release(State(simulator): State<Simulator>) -> StatusCode {
    simulator.release_callbacks();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Webhook {
    url: Url,
}

/// `POST /simulator/webhook`: `{"url": "http://127.0.0.1:4000/twilio/webhook"}`
async fn set_webhook(State(simulator): State<Simulator>, Json(asked): Json<Webhook>) -> StatusCode {
    simulator.set_webhook(asked.url);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StartPeople {
    /// Shortest and longest seconds until somebody texts.
    every: (f64, f64),
    /// Shortest and longest seconds until somebody answers.
    answer_after: (f64, f64),
    at_most: Option<usize>,
    seed: u64,
}

impl Default for StartPeople {
    fn default() -> Self {
        let people = People::default();
        let seconds = |span: std::ops::RangeInclusive<Duration>| (span.start().as_secs_f64(), span.end().as_secs_f64());
        Self {
            every: seconds(people.every),
            answer_after: seconds(people.answer_after),
            at_most: people.at_most,
            seed: people.seed,
        }
    }
}

/// `POST /simulator/people/start`: `{}` or `{"every": [1, 5], "answerAfter": [0, 2], "atMost": 10, "seed": 7}`
async fn start_people(
    State(simulator): State<Simulator>,
    asked: Option<Json<StartPeople>>,
) -> Result<StatusCode, Refused> {
    let asked = asked.map(|Json(asked)| asked).unwrap_or_default();
    let span = |(shortest, longest): (f64, f64)| {
        let seconds = |time: f64| {
            Duration::try_from_secs_f64(time).map_err(|error| Refused(StatusCode::BAD_REQUEST, error.to_string()))
        };
        Ok::<_, Refused>(seconds(shortest)?..=seconds(longest)?)
    };
    let people = People {
        every: span(asked.every)?,
        answer_after: span(asked.answer_after)?,
        at_most: asked.at_most,
        seed: asked.seed,
    };
    simulator.start_people(people).await;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /simulator/people/stop`
async fn stop_people(State(simulator): State<Simulator>) -> StatusCode {
    simulator.stop_people().await;
    StatusCode::NO_CONTENT
}

fn show_sent(sent: &Sent) -> Value {
    json!({
        "sid": sent.sid,
        "accountSid": sent.account_sid,
        "to": sent.to,
        "from": sent.from,
        "messagingServiceSid": sent.messaging_service_sid,
        "body": sent.body,
        "mediaUrls": sent.media_urls,
        "statusCallback": sent.status_callback,
        "status": sent.status,
        "errorCode": sent.error_code,
        "dateCreated": sent.date_created,
    })
}

fn show_delivery(delivery: &Delivery) -> Value {
    let answer = delivery
        .answer
        .as_ref()
        .map(|answer| json!({ "status": answer.status, "contentType": answer.content_type, "body": answer.body }));
    json!({
        "sid": delivery.sid,
        "url": delivery.url,
        "params": delivery.params.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        "answer": answer,
        "attempts": delivery.attempts,
        "problem": delivery.problem,
    })
}
