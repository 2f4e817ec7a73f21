//! The icons: drawn for Holdfast on a 24 px grid, one stroke, no fill. Decoration beside a word; alone they need a name on their button.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

mod paths;

use leptos::prelude::*;

/// What can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called what it shows")]
pub enum Icon {
    Alert,
    ArrowBack,
    ArrowForward,
    Backspace,
    Badge,
    Box,
    Calendar,
    Camera,
    Card,
    Cash,
    Chart,
    Check,
    CheckDouble,
    ChevronDown,
    ChevronForward,
    ChevronUp,
    Clock,
    Close,
    Cloud,
    Crew,
    Device,
    Download,
    Drawer,
    Eye,
    EyeOff,
    Grid,
    Home,
    Info,
    Install,
    Lock,
    Menu,
    Minus,
    More,
    Offline,
    Person,
    Plus,
    Print,
    Receipt,
    Refresh,
    Scan,
    Search,
    Send,
    Settings,
    SignOut,
    Storage,
    Sun,
    Till,
    Trash,
    Truck,
    Undo,
    Warning,
}

/// Draws an icon at the size of the text around it.
#[component]
pub fn IconMark(
    /// Which.
    icon: Icon,
) -> impl IntoView {
    let class = if icon.turns_with_the_script() { "icon icon-turns" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}
