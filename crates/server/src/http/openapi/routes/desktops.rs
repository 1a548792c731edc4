//! What desktops ask, and signing in: one entry a route. Read by [`super::all`].

use utoipa::openapi::HttpMethod;

use super::{JSON, PLAIN, Route, WORKSPACE, Who};

pub(super) static ROUTES: &[Route] = &[
    Route {
        path: "/session",
        tag: "Desktops",
        summary: "Who the token is for, and what this server speaks",
        answer: (JSON, "SessionReply"),
        ..PLAIN
    },
    Route {
        path: "/sync",
        tag: "Desktops",
        summary: "A page of the snapshot (snapshot), or of the change feed (feed and after)",
        query: &[
            WORKSPACE,
            ("snapshot", false, "Text"),
            ("feed", false, "Id"),
            ("after", false, "Number"),
            ("limit", false, "Number"),
        ],
        answer: (JSON, "SyncPage"),
        errors: &[400, 409],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/commands",
        tag: "Desktops",
        summary: "What an agent did but for sending: carried out once each, in order",
        body: Some((JSON, "Commands")),
        answer: (JSON, "CommandsReply"),
        errors: &[400, 408, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Get,
        path: "/drafts",
        tag: "Desktops",
        summary: "What the caller has begun to write; nobody else's",
        query: &[WORKSPACE],
        answer: (JSON, "DraftsReply"),
        errors: &[400],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/drafts",
        tag: "Desktops",
        summary: "Keeps a version of what the caller has begun to write, unless a later one is there",
        body: Some((JSON, "SaveDraft")),
        answer: (JSON, "SavedDraft"),
        errors: &[400, 404, 408, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/members/{user}/direct",
        tag: "Desktops",
        summary: "Lets a member's desktops work without this server, or takes that back with their login roles and keys",
        who: Who::Admin,
        body: Some((JSON, "DirectDecision")),
        answer: (JSON, "DirectDecided"),
        errors: &[400, 404, 408, 409, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/auth/direct",
        tag: "Desktops",
        summary: "Makes what a desktop of the caller needs to work without this server; secrets are in this answer alone",
        answer: (JSON, "DirectAccess"),
        errors: &[409, 502],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/auth/direct/return",
        tag: "Desktops",
        summary: "Ends a login role of the caller's, and its keys",
        body: Some((JSON, "DirectReturn")),
        answer: ("", ""),
        errors: &[400, 408, 413],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/auth/v1/token",
        tag: "Signing in",
        summary: "Signs in, in the shape of Supabase Auth",
        who: Who::Anybody,
        query: &[("grant_type", true, "GrantType")],
        body: Some((JSON, "Grant")),
        answer: (JSON, "TokenReply"),
        errors: &[400, 408, 413, 429, 503],
    },
    Route {
        method: HttpMethod::Post,
        path: "/auth/v1/logout",
        tag: "Signing in",
        summary: "Ends the sessions of the caller: this one (local), all others (others), or all (global)",
        query: &[("scope", false, "SignOutScope")],
        answer: ("", ""),
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/auth/password",
        tag: "Signing in",
        summary: "Another password for the caller, whose other sessions all end",
        body: Some((JSON, "ChangePassword")),
        answer: (JSON, "Done"),
        errors: &[400, 408, 413, 429, 503],
        ..PLAIN
    },
];
