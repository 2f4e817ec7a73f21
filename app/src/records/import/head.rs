//! The first lines of a file, read here to show what its columns are before anything is sent. The server reads the file itself.

use crate::records::words;
use holdfast_domain::kernel::resource::{Resource, leaf_called};

/// Lines that are shown of a file.
const SHOWN: usize = 3;

/// What a file begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// What its columns are called.
    pub names: Vec<String>,
    /// Some cells of each.
    pub samples: Vec<String>,
}

impl Head {
    /// Reads it; none where the file is empty or no text.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let text = decoded(bytes);
        if text.contains('\0') {
            return None;
        }
        let mut lines = cells(&text, delimiter(&text)).filter(|line| line.iter().any(|cell| !cell.trim().is_empty()));
        let names = lines.next()?;
        let below: Vec<Vec<String>> = lines.take(SHOWN).collect();
        let sample = |at: usize| {
            below.iter().filter_map(|line| line.get(at)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" · ")
        };
        let samples = (0..names.len()).map(sample).collect();
        Some(Self { names, samples })
    }

    /// The field that each column is called like, in our words or in those of the language that is spoken here; empty where there is none, or it is taken.
    pub fn guess(&self, resource: &'static Resource) -> Vec<String> {
        let mut taken: Vec<&'static str> = Vec::new();
        let guess = |name: &String| {
            let said = folded(name);
            let leaf = || {
                leaf_called(resource, &said)
                    .or_else(|| resource.leaves().find(|leaf| said == folded(words::field(resource, leaf))))
                    .filter(|leaf| !leaf.shape.is_file())
            };
            let field = if said == "id" { Some("id") } else { leaf().map(|leaf| leaf.name) };
            let free = field.filter(|field| !taken.contains(field));
            taken.extend(free);
            free.unwrap_or_default().to_owned()
        };
        self.names.iter().map(guess).collect()
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Good enough to be shown: what is no UTF-8 and no UTF-16 is taken letter by letter.
fn decoded(bytes: &[u8]) -> String {
    let wide = |of: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| of([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => std::str::from_utf8(bytes)
            .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), |text| text.trim_start_matches('\u{feff}').to_owned()),
    }
}

/// What stands between the cells of the first line: whichever there is most of, outside quotation marks.
fn delimiter(text: &str) -> char {
    let mut quoted = false;
    let mut open = String::new();
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            c if !quoted => open.push(c),
            _ => {}
        }
    }
    [',', ';', '\t'].into_iter().rev().max_by_key(|delimiter| open.matches(*delimiter).count()).unwrap_or(',')
}

/// Line by line the cells (RFC 4180).
fn cells(text: &str, delimiter: char) -> impl Iterator<Item = Vec<String>> + '_ {
    let mut left = text.chars().peekable();
    std::iter::from_fn(move || {
        left.peek()?;
        let (mut line, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        while let Some(c) = left.next() {
            match c {
                '"' if quoted && left.peek() == Some(&'"') => cell.extend(left.next()),
                '"' => quoted = !quoted,
                '\r' if !quoted => {}
                '\n' if !quoted => break,
                c if c == delimiter && !quoted => line.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        line.push(cell);
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::resource::Record;
    use holdfast_domain::procurement::Supplier;

    static SUPPLIER: Resource = Supplier::RESOURCE;

    fn head(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
        let head = Head::read(bytes).unwrap();
        (head.names, head.samples)
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_files_columns_are_shown_with_what_is_in_them() {
        let expected = (texts(&["Name", "City, old"]), texts(&["Leka · Say \"hi\"", "Iași"]));
        assert_eq!(head("\u{feff}Name;\"City, old\"\r\nLeka;Iași\r\n\r\n\"Say \"\"hi\"\"\";\r\n".as_bytes()), expected);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("a\tb\nç\td".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(head(&wide), (texts(&["a", "b"]), texts(&["ç", "d"])));
        assert_eq!(head(b"name\nCaf\xe9\n"), (texts(&["name"]), texts(&["Café"])));
        assert_eq!((Head::read(b""), Head::read(b"PK\x03\x04\0\0")), (None, None));
    }

    #[test]
    fn a_column_is_taken_for_the_field_that_it_is_called_like() {
        let head = Head { names: texts(&["Id", "Name", "Tax number", "name", "Colour", "ZIP code"]), samples: Vec::new() };
        assert_eq!(head.guess(&SUPPLIER), texts(&["id", "name", "tax_number", "", "", "address.postal_code"]));
    }
}
