//! The engine's worker.

fn main() {
    holdfast_app::engine::worker::run();
}
