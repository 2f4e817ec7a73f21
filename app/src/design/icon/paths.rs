//! The strokes of each icon.

use super::Icon;

impl Icon {
    /// Every icon, for the gallery.
    pub const ALL: [Self; 50] = [
        Self::Alert,
        Self::ArrowBack,
        Self::ArrowForward,
        Self::Backspace,
        Self::Badge,
        Self::Box,
        Self::Calendar,
        Self::Card,
        Self::Cash,
        Self::Chart,
        Self::Check,
        Self::CheckDouble,
        Self::ChevronDown,
        Self::ChevronForward,
        Self::ChevronUp,
        Self::Clock,
        Self::Close,
        Self::Cloud,
        Self::Crew,
        Self::Device,
        Self::Download,
        Self::Drawer,
        Self::Eye,
        Self::EyeOff,
        Self::Grid,
        Self::Home,
        Self::Info,
        Self::Install,
        Self::Lock,
        Self::Menu,
        Self::Minus,
        Self::More,
        Self::Offline,
        Self::Person,
        Self::Plus,
        Self::Print,
        Self::Receipt,
        Self::Refresh,
        Self::Scan,
        Self::Search,
        Self::Send,
        Self::Settings,
        Self::SignOut,
        Self::Storage,
        Self::Sun,
        Self::Till,
        Self::Trash,
        Self::Truck,
        Self::Undo,
        Self::Warning,
    ];

    /// Whether it points along the line of reading, and so turns where that runs from right to left.
    pub(super) const fn turns_with_the_script(self) -> bool {
        matches!(self, Self::ArrowBack | Self::ArrowForward | Self::Backspace | Self::ChevronForward | Self::Send | Self::SignOut | Self::Undo)
    }

