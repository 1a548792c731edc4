//! What watches over the server, and this description: one entry a route. Read by [`super::all`].

use super::{JSON, PLAIN, Route, Who};

pub(super) static ROUTES: &[Route] = &[
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
];
