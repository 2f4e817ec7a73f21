//! The fields in the gallery.

use super::{Choice, MoneyField, PasswordField, SelectField, SwitchField, TextField, TextKind};
use leptos::prelude::*;

/// Each kind, empty, filled, wrong and disabled.
pub fn example() -> AnyView {
    let text = |value: &str| RwSignal::new(value.to_owned());
    let choices = ["Harbour Street", "Mill Lane"].map(|site| Choice { value: site.to_owned(), label: site.to_owned() }).to_vec();
    view! {
        <div class="gallery-columns">
            <TextField label="Company" value=text("seahorse") hint="The short name you were given" />
            <TextField label="E-mail" value=text("ana@seahorse") kind=TextKind::Email error=Some("This is no e-mail address. Write it as name@company.com.".to_owned()) />
            <PasswordField label="Password" value=text("correct horse") />
            <MoneyField label="Counted float" value=RwSignal::new(Some(20_000)) currency="EUR" hint="What lies in the drawer now" />
            <TextField label="Weight" value=text("0.482") kind=TextKind::Decimal />
            <TextField label="Barcode" value=text("9521234500017") kind=TextKind::Code />
            <SelectField label="Site" choices value=text("Mill Lane") />
            <TextField label="Receipt number" value=text("HS1-000214") disabled=true />
            <SwitchField label="Keep the screen on" hint="While this till is open" value=RwSignal::new(true) />
        </div>
    }
    .into_any()
}
