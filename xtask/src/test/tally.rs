//! Counting what the runners report.

/// How many tests and checks passed, failed and were skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Held.
    pub passed: u64,
    /// Did not hold.
    pub failed: u64,
    /// Was not run.
    pub skipped: u64,
}

impl Tally {
    /// So many failures.
    pub fn failed(failed: u64) -> Self {
        Self { failed, ..Self::default() }
    }

    /// One check, such as clippy.
    pub fn check(holds: bool) -> Self {
        Self { passed: u64::from(holds), failed: u64::from(!holds), skipped: 0 }
    }

    /// Adds another count.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// The sum of the `test result:` lines of Rust's test harness. A run that ended badly without naming a failed test (it did not compile, it
    /// crashed) counts as one failure: an error must never look like zero failures.
    pub fn of_rust(output: &str, succeeded: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines().filter_map(|line| line.trim_start().strip_prefix("test result:")) {
            for part in line.split([';', '.']) {
                let mut words = part.split_whitespace();
                match (words.next().and_then(|word| word.parse::<u64>().ok()), words.next()) {
                    (Some(count), Some("passed")) => tally.passed += count,
                    (Some(count), Some("failed")) => tally.failed += count,
                    (Some(count), Some("ignored")) => tally.skipped += count,
                    _ => {}
                }
            }
        }
        tally.or_one_failure(succeeded)
    }

    /// The statistics of Playwright's JSON report; none where it is not readable.
    pub fn of_playwright(report: &str, succeeded: bool) -> Self {
        let report: serde_json::Value = serde_json::from_str(report).unwrap_or_default();
        let count = |name: &str| report.pointer(&format!("/stats/{name}")).and_then(serde_json::Value::as_u64).unwrap_or(0);
        // A flaky test failed once: with no retries there is none, and if there were one it would not be good.
        Self { passed: count("expected"), failed: count("unexpected") + count("flaky"), skipped: count("skipped") }.or_one_failure(succeeded)
    }

    /// The counts of a report in JUnit's form; none where it is not readable.
    pub fn of_junit(report: &str, succeeded: bool) -> Self {
        let suites = report.split("<testsuites").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
        let count = |name: &str| {
            let said = suites.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            said.and_then(|said| said.parse::<u64>().ok()).unwrap_or(0)
        };
        let (failed, skipped) = (count("failures") + count("errors"), count("skipped"));
        Self { passed: count("tests").saturating_sub(failed + skipped), failed, skipped }.or_one_failure(succeeded)
    }

    fn or_one_failure(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_BINARIES: &str = "\
running 3 tests
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 5 filtered out; finished in 1.50s
";

    #[test]
    fn the_results_of_all_test_binaries_are_added() {
        assert_eq!(Tally::of_rust(TWO_BINARIES, false), Tally { passed: 7, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_run_that_broke_before_any_test_is_a_failure() {
        assert_eq!(Tally::of_rust("error[E0425]: cannot find value", false), Tally::failed(1));
        assert_eq!(Tally::of_playwright("", false), Tally::failed(1));
    }

    #[test]
    fn playwrights_statistics_are_counted() {
        let report = r#"{"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":2}}"#;
        assert_eq!(Tally::of_playwright(report, false), Tally { passed: 5, failed: 2, skipped: 2 });
    }

    #[test]
    fn the_counts_of_a_junit_report_are_read() {
        let report = r#"<?xml version="1.0"?><testsuites errors="1" failures="2" skipped="3" tests="97" time="67.9"><testsuite tests="9">"#;
        assert_eq!(Tally::of_junit(report, false), Tally { passed: 91, failed: 3, skipped: 3 });
        assert_eq!(Tally::of_junit("", false), Tally::failed(1));
    }
}
