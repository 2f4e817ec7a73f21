//! The words of photos.

use crate::language::messages;

messages! {
    module "photos";
    texts {
        photos,
        photos_text,
        add_photo,
        preparing,
        close,
        not_sent,
    }
    filled {
        photo(number),
        open_photo(number),
        remove_photo(number),
        taken(time),
        sent_of(sent, size),
    }
    counted {
        show,
    }
    said {
        /// Why a file was not added.
        not_added,
        /// Why a photo cannot be shown now.
        missing,
        /// Why the server does not take a photo.
        refused,
    }
}

/// Why a file was not added.
pub fn not_added(code: &str) -> (&'static str, &'static str) {
    t().not_added(code).or_else(|| t().not_added("other")).unwrap_or_default()
}

/// Why a photo cannot be shown now.
pub fn missing(code: &str) -> (&'static str, &'static str) {
    t().missing(code).or_else(|| t().missing("other")).unwrap_or_default()
}

/// Why the server does not take a photo.
pub fn refused(code: &str) -> (&'static str, &'static str) {
    t().refused(code).or_else(|| t().refused("other")).unwrap_or_default()
}
