//! How many tests ran, read from the closing lines of the runners: cargo test, Vitest, Node's test runner, pytest and unittest.

use std::{fmt, ops::Add};

/// Tests that passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Counts {
    /// Adds up every closing line in what a runner printed.
    pub(super) fn read(output: &str) -> Self {
        let plain = without_colours(output);
        plain.lines().map(|line| line_counts(line.trim())).fold(Self::default(), Add::add)
    }

    /// A step that failed counts as a failure, even when no test of it did.
    pub(super) fn with_a_failure(self) -> Self {
        Self { failed: self.failed.max(1), ..self }
    }

    /// Whether nothing ran.
    pub(super) fn is_empty(self) -> bool {
        self.passed + self.failed == 0
    }

    /// `  (12 passed, 0 failed)`, or nothing where nothing was counted.
    pub(super) fn in_brackets(self) -> String {
        if self == Self::default() { String::new() } else { format!("  ({self})") }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

fn line_counts(line: &str) -> Counts {
    // cargo test: "test result: ok. 12 passed; 0 failed; 1 ignored; …"
    if let Some(rest) = line.strip_prefix("test result:") {
        return before(rest, &["passed"], &["failed"], &["ignored"]);
    }
    // Vitest: "Tests  1 failed | 33 passed | 2 skipped (36)"
    if let Some(rest) = line.strip_prefix("Tests ") {
        return before(rest, &["passed"], &["failed"], &["skipped", "todo"]);
    }
    // Node: "# pass 3" or "ℹ pass 3", one number a line
    let mut words = line.split_whitespace();
    if let (Some("#" | "ℹ"), Some(word), Some(number), None) = (words.next(), words.next(), words.next(), words.next())
    {
        let number = number.parse().unwrap_or(0);
        return match word {
            "pass" => Counts { passed: number, ..Counts::default() },
            "fail" => Counts { failed: number, ..Counts::default() },
            "skipped" | "todo" => Counts { skipped: number, ..Counts::default() },
            _ => Counts::default(),
        };
    }
    // pytest: "===== 1 failed, 3 passed in 0.10s ====="
    if line.starts_with("==") && line.contains(" in ") {
        return before(line, &["passed"], &["failed", "error", "errors"], &["skipped"]);
    }
    // unittest: "Ran 3 tests in 0.1s"; a failure shows in its exit code
    if let Some(rest) = line.strip_prefix("Ran ") {
        return before(rest, &["test", "tests"], &[], &[]);
    }
    Counts::default()
}

/// The numbers that stand before these words.
fn before(text: &str, passed: &[&str], failed: &[&str], skipped: &[&str]) -> Counts {
    let mut counts = Counts::default();
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || ",;|()".contains(c)).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<u64>() else { continue };
        if passed.contains(&pair[1]) {
            counts.passed += number;
        } else if failed.contains(&pair[1]) {
            counts.failed += number;
        } else if skipped.contains(&pair[1]) {
            counts.skipped += number;
        }
    }
    counts
}

/// Drops the escape sequences that colour a terminal.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn the_closing_lines_of_every_runner_are_read() {
        let cargo = "running 3 tests\ntest result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        let vitest =
            " Test Files  2 passed (2)\n      Tests  \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m33 passed\u{1b}[39m (34)";
        let node = "# tests 4\n# pass 3\n# fail 1\n# skipped 0";
        let pytest = "==== 1 failed, 3 passed, 2 skipped in 0.10s ====";

        assert_eq!(Counts::read(cargo), counts(2, 1, 4));
        assert_eq!(Counts::read(vitest), counts(33, 1, 0));
        assert_eq!(Counts::read(node), counts(3, 1, 0));
        assert_eq!(Counts::read(&node.replace('#', "ℹ")), counts(3, 1, 0));
        assert_eq!(Counts::read(pytest), counts(3, 1, 2));
        assert_eq!(Counts::read("Ran 3 tests in 0.004s\n\nOK"), counts(3, 0, 0));
    }

    #[test]
    fn several_runs_in_one_log_add_up() {
        let line = "test result: ok. 2 passed; 0 failed; 0 ignored";

        assert_eq!(Counts::read(&format!("{line}\n{line}")), counts(4, 0, 0));
    }

    #[test]
    fn what_only_looks_like_a_count_is_none() {
        assert_eq!(Counts::read("12 passed out of hunger, 3 failed to come\n# a comment"), Counts::default());
    }

    #[test]
    fn the_summary_is_the_plain_line_that_others_read() {
        assert_eq!(counts(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(counts(3, 0, 0).with_a_failure().to_string(), "3 passed, 1 failed");
    }
}
