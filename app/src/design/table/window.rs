//! Which rows of a long table are drawn.

use leptos::prelude::*;

/// The height of a row, as the style sheet fixes it for windowed tables.
const ROW_PX: u32 = 44;
/// Rows drawn beyond the sight, so that a flick shows no gap.
const MARGIN: usize = 20;
/// As many rows as the tallest screen shows.
const IN_SIGHT: usize = 60;

/// How far the table is scrolled, in rows.
#[derive(Clone, Copy)]
pub struct Window(RwSignal<usize>);

/// The rows to draw, and the space the others take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// The first of them.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// Above them.
    pub before_px: u32,
    /// Below them.
    pub after_px: u32,
    /// Whether some are not drawn.
    pub windowed: bool,
}

impl Window {
    /// At the top.
    pub fn new() -> Self {
        Self(RwSignal::new(0))
    }

    /// Follows the scrolling.
    pub fn scrolled(self, event: &leptos::ev::Event) {
        let top_px = event_target::<web_sys::Element>(event).scroll_top();
        let row = usize::try_from(top_px).unwrap_or(0) / ROW_PX as usize;
        // In steps, so that most scroll events redraw nothing.
        let step = row - row % (MARGIN / 2);
        if self.0.get_untracked() != step {
            self.0.set(step);
        }
    }

    /// The rows to draw of a table of `rows`.
    pub fn of(self, rows: usize, most_drawn: usize) -> Drawn {
        drawn(self.0.get(), rows, most_drawn)
    }
}

fn drawn(top: usize, rows: usize, most_drawn: usize) -> Drawn {
    if rows <= most_drawn {
        return Drawn { first: 0, count: rows, before_px: 0, after_px: 0, windowed: false };
    }
    let first = top.saturating_sub(MARGIN).min(rows.saturating_sub(1));
    let count = (IN_SIGHT + 2 * MARGIN).min(rows - first);
    let px = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX).saturating_mul(ROW_PX);
    Drawn { first, count, before_px: px(first), after_px: px(rows - first - count), windowed: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_table_is_drawn_whole() {
        assert_eq!(drawn(0, 200, 200), Drawn { first: 0, count: 200, before_px: 0, after_px: 0, windowed: false });
    }

    #[test]
    fn a_long_table_takes_its_whole_height_wherever_it_is_scrolled() {
        for top in [0, 10, 5_000, 9_990, 20_000] {
            let drawn = drawn(top, 10_000, 200);
            assert!(drawn.count <= 100);
            let rows_px = u32::try_from(drawn.count).unwrap() * ROW_PX;
            assert_eq!(drawn.before_px + rows_px + drawn.after_px, 10_000 * ROW_PX, "scrolled to {top}");
        }
    }
}
