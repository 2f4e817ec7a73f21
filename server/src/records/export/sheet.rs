//! A list as a workbook of one sheet. What is a number or a day in a record is one in its cell; a text is a text, whatever it begins with, so none of it is run.

use super::write;
use crate::failure::Fault;
use holdfast_domain::kernel::resource::{Field, Resource, Shape};
use holdfast_domain::kernel::{Day, Money, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use serde::Deserialize as _;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Cells hold binary fractions: of a decimal, so many digits come back as they went in.
const EXACT_DIGITS: usize = 15;
/// As wide as so many digits.
const ID_WIDTH: f64 = 38.0;
/// As wide as so many digits, for what is not known beforehand.
const WIDTH: f64 = 20.0;

/// The sheet, its next row, and how its cells look.
pub(super) struct Sheet {
    book: Workbook,
    row: u32,
    columns: u16,
    day: Format,
    /// One for each currency.
    amounts: HashMap<String, Format>,
}

/// What stands in a cell.
enum Cell {
    Nothing,
    Text(String),
    Number(f64),
    /// In the look of its currency.
    Amount(f64, Money),
    Day(ExcelDateTime),
    Boolean(bool),
}

impl Sheet {
    /// With its head. `now` is when the file says it was made.
    pub(super) fn begin(resource: &Resource, head: impl Iterator<Item = &'static str>, now: Timestamp) -> Result<Self, Fault> {
        let mut book = Workbook::new();
        let made = ExcelDateTime::from_timestamp(now.0.div_euclid(1_000)).map_err(unwritten)?;
        book.set_properties(&DocProperties::new().set_title(resource.plural).set_creation_datetime(&made));
        // Rows go to the disk as they come: a hundred thousand records do not lie in memory twice.
        let sheet = book.add_worksheet_with_constant_memory().map_err(unwritten)?;
        let bold = Format::new().set_bold();
        let mut columns = 0;
        for name in head {
            sheet.set_column_width(columns, if columns == 0 { ID_WIDTH } else { WIDTH }).map_err(unwritten)?;
            sheet.write_string_with_format(0, columns, name, &bold).map_err(unwritten)?;
            columns += 1;
        }
        sheet.set_freeze_panes(1, 0).map_err(unwritten)?;
        Ok(Self { book, row: 1, columns, day: Format::new().set_num_format("yyyy-mm-dd"), amounts: HashMap::new() })
    }

    /// A record in the next row.
    pub(super) fn line<'a>(&mut self, (id, archived): (Uuid, bool), values: impl Iterator<Item = (&'a Field, &'a Value)>) -> Result<(), Fault> {
        let first = [Cell::Text(id.to_string()), Cell::Boolean(archived)];
        for (column, cell) in (0..).zip(first.into_iter().chain(values.map(|(field, value)| Cell::of(field, value)))) {
            self.write(column, cell).map_err(unwritten)?;
        }
        self.row += 1;
        Ok(())
    }

    fn write(&mut self, column: u16, cell: Cell) -> Result<(), XlsxError> {
        let (row, sheet) = (self.row, self.book.worksheet_from_index(0)?);
        match cell {
            Cell::Nothing => return Ok(()),
            Cell::Text(text) => sheet.write_string(row, column, text)?,
            Cell::Number(number) => sheet.write_number(row, column, number)?,
            Cell::Boolean(is) => sheet.write_boolean(row, column, is)?,
            Cell::Day(day) => sheet.write_datetime_with_format(row, column, &day, &self.day)?,
            Cell::Amount(amount, money) => {
                let format = self.amounts.entry(money.currency.to_string()).or_insert_with_key(|currency| looks(currency, money.currency.decimals()));
                sheet.write_number_with_format(row, column, amount, format)?
            }
        };
        Ok(())
    }

    /// The bytes. Packing them takes a while, and others are served meanwhile.
    pub(super) async fn finish(mut self: Box<Self>) -> Result<Vec<u8>, Fault> {
        let packed = tokio::task::spawn_blocking(move || {
            let (last, columns) = (self.row - 1, self.columns);
            self.book.worksheet_from_index(0)?.autofilter(0, 0, last, columns - 1)?;
            self.book.save_to_buffer()
        });
        packed.await.map_err(|error| Fault::new("pack a workbook", error))?.map_err(unwritten)
    }
}

impl Cell {
    fn of(field: &Field, value: &Value) -> Self {
        match (field.shape, value) {
            (_, Value::Null) => Self::Nothing,
            (_, Value::Bool(is)) => Self::Boolean(*is),
            (Shape::Whole, Value::Number(number)) => exact(&number.to_string()).map_or_else(|| Self::Text(number.to_string()), Self::Number),
            (Shape::Decimal | Shape::Rate, Value::String(text)) => exact(text).map_or_else(|| Self::Text(text.clone()), Self::Number),
            (Shape::Money, money @ Value::Object(_)) => Money::deserialize(money).ok().map_or(Self::Nothing, Self::amount),
            (Shape::Date, Value::String(text)) => text.parse().ok().and_then(day).map_or_else(|| Self::Text(text.clone()), Self::Day),
            (Shape::Tags | Shape::Rows(_), _) => Self::Text(write(field, value)),
            (Shape::Image | Shape::File, Value::Object(file)) => Self::Text(file.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()),
            (_, Value::String(text)) => Self::Text(text.clone()),
            (_, other) => Self::Text(other.to_string()),
        }
    }

    fn amount(money: Money) -> Self {
        let decimal = Decimal::new(money.minor, money.currency.decimals()).to_string();
        exact(&decimal).map_or_else(|| Self::Text(format!("{decimal} {}", money.currency)), |amount| Self::Amount(amount, money))
    }
}

/// The decimal as a cell has it, where it is the same there.
fn exact(text: &str) -> Option<f64> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let decimal: Decimal = text.parse().ok().filter(|_| digits <= EXACT_DIGITS)?;
    decimal.to_f64()
}

/// The day as a cell has it; none before 1900, where a spreadsheet's days begin.
fn day(day: Day) -> Option<ExcelDateTime> {
    ExcelDateTime::parse_from_str(&day.to_string()).ok()
}

/// An amount with its places and its currency behind it.
fn looks(currency: &str, places: u32) -> Format {
    let fraction = if places == 0 { String::new() } else { format!(".{}", "0".repeat(places as usize)) };
    Format::new().set_num_format(format!("#,##0{fraction} \"{currency}\""))
}

fn unwritten(error: XlsxError) -> Fault {
    Fault::new("write a workbook of records", error)
}
