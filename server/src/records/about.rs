//! What the addresses of a resource say of themselves, from its declaration.

use super::export::{AS, XLSX};
use super::list::{MOST_FILTERS, MOST_PAGE};
use super::schema;
use crate::openapi::{About, SchemaOf, Way};
use holdfast_domain::kernel::resource::{
    BulkEdit, Field, ImportLine, MergeRecords, NewRecord, Page, RecordChange, RecordView, Resource, Shape, Values,
};
use serde_json::{Value, json};

const REACH: &str = "What the reader may not read whole is masked with `•••`; what they may not know is left out.";
/// Refusals of whoever names a record that is not there.
pub(super) const UNKNOWN: (u16, &str) = (404, "record_unknown");

/// Of whoever asks for, or by, more of a field than their role reaches.
const FORBIDDEN: (u16, &str) = (403, "field_forbidden");
/// Of whoever may do it to some records of the kind, and not to this one.
const OUT_OF_REACH: (u16, &str) = (403, "record_out_of_reach");

/// The words for one resource.
pub(super) struct Told {
    resource: &'static Resource,
    one: String,
    many: String,
}

impl Told {
    pub fn of(resource: &'static Resource) -> Self {
        let one = resource.kind.rsplit('.').next().unwrap_or_default().replace('_', " ");
        Self { resource, one, many: resource.plural.replace('_', " ") }
    }

    pub fn list(&self) -> About {
        let about = self.about("list", format!("Lists {}", self.many)).detail(format!(
            "{} Those in use, unless `archived` asks for the others. With `q` the nearest come first, unless `sort` is given.",
            self.resource.said.trim()
        ));
        let told = self.parameters_of_lists().into_iter().chain(self.filters()).fold(about, About::parameter);
        let page = SchemaOf::patched::<Page>(Way::Told, &[("/properties/records/items", self.component(""))]);
        self.with_components(told).answers_as(200, "application/json", page).refuses(&[
            (400, "limit_out_of_range"),
            (400, "cursor_malformed"),
            FORBIDDEN,
        ])
    }

    pub fn export(&self) -> About {
        let about = self
            .about("export", format!("The list of {} as a file", self.many))
            .detail("CSV (RFC 4180) in UTF-8 with a byte order mark, or a workbook (ECMA-376).");
        let taken = ["sort", "count", "archived"];
        let narrowing = self.parameters_of_lists().into_iter().filter(|parameter| taken.iter().any(|name| parameter["name"] == *name));
        narrowing
            .chain(self.filters())
            .fold(about, About::parameter)
            .parameter(json!({ "name": AS, "in": "query", "description": "What kind of file.", "schema": { "type": "string", "enum": ["csv", "xlsx"], "default": "csv" } }))
            .answers_as(200, "text/csv", json!({ "type": "string" }))
            .answers_as(200, XLSX, json!({}))
            .with_header("content-disposition", "The file's name.")
            .refuses(&[FORBIDDEN])
    }

