//! What a refusal of the engine or the server means for the person.

use super::messages::{self, t};
use crate::engine::protocol::EngineRefusal;
use crate::shell::api::ApiFailure;

/// The engine's refusal, in words.
pub fn explain(refusal: &EngineRefusal) -> String {
    let number = |name: &str| refusal.values.get(name).and_then(|value| value.parse::<u64>().ok()).unwrap_or(0);
    match refusal.code.as_str() {
        "pin_wrong" => t().pin_wrong.to_owned(),
        "pin_locked" => t().pin_locked(number("seconds")),
        "pin_invalid" => t().pin_invalid.to_owned(),
        "unsent_work" => t().unsent_work(number("changes")),
        "offline" => t().needs_network.to_owned(),
        "session_lost" | "not_signed_in" | "grant_missing" => t().session_lost.to_owned(),
        "till_session_open" => t().till_session_open.to_owned(),
        "not_permitted" | "permission_missing" => t().not_permitted.to_owned(),
        "storage_full" => t().storage_full.to_owned(),
        code => t().unknown_refusal(code),
    }
}

/// What a failed sign-in means.
pub(super) fn explain_sign_in(failure: &ApiFailure) -> String {
    match failure {
        ApiFailure::Unreachable => t().sign_in_unreachable.to_owned(),
        ApiFailure::Problem(problem) => match problem.code.as_str() {
            "sign_in_failed" => t().sign_in_failed.to_owned(),
            "sign_in_throttled" => messages::sign_in_throttled(problem.retry_after_s.unwrap_or(60)),
            code => t().unknown_refusal(code),
        },
    }
}
