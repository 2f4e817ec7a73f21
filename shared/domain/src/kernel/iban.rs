//! International bank account numbers (ISO 13616).

/// The fewest and the most characters: Norway's are 15, and the standard allows no more than 34.
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// The one form in which a number is kept: capitals, without the gaps that it is printed with.
pub fn written(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_ascii_uppercase()
}

/// As it is printed: in groups of four.
pub fn printed(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Whether it is one, [written](written) so: two letters of a country, two check digits, and a remainder of one by 97 (ISO/IEC 7064, MOD 97-10). How many characters each country's has
/// is not looked at: a number that is cut off or has a digit too many has other check digits.
pub fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let sound = LENGTHS.contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    sound && ("02"..="98").contains(&&text[2..4]) && remainder(bytes) == 1
}

/// By 97, of the number with its first four characters behind the rest, where a letter is two digits from 10 on.
fn remainder(bytes: &[u8]) -> u32 {
    bytes[4..].iter().chain(&bytes[..4]).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_by_its_check_digits_however_it_is_written() {
        // Examples of the registry of ISO 13616.
        for text in [
            "GB29 NWBK 6016 1331 9268 19",
            "DE89 3704 0044 0532 0130 00",
            "FR14 2004 1010 0505 0001 3M02 606",
            "ro49aaaa1b31007593840000",
            "TR33-0006-1005-1978-6457-8413-26",
            "IT60X0542811101000000123456",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            assert!(is_valid(&written(text)), "{text}");
        }
        assert_eq!(printed("NO9386011117947"), "NO93 8601 1117 947");
    }

    #[test]
    fn what_was_mistyped_is_none() {
        for text in [
            "",
            "DE",
            "DE89370400440532013001",
            "DE89370400440532013",
            "DE98370400440532013000",
            "ED89370400440532013000",
            "8937040044053201300012",
            "DE8937040044053201300Ä",
            "DE00370400440532013000",
            "de89370400440532013000",
            "GB29NWBK60161331926819GB29NWBK601613",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
