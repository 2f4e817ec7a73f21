//! Why a request about records is not carried out.

use crate::failure::Refusal;
use holdfast_domain::kernel::resource::{FieldProblem, Resource};

pub(super) fn unknown(resource: &Resource) -> Refusal {
    let detail = format!("No record of {} has this id, or it is not for you to see.", resource.kind);
    Refusal::new(404, "record_unknown", "There is no such record", detail)
}

pub(super) fn out_of_reach(resource: &Resource) -> Refusal {
    let detail = format!(
        "Nothing was changed. Your role lets you do that to some records of {} only, and this one is none of them, or would be none.",
        resource.kind
    );
    Refusal::new(403, "record_out_of_reach", "You may not do this to that record", detail)
}

pub(super) fn stale(current: u64) -> Refusal {
    let detail = format!("It is at version {current} now. Read it again, and decide what shall stand.");
    Refusal::new(412, "version_stale", "Somebody changed it meanwhile", detail)
}

pub(super) fn archived() -> Refusal {
    Refusal::new(409, "record_archived", "It is archived", "Restore it before you change it.")
}

pub(super) fn fields_invalid(errors: Vec<FieldProblem>) -> Refusal {
    let named: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    let detail = format!("Nothing was changed. Look at: {}.", named.join(", "));
    Refusal { errors, ..Refusal::new(422, "fields_invalid", "Some fields are not as they must be", detail) }
}

pub(super) fn exists() -> Refusal {
    Refusal::new(409, "record_exists", "There is a record of this id", "It was made before: read it.")
}

pub(super) fn invalid_query(detail: impl Into<String>) -> Refusal {
    Refusal::new(400, "invalid_query", "The query is not what this address takes", detail)
}

pub(super) fn bad_cursor() -> Refusal {
    Refusal::new(400, "cursor_malformed", "The cursor is none of ours", "Send what `next` of the page before said.")
}
