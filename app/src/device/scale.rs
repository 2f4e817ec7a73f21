//! A chosen file as the photo that is kept: read by the browser, scaled down, and written anew as JPEG. What a camera adds, such as the place, is left behind.

use futures::channel::oneshot;
use js_sys::Uint8Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

/// The longer side at most.
const LONG_SIDE: u32 = 2_000;
/// Of JPEG: writing on paper stays readable.
const QUALITY: f64 = 0.82;

/// The photo's bytes; none where the browser cannot read the file as a picture.
pub async fn photo(file: &Blob) -> Option<Vec<u8>> {
    let reading = leptos::prelude::window().create_image_bitmap_with_blob(file).ok()?;
    let picture: ImageBitmap = JsFuture::from(reading).await.ok()?.dyn_into().ok()?;
    let canvas = drawn(&picture);
    picture.close();
    let blob = encoded(&canvas?).await?;
    let bytes = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&bytes).to_vec())
}

fn drawn(picture: &ImageBitmap) -> Option<HtmlCanvasElement> {
    let (width, height) = fitted(picture.width(), picture.height())?;
    let canvas: HtmlCanvasElement = leptos::prelude::document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let (width, height) = (f64::from(width), f64::from(height));
    // JPEG knows no transparency, and what is transparent would be black.
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(picture, 0.0, 0.0, width, height).ok()?;
    Some(canvas)
}

async fn encoded(canvas: &HtmlCanvasElement) -> Option<Blob> {
    let (told, hears) = oneshot::channel();
    // Whoever asked may be gone: a screen that was left.
    let done = Closure::once_into_js(move |blob: JsValue| drop(told.send(blob.dyn_into::<Blob>().ok())));
    canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &JsValue::from_f64(QUALITY)).ok()?;
    hears.await.ok().flatten()
}

/// The size that keeps the shape and has no side longer than allowed; none of nothing.
fn fitted(width: u32, height: u32) -> Option<(u32, u32)> {
    let longer = width.max(height);
    if width == 0 || height == 0 {
        return None;
    }
    if longer <= LONG_SIDE {
        return Some((width, height));
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(LONG_SIDE) + u64::from(longer) / 2) / u64::from(longer);
    let side = |side: u32| u32::try_from(scaled(side)).unwrap_or(LONG_SIDE).max(1);
    Some((side(width), side(height)))
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn a_photo_keeps_its_shape_and_grows_nowhere() {
        for (from, to) in [
            ((4_000, 3_000), Some((2_000, 1_500))),
            ((3_000, 4_000), Some((1_500, 2_000))),
            ((2_000, 2_000), Some((2_000, 2_000))),
            ((640, 480), Some((640, 480))),
            ((100_000, 1), Some((2_000, 1))),
            ((0, 10), None),
        ] {
            assert_eq!(fitted(from.0, from.1), to, "{from:?}");
        }
    }
}
