//! How names are compared: without case and without the marks above and below letters.

/// The text as it is searched: lower case, Latin letters without their marks, one blank between words.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        if let Some(plain) = without_mark(character) {
            folded.push_str(plain);
        } else if character.is_alphanumeric() {
            folded.push(character);
        } else if !is_mark(character) && !folded.ends_with(' ') && !folded.is_empty() {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Marks that stand as characters of their own, as some keyboards write them (U+0300 to U+036F).
fn is_mark(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

fn without_mark(character: char) -> Option<&'static str> {
    Some(match character {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ă' | 'ą' | 'ä' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => "o",
        'ř' => "r",
        'ş' | 'ș' | 'ś' | 'š' => "s",
        'ţ' | 'ț' | 'ť' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ű' | 'ů' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_its_marks_are_typed() {
        for (written, typed) in [
            ("Crème brûlée", "creme brulee"),
            ("Țuică de prune", "tuica de prune"),
            ("Weißbier", "weissbier"),
            ("ŞEKER", "seker"),
            ("İncir", "incir"),
            ("Cafe\u{301}", "café"),
            ("  Brot,  750 g ", "brot 750 g"),
        ] {
            assert_eq!(folded(written), folded(typed), "{written}");
        }
    }

    #[test]
    fn letters_beyond_latin_stay() {
        assert_eq!(folded("Ψωμί 茶"), "ψωμί 茶");
    }
}
