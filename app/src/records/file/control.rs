//! The control of a file on a form. The file is uploaded when it is chosen; the record names it when it is saved.

use super::super::control::Control;
use super::super::query::encoded;
use super::super::saving::asking;
use super::super::words;
use super::messages::{not_taken, t};
use super::prepare::prepared;
use super::{address, of, size};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::fresh_id;
use crate::design::file_button::{ChosenFile, FileButton, FileDrop};
use crate::design::icon::{Icon, IconMark};
use crate::design::progress::ProgressBar;
use crate::device::picture::Picture;
use crate::shell::Shell;
use crate::shell::api::ApiFailure;
use crate::shell::upload::Upload;
use holdfast_domain::kernel::StoredFile;
use holdfast_domain::kernel::resource::Field;
use holdfast_sync::bytes::Digest32;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

/// What becomes of the file that was chosen last.
#[derive(Clone, PartialEq)]
enum State {
    /// Nothing, or it is done.
    Resting,
    Preparing,
    /// In whole percent.
    Sending(u8),
    /// By a stable code; it can be sent again.
    Failed(String, ChosenFile),
}

impl State {
    const fn is_under_way(&self) -> bool {
        matches!(self, Self::Preparing | Self::Sending(_))
    }
}

/// The control's state.
#[derive(Clone, Copy)]
struct Taking {
    control: Control,
    shell: Shell,
    state: RwSignal<State>,
    /// The upload under way.
    upload: StoredValue<Option<Upload>, LocalStorage>,
    /// What was uploaded here, to be seen before the record names it.
    fresh: RwSignal<Option<(Digest32, Picture)>, LocalStorage>,
}

impl Taking {
    fn begin(self, chosen: ChosenFile) {
        self.state.set(State::Preparing);
        spawn_local(async move {
            let became = self.send(&chosen).await;
            // The page may be gone.
            self.state.try_update(|state| {
                // What was stopped stays so.
                if state.is_under_way() {
                    *state = match became {
                        Ok(()) => State::Resting,
                        Err(code) => State::Failed(code, chosen),
                    };
                }
            });
            self.upload.try_set_value(None);
        });
    }

    async fn send(self, chosen: &ChosenFile) -> Result<(), String> {
        let Control { draft, entry, .. } = self.control;
        let field = entry.field;
        let bytes = prepared(field, chosen).await;
        if bytes.len() > field.most as usize {
            return Err("file_too_large".to_owned());
        }
        let path = format!("{}/files/{}?name={}", draft.resource.path, field.name, encoded(&chosen.name));
        let sent = asking(self.shell, async |csrf| {
            let upload = Upload::open(&path, csrf.as_deref()).ok_or(ApiFailure::Unreachable)?;
            let told = move |percent| {
                self.state.try_update(|state| {
                    if state.is_under_way() {
                        *state = State::Sending(percent)
                    }
                });
            };
            told(0);
            // Whoever left or stopped meanwhile wants nothing sent.
            let wanted =
                self.state.try_with_untracked(State::is_under_way).unwrap_or(false) && self.upload.try_set_value(Some(upload.clone())).is_none();
            if wanted { upload.send::<StoredFile>(&bytes, told).await } else { Err(ApiFailure::Unreachable) }
        });
        let file = sent.await.map_err(|failure| failure.code().to_owned())?;
        let picture = file.media_type.is_image().then(|| Picture::of(&bytes)).flatten();
        self.fresh.try_set(picture.map(|picture| (file.sha256, picture)));
        if entry.value.try_get_untracked().is_some() {
            self.control.set(json!(file));
        }
        Ok(())
    }

    /// Stopped, it is as if nothing had been chosen.
    fn stop(self) {
        self.state.try_set(State::Resting);
        self.upload.with_value(|upload| upload.iter().for_each(Upload::stop));
    }

    /// Where the picture is, as far as there is one to be seen.
    fn shown(self, file: &StoredFile) -> Option<String> {
        let fresh = self.fresh.with(|fresh| fresh.as_ref().filter(|(hash, _)| *hash == file.sha256).map(|(_, picture)| picture.address()));
        fresh.or_else(|| self.kept_at(file)).filter(|_| file.media_type.is_image())
    }

    /// Where the file is, once the record names it.
    fn kept_at(self, file: &StoredFile) -> Option<String> {
        let Control { draft, entry, .. } = self.control;
        draft.kept.with(|kept| {
            let kept = kept.as_ref()?;
            let named = kept.values.get(entry.field.name).and_then(of).is_some_and(|named| named.sha256 == file.sha256);
            named.then(|| address(draft.resource, kept.id, entry.field, file))
        })
    }
}

