//! One entry a route of [`crate::http::router`], in its order.
//!
//! Longer than other files, because it is a table. Read by [`super`]. A route without an entry, and an entry without a route, fail a test.

use utoipa::openapi::HttpMethod;

/// A route.
pub(super) struct Route {
    pub(super) method: HttpMethod,
    /// As the router spells it.
    pub(super) path: &'static str,
    pub(super) tag: &'static str,
    /// What it does, in one line.
    pub(super) summary: &'static str,
    pub(super) who: Who,
    /// Name, whether it has to be there, schema.
    pub(super) query: &'static [(&'static str, bool, &'static str)],
    /// Content type and schema.
    pub(super) body: Option<(&'static str, &'static str)>,
    /// The same of a 200; an empty schema for a 204, which says nothing.
    pub(super) answer: (&'static str, &'static str),
    /// Besides those that come with [`Who`].
    pub(super) errors: &'static [u16],
}

impl Route {
    /// The method, in lower case.
    pub(super) const fn verb(&self) -> &'static str {
        match self.method {
            HttpMethod::Get => "get",
            HttpMethod::Post => "post",
            HttpMethod::Put => "put",
            HttpMethod::Patch => "patch",
            HttpMethod::Delete => "delete",
            _ => "other",
        }
    }
}

/// Who may ask.
#[derive(Clone, Copy)]
pub(super) enum Who {
    /// Without a token.
    Anybody,
    /// With a token; a member, where a workspace is named.
    Member,
    /// With a token of an owner or admin of the workspace.
    Admin,
    /// With Twilio's signature.
    Twilio,
    /// With a link that this server made.
    LinkHolder,
}

impl Who {
    pub(super) const fn errors(self) -> &'static [u16] {
        match self {
            Self::Anybody => &[],
            Self::Member | Self::Admin => &[401, 403, 503],
            Self::Twilio | Self::LinkHolder => &[403, 503],
        }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const WORKSPACE: (&str, bool, &str) = ("workspaceId", true, "Id");

/// The least that a route has; each entry says the rest.
const PLAIN: Route = Route {
    method: HttpMethod::Get,
    path: "",
    tag: "",
    summary: "",
    who: Who::Member,
    query: &[],
    body: None,
    answer: (JSON, "Anything"),
    errors: &[],
};

/// Every route.
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
        path: "/sms/send-sms",
        tag: "Texts",
        summary: "Sends a text, and answers once Twilio has taken it; the same clientId again sends nothing",
        body: Some((JSON, "SendSms")),
        answer: (JSON, "SendSmsReply"),
        errors: &[400, 404, 408, 413, 422, 502],
        ..PLAIN
    },
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
        method: HttpMethod::Post,
        path: "/media",
        tag: "Files",
        summary: "Takes a file to be sent, at most 5 MB, as the body or as the first file of a multipart form; answers a link that mediaUrls of send-sms takes",
        query: &[WORKSPACE, ("name", false, "Text")],
        body: Some(("*/*", "Content")),
        answer: (JSON, "UploadReply"),
        errors: &[400, 408, 413, 415],
        ..PLAIN
    },
    Route {
        path: "/media/link",
        tag: "Files",
        summary: "A fresh link to a text's file; index is its place in media, from 0 on",
        query: &[WORKSPACE, ("messageId", true, "Id"), ("index", false, "Number")],
        answer: (JSON, "FileLink"),
        errors: &[400, 404],
        ..PLAIN
    },
    Route {
        method: HttpMethod::Post,
        path: "/media/retry",
        tag: "Files",
        summary: "Fetches the files of an inbound text again that were given up",
        body: Some((JSON, "RetryFiles")),
        answer: (JSON, "RetryFilesReply"),
        errors: &[400, 408, 413],
        ..PLAIN
    },
    Route {
        path: "/media/{file}",
        tag: "Files",
        summary: "A file, or with a Range header one part of it (206)",
        who: Who::LinkHolder,
        query: &[("expires", true, "Number"), ("signature", true, "Text")],
        answer: ("*/*", "Content"),
        errors: &[404, 416],
        ..PLAIN
    },
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
    Route {
        path: "/healthz",
        tag: "Watching",
        summary: "The process answers",
        who: Who::Anybody,
        answer: (JSON, "Health"),
        ..PLAIN
    },
    Route {
        path: "/readyz",
        tag: "Watching",
        summary: "The database answers, and its schema fits",
        who: Who::Anybody,
        answer: (JSON, "Health"),
        errors: &[503],
        ..PLAIN
    },
    Route {
        path: "/metrics",
        tag: "Watching",
        summary: "What was counted, for Prometheus; also with the metrics token",
        answer: ("text/plain", "Text"),
        ..PLAIN
    },
    Route { path: "/openapi.json", tag: "Watching", summary: "This description", who: Who::Anybody, ..PLAIN },
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
