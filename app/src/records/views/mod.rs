//! Views of a list that somebody keeps under a name: chosen from the list's head or the palette, begun with, changed, shared by whoever may, taken away and brought back.
//!
//! A view is what stands behind `?` in the list's address, and its columns. Choosing one asks for that; what somebody changes afterwards stays theirs until they save it into the view.

mod panel;

pub use panel::ViewMenu;

use super::messages::{not_kept, t};
use super::query::Query;
use super::saving::{asking, code_of};
use super::{columns, place};
use crate::design::toast::{ToastKind, Toasts};
use crate::device::ids;
use crate::shell::Shell;
use crate::shell::api::{self, ApiFailure};
use holdfast_domain::kernel::resource::{NewView, Resource, SavedView, SavedViews, ViewChange};
use holdfast_domain::resource_of;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use uuid::Uuid;

/// Where views are in the API.
const ADDRESS: &str = "/api/v1/views";
/// The part of a list's address that names a view.
const VIEW: &str = "view";

/// All views that somebody has; none where they cannot be read.
pub async fn all() -> Vec<SavedView> {
    api::get::<SavedViews>(ADDRESS).await.map(|all| all.views).unwrap_or_default()
}

/// Where the office shows a view, and the list it is of.
pub fn view_href(view: &SavedView) -> Option<(String, &'static Resource)> {
    let resource = resource_of(&view.kind)?;
    let query = Query::of_text(resource, &view.query).of_page();
    let glue = if query.is_empty() { '?' } else { '&' };
    Some((format!("{}{query}{glue}{VIEW}={}", place::list_href(resource), view.id), resource))
}

/// The views of one list.
#[derive(Clone, Copy)]
pub struct Views {
    resource: &'static Resource,
    query: Memo<Query>,
    ask: Callback<Query>,
    /// Which columns are shown, as the list keeps it.
    columns: RwSignal<Option<String>>,
    all: RwSignal<Vec<SavedView>>,
    chosen: RwSignal<Option<Uuid>>,
    shell: Shell,
    toasts: Toasts,
}

impl Views {
    /// Those of a list, which asks for what is chosen.
    pub fn of(resource: &'static Resource, (query, ask): (Memo<Query>, Callback<Query>), columns: RwSignal<Option<String>>) -> Self {
        let (shell, toasts) = (Shell::expect(), Toasts::expect());
        let views = Self { resource, query, ask, columns, all: RwSignal::new(Vec::new()), chosen: RwSignal::new(None), shell, toasts };
        let address = use_query_map();
        let named = move || address.read().get(VIEW).and_then(|id| id.parse::<Uuid>().ok());
        let begins_bare = query.with_untracked(|query| *query == Query::default()) && untrack(named).is_none();
        spawn_local(async move {
            let mut all = all().await;
            all.retain(|view| view.kind == resource.kind);
            let begin = all.iter().find(|view| view.is_default).cloned();
            if views.all.try_set(all).is_some() {
                return;
            }
            // Whoever asked for something meanwhile gets that.
            let still_bare = views.query.with_untracked(|query| *query == Query::default());
            if let Some(begin) = begin.filter(|_| begins_bare && still_bare && untrack(named).is_none()) {
                views.choose(&begin);
            }
        });
        // An address that names one, such as the palette's, brings its columns along.
        Effect::new(move || {
            let view = named().and_then(|id| views.all.read().iter().find(|view| view.id == id).cloned());
            if let Some(view) = view {
                views.take(&view);
            }
        });
        views
    }

    /// Shows what a view says.
    pub fn choose(self, view: &SavedView) {
        self.take(view);
        self.ask.run(Query::of_text(self.resource, &view.query));
    }

    /// Shows everything, as the list is without a view.
    pub fn choose_none(self) {
        self.chosen.set(None);
        self.columns.set(columns::kept(self.resource));
        self.ask.run(Query::default());
    }

    fn take(self, view: &SavedView) {
        self.chosen.set(Some(view.id));
        self.columns.set(view.columns.as_ref().map(|columns| columns.join(",")).or_else(|| columns::kept(self.resource)));
    }

    /// The one that was chosen.
    fn chosen_view(self) -> Option<SavedView> {
        let chosen = self.chosen.get()?;
        self.all.read().iter().find(|view| view.id == chosen).cloned()
    }

    /// Whether the list shows something else than the view that was chosen.
    fn differs(self) -> bool {
        let shown = self.columns_shown();
        self.chosen_view().is_some_and(|view| {
            Query::of_text(self.resource, &view.query) != *self.query.read() || view.columns.is_some_and(|columns| Some(columns) != shown)
        })
    }

