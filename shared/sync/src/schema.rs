//! What a type with a wire form of its own looks like in JSON, for whoever describes the API.

/// Implements `schemars::JsonSchema` for a type, with the feature `schema`; nothing without it.
#[cfg(feature = "schema")]
#[macro_export]
macro_rules! schema_of {
    ($name:ident, $schema:tt) => {
        impl $crate::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut $crate::schemars::SchemaGenerator) -> $crate::schemars::Schema {
                $crate::schemars::json_schema!($schema)
            }
        }
    };
}

/// Nothing, since nobody asks for schemas (feature `schema`).
#[cfg(not(feature = "schema"))]
#[macro_export]
macro_rules! schema_of {
    ($name:ident, $schema:tt) => {};
}
