//! A file that a record has: a picture, or a paper such as a contract. The record says what it is; the bytes lie in the server's object store, by their SHA-256.

use super::blob::{MediaType, blob_hash};
use holdfast_sync::bytes::Digest32;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most characters of a file's name.
pub const LONGEST_FILE_NAME: usize = 120;
/// The most pixels of a side of a picture.
pub const MOST_IMAGE_SIDE: u32 = 12_000;
/// The most pixels of a picture: a small file that says that it has more would fill the memory of whoever shows it.
pub const MOST_IMAGE_PIXELS: u64 = 50_000_000;

/// What a record says of a file that it has. All of it but the name was found in the bytes by the server when they were uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredFile {
    /// As people call it: [`file_name`] says what can be one.
    pub name: String,
    /// What it is.
    pub media_type: MediaType,
    /// How many bytes there are.
    pub bytes: u32,
    /// What they are known by: their SHA-256, in hex digits.
    #[serde(serialize_with = "hex", deserialize_with = "of_hex")]
    pub sha256: Digest32,
    /// Of a picture: its width in pixels, as it is kept.
    pub width: Option<u32>,
    /// Of a picture: its height in pixels, as it is kept.
    pub height: Option<u32>,
}

/// A file that is a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Image(pub StoredFile);

impl StoredFile {
    /// Whether it can be one: a name that is one, a size that there is, and as wide and high as pictures alone are.
    pub fn is_sound(&self) -> bool {
        let sized = match (self.width, self.height) {
            (Some(width), Some(height)) => self.media_type.is_image() && is_image_size(width, height),
            (None, None) => !self.media_type.is_image(),
            _ => false,
        };
        sized && self.bytes > 0 && file_name(&self.name, self.media_type) == self.name
    }
}

/// Whether a picture may be as wide and as high as that.
pub fn is_image_size(width: u32, height: u32) -> bool {
    let side = |side| (1..=MOST_IMAGE_SIDE).contains(&side);
    side(width) && side(height) && u64::from(width) * u64::from(height) <= MOST_IMAGE_PIXELS
}

/// What a file is called from now on, whatever somebody called it: no folders, nothing that is not printed or that turns the direction of writing, no sign that a system takes for its own, and at its
/// end what it is. A name of nothing else becomes `file`.
pub fn file_name(said: &str, media_type: MediaType) -> String {
    // Either sign may have been a folder's, on whatever machine it was.
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_unseen(*c)).map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c }).collect();
    let is_edge = |c: char| c.is_whitespace() || c == '.';
    let kept = kept.trim_matches(is_edge);
    let stem = match kept.rsplit_once('.') {
        Some((stem, end)) if is_extension(end) => stem,
        _ => kept,
    };
    let extension = media_type.extension();
    let stem: String = stem.trim_end_matches(is_edge).chars().take(LONGEST_FILE_NAME - extension.len() - 1).collect();
    let stem = stem.trim_end_matches(is_edge);
    format!("{}.{extension}", if stem.is_empty() { "file" } else { stem })
}

/// What stands behind a name's last full stop, and says or pretends what the file is.
fn is_extension(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Control characters, and those that make a name look like another one: directions of writing, joiners, marks of order.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn hex<S: Serializer>(hash: &Digest32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(hash)
}

fn of_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest32, D::Error> {
    let text = String::deserialize(deserializer)?;
    blob_hash(&text).ok_or_else(|| serde::de::Error::custom("a SHA-256 is 64 lower-case hex digits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_name_has_no_folder_nothing_unseen_and_says_at_its_end_what_the_file_is() {
        for (said, kept) in [
            ("chai.png", "chai.png"),
            ("Crème brûlée (2).PNG", "Crème brûlée (2).png"),
            ("../../etc/passwd", "passwd.png"),
            ("..\\..\\windows\\win.ini", "win.png"),
            ("/", "file.png"),
            ("..", "file.png"),
            ("", "file.png"),
            (" . .png", "png.png"),
            (".htaccess", "htaccess.png"),
            ("chai.png\0.html", "chai.png.png"),
            ("page.html", "page.png"),
            ("a\r\nset-cookie: x", "aset-cookie_ x.png"),
            ("gnp\u{202e}lmth.exe", "gnplmth.png"),
            ("con<script>|.svg", "con_script__.png"),
            ("v1.final version", "v1.final version.png"),
        ] {
            assert_eq!(file_name(said, MediaType::Png), kept, "{said:?}");
        }
        assert_eq!(file_name("scan.jpeg", MediaType::Jpeg), "scan.jpg");
        assert_eq!(file_name(&"é".repeat(500), MediaType::Webp).chars().count(), LONGEST_FILE_NAME);
    }

    proptest! {
        #[test]
        fn a_name_that_was_kept_is_kept_as_it_is(said in "[a-z./\\\\ \u{202e}<é\t]{0,140}") {
            for media_type in MediaType::ALL {
                let kept = file_name(&said, media_type);
                prop_assert_eq!(file_name(&kept, media_type), kept.clone());
                let unfit = kept.contains(['/', '\\', '<', '\t', '\u{202e}']) || kept.chars().count() > LONGEST_FILE_NAME || kept.starts_with('.');
                prop_assert!(!unfit, "{}", kept);
            }
        }
    }

    #[test]
    fn what_is_said_of_a_file_must_be_possible() {
        let sound = json!({ "name": "chai.png", "media_type": "image/png", "bytes": 70, "sha256": "00".repeat(32), "width": 2, "height": 1 });
        let read = |value: serde_json::Value| serde_json::from_value::<StoredFile>(value).is_ok_and(|file| file.is_sound());
        assert!(read(sound.clone()));
        assert_eq!(serde_json::to_value(serde_json::from_value::<StoredFile>(sound.clone()).unwrap()).unwrap(), sound);
        for (field, wrong) in [
            ("name", json!("../chai.png")),
            ("name", json!("chai.html")),
            ("name", json!("")),
            ("media_type", json!("image/svg+xml")),
            ("media_type", json!("text/html")),
            ("media_type", json!("application/pdf")),
            ("bytes", json!(0)),
            ("bytes", json!(-1)),
            ("sha256", json!("../".repeat(22)[..64])),
            ("sha256", json!("AB".repeat(32))),
            ("width", json!(null)),
            ("width", json!(0)),
            ("height", json!(100_000)),
            ("extra", json!(1)),
        ] {
            let mut value = sound.clone();
            value[field] = wrong;
            assert!(!read(value.clone()), "{value}");
        }
        assert!(is_image_size(12_000, 4_000) && !is_image_size(12_000, 5_000) && !is_image_size(12_001, 1));
    }
}
