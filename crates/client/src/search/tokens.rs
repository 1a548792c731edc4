//! Texts as the index sees them: folded, and cut into tokens that know where they come from.
//!
//! Used for what is indexed, for what is asked and for what is marked in an answer, so that the three never disagree. Folding
//! takes away case, accents, widths and skin tones. Words are tokens; a character of a script that puts no spaces between words
//! (Chinese, Japanese, Korean, Thai, …), an emoji and any other sign beyond ASCII is a token of its own, and a sequence of them
//! is searched as a phrase: so even a single character is found, in the middle of anything. Pure, and linear in the text's length.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// Longer words are cut off here, in texts and in questions alike. Bytes.
const LONGEST: usize = 64;

/// How many digits a number has that may be written in several groups: a telephone number, above all.
const NUMBER: std::ops::RangeInclusive<usize> = 7..=15;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters and digits. May be searched by its beginning.
    Word,
    /// One character that stands for itself.
    Sign,
}

#[derive(Clone, Debug)]
struct Token {
    folded: Range<usize>,
    place: Range<usize>,
    kind: Kind,
}

/// A text, cut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    /// Folded tokens, with spaces between them.
    folded: String,
    list: Vec<Token>,
    /// Whether the last token is a word that goes on with the next letter.
    open: bool,
}

/// Digits that belong together, whatever stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) digits: String,
    /// Bytes of the text.
    pub(crate) place: Range<usize>,
}

impl Tokens {
    pub(crate) fn of(text: &str) -> Self {
        let mut tokens = Self::default();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            // An ASCII character stands alone, unless something follows that may combine with it.
            if byte.is_ascii() && bytes.get(at + 1).is_none_or(u8::is_ascii) {
                let letter = char::from(byte.to_ascii_lowercase());
                if letter.is_ascii_alphanumeric() {
                    tokens.word(letter, at..at + 1);
                } else {
                    tokens.open = false;
                }
                at += 1;
            } else {
                let cluster = text[at..].graphemes(true).next().unwrap_or(&text[at..]);
                tokens.cluster(cluster, at..at + cluster.len());
                at += cluster.len();
            }
        }
        tokens
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The folded token. `at` is less than [`Tokens::len`].
    pub(crate) fn get(&self, at: usize) -> &str {
        &self.folded[self.list[at].folded.clone()]
    }

    /// Where the token stands in the text, in bytes.
    pub(crate) fn place(&self, at: usize) -> Range<usize> {
        self.list[at].place.clone()
    }

    pub(crate) fn kind(&self, at: usize) -> Kind {
        self.list[at].kind
    }

    /// All tokens, with spaces between them.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }

    /// What may be a telephone number, however it is written.
    pub(crate) fn numbers(&self, text: &str) -> Vec<Number> {
        let mut numbers: Vec<Number> = Vec::new();
        let mut grows = false;
        for at in 0..self.len() {
            let (token, place) = (self.get(at), self.place(at));
            if !token.bytes().all(|byte| byte.is_ascii_digit()) {
                grows = false;
                continue;
            }
            let last = numbers.last_mut().filter(|last| grows && is_inside_number(&text[last.place.end..place.start]));
            match last {
                Some(last) => {
                    last.digits.push_str(token);
                    last.place.end = place.end;
                }
                None => numbers.push(Number { digits: token.to_owned(), place }),
            }
            grows = true;
        }
        numbers.retain(|number| NUMBER.contains(&number.digits.len()));
        numbers
    }

    fn cluster(&mut self, cluster: &str, place: Range<usize>) {
        let mut characters = cluster.chars().filter(|c| !is_silent(*c)).peekable();
        if characters.peek().is_none() {
            // A soft hyphen or a mark of direction parts no word.
            return;
        }
        let tone_alone = cluster.chars().count() == 1;
        let folded = characters
            .filter(|c| tone_alone || !is_skin_tone(*c))
            .flat_map(char::to_lowercase)
            .nfkd()
            .filter(|c| !is_accent(*c) && !is_silent(*c))
            .nfc()
            .flat_map(char::to_lowercase);
        for character in folded {
            if let Some(letters) = respelled(character) {
                letters.chars().for_each(|letter| self.word(letter, place.clone()));
            } else if stands_alone(character) {
                self.sign(character, place.clone());
            } else if character.is_alphanumeric() {
                self.word(digit(character), place.clone());
            } else if character.general_category_group() == GeneralCategoryGroup::Mark {
                self.mark(character, &place);
            } else {
                self.open = false;
            }
        }
    }

    fn word(&mut self, letter: char, place: Range<usize>) {
        match self.list.last_mut() {
            Some(last) if self.open => {
                last.place.end = place.end;
                if last.folded.len() + letter.len_utf8() <= LONGEST {
                    self.folded.push(letter);
                    last.folded.end = self.folded.len();
                }
            }
            _ => self.push(letter, place, Kind::Word),
        }
        self.open = true;
    }

    fn sign(&mut self, sign: char, place: Range<usize>) {
        self.push(sign, place, Kind::Sign);
        self.open = false;
    }

    /// Belongs to the letter before it in its cluster; without one it says nothing.
    fn mark(&mut self, mark: char, place: &Range<usize>) {
        let letter = self.list.last_mut().filter(|last| last.place.end == place.end);
        if let Some(last) = letter.filter(|last| last.folded.len() + mark.len_utf8() <= LONGEST) {
            self.folded.push(mark);
            last.folded.end = self.folded.len();
        }
    }

