//! A file of lines and cells, whatever program wrote it: UTF-8, UTF-16 or Windows-1252; commas, semicolons or tabs.

use crate::failure::Refusal;
use crate::records::refusal;
use encoding_rs::{Encoding, WINDOWS_1252};
use holdfast_domain::kernel::resource::{Field, MOST_IMPORTED, Resource, leaf_called};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use uuid::Uuid;

/// What a column of the file says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Which record.
    Id,
    /// A field of it.
    Of(&'static Field),
    /// Nothing that is taken in.
    LeftOut,
}

impl Column {
    fn named(resource: &'static Resource, name: &str) -> Self {
        match name {
            "id" => Self::Id,
            _ => Self::of(resource.leaf(name)),
        }
    }

    /// What is in a file that a record has is uploaded: a list that was taken out tells its name, which nothing is made of.
    fn of(leaf: Option<&'static Field>) -> Self {
        leaf.filter(|leaf| !leaf.shape.is_file()).map_or(Self::LeftOut, Self::Of)
    }

    /// As a head calls it.
    fn called(resource: &'static Resource, name: &str) -> Self {
        match spelled(name).as_str() {
            "id" => Self::Id,
            said => Self::of(leaf_called(resource, said)),
        }
    }

    /// Whether it says something that is kept encrypted: nothing follows from it that is told.
    fn is_secret(self) -> bool {
        self.field().is_some_and(Field::is_sealed)
    }

    /// The field that it says.
    pub fn field(self) -> Option<&'static Field> {
        match self {
            Self::Of(field) => Some(field),
            Self::Id | Self::LeftOut => None,
        }
    }

    /// As the answer tells it.
    pub fn name(self) -> Option<String> {
        match self {
            Self::Id => Some("id".to_owned()),
            Self::Of(field) => Some(field.name.to_owned()),
            Self::LeftOut => None,
        }
    }
}

/// A line below the head.
#[derive(Clone)]
pub(super) struct Line {
    /// Where it begins, counted from 1.
    pub number: u64,
    /// The cells of the columns that are taken in; none where it cannot be read or has more than the head.
    pub cells: Option<Vec<String>>,
    /// How many lines before say the same.
    repeats: u32,
}

impl Line {
    /// An id that follows from what the line says, and from how often the file has said it before.
    pub fn mark(&self, resource: &Resource, columns: &[Column]) -> Uuid {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        };
        add(resource.kind);
        columns.iter().zip(self.cells.iter().flatten()).filter(|(column, _)| !column.is_secret()).for_each(|(column, cell)| {
            add(&column.name().unwrap_or_default());
            add(cell);
        });
        hash.update(self.repeats.to_be_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        uuid::Builder::from_custom_bytes(std::array::from_fn(|at| digest[at])).into_uuid()
    }
}

/// The file.
pub(super) struct File {
    /// All of its columns, as they stand there.
    pub all: Vec<Column>,
    /// Those that are taken in, one for each of a line's cells.
    pub columns: Vec<Column>,
    pub lines: Vec<Line>,
}

/// More columns than that are no file of anybody's.
const MOST_COLUMNS: usize = 200;

impl File {
    /// Reads it. `columns` says what its columns are, where its head does not.
    pub fn read(resource: &'static Resource, bytes: &[u8], columns: Option<&str>) -> Result<Self, Refusal> {
        // One way to end a line, in which lines are counted as an editor does.
        let text = decoded(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
        let mut records = reader.records();
        let head = records.next().ok_or_else(|| unreadable("It is empty."))?.map_err(|_| unreadable("Its first line cannot be read."))?;
        let columns = match columns {
            Some(named) => chosen(resource, named, head.len())?,
            None => head.iter().map(|name| Column::called(resource, name)).collect(),
        };
        check(&columns)?;
        let taken: Vec<usize> = (0..columns.len()).filter(|at| columns[*at] != Column::LeftOut).collect();
        let mut said = HashMap::new();
        let mut lines = Vec::new();
        for record in records {
            let line = match record {
                Ok(record) if record.iter().all(|cell| cell.trim().is_empty()) => continue,
                Ok(record) => {
                    let beyond = record.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty());
                    let cells = (!beyond).then(|| taken.iter().map(|at| record.get(*at).unwrap_or_default().to_owned()).collect::<Vec<_>>());
                    let told = |cells: &Vec<String>| {
                        taken.iter().zip(cells).filter(|(at, _)| !columns[**at].is_secret()).map(|(_, cell)| cell.clone()).collect::<Vec<_>>()
                    };
                    let repeats = cells.as_ref().map_or(0, |cells| repeats(&mut said, &told(cells)));
                    Line { number: record.position().map_or(0, csv::Position::line), cells, repeats }
                }
                Err(error) => Line { number: error.position().map_or(0, csv::Position::line), cells: None, repeats: 0 },
            };
            lines.push(line);
            if lines.len() as u64 > MOST_IMPORTED {
                return Err(Refusal::new(
                    413,
                    "file_too_long",
                    "The file has too many lines",
                    format!("Send at most {MOST_IMPORTED} lines at once."),
                ));
            }
        }
        let taken = taken.into_iter().map(|at| columns[at]).collect();
        Ok(Self { all: columns, columns: taken, lines })
    }
}

