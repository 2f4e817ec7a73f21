//! One operation on the page.

use super::Place;
use serde_json::Value;

/// Schemas are shown to that depth; what lies below is named.
const DEEPEST: usize = 4;

/// HTML under construction. What is not ours is escaped.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Any text.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                c => self.0.push(c),
            }
        }
    }

    /// Text with code between backticks.
    pub(super) fn prose(&mut self, text: &str) {
        for (n, part) in text.split('`').enumerate() {
            if n % 2 == 1 {
                self.code(part);
            } else {
                self.text(part);
            }
        }
    }

    fn code(&mut self, text: &str) {
        self.raw("<code>");
        self.text(text);
        self.raw("</code>");
    }

    pub(super) fn written(self) -> String {
        self.0
    }
}

pub(super) fn operation(html: &mut Html, document: &Value, place: &Place<'_>) {
    let Place { method, path, operation } = place;
    let id = operation["operationId"].as_str().unwrap_or_default();
    html.raw(&format!("<article id=\"{id}\" aria-labelledby=\"{id}-title\"><h3 id=\"{id}-title\"><a href=\"#{id}\">"));
    html.text(operation["summary"].as_str().unwrap_or_default());
    html.raw(&format!("</a></h3><p class=\"address\"><span class=\"method {method}\">{method}</span> "));
    html.code(path);
    html.raw("</p>");
    if let Some(description) = operation["description"].as_str() {
        html.raw("<p>");
        html.prose(description);
        html.raw("</p>");
    }
    html.raw("<p class=\"needs\">");
    html.text(needs(operation));
    html.raw("</p>");
    parameters(html, document, operation);
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        html.raw("<h4>Takes</h4>");
        content.iter().for_each(|(media_type, media)| body(html, document, (media_type, media)));
    }
    answers(html, document, operation);
    html.raw("</article>");
}

fn needs(operation: &Value) -> &'static str {
    let needed = operation["security"][0].as_object();
    match (needed, needed.is_some_and(|needed| needed.contains_key("csrf"))) {
        (None, _) => "Open to everybody.",
        (Some(_), false) => "Takes a session.",
        (Some(_), true) => "Takes a session and its csrf value.",
    }
}

fn parameters(html: &mut Html, document: &Value, operation: &Value) {
    let Some(parameters) = operation["parameters"].as_array() else { return };
    html.raw("<h4>Parameters</h4><dl class=\"fields\">");
    for parameter in parameters {
        html.raw("<div><dt>");
        html.code(parameter["name"].as_str().unwrap_or_default());
        html.raw(" <span class=\"type\">");
        html.text(parameter["in"].as_str().unwrap_or_default());
        html.raw(" · ");
        html.text(&kind(&parameter["schema"]));
        html.raw("</span>");
        if parameter["required"] == true {
            html.raw(" <strong>required</strong>");
        }
        html.raw("</dt><dd>");
        html.prose(parameter["description"].as_str().unwrap_or_default());
        bounds(html, document, &parameter["schema"]);
        html.raw("</dd></div>");
    }
    html.raw("</dl>");
}

fn answers(html: &mut Html, document: &Value, operation: &Value) {
    html.raw("<h4>Answers</h4>");
    let responses = operation["responses"].as_object();
    for (status, response) in responses.into_iter().flatten().filter(|(status, _)| status.as_str() < "400") {
        html.raw("<p class=\"status\"><strong>");
        html.text(status);
        html.raw("</strong> ");
        html.prose(response["description"].as_str().unwrap_or_default());
        html.raw("</p>");
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            html.raw("<p class=\"header\">");
            html.code(name);
            html.raw(" ");
            html.prose(header["description"].as_str().unwrap_or_default());
            html.raw("</p>");
        }
        response["content"].as_object().into_iter().flatten().for_each(|(media_type, media)| body(html, document, (media_type, media)));
    }
    html.raw("<details class=\"refusals\"><summary>Refusals</summary><dl class=\"fields\">");
    for (status, response) in responses.into_iter().flatten().filter(|(status, _)| status.as_str() >= "400") {
        let response = meant(document, "responses", response);
        html.raw("<div><dt><strong>");
        html.text(status);
        html.raw("</strong></dt><dd>");
        html.prose(response["description"].as_str().unwrap_or_default());
        html.raw("</dd></div>");
    }
    html.raw("</dl></details>");
}

