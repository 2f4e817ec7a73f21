//! The mark: kelp on its rock, as on the app's icon.

use leptos::prelude::*;

/// The mark; decoration beside the name.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 512 512" aria-hidden="true" focusable="false">
            <rect class="brand-sea" width="512" height="512" rx="112" />
            <path class="brand-stem" d="M252 470c-8-70-22-108-14-170 4-32 16-52 22-84M252 400c-14 26-48 28-80 62M252 400c14 26 50 30 84 62" />
            <path class="brand-leaf" d="M243 286c-40-12-66-44-64-84 2-38 26-58 20-104 34 34 44 66 34 100-8 28 0 56 10 88z" />
            <path class="brand-leaf" d="M240 230c18-52 62-62 96-84 20-13 32-32 38-60 22 48 8 92-34 114-36 19-74 12-100 30z" />
            <path class="brand-leaf light" d="M249 310c26-40 66-38 104-48 24-6 42-20 56-44 6 50-22 86-66 92-36 5-68-12-94 0z" />
        </svg>
    }
}
