//! A workspace's Twilio account, team, texts that were lost, retention and export: one entry a route. Read by [`super::all`].

use utoipa::openapi::HttpMethod;

use super::{JSON, PLAIN, Route, WORKSPACE, Who};

pub(super) static ROUTES: &[Route] = &[
    Route {
        method: HttpMethod::Post,
        path: "/twilio/test-connection",
        tag: "Workspace",
        summary: "Checks Twilio credentials, stores them, and syncs the account's numbers",
        who: Who::Admin,
        body: Some((JSON, "TestConnection")),
        answer: (JSON, "TestConnectionReply"),
        errors: &[400, 408, 413, 422, 502],
        ..PLAIN
    },
    Route {
        path: "/twilio/config",
        tag: "Workspace",
        summary: "What is set up at Twilio, without the token",
        query: &[WORKSPACE],
        answer: (JSON, "TwilioConfig"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        path: "/twilio/phone-numbers",
        tag: "Workspace",
        summary: "The workspace's numbers",
        query: &[WORKSPACE],
        answer: (JSON, "PhoneNumbers"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        path: "/twilio/dead-letters",
        tag: "Workspace",
        summary: "Texts that no workspace could take",
        who: Who::Admin,
        query: &[WORKSPACE],
        answer: (JSON, "DeadLetters"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/twilio/dead-letters/{sid}/route",
        tag: "Workspace",
        summary: "Gives a dead letter to a workspace",
        who: Who::Admin,
        body: Some((JSON, "OfWorkspace")),
        answer: (JSON, "RoutedReply"),
        errors: &[400, 404, 408, 409, 413],
        ..PLAIN
    },
    Route {
        path: "/twilio/audit",
        tag: "Workspace",
        summary: "What the last comparison with Twilio's own list came to",
        who: Who::Admin,
        query: &[WORKSPACE],
        answer: (JSON, "Audit"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        path: "/twilio/webhooks",
        tag: "Workspace",
        summary: "Where the numbers report their texts, and whether Twilio's requests get through",
        who: Who::Admin,
        query: &[WORKSPACE],
        answer: (JSON, "Webhooks"),
        errors: &[400, 422, 502],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/twilio/webhooks",
        tag: "Workspace",
        summary: "Points every number of the account at this server",
        who: Who::Admin,
        body: Some((JSON, "OfWorkspace")),
        answer: (JSON, "Webhooks"),
        errors: &[400, 408, 413, 422, 502],
        ..PLAIN
    },
    Route {
        path: "/team",
        tag: "Workspace",
        summary: "Who is in the team",
        query: &[WORKSPACE],
        answer: (JSON, "Team"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/team",
        tag: "Workspace",
        summary: "Takes somebody into the team; somebody new gets a first password, which is in the answer and nowhere else",
        who: Who::Admin,
        body: Some((JSON, "AddMember")),
        answer: (JSON, "MemberAdded"),
        errors: &[400, 408, 409, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/team/{userId}",
        tag: "Workspace",
        summary: "Gives a member another role",
        who: Who::Admin,
        body: Some((JSON, "ChangeRole")),
        answer: (JSON, "Anything"),
        errors: &[400, 404, 408, 409, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/team/{userId}/remove",
        tag: "Workspace",
        summary: "Takes a member out of the team",
        who: Who::Admin,
        body: Some((JSON, "OfWorkspace")),
        answer: (JSON, "Anything"),
        errors: &[400, 404, 408, 409, 413],
        ..PLAIN
    },
    Route {
        path: "/retention",
        tag: "Workspace",
        summary: "After how many days texts are deleted",
        query: &[WORKSPACE],
        answer: (JSON, "Retention"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/retention",
        tag: "Workspace",
        summary: "Sets after how many days texts are deleted",
        who: Who::Admin,
        body: Some((JSON, "Retention")),
        answer: (JSON, "Retention"),
        errors: &[400, 408, 413],
        ..PLAIN
    },
    Route {
        path: "/export",
        tag: "Workspace",
        summary: "Everything that is stored of a workspace, a JSON object a line",
        who: Who::Admin,
        query: &[WORKSPACE],
        answer: ("application/x-ndjson", "Text"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        path: "/twilio/sending",
        tag: "Workspace",
        summary: "How the workspace's texts go out",
        query: &[WORKSPACE],
        answer: (JSON, "Sending"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/twilio/sending",
        tag: "Workspace",
        summary: "Changes how the workspace's texts go out",
        who: Who::Admin,
        body: Some((JSON, "ChangeSending")),
        answer: (JSON, "Sending"),
        errors: &[400, 408, 413],
        ..PLAIN
    },
];
