//! Choosing the till that this device is.

use super::messages::t;
use super::refusal::explain;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::{Choice, SelectField};
use crate::design::progress::{ProgressBar, percent};
use crate::design::skeleton::Skeleton;
use crate::engine::protocol::Request;
use crate::language::whole;
use crate::shell::Shell;
use crate::shell::session::Session;
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::{SiteId, TillId};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A list of the account's tills, and the button that makes this device one.
#[component]
pub fn TillChoice(
    /// The device is a till now.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let shell = Shell::expect();
    let chosen = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let tills = Memo::new(move |_| shell.session.with(|session| session.view().map_or_else(Vec::new, |view| tills_of(view))));
    let choices =
        Signal::derive(move || tills.get().into_iter().map(|till| Choice { value: till.till.to_string(), label: till.label }).collect::<Vec<_>>());
    Effect::new(move || {
        if let Some(first) = tills.read().first()
            && chosen.read_untracked().is_empty()
        {
            chosen.set(first.till.to_string());
        }
    });
    let become_till = move || {
        let Some(till) = tills.read_untracked().iter().find(|till| till.till.to_string() == *chosen.read_untracked()).cloned() else { return };
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let refused = shell.ask_device(Request::BecomeTill { site: till.site, till: till.till }).await;
            busy.set(false);
            match refused {
                None => on_done.run(()),
                Some(refusal) => error.set(Some(explain(&refusal))),
            }
        });
    };
    let loading = move || {
        shell.loading.get().map(|loading| {
            let label = t().loading_catalogue(whole(loading.rows), whole(loading.of));
            view! { <ProgressBar label percent=percent(loading.rows, loading.of) /> }
        })
    };
    let none = move || match shell.session.get() {
        Session::Asking => view! { <Skeleton rows=2 /> }.into_any(),
        Session::Unreachable => view! { <Banner tone=Tone::Plain title=t().offline_title text=t().needs_network /> }.into_any(),
        Session::SignedIn(_) | Session::SignedOut => view! { <Banner tone=Tone::Info title=t().no_tills text=t().no_tills_text /> }.into_any(),
    };
    view! {
        <Show when=move || !tills.read().is_empty() fallback=move || none>
            <SelectField label=t().till choices value=chosen disabled=busy />
            {move || error.get().map(|error| view! { <Banner tone=Tone::Bad title=t().not_a_till_yet text=error /> })}
            {loading}
            <Button label=t().become_till kind=ButtonKind::Primary size=ButtonSize::Large wide=true busy on_press=become_till />
        </Show>
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct OfferedTill {
    site: SiteId,
    till: TillId,
    label: String,
}

fn tills_of(view: &SessionView) -> Vec<OfferedTill> {
    let of_site = |site: &holdfast_domain::identity::SiteView| {
        let site_name = site.name.clone();
        let id = site.id;
        site.tills
            .iter()
            .filter(|till| !till.archived)
            .map(move |till| OfferedTill { site: id, till: till.id, label: format!("{} · {site_name}", till.name) })
            .collect::<Vec<_>>()
    };
    view.sites.iter().flat_map(of_site).collect()
}
