//! A file as it is sent.

use crate::design::file_button::ChosenFile;
use crate::device::scale;
use holdfast_domain::kernel::MediaType;
use holdfast_domain::kernel::resource::Field;
use web_sys::js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag};

/// A picture of that size need not be made smaller.
const SMALL: usize = 1024 * 1024;

/// What is sent of a file that was chosen: a photo without what a camera adds, such as the place, and no larger than a screen shows. What the browser cannot read as a picture is sent as it is, and the
/// server says what is wrong with it.
pub(super) async fn prepared(field: &Field, chosen: &ChosenFile) -> Vec<u8> {
    let bytes = &chosen.bytes;
    let told = MediaType::sniff(bytes);
    let is_drawn = matches!(told, Some(MediaType::Png | MediaType::Webp)) && bytes.len() <= SMALL;
    let only_images = field.accepts.iter().all(|accepted| accepted.is_image());
    // What is said to be a picture and is none is not made one.
    if is_drawn || told == Some(MediaType::Pdf) || (told.is_none() && !only_images) {
        return bytes.clone();
    }
    let photo = match blob(bytes, told) {
        Some(blob) => scale::photo(&blob).await,
        None => None,
    };
    photo.unwrap_or_else(|| bytes.clone())
}

fn blob(bytes: &[u8], media_type: Option<MediaType>) -> Option<Blob> {
    let said = BlobPropertyBag::new();
    said.set_type(media_type.map_or("", MediaType::as_str));
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &said).ok()
}
