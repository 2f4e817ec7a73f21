//! Numbers as people and spreadsheets write them.

use holdfast_domain::kernel::resource::Wrong;
use rust_decimal::Decimal;

/// Reads a number. `1234.5`, `1 234,5`, `1.234,50`, `1,234.50`, `1'234.5` are one each; `1,234` could be two, and is refused. What a spreadsheet made of a long
/// number, such as `5.90123E+12`, has lost its end and is none.
pub(super) fn read(text: &str) -> Result<Decimal, Wrong> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’')).collect();
    // The sign of typesetters.
    let text = text.replace('−', "-");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return Err(Wrong::NotValid);
    }
    let plain = match (digits.matches('.').count(), digits.matches(',').count()) {
        (0, 0) | (1, 0) => digits.to_owned(),
        (0, 1) if is_group(digits, ',') => return Err(Wrong::Ambiguous),
        (0, 1) => digits.replace(',', "."),
        (_, 0) => without_groups(digits, '.')?,
        (0, _) => without_groups(digits, ',')?,
        _ => mixed(digits)?,
    };
    if plain.starts_with('.') || plain.ends_with('.') {
        return Err(Wrong::NotValid);
    }
    Decimal::from_str_exact(&format!("{sign}{plain}")).map(|number| number.normalize()).map_err(|_| Wrong::OutOfRange)
}

/// Whether what stands behind the one separator could as well be thousands.
fn is_group(digits: &str, separator: char) -> bool {
    digits.split_once(separator).is_some_and(|(before, behind)| behind.len() == 3 && (1..=3).contains(&before.len()) && before != "0")
}

/// Of both separators the last one is the decimal one.
fn mixed(digits: &str) -> Result<String, Wrong> {
    let place = digits.rfind(['.', ',']).ok_or(Wrong::NotValid)?;
    let (whole, part) = (&digits[..place], &digits[place + 1..]);
    let separator = if digits[place..].starts_with('.') { ',' } else { '.' };
    if whole.contains(if separator == ',' { '.' } else { ',' }) {
        return Err(Wrong::NotValid);
    }
    Ok(format!("{}.{part}", without_groups(whole, separator)?))
}

fn without_groups(digits: &str, separator: char) -> Result<String, Wrong> {
    let mut groups = digits.split(separator);
    let first = groups.next().unwrap_or_default();
    let sound = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    if sound { Ok(digits.replace(separator, "")) } else { Err(Wrong::NotValid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written_in_the_languages_that_we_speak() {
        for (text, number) in [
            ("0", "0"),
            ("1234.5", "1234.5"),
            ("1234,5", "1234.5"),
            ("1.234,50", "1234.5"),
            ("1,234.50", "1234.5"),
            ("1 234,50", "1234.5"),
            ("1\u{a0}234,50", "1234.5"),
            ("1'234.50", "1234.5"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
            ("-0,25", "-0.25"),
            ("−3", "-3"),
            ("0,125", "0.125"),
            ("1.234", "1.234"),
            ("1234,567", "1234.567"),
            ("2.50", "2.5"),
        ] {
            assert_eq!(read(text).map(|number| number.to_string()), Ok(number.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_could_be_two_numbers_or_is_none_is_refused() {
        assert_eq!(read("1,234"), Err(Wrong::Ambiguous));
        for text in ["", "-", "abc", "1-2", "5.90123E+12", "1.2.3", "1,23,456", "1.234,5,6", ",5", "5,", ".", "1.234,", "--1", "0x10", "１"] {
            assert_eq!(read(text), Err(Wrong::NotValid), "{text:?}");
        }
    }
}
