//! `/office/attention`: what somebody must look at or decide.

use super::acting::{Acting, ActingDialog, trouble};
use super::exceptions::Exceptions;
use super::held::HeldList;
use super::messages::t;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::shell::waiting::words;
use crate::shell::{Live, OfficeFrame, Shell, title};
use holdfast_domain::held::READ_HELD;
use leptos::prelude::*;

/// The screen.
#[component]
pub fn AttentionPage() -> impl IntoView {
    title(t().attention);
    view! { <OfficeFrame><Attention /></OfficeFrame> }
}

#[component]
fn Attention() -> impl IntoView {
    let acting = Acting::new();
    let live = Live::listen();
    let sees_held = Shell::expect().session.with_untracked(|session| session.view().is_some_and(|view| view.may(&READ_HELD)));
    view! {
        <header class="office-head"><h1>{t().attention}</h1><Link href="/office/hand-in" label=words().hand_in icon=Icon::Send /></header>
        {trouble(acting)}
        <Exceptions acting live />
        {sees_held.then(|| view! { <HeldList acting live /> })}
        <ActingDialog acting />
    }
}
