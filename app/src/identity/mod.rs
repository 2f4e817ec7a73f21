//! Who is here: signing in, switching person, a device's first run, its settings, and erasing it.
//!
//! Absent on purpose: any rule about rights. The server decides; screens only hide what would be refused. A PIN is a courtesy between
//! colleagues and protects nothing by itself.

mod erase;
mod messages;
mod people;
mod pin;
mod refusal;
mod set_up;
mod settings;
mod sign_in;
mod sign_in_form;
mod till_choice;

pub use erase::ErasePage;
pub use messages::role_name;
pub use people::PeoplePage;
pub use refusal::explain;
pub use set_up::SetUpPage;
pub use settings::SettingsPage;
pub use sign_in::SignInPage;
pub use sign_in_form::{SignInForm, SigningIn};

/// Names the screen that signs in.
pub fn sign_in_title() -> &'static str {
    messages::t().sign_in
}

/// The module's sheet.
pub const STYLES: &[&str] = &[include_str!("identity.css")];
