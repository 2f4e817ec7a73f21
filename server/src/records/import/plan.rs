//! How a file is to be taken in: decided once, before its first line.

use super::file::{Column, File};
use crate::failure::{Failure, Refusal};
use crate::http::App;
use crate::records::refusal::invalid_query;
use crate::records::write::zone_is_known;
use holdfast_domain::kernel::Currency;
use holdfast_domain::kernel::resource::{Field, Likeness, Resource, Shape};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// What the query says.
#[derive(Default)]
pub(super) struct Asked {
    dry_run: bool,
    by: Option<String>,
    pub columns: Option<String>,
    currency: Option<Currency>,
}

impl Asked {
    pub fn read(query: &[(String, String)]) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in query {
            if !seen.insert(name) {
                return Err(invalid_query(format!("Say {name} once.")));
            }
            match name.as_str() {
                "dry_run" => asked.dry_run = value.parse().map_err(|_| invalid_query("dry_run is true or false."))?,
                "match" => asked.by = Some(value.clone()),
                "columns" => asked.columns = Some(value.clone()),
                "currency" => asked.currency = Some(value.parse().map_err(|_| invalid_query("currency is an ISO 4217 code, such as EUR."))?),
                _ => return Err(invalid_query(format!("There is no parameter {name}."))),
            }
        }
        Ok(asked)
    }
}

/// How a line finds the record that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// By its id.
    Id,
    /// By a field that no two records share, or that tells that two are probably the same one.
    Field(&'static Field),
    /// By nothing: each line makes one.
    Nothing,
}

impl Match {
    /// Whether a line is that record's without anybody having said so: a household shares a telephone, and one of it would become another.
    fn needs_no_asking(&self) -> bool {
        !matches!(self, Self::Field(Field { unique: false, alike: Some(Likeness::Phone), .. }))
    }

    /// The field that is told where a line's record is the matter.
    pub fn field(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Field(field) => field.name,
            Self::Nothing => "",
        }
    }
}

/// The plan.
pub(super) struct Plan {
    pub resource: &'static Resource,
    pub dry_run: bool,
    pub by: Match,
    pub currency: Option<Currency>,
    /// The time zones among the cells that can be reckoned with.
    pub zones: BTreeSet<String>,
    /// What lines before have said, by field: ids, and values that no two records share.
    said: Mutex<BTreeSet<(&'static str, String)>>,
    /// The first line that said something of a field that tells records from others, as values are compared.
    told: Mutex<BTreeMap<(&'static str, String), u64>>,
}

impl Plan {
    pub async fn make(resource: &'static Resource, app: &App, asked: &Asked, file: &File) -> Result<Self, Failure> {
        let by = matched_by(resource, asked.by.as_deref(), &file.columns)?;
        let zones = zones(app, file).await?;
        Ok(Self { resource, dry_run: asked.dry_run, by, currency: asked.currency, zones, said: Mutex::default(), told: Mutex::default() })
    }

    /// What was said in former batches.
    pub fn was_said(&self, what: &(&'static str, String)) -> bool {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).contains(what)
    }

    /// The line of a former batch that said the same, as values are compared.
    pub fn told_by(&self, what: &(&'static str, String)) -> Option<u64> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).get(what).copied()
    }

    /// Notes what a batch said.
    pub fn note(&self, said: BTreeSet<(&'static str, String)>, told: BTreeMap<(&'static str, String), u64>) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).extend(said);
        let mut known = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for (what, line) in told {
            known.entry(what).or_insert(line);
        }
    }
}

fn matched_by(resource: &'static Resource, by: Option<&str>, columns: &[Column]) -> Result<Match, Refusal> {
    let is_there = |wanted: &Match| {
        columns.iter().any(|column| match (wanted, column) {
            (Match::Id, Column::Id) => true,
            (Match::Field(field), Column::Of(column)) => field.name == column.name,
            _ => false,
        })
    };
    // What no two records share is surer than what is probably one's own.
    let unique = resource.fields.iter().filter(|field| field.is_unique());
    let alike = resource.fields.iter().filter(|field| field.alike.is_some() && !field.unique);
    let mut possible = std::iter::once(Match::Id).chain(unique.chain(alike).map(Match::Field));
    match by {
        None => Ok(possible.filter(Match::needs_no_asking).find(is_there).unwrap_or(Match::Nothing)),
        Some(name) => {
            let wanted = possible.find(|possible| possible.field() == name);
            wanted.filter(is_there).ok_or_else(|| invalid_query("match is `id` or a field that tells records apart, and a column of the file."))
        }
    }
}

/// Each zone is asked for once: a name that Postgres does not know ends a transaction.
async fn zones(app: &App, file: &File) -> Result<BTreeSet<String>, Failure> {
    const MOST: usize = 600;
    let of_zones = |(place, column): (usize, &Column)| matches!(column, Column::Of(field) if field.shape == Shape::TimeZone).then_some(place);
    let places: Vec<usize> = file.columns.iter().enumerate().filter_map(of_zones).collect();
    let cells = file.lines.iter().filter_map(|line| line.cells.as_ref()).flat_map(|cells| places.iter().filter_map(|place| cells.get(*place)));
    let named: BTreeSet<&str> = cells.map(|cell| cell.trim()).collect();
    let mut known = BTreeSet::new();
    // There are fewer than that: in a file that names more, the rest is made up.
    for name in named.into_iter().take(MOST) {
        if zone_is_known(app, name).await? {
            known.insert(name.to_owned());
        }
    }
    Ok(known)
}

/// Records by what they are called, where a cell names one.
pub(super) type Called = BTreeMap<(&'static str, String), Vec<Uuid>>;
