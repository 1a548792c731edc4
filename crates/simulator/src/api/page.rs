//! Lists in pages, as Twilio cuts them: a page says where the next one is, by the last thing on it.

use serde_json::{Value, json};

/// Twilio's page size when none is asked for.
const DEFAULT_SIZE: usize = 50;
/// Its largest.
const LARGEST: usize = 1_000;

/// One page of a list. `items` are those after the page token, newest first; `key` names the list in the JSON.
pub(super) struct Page<'a, T> {
    pub(super) uri: String,
    pub(super) key: &'a str,
    pub(super) query: &'a [(String, String)],
    pub(super) sid: fn(&T) -> &str,
    pub(super) json: &'a dyn Fn(&T) -> Value,
}

impl<T> Page<'_, T> {
    /// Cuts the page that the query asks for.
    pub(super) fn cut(self, items: &[T]) -> Value {
        let asked = |name: &str| self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let size = asked("PageSize").and_then(|size| size.parse().ok()).unwrap_or(DEFAULT_SIZE).clamp(1, LARGEST);
        let page: usize = asked("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
        let after = asked("PageToken").and_then(|token| token.strip_prefix("PA"));
        // A page goes on after the last thing of the one before it, so that what came in between shifts nothing.
        let start = match after {
            Some(sid) => items.iter().position(|item| (self.sid)(item) == sid).map_or(items.len(), |at| at + 1),
            None => (page * size).min(items.len()),
        };
        let end = (start + size).min(items.len());
        let shown = &items[start..end];
        let next = shown
            .last()
            .filter(|_| end < items.len())
            .map(|last| self.address(size, page + 1, Some(&format!("PA{}", (self.sid)(last)))));
        let mut json = json!({
            "first_page_uri": self.address(size, 0, None),
            "next_page_uri": next,
            "previous_page_uri": (page > 0 && after.is_none()).then(|| self.address(size, page - 1, None)),
            "uri": self.address(size, page, asked("PageToken")),
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": (page * size + shown.len()).saturating_sub(1),
        });
        json[self.key] = shown.iter().map(|item| (self.json)(item)).collect();
        json
    }

    fn address(&self, size: usize, page: usize, token: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let filters = self.query.iter().filter(|(key, _)| !matches!(key.as_str(), "PageSize" | "Page" | "PageToken"));
        query.extend_pairs(filters);
        query.append_pair("PageSize", &size.to_string()).append_pair("Page", &page.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", token);
        }
        format!("{}?{}", self.uri, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(query: &str, items: &[String]) -> Value {
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let page = Page {
            uri: "/list.json".to_owned(),
            key: "things",
            query: &query,
            sid: String::as_str,
            json: &|item| json!(item),
        };
        page.cut(items)
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended_even_when_something_came_in_front() {
        let mut items: Vec<_> = ["c", "b", "a"].map(str::to_owned).to_vec();
        let first = cut("PageSize=2&To=%2B1", &items);
        items.insert(0, "d".to_owned());

        let next = first["next_page_uri"].as_str().unwrap();
        let second = cut(next.split_once('?').unwrap().1, &items);

        assert_eq!((&first["things"], &second["things"]), (&json!(["c", "b"]), &json!(["a"])));
        assert!(next.contains("To=%2B1"), "the filter goes with the page: {next}");
        assert_eq!(second["next_page_uri"], Value::Null);
    }

    #[test]
    fn an_empty_list_is_one_empty_page() {
        let page = cut("", &[]);

        assert_eq!((&page["things"], &page["next_page_uri"], &page["end"]), (&json!([]), &Value::Null, &json!(0)));
    }
}
