//! What a module says: a list of names, whose texts stand in the languages' files.

/// A module's list. `texts` are fields; `filled` and `counted` are methods that put values in; `said` are groups of a title and a text each, asked
/// for by a code. `counted` chooses the form by its first value.
macro_rules! messages {
    (
        module $module:literal;
        texts { $($(#[$text_doc:meta])* $text:ident,)* }
        filled { $($(#[$filled_doc:meta])* $filled:ident($($value:ident),+),)* }
        counted { $($(#[$counted_doc:meta])* $counted:ident,)* }
        said { $($(#[$said_doc:meta])* $said:ident,)* }
    ) => {
        /// The module's texts, in the person's language.
        pub struct Messages {
            $($(#[$text_doc])* pub $text: &'static str,)*
        }

        impl Messages {
            fn read() -> Self {
                Self { $($text: $crate::language::text($module, stringify!($text)),)* }
            }
            $(
                $(#[$filled_doc])*
                pub fn $filled(&self, $($value: impl std::fmt::Display),+) -> String {
                    $crate::language::filled($crate::language::text($module, stringify!($filled)), &[$((stringify!($value), &$value)),+])
                }
            )*
            $(
                $(#[$counted_doc])*
                pub fn $counted(&self, count: impl Into<u64>) -> String {
                    let count = count.into();
                    let text = $crate::language::counted($module, stringify!($counted), count);
                    $crate::language::filled(text, &[("count", &$crate::language::whole(count))])
                }
            )*
            $(
                $(#[$said_doc])*
                pub fn $said(&self, code: &str) -> Option<(&'static str, &'static str)> {
                    let part = |part: &str| $crate::language::find($module, &format!(concat!(stringify!($said), ".{}.{}"), code, part));
                    part("title").zip(part("text"))
                }
            )*
        }

        /// The texts in the person's language.
        pub fn t() -> &'static Messages {
            static READ: std::sync::OnceLock<Messages> = std::sync::OnceLock::new();
            READ.get_or_init(Messages::read)
        }

        #[cfg(test)]
        mod texts {
            use $crate::language::proof::{Asked, prove};

            #[test]
            fn every_text_that_is_asked_for_is_there_and_none_else() {
                prove($module, &[
                    $((stringify!($text), Asked::Text(&[])),)*
                    $((stringify!($filled), Asked::Text(&[$(stringify!($value)),+])),)*
                    $((stringify!($counted), Asked::Counted),)*
                    $((stringify!($said), Asked::Said),)*
                ]);
            }
        }
    };
}

pub(crate) use messages;
