//! The words of what waits on this device, and of files that carry it.

use crate::language::messages;

messages! {
    module "waiting";
    texts {
        title,
        documents,
        connection,
        reached,
        never_reached,
        last_contact,
        never,
        clock,
        clock_right,
        storage,
        state_saved,
        state_sent,
        state_waiting,
        state_blocked,
        not_tried,
        why_unreachable,
        why_session_lost,
        why_failed,
        why_refused,
        why_retry,
        hand_over,
        hand_over_text,
        save_file,
        hand_in,
        hand_in_text,
        drop_text,
        files,
        file_waits,
        file_done,
        file_not_whole,
        file_not_whole_text,
        handing_in,
        outside,
        put_away,
        details,
    }
    filled {
        out_of_reach(since),
        next_try(time),
        last_try(time),
        clock_ahead(time),
        clock_behind(time),
        storage_used(used, quota),
        saved_as(name),
        of_device(device),
        in_books(count),
        known_count(count),
        waits_count(count),
        held_count(count),
        refused_count(count),
    }
    counted {
        tries,
        document_tries,
        more_documents,
        lines_left,
    }
    said {
        /// Why a file is not written or taken, by its code.
        file,
    }
}

/// Why a file is not written or taken.
pub fn file(code: &str) -> (&'static str, &'static str) {
    t().file(code).or_else(|| t().file("other")).unwrap_or_default()
}