    /// The path's data.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 8v4.6M12 15.8v.2",
            Self::ArrowBack => "M20 12H4.5M11 5.5 4.5 12l6.5 6.5",
            Self::ArrowForward => "M4 12h15.5M13 5.5l6.5 6.5-6.5 6.5",
            Self::Backspace => "M8.5 5.5h10a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-10L2.5 12ZM11 9.5l5 5M16 9.5l-5 5",
            Self::Badge => {
                "M5 4.5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM9.5 4.5v-2h5v2M12 13.2a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8ZM8 17c.8-1.5 2.2-2 4-2s3.2.5 4 2"
            }
            Self::Box => "M12 3 20 7.2v9.6L12 21l-8-4.2V7.2ZM4.2 7.3 12 11.5l7.8-4.2M12 11.5V21M8 5.2l8 4.3",
            Self::Calendar => "M5 5.5h14a1 1 0 0 1 1 1v12.5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1ZM4 10h16M8 3v4M16 3v4",
            Self::Camera => {
                "M4 8h3.5L9 5.5h6L16.5 8H20a1 1 0 0 1 1 1v9.5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1ZM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z"
            }
            Self::Card => "M4 5.5h16a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5ZM2.5 10h19M6 14.8h4",
            Self::Cash => "M3 6.5h18v11H3ZM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM6.3 9.7v.1M17.7 14.2v.1",
            Self::Chart => "M4 20h16M6.5 20v-6.5M12 20V5M17.5 20v-10",
            Self::Check => "M4.5 12.5l5 5 10-11",
            Self::CheckDouble => "M2.5 12.5l4.5 5 9-10.5M12 16.5l1 1 9-10.5",
            Self::ChevronDown => "M6 9.5l6 6 6-6",
            Self::ChevronForward => "M9.5 6l6 6-6 6",
            Self::ChevronUp => "M6 14.5l6-6 6 6",
            Self::Clock => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Cloud => "M7 18.5a4.5 4.5 0 0 1-.4-9A5.8 5.8 0 0 1 17.7 11a3.8 3.8 0 0 1-.2 7.5Z",
            Self::Crew => {
                "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3 19.5c.3-3.4 2.5-5.2 6-5.2s5.7 1.8 6 5.2M15.5 5.3a3.2 3.2 0 0 1 0 6M17.3 14.6c2.2.6 3.5 2.3 3.7 4.9"
            }
            Self::Device => "M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5ZM11 18.5h2",
            Self::Download => "M12 3.5V15M7 10.5l5 5 5-5M4 20h16",
            Self::Drawer => "M4 5h16v14H4ZM4 12h16M10 15.5h4M10 8.5h4",
            Self::Eye => "M2.5 12C4.5 8 7.8 6 12 6s7.5 2 9.5 6c-2 4-5.3 6-9.5 6s-7.5-2-9.5-6ZM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6Z",
            Self::EyeOff => {
                "M4 4l16 16M9.5 6.3A11 11 0 0 1 12 6c4.2 0 7.5 2 9.5 6a13 13 0 0 1-2.3 3.2M6.2 7.8A12 12 0 0 0 2.5 12c2 4 5.3 6 9.5 6 1.6 0 3-.3 4.3-.8M9.9 10.1a2.8 2.8 0 0 0 3.9 4"
            }
            Self::Grid => "M4 4h6.5v6.5H4ZM13.5 4H20v6.5h-6.5ZM4 13.5h6.5V20H4ZM13.5 13.5H20V20h-6.5Z",
            Self::Home => "M3.5 11.5 12 4l8.5 7.5M6 9.5V20h12V9.5M10 20v-5.5h4V20",
            Self::Info => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5M12 8v.2",
            Self::Install => "M12 3.5v9M8 9l4 4 4-4M5 13v5.5a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V13",
            Self::Lock => "M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1ZM8 11V7.5a4 4 0 0 1 8 0V11M12 14.5v2",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Minus => "M5 12h14",
            Self::More => "M5.5 12v.1M12 12v.1M18.5 12v.1",
            Self::Offline => "M8.2 4.4A8.5 8.5 0 0 1 18 6M20 9.2a8.5 8.5 0 0 1-2.8 9.5M14 20.3A8.5 8.5 0 0 1 5 16.8M3.6 13.5A8.5 8.5 0 0 1 5.4 6.7",
            Self::Person => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.5-4 3.2-6 7.5-6s7 2 7.5 6",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Print => "M7 9V3.5h10V9M7 17H4.5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1h15a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H17M7 14h10v6.5H7Z",
            Self::Receipt => {
                "M5.5 3.5v17l2.2-1.5 2.1 1.5 2.2-1.5 2.2 1.5 2.1-1.5 2.2 1.5v-17l-2.2 1.5-2.1-1.5-2.2 1.5-2.2-1.5-2.1 1.5ZM9 9.5h6M9 13.5h6"
            }
            Self::Refresh => "M4.5 12A7.5 7.5 0 0 1 17.5 6.9L20 9.5M20 4.5v5h-5M19.5 12A7.5 7.5 0 0 1 6.5 17.1L4 14.5M4 19.5v-5h5",
            Self::Scan => {
                "M3.5 8V5a1.5 1.5 0 0 1 1.5-1.5h3M16 3.5h3A1.5 1.5 0 0 1 20.5 5v3M20.5 16v3a1.5 1.5 0 0 1-1.5 1.5h-3M8 20.5H5A1.5 1.5 0 0 1 3.5 19v-3M7.5 8v8M11 8v8M14 8v8M16.7 8v8"
            }
            Self::Search => "M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM15.7 15.7l5 5",
            Self::Send => "M3.5 11.5 20.5 4l-5 17-4.2-7.5ZM11.3 13.5 20.5 4",
            Self::Settings => "M4 7h8M18 7h2M4 17h2M12 17h8M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
            Self::SignOut => "M14 4.5H5.5a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1H14M10 12h10.5M16.5 8l4 4-4 4",
            Self::Storage => "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3ZM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
            Self::Sun => {
                "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3 7 7M17 17l1.7 1.7M5.3 18.7 7 17M17 7l1.7-1.7"
            }
            Self::Till => "M6 9.5V4h8v5.5M4 13l2-3.5h12l2 3.5v6.5H4ZM4 15.5h16M8 12.5h.1M12 12.5h.1M16 12.5h.1M16.5 6.5v3",
            Self::Trash => "M4.5 6.5h15M9.5 6.5v-3h5v3M6.5 6.5l.8 13a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1l.8-13M10 10.5v6M14 10.5v6",
            Self::Truck => "M2.5 6h11.5v10.5H2.5ZM14 9.5h4l3.5 3.5v3.5H14ZM7 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM17.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
            Self::Undo => "M8.5 5 4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11H9",
            Self::Warning => "M12 4 21.5 20h-19ZM12 10v4.5M12 17.2v.1",
        }
    }
}
