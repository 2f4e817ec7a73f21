//! What an upload is, by its bytes: nothing that anybody says of it is believed.

use crate::failure::Refusal;
use axum::body::Bytes;
use holdfast_domain::kernel::resource::Field;
use holdfast_domain::kernel::{MOST_IMAGE_PIXELS, MOST_IMAGE_SIDE, MediaType, StoredFile, file_name, is_image_size};
use holdfast_sync::bytes::Digest32;

/// How near to its end a document of pages says that it ends.
const TAIL_BYTES: usize = 1_024;

/// What is kept of an upload, and what is said of it.
pub(super) struct Judged {
    pub bytes: Bytes,
    pub file: StoredFile,
}

/// Judges an upload for a field. Of a picture nothing is decoded but what says how large it is; what somebody hung on behind its end is not kept.
pub(super) fn judge(field: &Field, called: &str, bytes: Bytes) -> Result<Judged, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(422, "file_empty", "The file is empty", "Choose one that has something in it."));
    }
    let media_type = MediaType::sniff(&bytes).filter(|media_type| field.accepts.contains(media_type)).ok_or_else(|| not_taken(field))?;
    let end = end_of(media_type, &bytes).filter(|end| *end <= bytes.len()).ok_or_else(|| broken(media_type))?;
    let bytes = bytes.slice(..end);
    let size = if media_type.is_image() { Some(size_of(media_type, &bytes)?) } else { None };
    let file = StoredFile {
        name: file_name(called, media_type),
        media_type,
        bytes: u32::try_from(bytes.len()).map_err(|_| broken(media_type))?,
        sha256: Digest32::of(&bytes),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
    };
    Ok(Judged { bytes, file })
}

/// As its head says, which a reader believes when it takes memory for it.
fn size_of(media_type: MediaType, bytes: &[u8]) -> Result<(u32, u32), Refusal> {
    let size = imagesize::blob_size(bytes).map_err(|_| broken(media_type))?;
    match (u32::try_from(size.width), u32::try_from(size.height)) {
        (Ok(0), _) | (_, Ok(0)) => Err(broken(media_type)),
        (Ok(width), Ok(height)) if is_image_size(width, height) => Ok((width, height)),
        _ => {
            let detail = format!("A picture has at most {MOST_IMAGE_SIDE} pixels on a side, and {MOST_IMAGE_PIXELS} in all. Make it smaller.");
            Err(Refusal::new(422, "image_too_large", "The picture is too wide or too high", detail))
        }
    }
}

/// Where it ends, by its own parts; none where it does not come to its end.
fn end_of(media_type: MediaType, bytes: &[u8]) -> Option<usize> {
    match media_type {
        MediaType::Jpeg => end_of_jpeg(bytes),
        MediaType::Png => end_of_png(bytes),
        MediaType::Webp => end_of_webp(bytes),
        MediaType::Pdf => {
            let tail = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
            tail.windows(5).any(|window| window == b"%%EOF").then_some(bytes.len())
        }
    }
}

/// Chunk by chunk to `IEND` (ISO 15948, 5.3); there must be some of the picture.
fn end_of_png(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut drawn) = (8, false);
    loop {
        let head = bytes.get(at..at + 8)?;
        let length = usize::try_from(u32::from_be_bytes(head[..4].try_into().ok()?)).ok()?;
        let kind = &head[4..];
        at = at.checked_add(length)?.checked_add(12).filter(|at| *at <= bytes.len())?;
        drawn |= kind == b"IDAT";
        if kind == b"IEND" {
            return drawn.then_some(at);
        }
    }
}

/// Segment by segment, and through what is drawn, to `EOI` (ISO 10918-1, B.1).
fn end_of_jpeg(bytes: &[u8]) -> Option<usize> {
    const DRAWN: u8 = 0xda;
    const END: u8 = 0xd9;
    let (mut at, mut drawn) = (2, false);
    loop {
        let [0xff, marker] = *bytes.get(at..at + 2)? else { return None };
        match marker {
            END => return drawn.then_some(at + 2),
            // Bytes that fill up, and marks that stand alone.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0x00 => return None,
            _ => {
                let length = bytes.get(at + 2..at + 4)?;
                at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
                if marker == DRAWN {
                    drawn = true;
                    // A mark among what is drawn is told by what stands behind its first byte.
                    at += bytes.get(at..)?.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7))?;
                }
            }
        }
    }
}

/// As its head says (RFC 9649, 2.4).
fn end_of_webp(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    usize::try_from(length).ok()?.checked_add(8).filter(|end| *end > 20 && *end <= bytes.len())
}

fn not_taken(field: &Field) -> Refusal {
    let types: Vec<&str> = field.accepts.iter().map(|media_type| media_type.as_str()).collect();
    let detail = format!("What it is was looked for in the file itself, whatever it is called. One of these is taken here: {}.", types.join(", "));
    Refusal::new(422, "file_type_refused", "Such a file is not taken here", detail)
}

fn broken(media_type: MediaType) -> Refusal {
    let detail = format!("It begins as {} does, and is not whole or not sound. Choose it again, or save it anew.", media_type.as_str());
    Refusal::new(422, "file_broken", "The file is damaged", detail)
}
