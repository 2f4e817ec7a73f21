//! Taking photos before something is recorded: with the camera or from a file, seen small, and taken away again.

use super::messages::{not_added, t};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{ButtonKind, IconButton};
use crate::design::icon::{Icon, IconMark};
use crate::device::picture::Picture;
use crate::device::scale;
use crate::language::whole;
use holdfast_domain::kernel::BlobRef;
use holdfast_domain::sales::till_session::MAX_PHOTOS;
use holdfast_sync::bytes::Bytes;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, HtmlInputElement};

/// A photo that is not recorded yet.
#[derive(Clone)]
pub struct Draft {
    /// As it will be named.
    pub blob: BlobRef,
    /// As it will be kept.
    pub bytes: Bytes,
    picture: Option<Picture>,
}

/// The photos so far, and the button for one more.
#[component]
pub fn PhotoEntry(
    /// Those that were taken, in their order.
    drafts: RwSignal<Vec<Draft>, LocalStorage>,
) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let preparing = RwSignal::new(false);
    let failed = RwSignal::new(None::<&'static str>);
    let full = Memo::new(move |_| drafts.with(Vec::len) >= MAX_PHOTOS);
    let chosen = move |_| {
        let Some(field) = field.get_untracked() else { return };
        let field: &HtmlInputElement = &field;
        let files: Vec<File> = field.files().map(|files| (0..files.length()).filter_map(|n| files.get(n)).collect()).unwrap_or_default();
        // The same file can be chosen again.
        field.set_value("");
        preparing.set(true);
        failed.set(None);
        spawn_local(async move {
            for file in files {
                let added = add(drafts, &file).await;
                failed.try_update(|failed| *failed = added.err().or(*failed));
            }
            preparing.try_set(false);
        });
    };
    let disabled = move || full.get() || preparing.get();
    let label = move || if preparing.get() { t().preparing } else { t().add_photo };
    view! {
        <div class="photo-entry">
            <p class="soft small">{t().photos_text}</p>
            <ul class="photo-row" aria-label=t().photos>
                {move || drafts.with(|drafts| drafts.iter().cloned().zip(1_u64..).collect::<Vec<_>>()).into_iter().map(|(draft, n)| thumbnail(drafts, draft, n)).collect_view()}
            </ul>
            <label class="button secondary file-button wide">
                <input node_ref=field type="file" accept="image/*" multiple=true class="unseen" disabled=disabled on:change=chosen />
                <IconMark icon=Icon::Camera />
                <span class="button-label" aria-live="polite">{label}</span>
            </label>
            {move || failed.get().map(|code| {
                let (title, text) = not_added(code);
                view! { <Banner tone=Tone::Attention title text=text.to_owned() /> }
            })}
        </div>
    }
}

fn thumbnail(drafts: RwSignal<Vec<Draft>, LocalStorage>, draft: Draft, n: u64) -> impl IntoView {
    let sha256 = draft.blob.sha256;
    let address = draft.picture.as_ref().map(Picture::address);
    let remove = move || drafts.update(|drafts| drafts.retain(|draft| draft.blob.sha256 != sha256));
    view! {
        <li class="photo-draft">
            <img class="photo-small" src=address alt=t().photo(whole(n)) />
            <IconButton icon=Icon::Close kind=ButtonKind::Secondary label=t().remove_photo(whole(n)) on_press=move || remove() />
        </li>
    }
}

/// Adds one, or says why not.
async fn add(drafts: RwSignal<Vec<Draft>, LocalStorage>, file: &File) -> Result<(), &'static str> {
    let bytes = scale::photo(file).await.ok_or("not_a_picture")?;
    let blob = BlobRef::of(&bytes).ok_or("too_large")?;
    let draft = Draft { blob, picture: Picture::of(&bytes), bytes: Bytes(bytes) };
    let add = move |drafts: &mut Vec<Draft>| {
        if drafts.iter().any(|known| known.blob.sha256 == blob.sha256) {
            return Err("twice");
        }
        if drafts.len() >= MAX_PHOTOS {
            return Err("too_many");
        }
        drafts.push(draft);
        Ok(())
    };
    // The screen may be gone.
    drafts.try_update(add).unwrap_or(Ok(()))
}
