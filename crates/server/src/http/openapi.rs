//! `GET /openapi.json`: the HTTP API, described in OpenAPI 3.1 for people and programs that write a client.
//!
//! Served without a token: it tells nothing that is not in the documentation. Put together from [`routes`] (one entry a route) and
//! [`schemas`] (what travels); a test compares the entries with the router. Sockets are in `docs/protocol.md`.

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    http::header,
    response::{IntoResponse, Response as HttpResponse},
};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, Ref, RefOr, Required, Response, Schema,
    SecurityRequirement, Tag,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use self::routes::{Route, Who};

mod routes;
mod schemas;

static WRITTEN: LazyLock<Bytes> = LazyLock::new(|| serde_json::to_vec(&describe()).unwrap_or_default().into());

/// The description.
pub async fn show() -> HttpResponse {
    ([(header::CONTENT_TYPE, "application/json")], WRITTEN.clone()).into_response()
}

fn describe() -> OpenApi {
    let mut paths = Paths::new();
    for route in routes::all() {
        let item = PathItem::new(route.method.clone(), operation(route));
        match paths.paths.get_mut(route.path) {
            Some(known) => known.merge_operations(item),
            None => drop(paths.paths.insert(route.path.to_owned(), item)),
        }
    }
    let mut tags: Vec<&str> = Vec::new();
    for route in routes::all() {
        if !tags.contains(&route.tag) {
            tags.push(route.tag);
        }
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Deskline")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "SMS for a team. Every 4xx and 5xx body is an `Error`. Ids are UUIDs, times RFC 3339. Rows have the columns of their \
                     tables, in snake_case; everything else is in camelCase. Fields that are not described are ignored in requests and \
                     may appear in answers. A token is looked at before anything else (401), then whether the request names what it has to \
                     (400 `Missing required fields`), then membership (403, whether the workspace exists or not). `token: [admin]` asks for \
                     an owner or admin of the workspace. A request with `X-Deskline-Protocol` of a version that is too old is answered 426.",
                ))
                .build(),
        )
        .paths(paths)
        .tags(Some(tags.into_iter().map(Tag::new)))
        .components(Some(components()))
        .build()
}

fn operation(route: &Route) -> Operation {
    let mut operation =
        OperationBuilder::new().tag(route.tag).summary(Some(route.summary)).operation_id(Some(id(route)));
    for name in placeholders(route.path) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        operation = operation.parameter(parameter.schema(Some(reference(if name == "sid" { "Text" } else { "Id" }))));
    }
    for (name, required, schema) in route.query {
        let required = if *required { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(*name).parameter_in(ParameterIn::Query).required(required);
        operation = operation.parameter(parameter.schema(Some(reference(schema))));
    }
    if let Some((kind, schema)) = route.body {
        let body = RequestBodyBuilder::new().content(kind, Content::new(Some(reference(schema))));
        operation = operation.request_body(Some(body.required(Some(Required::True)).build()));
    }
    let (kind, schema) = route.answer;
    let mut good = Response::new("Done");
    if !schema.is_empty() {
        good.content.insert(kind.to_owned(), RefOr::T(Content::new(Some(reference(schema)))));
    }
    operation = operation.response(if schema.is_empty() { "204" } else { "200" }, good);
    for status in route.errors.iter().chain(route.who.errors()) {
        let mut bad = Response::new(meaning(*status));
        bad.content.insert("application/json".to_owned(), RefOr::T(Content::new(Some(reference("Error")))));
        operation = operation.response(status.to_string(), bad);
    }
    operation = match route.who {
        Who::Anybody => operation.securities(Some([SecurityRequirement::default()])),
        Who::Member => operation.security(SecurityRequirement::new::<_, _, &str>("token", [])),
        Who::Admin => operation.security(SecurityRequirement::new("token", ["admin"])),
        Who::Twilio => operation.security(SecurityRequirement::new::<_, _, &str>("twilioSignature", [])),
        Who::LinkHolder => operation.security(SecurityRequirement::new::<_, _, &str>("signedLink", [])),
    };
    operation.build()
}

/// `get_media_link` for `GET /media/link`.
fn id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    [route.verb()].into_iter().chain(words).collect::<Vec<_>>().join("_")
}

fn placeholders(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn reference(schema: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(schema))
}

fn components() -> Components {
    let mut components = Components::new();
    components.schemas.extend(schemas::all().into_iter().map(|(name, schema)| (name, RefOr::T(schema))));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let token = token
        .description(Some("Issued by `POST /auth/v1/token`, or by the configured issuer; `sub` is the user's id."));
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    let signature = ApiKeyValue::with_description(
        "X-Twilio-Signature",
        "Twilio's signature over the public URL, path, query and form, with the auth token of the form's `AccountSid`.",
    );
    components.add_security_scheme("twilioSignature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    let link = ApiKeyValue::with_description("signature", "Part of a link that this server made, with `expires`.");
    components.add_security_scheme("signedLink", SecurityScheme::ApiKey(ApiKey::Query(link)));
    components
}

const fn meaning(status: u16) -> &'static str {
    match status {
        400 => "Something is missing or has a wrong shape",
        401 => "No token, or one that is not taken",
        403 => "Not a member of this workspace, not allowed to do this, or not signed",
        404 => "There is no such thing in this workspace, or in one that the caller is a member of",
        408 => "The body did not arrive in time",
        409 => "Not in a state in which this can be done (`wrong_state`), or the feed was replaced (`feed_changed`)",
        413 => "The body is too large",
        415 => "A type that cannot be sent",
        416 => "The file has no such part",
        422 => "Refused, by Twilio or by a rule; `code` and `explanation` say why",
        429 => "Too many attempts: wait as `Retry-After` says",
        502 => "Twilio could not be asked",
        503 => "The database, or the issuer's keys, cannot be reached",
        _ => "An error",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Every `$ref` in a document.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| match value.as_str() {
                Some(target) if name == "$ref" => drop(found.insert(target.to_owned())),
                _ => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_schema_that_is_named_is_there_and_every_one_is_named() {
        let document = serde_json::to_value(describe()).unwrap();

        let mut named = BTreeSet::new();
        references(&document, &mut named);

        let there = document["components"]["schemas"].as_object().unwrap().keys();
        let there: BTreeSet<String> = there.map(|name| format!("#/components/schemas/{name}")).collect();
        assert_eq!(named, there);
    }

    #[test]
    fn no_two_operations_have_one_name() {
        let names: BTreeSet<String> = routes::all().map(id).collect();

        assert_eq!(names.len(), routes::all().count());
    }
}
