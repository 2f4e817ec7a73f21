//! Looking at photos that a document names. Each is asked for when it is on the screen, and asked for again while it cannot be had.

use super::messages::{missing, t};
use crate::design::icon::{Icon, IconMark};
use crate::device::clock;
use crate::device::picture::Picture;
use crate::engine::protocol::{Answer, BlobView, Request};
use crate::language::whole;
use crate::shell::Shell;
use holdfast_domain::kernel::BlobRef;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Between two questions for one that is missing.
const AGAIN_MS: u32 = 5_000;

#[derive(Clone)]
enum Shown {
    Asking,
    Here(Picture),
    Missing(String),
}

/// Small pictures in a row; pressed, each is shown large, and small again.
#[component]
pub fn Photos(
    /// In their order.
    photos: Vec<BlobRef>,
) -> impl IntoView {
    let one = |(blob, n): (BlobRef, u64)| view! { <Photo blob n /> };
    view! { <ul class="photo-row" aria-label=t().photos>{photos.into_iter().zip(1..).map(one).collect_view()}</ul> }
}

#[component]
fn Photo(blob: BlobRef, n: u64) -> impl IntoView {
    let shell = Shell::expect();
    let shown = RwSignal::new_local(Shown::Asking);
    let large = RwSignal::new(false);
    spawn_local(async move {
        while !shown.is_disposed() {
            let answer = shell.engine().ask(Request::Blob { blob }).await;
            let next = match answer {
                Ok(Answer::Blob(BlobView::Here { bytes })) => Picture::of(&bytes.0).map_or_else(|| Shown::Missing("other".to_owned()), Shown::Here),
                Ok(Answer::Blob(BlobView::Missing { code })) => Shown::Missing(code),
                Ok(_) => return,
                Err(refusal) => Shown::Missing(refusal.code),
            };
            let is_here = matches!(next, Shown::Here(_));
            // The screen may be gone.
            let _ = shown.try_set(next);
            if is_here {
                return;
            }
            clock::sleep(AGAIN_MS).await;
        }
    });
    let small = move || match shown.get() {
        Shown::Asking => view! { <span class="photo-small photo-asked" aria-busy="true"></span> }.into_any(),
        Shown::Here(picture) => {
            let class = move || if large.get() { "photo-large" } else { "photo-small" };
            let pressed = move || if large.get() { "true" } else { "false" };
            view! {
                <button type="button" class="photo-open" aria-label=t().open_photo(whole(n)) aria-pressed=pressed on:click=move |_| large.update(|large| *large = !*large)>
                    <img class=class src=picture.address() alt="" />
                </button>
            }
            .into_any()
        }
        Shown::Missing(code) => {
            let (title, text) = missing(&code);
            view! {
                <span class="photo-missing">
                    <IconMark icon=Icon::Camera />
                    <span class="strong">{format!("{}: {title}", t().photo(whole(n)))}</span>
                    <span class="soft">{text}</span>
                </span>
            }
            .into_any()
        }
    };
    view! { <li class:photo-wide=move || large.get()>{small}</li> }
}
