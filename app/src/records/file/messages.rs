//! The words of files on forms.

use crate::language::messages;

messages! {
    module "files";
    texts {
        choose_image,
        choose_file,
        choose_another,
        remove,
        preparing,
        sending,
        stop,
        again,
        drop_image,
        drop_file,
        wrong_image,
        wrong_file,
        wrong_unknown,
    }
    filled {
        kilobytes(count),
        megabytes(count),
        pixels(width, height),
        /// Saves it.
        download(name),
        wrong_too_large(size),
        too_large_title(size),
    }
    counted {}
    said {
        /// Why a file was not taken, by the problem's code.
        not_taken,
    }
}

/// Why a file was not taken, and what to do.
pub fn not_taken(code: &str) -> (&'static str, &'static str) {
    t().not_taken(code).or_else(|| t().not_taken("other")).unwrap_or_default()
}
