//! GS1's article numbers (GTIN-8, -12, -13, -14), and the key under which any scanned code is looked up.

/// The check digit of the digits before it (GS1 General Specifications, section 7.9): weights 3 and 1 from the right.
/// None where something is no ASCII digit.
pub fn check_digit(digits: &str) -> Option<char> {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return None;
        }
        sum += u32::from(byte - b'0') * if place % 2 == 0 { 3 } else { 1 };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// Whether the text is a GTIN of 8, 12, 13 or 14 digits with the right check digit.
pub fn is_valid(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && text.is_ascii() && check_digit(&text[..text.len() - 1]).is_some_and(|digit| text.ends_with(digit))
}

/// The key of a code: a GTIN filled up to 14 digits, so that a UPC-A and the same number read as EAN-13 meet; any other code as it is.
pub fn lookup_key(text: &str) -> String {
    let text = text.trim();
    if is_valid(text) { format!("{text:0>14}") } else { text.to_owned() }
}

/// The one form in which a GTIN is kept: without gaps, a UPC as the EAN-13 that it is, and a GTIN-14 that is one as well. What is no GTIN stays as it is.
pub fn written(text: &str) -> String {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
    match digits.len() {
        12 if is_valid(&digits) => format!("0{digits}"),
        14 if is_valid(&digits) => digits.strip_prefix('0').unwrap_or(&digits).to_owned(),
        _ if is_valid(&digits) => digits,
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_in_one_form_however_it_was_printed() {
        for (text, kept) in [
            ("036000291452", "0036000291452"),
            ("0 36000 29145 2", "0036000291452"),
            ("00036000291452", "0036000291452"),
            ("4006381-333931", "4006381333931"),
            ("96385074", "96385074"),
            ("10036000291459", "10036000291459"),
            ("4006381333932", "4006381333932"),
            ("LOT 7", "LOT 7"),
        ] {
            assert_eq!(written(text), kept, "{text}");
            assert_eq!(lookup_key(&written(text)), lookup_key(kept), "{text}");
        }
    }

    #[test]
    fn the_check_digit_is_gs1s() {
        // The worked examples of the GS1 General Specifications and common goods.
        for code in ["6291041500213", "4006381333931", "96385074", "036000291452", "00012345600012", "9521234543213"] {
            assert!(is_valid(code), "{code}");
        }
        for code in ["6291041500214", "", "1", "952123454321", "952123454321X", "９６３８５０７４", "0629104150021"] {
            assert!(!is_valid(code), "{code}");
        }
    }

    #[test]
    fn a_upc_and_its_ean_are_one_code() {
        assert_eq!(lookup_key("036000291452"), lookup_key("0036000291452"));
        assert_eq!(lookup_key(" LOT-7 "), "LOT-7");
    }
}
