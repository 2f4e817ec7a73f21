//! A list of rows in one cell: a line for each, its fields in the order of the declaration with semicolons between, quoted as in a file. Ids are left out: a row is known by what it says.

use holdfast_domain::kernel::resource::{Field, RowShape, Wrong};
use serde_json::{Map, Value, json};

/// The rows, each with the texts of its fields.
pub(super) fn write(rows: &[Value], cells: impl Fn(&Value) -> Vec<String>) -> String {
    let mut lines = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    for row in rows {
        // Into memory, and each as many cells as the others: nothing can be wrong with that.
        let _written = lines.write_record(cells(row));
    }
    let bytes = lines.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default().trim_end_matches('\n').to_owned()
}

/// The rows of a text. A line that ends early says nothing of what it lacks; a field that cannot be read stays as it is written, and the check says where it is.
pub(super) fn read(shape: &RowShape, text: &str, value: impl Fn(&Field, &str) -> Result<Value, Wrong>) -> Result<Value, Wrong> {
    let mut lines = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for line in lines.records() {
        let line = line.map_err(|_| Wrong::Unreadable)?;
        if line.iter().skip(shape.fields.len()).any(|cell| !cell.trim().is_empty()) {
            return Err(Wrong::Unreadable);
        }
        let mut row = Map::new();
        for (field, cell) in shape.fields.iter().zip(&line) {
            let value = match value(field, cell) {
                Err(Wrong::Ambiguous) => return Err(Wrong::Ambiguous),
                Err(_) => json!(cell),
                Ok(value) => value,
            };
            row.insert(field.name.to_owned(), value);
        }
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use holdfast_domain::kernel::resource::{Field, LongText, Rows, Wrong};
    use holdfast_domain::kernel::{Day, Money};
    use holdfast_domain::rows;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    rows! {
        /// A visit.
        pub struct Visit called "visit" {
            /// Who came.
            name: String,
            /// When.
            on: Option<Day>,
            /// What was said.
            said: Option<LongText>,
            /// What it cost.
            cost: Option<Money>,
            /// Whether they come again.
            again: bool,
        }
    }

    fn field() -> Field {
        Field::of::<Rows<Visit>>("visits")
    }

    fn visit(name: &str, said: Option<&str>) -> Value {
        json!({ "name": name, "on": "2026-03-04", "said": said, "cost": { "minor": 1250, "currency": "EUR" }, "again": true })
    }

    #[test]
    fn a_row_is_a_line_with_semicolons_between() {
        assert_eq!(
            write(&field(), &json!([visit("Ana", None), visit("Dan; Ion", Some("a\nb"))])),
            "Ana;2026-03-04;;12.50 EUR;true\n\"Dan; Ion\";2026-03-04;\"a\nb\";12.50 EUR;true"
        );
        assert_eq!(write(&field(), &json!([])), "");
        assert_eq!(read(&field(), "", None), Ok(json!([])));
    }

    #[test]
    fn no_row_begins_a_formula() {
        let written = write(&field(), &json!([visit("=1+1", Some("@x")), visit("+40 721", None)]));
        assert_eq!(written, "'=1+1;2026-03-04;'@x;12.50 EUR;true\n'+40 721;2026-03-04;;12.50 EUR;true");
    }

    #[test]
    fn a_line_that_ends_early_says_nothing_of_the_rest() {
        assert_eq!(read(&field(), "Ana; 31.12.2026\n\nDan", None), Ok(json!([{ "name": "Ana", "on": "2026-12-31" }, { "name": "Dan" }])));
    }

    #[test]
    fn what_cannot_be_read_is_refused_or_stays_for_the_check() {
        for (cell, wrong) in [("Ana;;;;true;more", Wrong::Unreadable), ("Ana;03/04/2026", Wrong::Ambiguous), ("•••", Wrong::NotValid)] {
            assert_eq!(read(&field(), cell, None), Err(wrong), "{cell:?}");
        }
        assert_eq!(read(&field(), "Ana;tomorrow", None), Ok(json!([{ "name": "Ana", "on": "tomorrow" }])));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_as_it_was(names in proptest::collection::vec(("[a='+@;|\"\\n-]{0,8}", "[a='+@;|\"\\n -]{0,8}"), 0..4)) {
            // As values are kept: without blanks around them, and nothing where there is nothing.
            let text = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
            let rows: Vec<Value> = names.iter().map(|(name, said)| visit(&format!("x{}", text(name).unwrap_or_default()), text(said).as_deref())).collect();
            prop_assert_eq!(read(&field(), &write(&field(), &json!(rows)), None), Ok(json!(rows)));
        }
    }
}