/// The control.
#[component]
pub fn FileControl(
    /// Which.
    control: Control,
) -> impl IntoView {
    let Control { draft, entry, locked } = control;
    let field = entry.field;
    let taking = Taking {
        control,
        shell: Shell::expect(),
        state: RwSignal::new(State::Resting),
        upload: StoredValue::new_local(None),
        fresh: RwSignal::new_local(None),
    };
    on_cleanup(move || taking.stop());
    let note = fresh_id();
    let file = Memo::new(move |_| entry.value.with(of));
    let error = Signal::derive(move || entry.wrong.get().map(|wrong| words::wrong(field, wrong)));
    let hint = words::hint(draft.resource, field);
    let described = note.clone();
    view! {
        <fieldset class="file-field" aria-describedby=described>
            <legend class="field-label">{words::field(draft.resource, field)}</legend>
            {move || file.get().map(|file| seen(taking, &file))}
            {move || (!locked.get()).then(|| acts(taking, file))}
            <div class="field-note" id=note aria-live="polite">
                {move || match error.get() {
                    Some(error) => view! { <span class="field-error">{error}</span> }.into_any(),
                    None => hint.clone().map(|hint| view! { <span class="field-hint">{hint}</span> }).into_any(),
                }}
            </div>
        </fieldset>
    }
}

/// The file that there is: a picture seen, another by its name.
fn seen(taking: Taking, file: &StoredFile) -> AnyView {
    let picture = taking.shown(file);
    let name = match taking.kept_at(file) {
        Some(address) => {
            let (label, name, saved_as) = (t().download(&file.name), file.name.clone(), file.name.clone());
            view! { <a class="link" href=address download=saved_as rel="external" aria-label=label>{name}</a> }.into_any()
        }
        None => view! { <span>{file.name.clone()}</span> }.into_any(),
    };
    let pixels = file.width.zip(file.height).map(|(width, height)| format!(" · {}", t().pixels(width, height)));
    let about = format!("{}{}", size(file.bytes), pixels.unwrap_or_default());
    let image = match picture {
        Some(address) => view! { <img class="file-preview" src=address alt=file.name.clone() /> }.into_any(),
        None => view! { <span class="file-mark"><IconMark icon=Icon::Receipt /></span> }.into_any(),
    };
    view! { <div class="file-seen">{image}<div class="file-said"><span class="file-called">{name}</span><span class="soft small">{about}</span></div></div> }.into_any()
}

/// What can be done: choosing, and what came of it.
fn acts(taking: Taking, file: Memo<Option<StoredFile>>) -> AnyView {
    let field = taking.control.entry.field;
    let under_way = move || match taking.state.get() {
        State::Preparing => Some((t().preparing, 0)),
        State::Sending(percent) => Some((t().sending, percent)),
        State::Resting | State::Failed(..) => None,
    };
    let is_under_way = Memo::new(move |_| under_way().is_some());
    let failed = Memo::new(move |_| match taking.state.get() {
        State::Failed(code, chosen) => Some((code, chosen)),
        _ => None,
    });
    let choosing = move || if is_under_way.get() { sending(taking, under_way) } else { choose(taking, field, file) };
    view! {
        {choosing}
        {move || failed.get().map(|(code, chosen)| failure(taking, field, (&code, chosen)))}
    }
    .into_any()
}

fn sending(taking: Taking, under_way: impl Fn() -> Option<(&'static str, u8)> + Copy + Send + Sync + 'static) -> AnyView {
    let label = Signal::derive(move || under_way().map_or("", |(label, _)| label).to_owned());
    let percent = Signal::derive(move || under_way().map_or(0, |(_, percent)| percent));
    view! {
        <div class="file-sending" role="status">
            <ProgressBar label percent />
            <Button label=t().stop kind=ButtonKind::Quiet on_press=move || taking.stop() />
        </div>
    }
    .into_any()
}

fn choose(taking: Taking, field: &'static Field, file: Memo<Option<StoredFile>>) -> AnyView {
    let on_file = Callback::new(move |chosen| taking.begin(chosen));
    let only_images = field.accepts.iter().all(|accepted| accepted.is_image());
    // Of pictures a phone offers its camera as well.
    let accept = if only_images { "image/*" } else { "application/pdf,image/*,.pdf" };
    if file.get().is_none() {
        let (text, label) = if only_images { (t().drop_image, t().choose_image) } else { (t().drop_file, t().choose_file) };
        return view! { <FileDrop text label accept on_file /> }.into_any();
    }
    let remove = move || {
        taking.state.set(State::Resting);
        taking.control.set(Value::Null);
    };
    view! {
        <div class="row file-acts">
            <FileButton label=t().choose_another icon=if only_images { Icon::Camera } else { Icon::Refresh } accept on_file />
            <Button label=t().remove icon=Icon::Trash kind=ButtonKind::Quiet on_press=remove />
        </div>
    }
    .into_any()
}

/// Why it was not taken, and the way to try it again.
fn failure(taking: Taking, field: &Field, (code, chosen): (&str, ChosenFile)) -> AnyView {
    let (title, text) = not_taken(code);
    let title = if code == "file_too_large" { t().too_large_title(size(field.most)) } else { title.to_owned() };
    let text = Some(text.to_owned()).filter(|text| !text.is_empty());
    let can_be_again = !matches!(code, "file_empty" | "file_too_large" | "file_type_refused" | "file_broken" | "image_too_large");
    let again = move || taking.begin(chosen.clone());
    let action = move || can_be_again.then(|| view! { <Button label=t().again size=ButtonSize::Small on_press=again.clone() /> });
    view! { <Banner tone=Tone::Attention title=title text=text action /> }.into_any()
}
