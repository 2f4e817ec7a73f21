//! Prints how many changes per second one core takes through verify and merge: `cargo run --release --example lane_rate`.

use holdfast_sync::sim::rate;
use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "an example has no Environment; it measures")]
fn main() -> Result<(), holdfast_sync::replica::RecordError> {
    let began = Instant::now();
    for changes in [12, 100] {
        let cost = rate::measure(40, changes, &|| began.elapsed())?;
        let per_second = |spent: std::time::Duration| (f64::from(cost.changes) / spent.as_secs_f64()).round();
        println!(
            "{changes} changes a document: judged {}/s, judged and saved {}/s, recorded {}/s",
            per_second(cost.judging),
            per_second(cost.judging + cost.closing),
            per_second(cost.recording)
        );
    }
    Ok(())
}