fn body(html: &mut Html, document: &Value, (media_type, media): (&str, &Value)) {
    html.raw("<details class=\"body\"><summary>");
    html.code(media_type);
    html.raw("</summary>");
    fields(html, document, (&media["schema"], DEEPEST));
    if let Some(example) = media.get("example") {
        html.raw("<p class=\"label\">Example</p><pre tabindex=\"0\">");
        let written = example.as_str().map_or_else(|| serde_json::to_string_pretty(example).unwrap_or_default(), str::to_owned);
        html.text(&written);
        html.raw("</pre>");
    }
    html.raw("</details>");
}

/// What a name among the components stands for.
fn meant<'a>(document: &'a Value, of: &str, named: &'a Value) -> &'a Value {
    match named["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        Some(name) => &document["components"][of][name],
        None => named,
    }
}

/// The fields of an object, of the things in a list, or of each of several choices.
fn fields(html: &mut Html, document: &Value, (schema, depth): (&Value, usize)) {
    let schema = meant(document, "schemas", schema);
    if depth == 0 {
        return;
    }
    if let Some(items) = schema.get("items") {
        return fields(html, document, (items, depth));
    }
    for choice in ["oneOf", "anyOf"].iter().filter_map(|name| schema[*name].as_array()).flatten().filter(|choice| choice["type"] != "null") {
        fields(html, document, (choice, depth - 1));
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    html.raw("<dl class=\"fields\">");
    for (name, of) in properties {
        html.raw("<div><dt>");
        html.code(name);
        html.raw(" <span class=\"type\">");
        html.text(&kind(of));
        html.raw("</span>");
        if required.contains(&name.as_str()) {
            html.raw(" <strong>always</strong>");
        }
        html.raw("</dt><dd>");
        html.prose(of["description"].as_str().or_else(|| meant(document, "schemas", of)["description"].as_str()).unwrap_or_default());
        bounds(html, document, of);
        fields(html, document, (of, depth - 1));
        html.raw("</dd></div>");
    }
    html.raw("</dl>");
}

/// A schema's type, in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return name.to_owned();
    }
    if let Some(choices) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        let mut kinds: Vec<String> = choices.iter().map(kind).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    let named = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ if schema.get("const").is_some() || schema.get("enum").is_some() => "one of".to_owned(),
        _ => "any".to_owned(),
    };
    match (schema["format"].as_str(), schema.get("items")) {
        (Some(format), _) => format!("{named} ({format})"),
        (None, Some(items)) => format!("{named} of {}", kind(items)),
        (None, None) => named,
    }
}

/// Choices and limits.
fn bounds(html: &mut Html, document: &Value, schema: &Value) {
    let schema = meant(document, "schemas", schema);
    let mut said: Vec<String> = Vec::new();
    let one_by_one = schema["oneOf"].as_array().into_iter().flatten().filter_map(|choice| choice.get("const"));
    let choices: Vec<&Value> =
        schema["enum"].as_array().or_else(|| schema["items"]["enum"].as_array()).into_iter().flatten().chain(one_by_one).collect();
    if !choices.is_empty() {
        said.push(choices.iter().map(|choice| format!("`{}`", plain(choice))).collect::<Vec<_>>().join(", "));
    }
    for (name, words) in [
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("maxLength", "characters, at most"),
        ("maxItems", "of them, at most"),
        ("default", "where it is left out:"),
    ] {
        if let Some(value) = schema.get(name).filter(|value| !value.is_null() && **value != 0 && **value != u64::from(u32::MAX)) {
            said.push(format!("{words} `{}`", plain(value)));
        }
    }
    if !said.is_empty() {
        html.raw(" <span class=\"bounds\">");
        html.prose(&said.join("; "));
        html.raw("</span>");
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ours_is_no_markup() {
        let mut html = Html::default();
        html.prose("a <b> & `\"c\" </code>`");
        assert_eq!(html.written(), "a &lt;b&gt; &amp; <code>&quot;c&quot; &lt;/code&gt;</code>");
    }
}
