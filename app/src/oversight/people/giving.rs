//! The dialog in which a role is given.

use super::Names;
use super::messages::{not_given, t};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::dialog::Dialog;
use crate::design::field::{Choice, SelectField, TextField, TextKind};
use crate::identity::role_name;
use crate::oversight::messages::t as common;
use crate::shell::{Shell, api};
use holdfast_domain::identity::{GiveRole, RoleGiven, RoleOffer};
use holdfast_domain::kernel::{AccountId, Day, SiteId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// Its state.
#[derive(Clone, Copy)]
pub struct Giving {
    open: RwSignal<bool>,
    whom: RwSignal<Option<(AccountId, String)>>,
    /// What may be given where, each place with its name.
    offers: RwSignal<Vec<(String, RoleOffer)>>,
    /// What roles of the company's own are called.
    names: RwSignal<BTreeMap<String, String>>,
    place: RwSignal<String>,
    role: RwSignal<String>,
    from: RwSignal<String>,
    until: RwSignal<String>,
    reason: RwSignal<String>,
    busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    shell: Shell,
}

/// How the place that is everywhere is told from sites in the list.
const EVERYWHERE: &str = "";

fn place_value(site: Option<SiteId>) -> String {
    site.map_or_else(|| EVERYWHERE.to_owned(), |site| site.to_string())
}

impl Giving {
    /// Nothing is given yet.
    pub fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            open: RwSignal::new(false),
            whom: RwSignal::new(None),
            offers: RwSignal::new(Vec::new()),
            names: RwSignal::new(BTreeMap::new()),
            place: text(),
            role: text(),
            from: text(),
            until: text(),
            reason: text(),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            shell: Shell::expect(),
        }
    }

    /// What may be given.
    pub(super) fn may_give(self, offers: Vec<RoleOffer>, names: &Names) {
        // A site comes first: a role everywhere is the rarer one, and the stronger.
        let mut offers: Vec<_> = offers.into_iter().map(|offer| (names.place(offer.site), offer)).collect();
        offers.sort_by_key(|(name, offer)| (offer.site.is_none(), name.clone()));
        if self.names.with_untracked(|known| *known != names.roles) {
            self.names.set(names.roles.clone());
        }
        if self.offers.with_untracked(|known| *known != offers) {
            self.offers.set(offers);
        }
    }

    /// Asks which role someone shall have.
    pub fn ask(self, account: AccountId, name: &str) {
        self.whom.set(Some((account, name.to_owned())));
        self.place.set(self.offers.with_untracked(|offers| offers.first().map(|(_, offer)| place_value(offer.site)).unwrap_or_default()));
        self.choose_first();
        for text in [self.from, self.until, self.reason] {
            text.set(String::new());
        }
        self.failed.set(None);
        self.open.set(true);
    }

    /// The roles of the place that is chosen; the weakest first, which is given most.
    fn roles(self) -> Vec<String> {
        let place = self.place.get();
        self.offers.with(|offers| {
            let offer = offers.iter().find(|(_, offer)| place_value(offer.site) == place);
            offer.map(|(_, offer)| offer.roles.iter().rev().cloned().collect()).unwrap_or_default()
        })
    }

    fn choose_first(self) {
        let roles = untrack(|| self.roles());
        let cashier = roles.iter().find(|role| *role == "cashier").or_else(|| roles.first());
        self.role.set(cashier.cloned().unwrap_or_default());
    }

    fn go(self) {
        let Some((account, _)) = self.whom.get_untracked() else { return };
        let place = self.place.get_untracked();
        let site =
            self.offers.with_untracked(|offers| offers.iter().find(|(_, offer)| place_value(offer.site) == place).and_then(|(_, offer)| offer.site));
        let day = |text: RwSignal<String>| text.with_untracked(|text| if text.is_empty() { Ok(None) } else { text.parse::<Day>().map(Some) });
        let (Ok(from), Ok(until)) = (day(self.from), day(self.until)) else {
            self.failed.set(Some("invalid_body".to_owned()));
            return;
        };
        let asked = GiveRole { account, role: self.role.get_untracked(), site, from, until, reason: self.reason.get_untracked() };
        self.busy.set(true);
        spawn_local(async move {
            let csrf = self.shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
            let given = api::post::<_, RoleGiven>("/api/v1/identity/roles", &asked, csrf.as_deref()).await;
            self.busy.set(false);
            match given {
                Ok(_) => self.open.set(false),
                Err(failure) => self.failed.set(Some(failure.code().to_owned())),
            }
        });
    }
}

/// The dialog.
#[component]
pub fn GivingDialog(
    /// Its state.
    giving: Giving,
) -> impl IntoView {
    let Giving { open, whom, offers, names, place, role, from, until, reason, busy, failed, .. } = giving;
    let title = Signal::derive(move || whom.with(|whom| whom.as_ref().map_or_else(String::new, |(_, name)| t().give_role_to(name))));
    let places = Signal::derive(move || {
        offers.with(|offers| offers.iter().map(|(label, offer)| Choice { value: place_value(offer.site), label: label.clone() }).collect::<Vec<_>>())
    });
    let called = move |role: &str| names.with(|names| names.get(role).cloned()).unwrap_or_else(|| role_name(role));
    let roles = Signal::derive(move || giving.roles().into_iter().map(|role| Choice { label: called(&role), value: role }).collect::<Vec<_>>());
    // Another place may offer other roles.
    Effect::new(move || {
        if !giving.roles().contains(&role.get_untracked()) {
            giving.choose_first();
        }
    });
    let nothing_said = Signal::derive(move || reason.with(|reason| reason.trim().is_empty()));
    let failure = move || {
        failed.get().map(|code| {
            let (title, text) = not_given(&code);
            view! { <Banner tone=Tone::Attention title text=text.to_owned() code /> }
        })
    };
    let actions = move || {
        view! {
            <Button label=common().cancel kind=ButtonKind::Quiet on_press=move || open.set(false) />
            <Button label=t().give kind=ButtonKind::Primary disabled=nothing_said busy on_press=move || giving.go() />
        }
    };
    view! {
        <Dialog open title actions>
            <div class="stack">
                <SelectField label=t().place choices=places value=place />
                <SelectField label=t().role choices=roles value=role />
                <TextField label=t().first_day value=from kind=TextKind::Day hint=t().first_day_hint.to_owned() />
                <TextField label=t().last_day value=until kind=TextKind::Day hint=t().last_day_hint.to_owned() />
                <TextField label=common().reason value=reason hint=common().reason_hint.to_owned() />
                {failure}
            </div>
        </Dialog>
    }
}
