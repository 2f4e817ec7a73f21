//! The keys of facts in a saved document. Each is 32 hexadecimal digits, which are sixteen bytes of chance: among words and numbers packing does not see that, and
//! takes the digits for a text. Kept apart they take the sixteen bytes, and what is left packs better.

/// A key's digits.
const DIGITS: usize = 32;
/// And its bytes.
pub(super) const BYTES: usize = DIGITS / 2;

/// A document without its keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Apart {
    /// The keys, one behind the other, [`BYTES`] each.
    pub keys: Vec<u8>,
    /// How many bytes lie before each key, from the one before it (unsigned LEB128); then all that is no key.
    pub rest: Vec<u8>,
}

impl Apart {
    /// Takes the keys out: whatever looks like one.
    pub(super) fn of(plain: &[u8]) -> Self {
        let (mut keys, mut gaps, mut rest): (Vec<u8>, Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new(), Vec::with_capacity(plain.len()));
        let (mut from, mut digits) = (0, 0);
        for (place, byte) in plain.iter().enumerate() {
            // A key has lower-case digits only.
            digits = if matches!(byte, b'0'..=b'9' | b'a'..=b'f') { digits + 1 } else { 0 };
            if digits == DIGITS {
                let (end, start) = (place + 1, place + 1 - DIGITS);
                keys.extend(hex::decode(&plain[start..end]).expect("these are digits, and pairs of them"));
                write(&mut gaps, start - from);
                rest.extend(&plain[from..start]);
                (from, digits) = (end, 0);
            }
        }
        rest.extend(&plain[from..]);
        gaps.extend(rest);
        Self { keys, rest: gaps }
    }

    /// Puts them back; none where it is not what [`Self::of`] made.
    pub(super) fn together(&self) -> Option<Vec<u8>> {
        let mut rest = self.rest.as_slice();
        let gaps: Vec<usize> = self.keys.chunks(BYTES).map(|_| read(&mut rest)).collect::<Option<_>>()?;
        let mut plain = Vec::with_capacity(rest.len() + 2 * self.keys.len());
        for (key, gap) in self.keys.chunks(BYTES).zip(gaps) {
            let (before, behind) = rest.split_at_checked(gap)?;
            plain.extend(before);
            plain.extend(hex::encode(key).bytes());
            rest = behind;
        }
        plain.extend(rest);
        Some(plain)
    }
}

/// The number at the beginning of `bytes`, which are moved behind it.
pub(super) fn read(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(leb128::read::unsigned(bytes).ok()?).ok()
}

/// Writes a number for [`read`].
pub(super) fn write(bytes: &mut Vec<u8>, number: usize) {
    leb128::write::unsigned(bytes, number as u64).expect("memory takes what is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_key_is_taken_out_and_put_back() {
        let key = "0123456789abcdef0123456789abcdef";
        let rows = [
            (String::new(), 0),
            ("no key".to_owned(), 0),
            (key[1..].to_owned(), 0),
            (key.to_uppercase(), 0),
            (key.to_owned(), 1),
            (format!("before{key}behind"), 1),
            (format!("{key}{key}"), 2),
            (format!("{key} {key}a"), 2),
            (format!("{key}{}", &key[1..]), 1),
            (key.repeat(200), 200),
        ];
        for (plain, keys) in rows {
            let apart = Apart::of(plain.as_bytes());
            assert_eq!(apart.keys.len(), keys * BYTES, "{plain}");
            assert_eq!(apart.together().as_deref(), Some(plain.as_bytes()), "{plain}");
        }
    }

    #[test]
    fn what_was_not_taken_apart_is_not_put_together() {
        for rest in [vec![], vec![0x80], vec![3, 1, 2], vec![0xff; 20]] {
            assert_eq!(Apart { keys: vec![0; BYTES], rest: rest.clone() }.together(), None, "{rest:?}");
        }
    }
}
