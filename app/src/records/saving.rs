//! Saving what was typed: sending it, showing what the server found wrong, and never writing over what somebody else saved.

use super::draft::Draft;
use super::merge::changed;
use super::messages::{not_saved, t};
use super::reach;
use crate::design::banner::{Banner, Tone};
use crate::design::toast::{ToastKind, Toasts};
use crate::device::{ids, json};
use crate::shell::api::{self, ApiFailure, Problem, Versioned};
use crate::shell::{Shell, Unsaved};
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::resource::{FieldProblem, NewRecord, Reason, RecordChange, RecordView, Resource, Values};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// What of the form itself is wrong, beside its fields.
const TO_CORRECT: &str = "fields_invalid";
/// The session ended.
const SIGNED_OUT: &str = "signed_out";
/// What was to be done was asked of a version that is no longer the newest.
const STALE: &str = "version_stale";

/// Somebody works on a record.
#[derive(Clone, Copy)]
pub struct Editor {
    /// What was typed.
    pub draft: Draft,
    /// What would be sent is not nothing.
    pub dirty: Memo<bool>,
    /// It is being sent.
    pub busy: RwSignal<bool>,
    /// Nothing can be typed: what is being done ends in another form, which would not have it.
    pub holds: RwSignal<bool>,
    /// Why it was not saved: a stable code.
    pub failure: RwSignal<Option<String>>,
    /// What somebody else saved meanwhile.
    pub newer: RwSignal<Option<RecordView>>,
    /// Whether both versions are being compared.
    pub merging: RwSignal<bool>,
    new_id: Uuid,
    shell: Shell,
    toasts: Toasts,
}

impl Editor {
    /// On a record as it is kept, or on one that has yet to be made.
    pub fn new(resource: &'static Resource, kept: Option<RecordView>) -> Self {
        let is_new = kept.is_none();
        let draft = Draft::new(resource, kept, |field| reach::on_form(resource, is_new, field));
        let dirty = Memo::new(move |_| !draft.changes().is_empty());
        Unsaved::expect().watch(dirty.into());
        Self {
            draft,
            dirty,
            busy: RwSignal::new(false),
            holds: RwSignal::new(false),
            failure: RwSignal::new(None),
            newer: RwSignal::new(None),
            merging: RwSignal::new(false),
            // Chosen once: sent again, the record is made once.
            new_id: ids::fresh(),
            shell: Shell::expect(),
            toasts: Toasts::expect(),
        }
    }

    /// Whether whoever is here may do something. A session that ended takes nothing from the form: what it may, the server says when it is sent.
    pub fn may(self, needs: impl Fn(&SessionView) -> bool + Send + Sync + 'static) -> Memo<bool> {
        Memo::new(move |before| self.shell.session.with(|session| session.view().map_or(before == Some(&true), |view| needs(view))))
    }

    /// Saves, unless something is wrong with it.
    pub fn save(self, then: Callback<RecordView>) {
        let nothing_to_save = self.draft.kept.with_untracked(Option::is_some) && !self.dirty.get_untracked();
        if nothing_to_save || self.busy.get_untracked() {
            return;
        }
        if !self.draft.judge_all() {
            self.failure.set(Some(TO_CORRECT.to_owned()));
            return focus_first_wrong();
        }
        let (sent, before) = (untrack(|| self.draft.values()), self.draft.kept.get_untracked());
        let made = before.is_none();
        let at = document().active_element().and_then(|at| at.dyn_into::<web_sys::HtmlElement>().ok());
        self.begin(made);
        spawn_local(async move {
            let answer = asking(self.shell, async |csrf| self.send(before.clone(), &sent, csrf).await).await;
            if self.is_gone() {
                return;
            }
            self.end();
            if let Some(at) = at.filter(|_| made && answer.is_err()) {
                request_animation_frame(move || drop(at.focus()));
            }
            match answer {
                Ok(kept) => {
                    self.take(kept.clone(), &sent);
                    self.toasts.say(ToastKind::Good, if made { t().added } else { t().saved });
                    then.run(kept);
                }
                Err(failure) => self.refused(failure).await,
            }
        });
    }

    fn begin(self, holds: bool) {
        self.busy.set(true);
        self.holds.set(holds);
        self.failure.set(None);
    }

    fn end(self) {
        self.busy.set(false);
        self.holds.set(false);
    }

