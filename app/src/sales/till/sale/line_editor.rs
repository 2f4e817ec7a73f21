//! The chosen line's quantity, and its way off the ticket. It lies over the end of the list, so that no line moves.

use crate::design::button::{Button, ButtonKind, IconButton};
use crate::design::icon::Icon;
use crate::design::quantity_pad::QuantityPad;
use crate::engine::protocol::LineView;
use crate::sales::measure::is_counted;
use crate::sales::till::messages::t;
use crate::sales::till::store::Till;
use holdfast_domain::kernel::FactId;
use leptos::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The least that can be sold: a gram, a millilitre.
const LEAST: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// Changes the chosen line.
#[component]
pub fn LineEditor(
    /// The ticket's lines.
    by_id: Memo<BTreeMap<FactId, LineView>>,
) -> impl IntoView {
    let till = Till::expect();
    let chosen = Memo::new(move |_| till.chosen.get().filter(|line| by_id.with(|lines| lines.contains_key(line))));
    let editor = move |id: FactId| {
        let line = Memo::new(move |_| by_id.with(|lines| lines.get(&id).cloned()));
        let quantity = Signal::derive(move || line.with(|line| line.as_ref().map_or(Decimal::ONE, |line| line.quantity)));
        let name = Signal::derive(move || line.with(|line| line.as_ref().map(|line| line.name.clone()).unwrap_or_default()));
        let whole = Signal::derive(move || line.with(|line| line.as_ref().is_some_and(|line| is_counted(line.unit))));
        view! {
            <div class="line-editor" role="group" aria-label=name>
                <div class="line-editor-head">
                    <span class="strong">{name}</span>
                    <IconButton icon=Icon::Close label=t().done on_press=move || till.chosen.set(None) />
                </div>
                <div class="line-editor-acts">
                    <QuantityPad value=quantity least=LEAST whole on_change=move |wished| till.set_quantity(id, wished) />
                    <Button label=t().remove icon=Icon::Trash kind=ButtonKind::Secondary on_press=move || till.remove(id) />
                </div>
            </div>
        }
    };
    view! { {move || chosen.get().map(editor)} }
}
