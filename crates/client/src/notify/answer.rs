//! May an answer that was given in a notification leave? One rule, without any I/O.
//!
//! Asked by `client/notify`. Whoever answers there sees the text that the notification showed, and nothing of what happened in the
//! thread since.

/// A text that somebody else of the team wrote after the one that the notification showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Other {
    /// Who, where that is known.
    pub(crate) author: Option<String>,
    pub(crate) content: String,
    /// Whether it did not arrive: then the contact still waits.
    pub(crate) failed: bool,
}

/// How much of the colleague's text is shown.
const PREVIEW_CHARACTERS: usize = 120;

/// Why it may not, in plain words and with a preview; `None` when it may. `others` is in the order of the thread.
pub(crate) fn refuse(contact: &str, others: &[Other]) -> Option<String> {
    let newest = others.iter().rev().find(|other| !other.failed)?;
    let who = newest.author.as_deref().unwrap_or("Somebody else");
    let text = preview(&newest.content);
    Some(format!("{who} answered {contact} meanwhile: {text}. What you wrote is kept as your draft."))
}

fn preview(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "with a file".to_owned();
    }
    match line.char_indices().nth(PREVIEW_CHARACTERS) {
        Some((end, _)) => format!("“{}…”", &line[..end]),
        None => format!("“{line}”"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn other(author: Option<&str>, content: &str, failed: bool) -> Other {
        Other { author: author.map(str::to_owned), content: content.to_owned(), failed }
    }

    #[rstest]
    #[case::nobody(vec![], None)]
    #[case::a_colleague(vec![other(Some("Ben"), "at nine", false)], Some("Ben answered Ann meanwhile: “at nine”. What"))]
    #[case::a_colleague_without_a_name(vec![other(None, "at nine", false)], Some("Somebody else answered Ann"))]
    #[case::a_colleague_whose_text_failed(vec![other(Some("Ben"), "at nine", true)], None)]
    #[case::the_newest_that_arrived(
        vec![other(Some("Ben"), "at nine", false), other(Some("Eva"), "or ten", true)],
        Some("“at nine”")
    )]
    #[case::a_picture(vec![other(Some("Ben"), " ", false)], Some("meanwhile: with a file."))]
    fn an_answer_leaves_or_is_kept(#[case] others: Vec<Other>, #[case] expected: Option<&str>) {
        let refused = refuse("Ann", &others);

        assert_eq!(refused.is_some(), expected.is_some());
        assert!(refused.unwrap_or_default().contains(expected.unwrap_or_default()));
    }

    #[test]
    fn a_long_text_of_several_lines_becomes_a_short_one() {
        let refused = refuse("Ann", &[other(None, &"every\nword ".repeat(100), false)]).unwrap();

        assert!(
            refused.chars().count() < 220 && refused.contains("every word every") && refused.contains('…'),
            "{refused}"
        );
    }
}
