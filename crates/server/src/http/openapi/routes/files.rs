//! Files that come and go with texts: one entry a route. Read by [`super::all`].

use utoipa::openapi::HttpMethod;

use super::{JSON, PLAIN, Route, WORKSPACE, Who};

pub(super) static ROUTES: &[Route] = &[
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
];
