//! What Twilio reports, and texts: one entry a route. Read by [`super::all`].

use utoipa::openapi::HttpMethod;

use super::{FORM, JSON, PLAIN, Route, WORKSPACE, Who};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: HttpMethod::Post,
        path: "/twilio/webhook",
        tag: "Twilio",
        summary: "An inbound text; the same MessageSid again changes nothing",
        who: Who::Twilio,
        body: Some((FORM, "InboundForm")),
        answer: ("text/xml", "Twiml"),
        errors: &[400, 404, 408, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/twilio/status",
        tag: "Twilio",
        summary: "A delivery callback, in any order and any number of times",
        who: Who::Twilio,
        query: &[("message", false, "Id")],
        body: Some((FORM, "StatusForm")),
        answer: ("text/xml", "Twiml"),
        errors: &[400, 404, 408, 413],
    },
    Route {
        method: HttpMethod::Post,
        path: "/twilio/self-test",
        tag: "Twilio",
        summary: "Whether a signed request to the public URL arrives as it was signed",
        who: Who::Twilio,
        body: Some((FORM, "Anything")),
        answer: (JSON, "SelfTestReply"),
        errors: &[400, 408, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/sms/send-sms",
        tag: "Texts",
        summary: "Sends a text, and answers once Twilio has taken it; the same clientId again sends nothing",
        body: Some((JSON, "SendSms")),
        answer: (JSON, "SendSmsReply"),
        errors: &[400, 404, 408, 413, 422, 502],
        ..PLAIN
    },
    Route {
        path: "/sms/scheduled",
        tag: "Texts",
        summary: "The texts that leave later",
        query: &[WORKSPACE, ("contactId", false, "Id")],
        answer: (JSON, "ScheduledList"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/messages/{id}/schedule",
        tag: "Texts",
        summary: "Changes a text that leaves later",
        body: Some((JSON, "Reschedule")),
        answer: (JSON, "Scheduled"),
        errors: &[400, 404, 408, 409, 413, 422],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/messages/{id}/cancel",
        tag: "Texts",
        summary: "Calls a text off that has not left",
        answer: (JSON, "CanceledReply"),
        errors: &[400, 404, 409],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/messages/{id}/retry",
        tag: "Texts",
        summary: "Sends a failed text once more",
        answer: (JSON, "SendSmsReply"),
        errors: &[400, 404, 409, 422, 502],
        ..PLAIN
    },
    Route {
        path: "/messages/{id}/ledger",
        tag: "Texts",
        summary: "What happened to a text, callback by callback",
        answer: (JSON, "LedgerReply"),
        errors: &[400, 404],
        ..PLAIN
    },
];
