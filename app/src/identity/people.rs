//! `/people`: someone known on this device takes over. Works without a network, and always.

use super::messages::t;
use super::refusal::explain;
use crate::design::avatar::Avatar;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::list_row::{List, ListRow};
use crate::design::pin_pad::PinPad;
use crate::engine::protocol::{PersonView, Request};
use crate::shell::{Screen, Shell, title};
use holdfast_domain::kernel::AccountId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The screen.
#[component]
pub fn PeoplePage() -> impl IntoView {
    title(t().who_is_here);
    let shell = Shell::expect();
    let asked = RwSignal::new(None::<PersonView>);
    let entered = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let navigate = use_navigate();
    let take_over = Callback::new(move |(account, pin): (AccountId, Option<String>)| {
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let refused = shell.ask_device(Request::SwitchPerson { account, pin }).await;
            busy.set(false);
            entered.set(String::new());
            match refused {
                None => navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() }),
                Some(refusal) => error.set(Some(explain(&refusal))),
            }
        });
    });
    let choose = Callback::new(move |person: PersonView| {
        error.set(None);
        if person.has_pin { asked.set(Some(person)) } else { take_over.run((person.account, None)) }
    });
    let people = move || shell.device.with(|device| device.as_ref().map_or_else(Vec::new, |device| device.people.clone()));
    let pin = move |person: PersonView| {
        let account = person.account;
        view! {
            <div class="stack people-pin">
                <div class="people-asked"><Avatar name=person.name.clone() large=true /><h1>{person.name.clone()}</h1></div>
                <PinPad label=t().pin_of(&person.name) entered error disabled=busy on_complete=move |pin: String| take_over.run((account, Some(pin))) />
                <Button label=t().someone_else kind=ButtonKind::Quiet wide=true on_press=move || asked.set(None) />
            </div>
        }
    };
    let list = move || {
        view! {
            <h1>{t().who_is_here}</h1>
            {move || error.get().map(|error| view! { <Banner tone=Tone::Bad title=error /> })}
            <Show when=move || !people().is_empty() fallback=|| view! { <EmptyState icon=Icon::Person title=t().nobody_known text=t().nobody_known_text /> }>
                <Card flush=true>
                    <List label=t().who_is_here>{move || people().into_iter().map(|person| person_row(person, choose)).collect_view()}</List>
                </Card>
            </Show>
            <p class="sign-in-other"><Link href="/sign-in" label=t().sign_in_other icon=Icon::Plus /></p>
        }
    };
    view! {
        <Screen surface="till" class="sign-in">
            <main>
                <div class="sign-in-box stack">
                    {move || match asked.get() {
                        Some(person) => pin(person).into_any(),
                        None => list().into_any(),
                    }}
                </div>
            </main>
        </Screen>
    }
}

fn person_row(person: PersonView, choose: Callback<PersonView>) -> impl IntoView {
    let name = person.name.clone();
    let note = if person.has_pin { t().asks_pin } else { t().asks_no_pin };
    let title = person.name.clone();
    view! { <ListRow title text=note mark=move || view! { <Avatar name /> } on_press=move || choose.run(person.clone()) /> }
}
