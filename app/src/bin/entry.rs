//! The first screen of a browser that has never been inside.

fn main() {
    console_error_panic_hook::set_once();
    holdfast_app::shell::entry::start();
}