    async fn send(self, before: Option<RecordView>, sent: &Values, csrf: Option<String>) -> Result<RecordView, ApiFailure> {
        let path = self.draft.resource.path;
        let kept = match before {
            Some(kept) => kept,
            None => {
                let new = NewRecord { id: Some(self.new_id), values: sent.clone() };
                let made = match api::post::<_, RecordView>(path, &new, csrf.as_deref()).await {
                    // It was made before, and the answer was lost on its way.
                    Err(failure) if failure.code() == "record_exists" => api::get(&format!("{path}/{}", self.new_id)).await?,
                    made => made?,
                };
                self.draft.kept.try_set(Some(made.clone()));
                made
            }
        };
        // A new record whose first answer was lost was made as it stood then; what was typed since is a change.
        let mut values = changed(&kept.values, sent);
        values.retain(|name, _| kept.values.contains_key(name));
        if values.is_empty() {
            return Ok(kept);
        }
        let how = Versioned { version: kept.version, post: false, csrf: csrf.as_deref() };
        api::change(&format!("{path}/{}", kept.id), &RecordChange { values, reason: None }, how).await
    }

    fn take(self, kept: RecordView, sent: &Values) {
        self.forget_newer(kept.version);
        self.draft.take(kept, sent);
    }

    /// Goes on from what the server keeps now; what is typed stays.
    fn follow(self, kept: RecordView) {
        self.forget_newer(kept.version);
        self.draft.follow(kept);
    }

    fn forget_newer(self, known: u64) {
        if self.newer.with_untracked(|newer| newer.as_ref().is_some_and(|newer| newer.version <= known)) {
            self.newer.set(None);
        }
    }

    async fn refused(self, failure: ApiFailure) {
        let ApiFailure::Problem(problem) = &failure else { return self.failure.set(Some(failure.code().to_owned())) };
        match problem.status {
            412 => return self.compare_with_newest().await,
            422 | 403 => {
                let problems = problems_of(problem);
                self.draft.show(&problems);
                focus_first_wrong();
            }
            _ => {}
        }
        self.failure.set(Some(code_of(&failure).to_owned()));
    }

    /// Somebody saved before: both versions are shown. Where nothing is typed, there is nothing to compare.
    async fn compare_with_newest(self) {
        let Some(id) = self.draft.kept.with_untracked(|kept| kept.as_ref().map(|kept| kept.id)) else { return };
        let answer = api::get::<RecordView>(&format!("{}/{id}", self.draft.resource.path)).await;
        if self.is_gone() {
            return;
        }
        match answer {
            Ok(newest) if self.dirty.get_untracked() => {
                self.newer.set(Some(newest));
                self.merging.set(true);
            }
            Ok(newest) => {
                self.follow(newest);
                self.failure.set(Some(STALE.to_owned()));
            }
            Err(failure) => self.failure.set(Some(failure.code().to_owned())),
        }
    }

    /// Saves what was chosen of both versions, over the newer one.
    pub fn save_merged(self, theirs: RecordView, chosen: &Values, then: Callback<RecordView>) {
        self.draft.names.update(|names| names.extend(theirs.names.clone()));
        // What nobody but the others changed is theirs, whatever the form still shows.
        self.draft.put(&theirs.values);
        self.draft.put(chosen);
        self.draft.kept.set(Some(theirs));
        self.newer.set(None);
        self.merging.set(false);
        self.save(then);
    }

    /// The server tells how the record stands now. What was typed is not touched.
    pub fn heard(self, now: RecordView) {
        let known = self.draft.kept.with_untracked(|kept| kept.as_ref().map_or(0, |kept| kept.version));
        if now.version <= known || self.busy.get_untracked() {
            return;
        }
        if self.dirty.get_untracked() {
            self.newer.set(Some(now));
        } else {
            self.follow(now);
        }
    }

    /// Puts the record away, and offers to take that back.
    pub fn archive(self) {
        self.act("archive", move |archived: RecordView| {
            let undo = Callback::new(move |()| self.restore_from(archived.clone()));
            self.toasts.say_with_undo(t().archived_now, undo);
        });
    }

    /// Takes it back into use.
    pub fn restore(self) {
        self.act("restore", move |_| self.toasts.say(ToastKind::Good, t().restored_now));
    }

    fn act(self, verb: &'static str, then: impl FnOnce(RecordView) + 'static) {
        let Some(kept) = self.draft.kept.get_untracked().filter(|_| !self.busy.get_untracked()) else { return };
        self.begin(true);
        spawn_local(async move {
            let answer = asking(self.shell, async |csrf| do_to(self.draft.resource, &kept, verb, csrf).await).await;
            if !self.is_gone() {
                self.end();
            }
            match answer {
                Ok(now) => {
                    if !self.is_gone() {
                        self.follow(now.clone());
                    }
                    then(now);
                }
                Err(failure) if !self.is_gone() => self.refused(failure).await,
                Err(failure) => self.toasts.say(ToastKind::Bad, not_saved(code_of(&failure)).0),
            }
        });
    }

