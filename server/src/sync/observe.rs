//! What sync tells the metrics.

use holdfast_sync::wire::Answer;

/// Counts outcomes, and refusals and holds by their code.
pub(super) fn answers(answers: &[Answer]) {
    for answer in answers {
        let (outcome, code) = match answer {
            Answer::Accepted { .. } => ("accepted", String::new()),
            Answer::Duplicate { .. } => ("duplicate", String::new()),
            Answer::Waiting { .. } => ("waiting", String::new()),
            Answer::Held { code } => ("held", code.clone()),
            Answer::Refused { code } => ("refused", code.clone()),
            Answer::Retry => ("retry", String::new()),
        };
        metrics::counter!("holdfast_sync_answers_total", "outcome" => outcome, "code" => code).increment(1);
    }
}
