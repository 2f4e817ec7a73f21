//! What photos a closing count takes.

use super::TillSessionRefusal;
use crate::kernel::BlobRef;

/// How many it takes.
pub const MAX_PHOTOS: usize = 5;

/// Refuses what is no photo, and the same one twice.
pub(super) fn check(photos: &[BlobRef]) -> Result<(), TillSessionRefusal> {
    if photos.len() > MAX_PHOTOS {
        return Err(TillSessionRefusal::TooManyPhotos);
    }
    for (n, photo) in photos.iter().enumerate() {
        if !photo.has_sound_size() {
            return Err(TillSessionRefusal::PhotoTooLarge);
        }
        if !photo.media_type.is_image() {
            return Err(TillSessionRefusal::PhotoTypeNotAllowed);
        }
        if photos[..n].iter().any(|earlier| earlier.sha256 == photo.sha256) {
            return Err(TillSessionRefusal::PhotoTwice);
        }
    }
    Ok(())
}
