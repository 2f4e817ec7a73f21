//! A binary thing that a fact names, such as a photo: its hash, size and type. The bytes travel on a channel of their own and may come before or after the
//! fact, or never.

use holdfast_sync::bytes::Digest32;
use serde::{Deserialize, Serialize};

/// The largest blob there is.
pub const MAX_BLOB_BYTES: u32 = 10 * 1024 * 1024;

/// Names a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlobRef {
    /// SHA-256 of the bytes: its id.
    pub sha256: Digest32,
    /// How many there are.
    pub bytes: u32,
    /// What they are.
    pub media_type: MediaType,
}

/// What a blob can be. No other type has a reader here, and none of these holds a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MediaType {
    /// A photo.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A picture.
    #[serde(rename = "image/png")]
    Png,
    /// A photo or a picture.
    #[serde(rename = "image/webp")]
    Webp,
    /// A document of pages.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl BlobRef {
    /// Of these bytes; none where there are none, too many, or of no type that is taken.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let size = u32::try_from(bytes.len()).ok().filter(|size| (1..=MAX_BLOB_BYTES).contains(size))?;
        Some(Self { sha256: Digest32::of(bytes), bytes: size, media_type: MediaType::sniff(bytes)? })
    }

    /// Whether a blob can have that size.
    pub fn has_sound_size(&self) -> bool {
        (1..=MAX_BLOB_BYTES).contains(&self.bytes)
    }
}

impl MediaType {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Webp, Self::Pdf];

    /// Those that can be looked at as a picture.
    pub const IMAGES: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// What the first bytes say that it is.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            _ => None,
        }
    }

    /// As it is written in `Content-Type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
        }
    }

    /// The one that is written so.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media_type| media_type.as_str() == text)
    }

    /// Of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Pdf => "pdf",
        }
    }

    /// Whether it can be looked at as a picture.
    pub fn is_image(self) -> bool {
        self != Self::Pdf
    }
}

/// A hash as it stands in an address: 64 lower-case hex digits, and nothing else.
pub fn blob_hash(text: &str) -> Option<Digest32> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 32];
    if text.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(Digest32(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_an_address_is_64_lower_case_digits_and_nothing_else() {
        let hash = Digest32::of(b"kelp");
        assert_eq!(blob_hash(&hash.to_string()), Some(hash));
        for bad in
            [String::new(), hash.to_string().to_uppercase(), hash.to_string()[1..].to_owned(), format!("{hash}0"), "../".repeat(22)[..64].to_owned()]
        {
            assert_eq!(blob_hash(&bad), None, "{bad}");
        }
        assert_eq!(blob_hash(&"é".repeat(32)), None);
    }

    #[test]
    fn a_type_is_told_by_its_first_bytes_and_by_its_name() {
        let heads: [(&[u8], MediaType); 4] = [
            (b"\xff\xd8\xff\xe0....JFIF", MediaType::Jpeg),
            (b"\x89PNG\r\n\x1a\n....", MediaType::Png),
            (b"RIFF....WEBPVP8 ", MediaType::Webp),
            (b"%PDF-1.7", MediaType::Pdf),
        ];
        for (head, media_type) in heads {
            assert_eq!(MediaType::sniff(head), Some(media_type));
            assert_eq!(MediaType::named(media_type.as_str()), Some(media_type));
            assert_eq!(serde_json::to_value(media_type).unwrap(), media_type.as_str());
            assert_eq!(BlobRef::of(head).map(|blob| (blob.bytes as usize, blob.sha256)), Some((head.len(), Digest32::of(head))));
        }
        for other in [b"<svg xmlns".as_slice(), b"<html>", b"MZ", b"", b"RIFF....WAVE", b"\xff\xd8"] {
            assert_eq!(MediaType::sniff(other), None);
        }
    }
}