    /// The undo of an archive may be pressed when the page is long gone.
    fn restore_from(self, archived: RecordView) {
        spawn_local(async move {
            match asking(self.shell, async |csrf| do_to(self.draft.resource, &archived, "restore", csrf).await).await {
                Ok(now) => {
                    if !self.is_gone() {
                        self.follow(now);
                    }
                    self.toasts.say(ToastKind::Good, t().restored_now);
                }
                Err(failure) => self.toasts.say(ToastKind::Bad, not_saved(code_of(&failure)).0),
            }
        });
    }

    fn is_gone(self) -> bool {
        self.busy.try_get_untracked().is_none()
    }

    /// Why it was not saved.
    pub fn trouble(self) -> impl IntoView {
        move || {
            self.failure.get().map(|code| {
                if code == TO_CORRECT {
                    return view! { <Banner tone=Tone::Bad title=t().correct_first /> }.into_any();
                }
                let (title, text) = not_saved(&code);
                view! { <Banner tone=Tone::Bad title text=text.to_owned() code /> }.into_any()
            })
        }
    }
}

/// Asks the server; where it wants another session, once more with the one that there is now: it may have been begun anew in another tab. Nothing of
/// the page is touched, which may be gone meanwhile.
pub async fn asking<T>(shell: Shell, ask: impl AsyncFn(Option<String>) -> Result<T, ApiFailure>) -> Result<T, ApiFailure> {
    let csrf = || shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
    let first = ask(csrf()).await;
    if !first.as_ref().is_err_and(wants_session) {
        return first;
    }
    shell.renew_session().await;
    match csrf() {
        Some(csrf) => ask(Some(csrf)).await,
        None => first,
    }
}

async fn do_to(resource: &Resource, record: &RecordView, verb: &str, csrf: Option<String>) -> Result<RecordView, ApiFailure> {
    let how = Versioned { version: record.version, post: true, csrf: csrf.as_deref() };
    api::change(&format!("{}/{}/{verb}", resource.path, record.id), &Reason::default(), how).await
}

/// Whether the server knows another session than this page, or none.
fn wants_session(failure: &ApiFailure) -> bool {
    failure.is_signed_out() || failure.code().starts_with("csrf_token")
}

/// What is told of a failure.
pub(super) fn code_of(failure: &ApiFailure) -> &str {
    if wants_session(failure) { SIGNED_OUT } else { failure.code() }
}

/// What the server found wrong, field by field.
pub(super) fn problems_of(problem: &Problem) -> Vec<FieldProblem> {
    #[derive(serde::Deserialize)]
    struct Said {
        errors: Vec<FieldProblem>,
    }
    json::read::<Said>(&problem.said).map_or_else(|_| Vec::new(), |said| said.errors)
}

fn focus_first_wrong() {
    request_animation_frame(|| {
        let first = document().query_selector(".record-form [aria-invalid='true']").ok().flatten();
        if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _focused = first.focus();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::resource::Wrong;

    fn said(status: u16, code: &str) -> ApiFailure {
        ApiFailure::Problem(Problem { status, code: code.to_owned(), retry_after_s: None, said: String::new() })
    }

    #[test]
    fn only_a_session_that_is_not_the_servers_is_asked_for_anew_and_told_as_signed_out() {
        for (failure, code) in
            [(said(401, "session_ended"), SIGNED_OUT), (said(403, "csrf_token_wrong"), SIGNED_OUT), (said(403, "csrf_token_missing"), SIGNED_OUT)]
        {
            assert_eq!((wants_session(&failure), code_of(&failure)), (true, code));
        }
        for failure in [said(403, "permission_missing"), said(412, STALE), said(422, TO_CORRECT), ApiFailure::Unreachable] {
            assert_eq!((wants_session(&failure), code_of(&failure)), (false, failure.code()));
        }
    }

    #[test]
    fn what_the_server_finds_wrong_is_told_field_by_field() {
        let said = r#"{"type":"about:blank","title":"x","status":422,"code":"fields_invalid","errors":[{"field":"email","wrong":"taken"}]}"#;
        let problem = Problem { status: 422, code: TO_CORRECT.to_owned(), retry_after_s: None, said: said.to_owned() };
        assert_eq!(problems_of(&problem), [FieldProblem::new("email", Wrong::Taken)]);
    }
}