    /// As a view keeps them; none where they are those that are declared.
    fn columns_shown(self) -> Option<Vec<String>> {
        let kept = self.columns.get()?;
        Some(columns::shown(self.resource, Some(&kept)).iter().map(|field| field.name.to_owned()).collect())
    }

    fn may_share(self) -> bool {
        self.shell.session.with(|session| session.view().is_some_and(|view| view.may(&self.resource.rights.bulk_edit)))
    }

    fn may_change(self, view: &SavedView) -> bool {
        self.may_share() || (view.mine && !view.shared)
    }

    /// Keeps what is shown now under a name.
    fn keep_new(self, name: String, shared: bool) {
        let (query, columns) = untrack(|| (self.query.get().of_page(), self.columns_shown()));
        let query = query.trim_start_matches('?').to_owned();
        self.make(NewView { id: ids::fresh(), kind: self.resource.kind.to_owned(), name, shared, query, columns });
    }

    fn make(self, new: NewView) {
        spawn_local(async move {
            let made = asking(self.shell, async |csrf| api::post::<_, SavedView>(ADDRESS, &new, csrf.as_deref()).await).await;
            if let Some(view) = self.answered(made) {
                self.put_in(view.clone());
                self.chosen.try_set(Some(view.id));
                self.toasts.say(ToastKind::Good, t().view_kept(&view.name));
            }
        });
    }

    /// Changes a view; what `change` leaves as it is stays.
    fn change(self, view: &SavedView, change: impl FnOnce(&mut ViewChange)) {
        let mut wanted = ViewChange { name: view.name.clone(), shared: view.shared, query: view.query.clone(), columns: view.columns.clone() };
        change(&mut wanted);
        let id = view.id;
        spawn_local(async move {
            let address = format!("{ADDRESS}/{id}");
            let changed = asking(self.shell, async |csrf| api::put::<_, SavedView>(&address, &wanted, csrf.as_deref()).await).await;
            if let Some(view) = self.answered(changed) {
                self.toasts.say(ToastKind::Good, t().view_kept(&view.name));
                self.put_in(view);
            }
        });
    }

    /// Saves what is shown now into the view.
    fn save_into(self, view: &SavedView) {
        let (query, columns) = untrack(|| (self.query.get().of_page(), self.columns_shown()));
        self.change(view, |wanted| {
            wanted.query = query.trim_start_matches('?').to_owned();
            wanted.columns = columns;
        });
    }

    /// The list begins with it from now on, or with none.
    fn begin_with(self, view: &SavedView, on: bool) {
        let id = view.id;
        spawn_local(async move {
            let address = format!("{ADDRESS}/{id}/default");
            let set = asking(self.shell, async |csrf| api::mark(&address, on, csrf.as_deref()).await).await;
            if self.answered(set).is_some() {
                self.all.try_update(|all| all.iter_mut().for_each(|view| view.is_default = on && view.id == id));
            }
        });
    }

    /// Takes a view away, and offers to bring it back.
    fn remove(self, view: SavedView) {
        spawn_local(async move {
            let address = format!("{ADDRESS}/{}", view.id);
            let gone = asking(self.shell, async |csrf| api::mark(&address, false, csrf.as_deref()).await).await;
            if self.answered(gone).is_none() {
                return;
            }
            self.all.try_update(|all| all.retain(|known| known.id != view.id));
            self.chosen.try_set(None);
            let SavedView { id, kind, name, shared, query, columns, is_default, .. } = view;
            let again = NewView { id, kind, name: name.clone(), shared, query, columns };
            let undo = Callback::new(move |()| self.bring_back(again.clone(), is_default));
            self.toasts.say_with_undo(t().view_removed(&name), undo);
        });
    }

    /// The undo may be pressed when the list is long gone.
    fn bring_back(self, again: NewView, begins: bool) {
        spawn_local(async move {
            let made = asking(self.shell, async |csrf| api::post::<_, SavedView>(ADDRESS, &again, csrf.as_deref()).await).await;
            if let Some(view) = self.answered(made) {
                self.put_in(view.clone());
                self.toasts.say(ToastKind::Good, t().view_kept(&view.name));
                if begins {
                    self.begin_with(&view, true);
                }
            }
        });
    }

    fn put_in(self, view: SavedView) {
        self.all.try_update(|all| {
            all.retain(|known| known.id != view.id);
            all.push(view);
            all.sort_by_cached_key(|view| view.name.to_lowercase());
        });
    }

    fn answered<T>(self, answer: Result<T, ApiFailure>) -> Option<T> {
        answer.map_err(|failure| self.toasts.say(ToastKind::Bad, not_kept(code_of(&failure)))).ok()
    }
}
