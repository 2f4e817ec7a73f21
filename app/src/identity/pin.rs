//! Setting one's PIN on this device: typed twice.

use super::messages::t;
use super::refusal::explain;
use crate::design::pin_pad::PinPad;
use crate::engine::protocol::Request;
use crate::shell::Shell;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Asks for a PIN twice and sets it.
#[component]
pub fn PinSetting(
    /// The PIN is set.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let shell = Shell::expect();
    let entered = RwSignal::new(String::new());
    let first = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<String>);
    let complete = move |pin: String| {
        entered.set(String::new());
        match first.get_untracked() {
            None => {
                error.set(None);
                first.set(Some(pin));
            }
            Some(before) if before != pin => {
                error.set(Some(t().pins_differ.to_owned()));
                first.set(None);
            }
            Some(_) => spawn_local(async move {
                match shell.ask_device(Request::SetPin { pin }).await {
                    None => on_done.run(()),
                    Some(refusal) => {
                        error.set(Some(explain(&refusal)));
                        first.set(None);
                    }
                }
            }),
        }
    };
    let label = Signal::derive(move || if first.read().is_none() { t().new_pin } else { t().new_pin_again }.to_owned());
    view! {
        <div class="stack tight" data-surface="till">
            <p class="pin-asked strong">{label}</p>
            <PinPad label entered error on_complete=complete />
        </div>
    }
}