    fn push(&mut self, character: char, place: Range<usize>, kind: Kind) {
        if !self.folded.is_empty() {
            self.folded.push(' ');
        }
        let start = self.folded.len();
        self.folded.push(character);
        self.list.push(Token { folded: start..self.folded.len(), place, kind });
    }
}

/// What stands between the groups of a telephone number, in texts and in questions.
pub(crate) const fn is_number_sign(sign: char) -> bool {
    matches!(sign, ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}'..='\u{2013}' | '.' | '/' | '(' | ')' | '+')
}

fn is_inside_number(between: &str) -> bool {
    between.chars().count() <= 3 && between.chars().all(is_number_sign)
}

/// Says nothing about what is written: joiners, marks of direction, variation selectors.
const fn is_silent(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{640}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
    )
}

const fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Accents of European letters, and the points of Hebrew and Arabic. Not the vowels of Indian scripts and not the voicing
/// marks of Japanese: those make another word.
fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 10..=35 | 200..)
}

/// Letters that do not come apart, and are written with others by whoever has no key for them.
const fn respelled(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

/// Characters of scripts that put no spaces between words, and signs beyond ASCII. Private characters are not among them:
/// `index` puts those before what is no text.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{3098}' | '\u{309b}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Symbol && !c.is_alphanumeric())
}

/// A digit of any script as the one that telephones have.
fn digit(c: char) -> char {
    let zero = match c {
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{966}'..='\u{96f}' => '\u{966}',
        '\u{9e6}'..='\u{9ef}' => '\u{9e6}',
        _ => return c,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::case_and_accents("Crème BRÛLÉE", "creme brulee")]
    #[case::accents_that_combine("Cre\u{300}me", "creme")]
    #[case::letters_that_do_not_come_apart("Łódź, Straße, Ærø", "lodz strasse aero")]
    #[case::turkish("İstanbul ılık", "istanbul ilik")]
    #[case::greek("Οδός ΟΔΟΣ", "οδοσ οδοσ")]
    #[case::apostrophes("don't l’hôtel", "don t l hotel")]
    #[case::widths("ＡＢＣ１２３ ｶﾞ", "abc123 ガ")]
    #[case::chinese("我们明天见", "我 们 明 天 见")]
    #[case::japanese("明日ガ行く", "明 日 ガ 行 く")]
    #[case::korean_composed_or_not("한국 \u{1112}\u{1161}\u{11ab}", "한 국 한")]
    #[case::thai("สวัสดี", "ส ว ั ส ด ี")]
    #[case::mixed("iPhone手机 ok", "iphone 手 机 ok")]
    #[case::emoji("👍🏽 ok❤️", "👍 ok ❤")]
    #[case::family("👨‍👩‍👧", "👨 👩 👧")]
    #[case::keycap("1️⃣", "1")]
    #[case::flag("🇩🇪", "🇩 🇪")]
    #[case::hebrew_points("שָׁלוֹם", "שלום")]
    #[case::arabic_points_and_digits("كِتَاب ٣٤", "كتاب 34")]
    #[case::hindi_vowels_stay("किताब", "किताब")]
    #[case::soft_hyphens_part_no_word("Ver\u{ad}trag", "vertrag")]
    #[case::private_characters_are_no_text("a\u{e000}b", "a b")]
    #[case::signs("a+b=c; 5€", "a b c 5 €")]
    #[case::nothing(" \n\t?!…", "")]
    fn texts_are_folded_and_cut(#[case] text: &str, #[case] folded: &str) {
        assert_eq!(Tokens::of(text).folded(), folded);
    }

    #[rstest]
    #[case("call +1 (555) 000-0001 now", &["15550000001"])]
    #[case("555.123.4567 or 555 765 4321, please", &["5551234567", "5557654321"])]
    #[case("order 123456 of 2026-11-26", &["20261126"])]
    #[case("room 12", &[])]
    #[case("12345678901234567890", &[])]
    fn telephone_numbers_are_put_together(#[case] text: &str, #[case] numbers: &[&str]) {
        let found: Vec<String> = Tokens::of(text).numbers(text).into_iter().map(|number| number.digits).collect();

        assert_eq!(found, numbers);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_into_tokens_that_fts5_takes_as_they_are(text in "\\PC*|[a-zé한👍🏽 \u{200d}\u{300}\"'():*^-]*") {
            let tokens = Tokens::of(&text);

            for at in 0..tokens.len() {
                let token = tokens.get(at);
                prop_assert!(!token.is_empty() && token.len() <= LONGEST);
                prop_assert!(token.chars().all(|c| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit()), "{token:?}");
                // Its place can be cut out.
                prop_assert!(!text[tokens.place(at)].is_empty());
                prop_assert!(at == 0 || tokens.place(at - 1).start <= tokens.place(at).start);
            }
            prop_assert_eq!(tokens.folded().split(' ').filter(|token| !token.is_empty()).count(), tokens.len());
        }

        #[test]
        fn what_is_folded_stays_as_it_is(text in "\\PC{0,40}") {
            let once = Tokens::of(&text).folded().to_owned();

            let twice = Tokens::of(&once);
            prop_assert_eq!(twice.folded(), &once);
        }
    }
}
