//! Values as cells of a spreadsheet, and cells of a spreadsheet as values.

mod country;
mod number;
mod read;
mod rows;
mod write;

pub(super) use read::read;
pub(super) use write::write;

/// What a spreadsheet takes for a formula at the beginning of a cell (OWASP, CSV injection).
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Whether a cell begins anew behind this character, also in a spreadsheet that takes semicolons, tabs and line ends for the ends of cells.
fn begins_anew(c: char, at_start: bool) -> bool {
    matches!(c, ';' | ',' | '|' | '\n' | '\r' | '\t') || (at_start && c == ' ')
}

/// Whether an apostrophe stands (or must be put) before this: a formula, or what would be mistaken for one that an apostrophe stands before.
fn is_kept_apart(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// The text, in a form that no spreadsheet takes for a formula; [`plain`] is the way back.
pub(crate) fn harmless(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 1);
    let mut at_start = true;
    for (place, c) in text.char_indices() {
        if at_start && is_kept_apart(&text[place..]) {
            written.push('\'');
        }
        written.push(c);
        at_start = begins_anew(c, at_start);
    }
    written
}

/// The text without the apostrophes that keep formulas apart.
fn plain(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut at_start = true;
    for (place, c) in text.char_indices() {
        if at_start && c == '\'' && is_kept_apart(&text[place..]) {
            // What stands behind the apostrophe is no beginning any more.
            at_start = false;
            continue;
        }
        read.push(c);
        at_start = begins_anew(c, at_start);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_made_harmless_is_read_as_it_was(text in "[a='+@ ;\\n\\t|-]{0,12}") {
            prop_assert_eq!(plain(&harmless(&text)), text);
        }
    }
}
