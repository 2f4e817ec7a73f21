//! A password, which can be looked at while it is typed.

use super::{FieldFrame, fresh_id};
use crate::design::icon::{Icon, IconMark};
use crate::design::messages::t;
use leptos::prelude::*;

/// A password.
#[component]
pub fn PasswordField(
    /// Above it.
    #[prop(into)]
    label: Signal<String>,
    /// What is in it.
    value: RwSignal<String>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The control itself, for whoever must focus it.
    #[prop(optional)]
    node: NodeRef<leptos::html::Input>,
) -> impl IntoView {
    let id = fresh_id();
    let shown = RwSignal::new(false);
    let name = move || if shown.get() { t().hide_password } else { t().show_password };
    view! {
        <FieldFrame id=id.clone() label error>
            <div class="control-with-button">
                <input
                    node_ref=node
                    id=id.clone()
                    class="control"
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete="current-password"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    disabled=move || disabled.get()
                    aria-invalid=move || error.get().is_some().then_some("true")
                    aria-describedby=format!("{id}-note")
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <button type="button" class="control-button" aria-label=name title=name on:click=move |_| shown.update(|shown| *shown = !*shown)>
                    {move || view! { <IconMark icon=if shown.get() { Icon::EyeOff } else { Icon::Eye } /> }}
                </button>
            </div>
        </FieldFrame>
    }
}
