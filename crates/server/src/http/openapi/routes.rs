//! One entry a route of [`crate::http::router`]: what an entry says, and all of them, by subject.
//!
//! Read by [`super`]. A route without an entry, and an entry without a route, fail a test.

mod contacts;
mod desktops;
mod files;
mod texts;
mod watching;
mod workspace;

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

/// Every route, in the order of their tags in the description.
pub(super) fn all() -> impl Iterator<Item = &'static Route> {
    [texts::ROUTES, workspace::ROUTES, files::ROUTES, desktops::ROUTES, watching::ROUTES, contacts::ROUTES]
        .into_iter()
        .flatten()
}
