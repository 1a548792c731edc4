//! Contacts and their consent: one entry a route. Read by [`super::all`].

use utoipa::openapi::HttpMethod;

use super::{JSON, PLAIN, Route, WORKSPACE, Who};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: HttpMethod::Post,
        path: "/contacts/{id}/opt-out",
        tag: "Contacts",
        summary: "Opts a contact out by hand",
        body: Some((JSON, "ChangeConsent")),
        answer: (JSON, "ConsentReply"),
        errors: &[400, 404, 408, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/contacts/{id}/opt-in",
        tag: "Contacts",
        summary: "Opts a contact in by hand",
        body: Some((JSON, "ChangeConsent")),
        answer: (JSON, "ConsentReply"),
        errors: &[400, 404, 408, 409, 413],
        ..PLAIN
    },
    Route {
        path: "/contacts/{id}/consents",
        tag: "Contacts",
        summary: "Who opted a contact out or in, and when",
        query: &[WORKSPACE],
        answer: (JSON, "Consents"),
        errors: &[400, 404],
        ..PLAIN
    },
    Route {
        path: "/contacts/{id}/history",
        tag: "Contacts",
        summary: "Who did what with a conversation, and when: the newest 200 lines, oldest first",
        query: &[WORKSPACE],
        answer: (JSON, "History"),
        errors: &[400, 404],
        ..PLAIN
    },
    Route {
        path: "/opt-outs",
        tag: "Contacts",
        summary: "Everybody who opted out, the latest first, with who decided it and why",
        who: Who::Admin,
        query: &[WORKSPACE, ("search", false, "Text")],
        answer: (JSON, "OptOuts"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/contacts/import",
        tag: "Contacts",
        summary: "Takes a CSV file of contacts, and reports on each row",
        who: Who::Admin,
        query: &[WORKSPACE, ("countryCode", false, "Text")],
        body: Some(("text/csv", "Text")),
        answer: (JSON, "ImportReply"),
        errors: &[400, 408, 413],
    },
    Route {
        path: "/contacts/{id}/export",
        tag: "Contacts",
        summary: "Everything about a conversation, a JSON object a line",
        who: Who::Admin,
        query: &[WORKSPACE],
        answer: ("application/x-ndjson", "Text"),
        errors: &[400, 404],
        ..PLAIN
    },
];
