//! A route, what it takes, and what becomes of it in the wrong hands.

use crate::support::Client;
use axum::http::Method;
use serde_json::Value;

/// What a route takes.
#[derive(Clone)]
pub enum Sends {
    /// Nothing but its address.
    Nothing,
    /// A query; these parameters are refused, each with its code.
    Query(&'static [(&'static str, &'static str)]),
    /// JSON.
    Json(Value),
    /// CBOR or JSON.
    Wire(Value),
}

/// What becomes of a request that names another company's ids.
#[derive(Clone, Copy)]
pub enum Foreign {
    /// It is refused.
    Refused(u16, &'static str),
    /// It is answered, and nothing of the other company is in the answer.
    SeesNothing,
    /// It names no id.
    NamesNothing,
}

/// A route.
#[derive(Clone)]
pub struct Row {
    pub method: Method,
    pub template: &'static str,
    /// Its address, with ids that are there.
    pub at: String,
    pub sends: Sends,
    pub foreign: Foreign,
    /// The code where its address names an id that nobody knows.
    pub unknown: Option<&'static str>,
    /// The statuses of the same request sent twice.
    pub twice: (u16, u16),
    /// Whether it answers without a sign-in.
    pub open: bool,
    /// Whether it takes the version of what it changes.
    pub versioned: bool,
    /// Puts in the proof by the key of the scene's device, where it takes one.
    pub proved: Option<fn(&Client, Value) -> Value>,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.at)
    }
}

impl Row {
    pub fn get(template: &'static str) -> Self {
        let (at, sends, foreign) = (template.to_owned(), Sends::Nothing, Foreign::NamesNothing);
        Self { method: Method::GET, template, at, sends, foreign, unknown: None, twice: (200, 200), open: false, versioned: false, proved: None }
    }

    pub fn post(template: &'static str, body: Value) -> Self {
        Self { method: Method::POST, sends: Sends::Json(body), ..Self::get(template) }
    }

    pub fn wire(self) -> Self {
        let Sends::Json(body) = self.sends else { unreachable!("only what is posted is on the wire") };
        Self { sends: Sends::Wire(body), ..self }
    }

    pub fn at(self, at: String) -> Self {
        Self { at, ..self }
    }

    pub fn query(self, good: &str, bad: &'static [(&'static str, &'static str)]) -> Self {
        Self { at: format!("{}{good}", self.at), sends: Sends::Query(bad), ..self }
    }

    pub fn foreign(self, status: u16, code: &'static str) -> Self {
        Self { foreign: Foreign::Refused(status, code), ..self }
    }

    pub fn sees_nothing(self) -> Self {
        Self { foreign: Foreign::SeesNothing, ..self }
    }

    pub fn unknown(self, code: &'static str) -> Self {
        Self { unknown: Some(code), ..self }
    }

    pub fn twice(self, first: u16, second: u16) -> Self {
        Self { twice: (first, second), ..self }
    }

    pub fn open(self) -> Self {
        Self { open: true, ..self }
    }

    pub fn proved(self, proved: fn(&Client, Value) -> Value) -> Self {
        Self { proved: Some(proved), ..self }
    }

    pub fn versioned(self) -> Self {
        Self { versioned: true, ..self }
    }

    pub fn body(&self) -> Option<Value> {
        match &self.sends {
            Sends::Json(body) | Sends::Wire(body) => Some(body.clone()),
            Sends::Nothing | Sends::Query(_) => None,
        }
    }

    /// The largest body it takes.
    pub fn limit(&self) -> usize {
        match &self.sends {
            Sends::Wire(_) => 16 * 1024 * 1024,
            _ if self.template == "/api/v1/sync/import" => 6 * 1024 * 1024,
            _ if self.template.ends_with("/bulk") => 128 * 1024,
            _ => 64 * 1024,
        }
    }
}
