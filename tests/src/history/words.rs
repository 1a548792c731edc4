//! Texts as people write them: a few words very often, most of them hardly ever, now and then another script, an emoji or a number.

use std::fmt::Write;

use rand::{RngExt, SeedableRng, rngs::StdRng};

/// The most frequent words of English texts, the most frequent first.
const FREQUENT: &str = "the to you and a i it is for of in that my on have we your be with this are can me will at not if do so or \
    please thank thanks order from when was but get just know what all there out up time how they one today would tomorrow call need has \
    about see like our here been still back now new good hi hello yes no ok great delivery appointment invoice number week day";

/// Words besides those.
const VOCABULARY: usize = 30_000;

const ASIAN: [&str; 6] = [
    "我们明天见，谢谢",
    "请问我的订单什么时候到？",
    "明日行きますね",
    "ありがとうございます",
    "내일 만나요 한국어",
    "주문이 언제 도착하나요",
];
const EMOJI: [&str; 8] = ["👍", "👍🏽", "😀", "❤️", "🎉", "🙏", "🇩🇪", "👨‍👩‍👧"];

/// All words, and how often each comes.
#[derive(Clone, Debug)]
pub struct Words {
    words: Vec<String>,
    /// Sums of the weights up to each word.
    sums: Vec<f64>,
}

impl Words {
    /// The same for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed ^ 0x005e_ed0f_3e0d_5000);
        let mut words: Vec<String> = FREQUENT.split_whitespace().map(str::to_owned).collect();
        words.extend((0..VOCABULARY).map(|_| made_up(&mut dice)));
        // Zipf: the second word half as often as the first, the third a third as often.
        let mut sum = 0.0;
        let sums = (1..=words.len())
            .map(|rank| {
                #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
                let weight = 1.0 / (rank as f64 + 2.0);
                sum += weight;
                sum
            })
            .collect();
        Self { words, sums }
    }

    /// A word, as often as it comes.
    pub fn word(&self, dice: &mut StdRng) -> &str {
        let total = self.sums.last().copied().unwrap_or(1.0);
        let drawn = dice.random::<f64>() * total;
        let at = self.sums.partition_point(|sum| *sum < drawn);
        &self.words[at.min(self.words.len() - 1)]
    }

    /// A text of 3 to 24 words.
    pub fn text(&self, dice: &mut StdRng) -> String {
        let mut text = String::new();
        for _ in 0..dice.random_range(3..25) {
            if !text.is_empty() {
                text.push(if dice.random_bool(0.03) { '\n' } else { ' ' });
            }
            text.push_str(self.word(dice));
            if dice.random_bool(0.08) {
                text.push(if dice.random_bool(0.5) { ',' } else { '.' });
            }
        }
        let pick = |dice: &mut StdRng, from: &[&'static str]| from[dice.random_range(0..from.len())];
        match dice.random_range(0..100) {
            0..3 => text = pick(dice, &ASIAN).to_owned() + &text,
            3..10 => _ = write!(text, " {}", pick(dice, &EMOJI)),
            10..12 => {
                _ = write!(text, " +1 (555) {:03}-{:04}", dice.random_range(0..1_000), dice.random_range(0..10_000));
            }
            _ => {}
        }
        text
    }

    /// A contact's name.
    pub fn name(&self, dice: &mut StdRng) -> String {
        let mut part = || {
            let word = made_up(dice);
            word[..1].to_uppercase() + &word[1..]
        };
        format!("{} {}", part(), part())
    }
}

fn made_up(dice: &mut StdRng) -> String {
    const SOUNDS: [&str; 24] = [
        "an", "ber", "co", "de", "el", "fi", "gra", "ho", "in", "jo", "ka", "lo", "ma", "ne", "or", "pa", "qui", "re",
        "si", "ta", "un", "ver", "wi", "zo",
    ];
    (0..dice.random_range(2..5)).map(|_| SOUNDS[dice.random_range(0..SOUNDS.len())]).collect()
}
