//! Making variants of a product: options with their values, what they make, and making those that are not there yet.

use super::PRODUCTS;
use super::combine::{Combination, Key, MOST_MADE, RecordOf, combinations, key_of, name_of, values_for, values_of};
use super::messages::t;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::TextField;
use crate::design::icon::Icon;
use crate::device::ids;
use crate::records::{asking, not_saved, writes_new};
use crate::shell::{Shell, api};
use holdfast_domain::kernel::resource::{NewRecord, RecordView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

/// More options than that tell no product's variants apart.
const MOST_OPTIONS: usize = 5;

/// An option as it is typed.
#[derive(Clone, Copy)]
struct Typed {
    n: usize,
    name: RwSignal<String>,
    values: RwSignal<String>,
}

/// What is being made.
#[derive(Clone, Copy)]
struct Making {
    record: Signal<RecordView>,
    options: RwSignal<Vec<Typed>>,
    busy: RwSignal<bool>,
    /// A stable code, and how many were made before.
    failure: RwSignal<Option<String>>,
    made: RwSignal<usize>,
    shell: Shell,
}

/// The options, what they make, and the button.
#[component]
pub fn MakeVariants(
    /// The product.
    record: Signal<RecordView>,
    /// Those that are there.
    known: Signal<Vec<Key>>,
) -> impl IntoView {
    let first = Typed { n: 0, name: RwSignal::new(String::new()), values: RwSignal::new(String::new()) };
    let making = Making {
        record,
        options: RwSignal::new(vec![first]),
        busy: RwSignal::new(false),
        failure: RwSignal::new(None),
        made: RwSignal::new(0),
        shell: Shell::expect(),
    };
    let owner = StoredValue::new(Owner::current());
    let all = Memo::new(move |_| combinations(&making.said()));
    let fresh = Memo::new(move |_| known.with(|known| all.get().into_iter().filter(|one| !known.contains(&key_of(one))).collect::<Vec<_>>()));
    let too_many = Memo::new(move |_| all.read().len() > MOST_MADE);
    let full = Signal::derive(move || making.options.read().len() >= MOST_OPTIONS || making.busy.get());
    let add = move || {
        let n = making.options.with_untracked(|options| options.iter().map(|option| option.n + 1).max().unwrap_or_default());
        let option = || Typed { n, name: RwSignal::new(String::new()), values: RwSignal::new(String::new()) };
        if let Some(option) = owner.with_value(|owner| owner.as_ref().map(|owner| owner.with(option))) {
            making.options.update(|options| options.push(option));
        }
    };
    let option = move |option: Typed| {
        view! {
            <div class="variants-option">
                <TextField label=t().option value=option.name hint=t().option_hint.to_owned() disabled=making.busy />
                <TextField label=t().values value=option.values hint=t().values_hint.to_owned() disabled=making.busy />
            </div>
        }
    };
    let outcome = move || outcome(making, all, fresh);
    let nothing = Signal::derive(move || fresh.read().is_empty() || too_many.get());
    let label = Signal::derive(move || t().make(fresh.read().len() as u64));
    view! {
        <section class="variants-make" aria-label=t().make_some>
            <h3>{t().make_some}</h3>
            <For each=move || making.options.get() key=|option| option.n children=option />
            <div><Button label=t().add_option icon=Icon::Plus size=ButtonSize::Small disabled=full on_press=add /></div>
            <div class="variants-outcome" role="status">{outcome}</div>
            {move || making.trouble()}
            <div><Button label kind=ButtonKind::Primary disabled=nothing busy=making.busy on_press=move || making.make(fresh.get_untracked()) /></div>
        </section>
    }
}

/// What they would make, each with whether it is there already.
fn outcome(making: Making, all: Memo<Vec<Combination>>, fresh: Memo<Vec<Combination>>) -> AnyView {
    let (all, fresh) = (all.get(), fresh.get());
    if all.len() > MOST_MADE {
        return view! { <p class="field-error">{t().too_many(MOST_MADE)}</p> }.into_any();
    }
    let product = making.record.with(|record| record.values.get("name").and_then(Value::as_str).unwrap_or_default().to_owned());
    let one = |combination: &Combination| {
        let there = !fresh.contains(combination);
        let note = there.then(|| view! { <span class="soft small">{t().there_already}</span> });
        view! { <li class:soft=there>{name_of(&product, combination)}" "{note}</li> }
    };
    view! { <ul class="variants-grid">{all.iter().map(one).collect_view()}</ul> }.into_any()
}

impl Making {
    fn said(self) -> Vec<(String, Vec<String>)> {
        self.options.get().into_iter().map(|option| (option.name.get(), values_of(&option.values.read()))).collect()
    }

    /// Makes one after the other; what was made before one is refused is there.
    fn make(self, wanted: Vec<Combination>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        self.made.set(0);
        spawn_local(async move {
            for combination in wanted {
                let (id, values) = self.record.with_untracked(|record| {
                    let product = RecordOf { id: record.id, values: &record.values, writes: &|field| writes_new(self.shell, &PRODUCTS, field) };
                    (ids::fresh(), values_for(&product, &combination))
                });
                let new = NewRecord { id: Some(id), values };
                let answer = asking(self.shell, async |csrf| api::post::<_, RecordView>(PRODUCTS.path, &new, csrf.as_deref()).await).await;
                let Some(made) = self.made.try_get_untracked() else { return };
                match answer {
                    // Made before, and the answer was lost on its way.
                    Err(failure) if failure.code() == "record_exists" => self.made.set(made + 1),
                    Err(failure) => {
                        self.failure.set(Some(failure.code().to_owned()));
                        break;
                    }
                    Ok(_) => self.made.set(made + 1),
                }
            }
            self.busy.set(false);
            if self.failure.with_untracked(Option::is_none) {
                self.options.with_untracked(|options| options.iter().for_each(|option| option.values.set(String::new())));
            }
        });
    }

    /// Why not all of them were made.
    fn trouble(self) -> Option<AnyView> {
        let code = self.failure.get()?;
        let (title, text) = not_saved(&code);
        let text = format!("{} {text}", t().made_before(self.made.get() as u64));
        Some(view! { <Banner tone=Tone::Bad title text code /> }.into_any())
    }
}
