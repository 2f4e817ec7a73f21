//! What a route says of itself, beside what its handler's types say.

use super::schemas::{SchemaOf, Way};
use schemars::JsonSchema;
use serde_json::Value;
use std::borrow::Cow;

/// A route in words, and what its handler's types do not tell. It stands beside the route, where that is declared.
#[derive(Clone)]
pub struct About {
    pub(super) id: Cow<'static, str>,
    pub(super) summary: Cow<'static, str>,
    pub(super) detail: Cow<'static, str>,
    pub(super) parameters: Vec<Value>,
    pub(super) bodies: Vec<Content>,
    pub(super) statuses: Vec<u16>,
    pub(super) answers: Vec<(u16, Option<Content>)>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) refusals: Vec<(u16, &'static str)>,
    pub(super) components: Vec<(String, SchemaOf)>,
}

/// A body of some media type.
#[derive(Clone)]
pub(super) struct Content {
    pub media_type: Cow<'static, str>,
    pub schema: SchemaOf,
    pub example: Option<Value>,
}

impl About {
    /// Of that operation id, `<module>.<thing>.<act>`, which never changes; and what it does, in a line.
    pub fn new(id: impl Into<Cow<'static, str>>, summary: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: id.into(),
            summary: summary.into(),
            detail: Cow::Borrowed(""),
            parameters: Vec::new(),
            bodies: Vec::new(),
            statuses: Vec::new(),
            answers: Vec::new(),
            headers: Vec::new(),
            refusals: Vec::new(),
            components: Vec::new(),
        }
    }

    /// What else there is to know.
    #[must_use]
    pub fn detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Of what the handler's type says: the statuses it comes with, where that is not 200.
    #[must_use]
    pub fn statuses(self, statuses: &[u16]) -> Self {
        Self { statuses: statuses.to_vec(), ..self }
    }

    /// Answers JSON, where the handler's type does not say so.
    #[must_use]
    pub fn answers<T: JsonSchema>(self, status: u16) -> Self {
        self.answers_as(status, "application/json", SchemaOf::of::<T>(Way::Told))
    }

    /// Answers something of that media type.
    #[must_use]
    pub fn answers_as(mut self, status: u16, media_type: &'static str, schema: impl Into<SchemaOf>) -> Self {
        self.answers.push((status, Some(Content { media_type: media_type.into(), schema: schema.into(), example: None })));
        self
    }

    /// Answers something of one of these media types, as it is.
    #[must_use]
    pub fn answers_any<const N: usize>(self, status: u16, media_types: [&'static str; N]) -> Self {
        media_types.into_iter().fold(self, |about, media_type| about.answers_as(status, media_type, serde_json::json!({})))
    }

    /// Answers nothing but a status.
    #[must_use]
    pub fn answers_nothing(mut self, status: u16) -> Self {
        self.answers.push((status, None));
        self
    }

    /// Answers with such a header where all went well.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, description: &'static str) -> Self {
        self.headers.push((name, description));
        self
    }

    /// Takes a body that the handler reads by itself.
    #[must_use]
    pub fn takes(mut self, media_type: &'static str, schema: impl Into<SchemaOf>, example: Value) -> Self {
        self.bodies.push(Content { media_type: media_type.into(), schema: schema.into(), example: Some(example) });
        self
    }

    /// Takes a parameter that the handler reads by itself, as OpenAPI describes it.
    #[must_use]
    pub fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Refuses with these statuses and codes, beside those that every route of its kind has.
    #[must_use]
    pub fn refuses(mut self, refusals: &[(u16, &'static str)]) -> Self {
        self.refusals.extend_from_slice(refusals);
        self
    }

    /// A schema that others name.
    #[must_use]
    pub fn component(mut self, name: impl Into<String>, schema: impl Into<SchemaOf>) -> Self {
        self.components.push((name.into(), schema.into()));
        self
    }
}
