//! The frame around every screen: routes, session, sync state, toasts. It knows where modules are mounted and nothing else of them.

use crate::design;
use crate::design::toast::{ToastRegion, Toasts};
use leptos::prelude::*;

/// Draws the app into the page.
pub fn start() {
    design::styles::adopt(&[
        design::STYLES,
        #[cfg(any(debug_assertions, feature = "gallery"))]
        design::gallery::STYLES,
    ]);
    mount_to_body(|| {
        Toasts::provide();
        view! { {first_screen()} <ToastRegion /> }
    });
}

fn first_screen() -> AnyView {
    #[cfg(any(debug_assertions, feature = "gallery"))]
    return view! { <design::gallery::Gallery /> }.into_any();
    #[cfg(not(any(debug_assertions, feature = "gallery")))]
    ().into_any()
}