    pub fn import(&self) -> About {
        let unique = self.resource.fields.iter().filter(|field| field.is_unique() || field.alike.is_some()).map(|field| field.name);
        let found_by: Vec<&str> = std::iter::once("id").chain(unique).collect();
        let query =
            |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "query", "description": description, "schema": schema });
        self.about("import", format!("Brings in many {} out of a file", self.many))
            .detail(
                "The answer grows as the work does: a JSON value per line, what the columns were taken for first, the report last. Lines that are not as \
                 they must be are refused one by one; all others are taken. Sent again, a file changes nothing that it did not have to.",
            )
            .takes("text/csv", json!({ "type": "string" }), json!(self.file()))
            .parameter(query("dry_run", "Only tells what would come of it.", json!({ "type": "boolean", "default": false })))
            .parameter(query("match", "By what a line finds the record that is there already; without it, by the first of these that is a column of the file, but for a telephone.", json!({ "type": "string", "enum": found_by })))
            .parameter(query("columns", "What its columns are, in their order, with commas between; an empty one is left out.", json!({ "type": "string" })))
            .parameter(query("currency", "Of amounts that say none.", json!({ "type": "string", "pattern": "^[A-Z]{3}$" })))
            .answers_as(200, "application/x-ndjson", SchemaOf::of::<ImportLine>(Way::Told))
            .refuses(&[(400, "body_cut_off"), (413, "body_too_large"), (413, "file_too_long"), (415, "unsupported_content_type")])
            .refuses(&[(422, "columns_too_many"), (422, "columns_unknown"), (422, "column_twice"), (422, "file_unreadable"), (503, "imports_busy")])
            .refuses(&[FORBIDDEN])
    }

    pub fn bulk(&self) -> About {
        let fields = || self.resource.fields.iter().filter(|field| !field.fixed);
        let example = self.example();
        // What many may have alike, before what each has for itself.
        let alike = fields()
            .filter(|field| !field.unique && !example[field.name].is_null())
            .max_by_key(|field| (field.filtered, field.name != self.resource.title));
        let values: Values = alike.map(|field| (field.name.to_owned(), example[field.name].clone())).into_iter().collect();
        let tags = || fields().filter(|field| field.shape == Shape::Tags).map(|field| (field.name.to_owned(), schema::value(field)));
        let of_tags = || json!({ "type": "object", "properties": tags().collect::<Values>(), "additionalProperties": false });
        let change = json!({ "values": self.component(".changed"), "add_tags": of_tags(), "remove_tags": of_tags() });
        let act = json!({ "description": "What is done to each of them.", "oneOf": [
            { "enum": ["archive", "restore"] },
            {
                "type": "object",
                "properties": { "change": { "type": "object", "properties": change, "additionalProperties": false } },
                "required": ["change"],
                "additionalProperties": false,
            },
        ] });
        self.about("bulk", format!("Changes, archives or restores many {} at once", self.many))
            .detail(
                "Each is judged alone, as a change of it by itself would be: one that is refused stays as it is, the others are changed, all in one transaction. With `dry_run` nothing is \
                 written, and the answer says what would come of it.",
            )
            .takes(
                "application/json",
                SchemaOf::patched::<BulkEdit>(Way::Sent, &[("/properties/act", act)]),
                json!({ "which": { "found": "archived=false" }, "act": { "change": { "values": values } }, "reason": "As agreed.", "dry_run": true }),
            )
            .refuses(&[FORBIDDEN, (400, "invalid_query"), (422, "fields_invalid"), (422, "reason_malformed"), (422, "record_twice"), (422, "too_many_records")])
            .refuses(&[(409, "barcode_taken")])
    }

    pub fn read(&self) -> About {
        self.telling(200, self.about("read", format!("Reads a {}", self.one)).detail(REACH)).refuses(&[UNKNOWN])
    }

    pub fn timeline(&self) -> About {
        self.about("timeline", format!("What was done to a {}, newest first", self.one)).refuses(&[UNKNOWN, (400, "cursor_malformed")])
    }

    pub fn live(&self) -> About {
        self.about("live", format!("Server-sent events about a {}: that something moved, and who else has it open", self.one))
            .detail(
                "`moved` means: look. `present` tells the others as JSON, each with account, name and whether they edit. `asked` has the line's id and is to be answered with the operation \
                 `here`; a line that nobody answered for by the next question ends.",
            )
            .answers_as(200, "text/event-stream", Self::events())
            .refuses(&[UNKNOWN, (429, "too_many_open")])
    }

    /// What a line says, event by event.
    fn events() -> Value {
        let event = |name: &str, data: Value| json!({ "properties": { "event": { "const": name }, "data": data } });
        let kinds = [event("moved", json!({ "const": "feed" })), event("present", json!({})), event("asked", json!({ "type": "string" }))];
        json!({ "type": "object", "required": ["event", "data"], "oneOf": kinds })
    }

    pub fn here(&self) -> About {
        self.about("here", format!("Says that somebody still has a {} open", self.one)).answers_nothing(204).refuses(&[(404, "line_unknown")])
    }

    pub fn create(&self) -> About {
        let about = self
            .about("create", format!("Makes a {}", self.one))
            .detail("With an `id` of the sender's own, a request that is sent again makes one record.");
        let example = json!({ "values": self.example() });
        self.telling(201, about)
            .takes("application/json", SchemaOf::patched::<NewRecord>(Way::Sent, &[("/properties/values", self.component(".new"))]), example)
            .refuses(&[FORBIDDEN, OUT_OF_REACH, (409, "record_exists"), (422, "id_malformed"), (422, "fields_invalid")])
    }

    pub fn update(&self) -> About {
        let title = self.resource.title;
        let example = json!({ "values": { title: self.example()[title] }, "reason": "As they call themselves now." });
        self.telling(200, self.about("update", format!("Changes fields of a {}", self.one)))
            .takes("application/json", SchemaOf::patched::<RecordChange>(Way::Sent, &[("/properties/values", self.component(".changed"))]), example)
            .refuses(&[FORBIDDEN, OUT_OF_REACH, UNKNOWN, (409, "record_archived"), (422, "fields_invalid"), (422, "reason_malformed")])
    }

    pub fn archive(&self) -> About {
        let about = self.about("archive", format!("Puts a {} away", self.one)).detail("What names it still does.");
        self.telling(200, about).refuses(&[OUT_OF_REACH, UNKNOWN, (422, "reason_malformed")])
    }

    pub fn restore(&self) -> About {
        self.telling(200, self.about("restore", format!("Takes a {} back into use", self.one))).refuses(&[
            OUT_OF_REACH,
            UNKNOWN,
            (422, "reason_malformed"),
        ])
    }

    pub fn merge(&self) -> About {
        let example =
            json!({ "from": "0196f0e4-0000-7000-8000-000000000002", "from_version": 1, "take": [self.resource.title], "reason": "Entered twice." });
        self.telling(200, self.about("merge", format!("Merges another {} into this one", self.one)))
            .detail("The other one is archived and says in `merged_into` which one stands for it; whatever names it still finds it. Restored, it is a record of its own again.")
            .takes("application/json", SchemaOf::of::<MergeRecords>(Way::Sent), example)
            .refuses(&[FORBIDDEN, OUT_OF_REACH, UNKNOWN, (409, "record_archived"), (409, "record_merged")])
            .refuses(&[(422, "merge_with_itself"), (422, "fields_invalid"), (422, "reason_malformed")])
    }

    fn about(&self, act: &str, summary: String) -> About {
        About::new(format!("{}.{act}", self.resource.kind), summary)
    }

    /// Answers the record.
    fn telling(&self, status: u16, about: About) -> About {
        about.answers_as(status, "application/json", self.component("")).with_header("etag", "The record's version, for `If-Match`.")
    }

    fn component(&self, suffix: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{}{suffix}", self.resource.kind) })
    }

    fn with_components(&self, about: About) -> About {
        let Resource { kind, fields, .. } = *self.resource;
        let must = |field: &&Field| field.required && field.otherwise.is_none() && field.shape != Shape::Boolean;
        let required: Vec<&str> = fields.iter().filter(must).map(|field| field.name).collect();
        let changed: Vec<&Field> = fields.iter().filter(|field| !field.fixed).collect();
        let one_changed = json!({ self.resource.title: self.example()[self.resource.title] });
        about
            .component(kind, SchemaOf::patched::<RecordView>(Way::Told, &[("/properties/values", self.component(".values"))]))
            .component(format!("{kind}.values"), object(fields, schema::told, (Vec::new(), self.example())))
            .component(format!("{kind}.new"), object(fields, schema::sent, (required, self.example())))
            .component(format!("{kind}.changed"), object(changed, schema::sent, (Vec::new(), one_changed)))
    }

    fn parameters_of_lists(&self) -> Vec<Value> {
        let sorted = self.resource.leaves().filter(|field| field.sorted).flat_map(|field| [field.name.to_owned(), format!("-{}", field.name)]);
        let sorted: Vec<String> = sorted.collect();
        let of =
            |name: &str, description: String, schema: Value| json!({ "name": name, "in": "query", "description": description, "schema": schema });
        vec![
            of("q", "Words to look for, or their beginnings.".to_owned(), json!({ "type": "string", "maxLength": 200 })),
            of(
                "sort",
                format!("By which field; with `-` the other way round. `{}` where it is left out.", self.resource.title),
                json!({ "type": "string", "enum": sorted }),
            ),
            of("after", "What `next` of the page before said.".to_owned(), json!({ "type": "string" })),
            of("limit", "The most of them on one page.".to_owned(), json!({ "type": "integer", "minimum": 1, "maximum": MOST_PAGE, "default": 50 })),
            of("count", "Whether to tell how many there are in all.".to_owned(), json!({ "type": "boolean", "default": false })),
            of("archived", "Whether to list what was put away, and only that.".to_owned(), json!({ "type": "boolean", "default": false })),
        ]
    }

    fn filters(&self) -> impl Iterator<Item = Value> {
        self.resource.leaves().filter(|field| field.filtered).map(|field| {
            let description = format!("{} Any of several; empty for none.", field.said.trim());
            let schema = json!({ "type": "array", "items": schema::asked(field), "maxItems": MOST_FILTERS });
            json!({ "name": field.name, "in": "query", "description": description.trim(), "style": "form", "explode": true, "schema": schema })
        })
    }

    /// The fields' examples.
    fn example(&self) -> Value {
        let example = |field: &Field| (field.name.to_owned(), serde_json::from_str(field.example).unwrap_or(Value::Null));
        Value::Object(self.resource.fields.iter().map(example).collect::<Values>())
    }

    /// A file of one line, of the fields that are plain text there.
    fn file(&self) -> String {
        let example = self.example();
        let plain: Vec<(&str, &str)> = self.resource.fields.iter().filter_map(|field| Some((field.name, example[field.name].as_str()?))).collect();
        let line = |cells: Vec<&str>| cells.join(",");
        format!("{}\n{}\n", line(plain.iter().map(|(name, _)| *name).collect()), line(plain.iter().map(|(_, value)| *value).collect()))
    }
}

/// An object of these fields.
fn object<'a>(fields: impl IntoIterator<Item = &'a Field>, of: fn(&Field) -> Value, (required, example): (Vec<&str>, Value)) -> Value {
    let described = |field: &Field| {
        let mut schema = of(field);
        // What the declaration says comes before what its type does.
        let shape = schema["description"].as_str().unwrap_or_default();
        let said = format!("{} {shape}", field.said.trim());
        if !said.trim().is_empty() {
            schema["description"] = json!(said.trim());
        }
        (field.name.to_owned(), schema)
    };
    let properties: Values = fields.into_iter().map(described).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false, "examples": [example] })
}