/// How often that was said before.
fn repeats(said: &mut HashMap<u64, u32>, cells: &[String]) -> u32 {
    let mut hasher = DefaultHasher::new();
    cells.hash(&mut hasher);
    let times = said.entry(hasher.finish()).or_default();
    *times += 1;
    *times - 1
}

/// As a field is spelled: a head may say `Tax number`.
fn spelled(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

fn chosen(resource: &'static Resource, named: &str, many: usize) -> Result<Vec<Column>, Refusal> {
    let columns: Vec<Column> = named.split(',').map(|name| Column::named(resource, name)).collect();
    if let Some(unknown) = named.split(',').zip(&columns).find(|(name, column)| !name.is_empty() && **column == Column::LeftOut) {
        let detail = match resource.leaf(unknown.0) {
            Some(_) => format!("{} is a file: it is uploaded, not brought in.", unknown.0),
            None => format!("{} has no field {}.", resource.kind, unknown.0),
        };
        return Err(refusal::invalid_query(detail));
    }
    if columns.len() != many {
        return Err(refusal::invalid_query(format!("The file has {many} columns; `columns` names {}.", columns.len())));
    }
    Ok(columns)
}

fn check(columns: &[Column]) -> Result<(), Refusal> {
    if columns.len() > MOST_COLUMNS {
        return Err(Refusal::new(422, "columns_too_many", "The file has too many columns", format!("Send at most {MOST_COLUMNS}.")));
    }
    let taken: Vec<&Column> = columns.iter().filter(|column| **column != Column::LeftOut).collect();
    if !taken.iter().any(|column| matches!(column, Column::Of(_))) {
        let detail = "No column is called like a field. Say in `columns` what each of them is.";
        return Err(Refusal::new(422, "columns_unknown", "The file's columns are not known", detail));
    }
    if (1..taken.len()).any(|n| taken[n..].contains(&taken[n - 1])) {
        return Err(Refusal::new(422, "column_twice", "Two columns are the same field", "Leave one of them out."));
    }
    Ok(())
}

/// By its byte order mark; without one UTF-8, and what is none is from a spreadsheet of old.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let (text, broken) = match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, _)), _) => {
            let (text, _, broken) = encoding.decode(bytes);
            (text, broken)
        }
        (None, Ok(text)) => (Cow::Borrowed(text), false),
        (None, Err(_)) => WINDOWS_1252.decode_without_bom_handling(bytes),
    };
    if broken || text.contains('\0') {
        return Err(unreadable("It is no text: save it as CSV in UTF-8. A spreadsheet itself (.xlsx) is not taken."));
    }
    Ok(text)
}

fn unreadable(detail: &str) -> Refusal {
    Refusal::new(422, "file_unreadable", "The file cannot be read", detail)
}

/// What stands between the cells of the first line: whichever there is most of, outside quotation marks.
fn delimiter(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // The first of those that are as many.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::resource_of;

    fn suppliers() -> &'static Resource {
        resource_of("procurement.supplier").unwrap()
    }

    fn cells(bytes: &[u8]) -> Vec<Option<Vec<String>>> {
        File::read(suppliers(), bytes, None).unwrap().lines.into_iter().map(|line| line.cells).collect()
    }

    fn refused(bytes: &[u8], columns: Option<&str>) -> &'static str {
        File::read(suppliers(), bytes, columns).err().unwrap().code
    }

    #[test]
    fn a_file_is_read_whatever_program_wrote_it() {
        let wanted = vec![Some(vec!["Café".to_owned(), "Iași".to_owned()])];
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("name\tcity\r\nCafé\tIași\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(cells(&utf16), wanted);
        assert_eq!(cells("\u{feff}Name;City\r\nCafé;Iași\r\n".as_bytes()), wanted);
        assert_eq!(cells("name,city\n\"Café\",\"Iași\"\n,\n\n".as_bytes()), wanted);
        let windows: Vec<u8> = [b"name;city\nCaf".as_slice(), &[0xe9], b";Roma\n"].concat();
        assert_eq!(cells(&windows), vec![Some(vec!["Café".to_owned(), "Roma".to_owned()])]);
    }

    #[test]
    fn a_line_with_cells_beyond_the_head_is_known_by_its_number_however_lines_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = "name,city\n\"a\nb\",c\nd,e,f\ng\nh,i,,\n".replace('\n', end);
            let file = File::read(suppliers(), text.as_bytes(), None).unwrap();
            let seen: Vec<(u64, Option<usize>)> = file.lines.iter().map(|line| (line.number, line.cells.as_ref().map(Vec::len))).collect();
            assert_eq!(seen, [(2, Some(2)), (4, None), (5, Some(2)), (6, Some(2))], "{end:?}");
        }
    }

    #[test]
    fn a_file_that_is_none_is_refused() {
        assert_eq!(refused(b"", None), "file_unreadable");
        assert_eq!(refused(b"PK\x03\x04\x00\x00\x00", None), "file_unreadable");
        assert_eq!(refused(b"x,y\n1,2\n", None), "columns_unknown");
        assert_eq!(refused(b"id,y\n1,2\n", None), "columns_unknown");
        assert_eq!(refused(b"name,x,Name\n1,2,3\n", None), "column_twice");
        assert_eq!(refused(format!("name{}\n", ",x".repeat(200)).as_bytes(), None), "columns_too_many");
        assert_eq!(refused(b"a,b\n1,2\n", Some("name")), "invalid_query");
        assert_eq!(refused(b"a,b\n1,2\n", Some("name,tid")), "invalid_query");
    }
}
