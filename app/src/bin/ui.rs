//! The page: draws screens, and asks the engine.

fn main() {
    console_error_panic_hook::set_once();
    holdfast_app::shell::start();
}
