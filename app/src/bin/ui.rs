//! The page: draws screens, and asks the engine.

use holdfast_app::design;
use leptos::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    design::styles::adopt(&[design::STYLES, design::gallery::STYLES]);
    mount_to_body(|| {
        design::toast::Toasts::provide();
        view! { <design::gallery::Gallery /> <design::toast::ToastRegion /> }
    });
}
