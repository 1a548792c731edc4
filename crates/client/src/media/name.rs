//! What a file is called: asked when one is attached here, and when one comes from the agent's other desktop.

/// The server takes no longer name, in characters.
const LONGEST: usize = 200;

/// What a file is called, without the folders that it lay in and without what no name needs. `None` when nothing is left.
pub(crate) fn name_of(told: &str) -> Option<String> {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|character| !character.is_control()).collect();
    let plain = plain.trim();
    if plain.chars().count() <= LONGEST {
        return (!plain.is_empty()).then(|| plain.to_owned());
    }
    // The ending says what it is.
    let ending = plain.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).filter(|ending| ending.len() <= 10);
    let ending = ending.unwrap_or_default();
    let stem = plain.chars().take(LONGEST - ending.chars().count()).collect::<String>();
    Some(stem + &ending)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/home/ann/photo.jpg", Some("photo.jpg"))]
    #[case("C:\\Users\\ann\\photo.jpg", Some("photo.jpg"))]
    #[case(" a\nb\u{0}.png ", Some("ab.png"))]
    #[case("Grüße \"x\".pdf", Some("Grüße \"x\".pdf"))]
    #[case("folder/", None)]
    #[case("", None)]
    fn a_file_is_called_by_the_last_part_of_its_name(#[case] told: &str, #[case] expected: Option<&str>) {
        assert_eq!(name_of(told).as_deref(), expected);
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_ending() {
        let name = name_of(&format!("{}.jpeg", "é".repeat(300))).unwrap();

        assert_eq!(name.chars().count(), LONGEST);
        assert!(name.ends_with("é.jpeg"));
    }
}
