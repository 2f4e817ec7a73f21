//! `GET /api/v1/catalog/prices`: which price holds, and why.

use super::queries;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, QueryOf};
use crate::identity::{self, SignedIn};
use crate::records;
use crate::tenancy::{TenantTx, from_stored_day, to_stored};
use axum::Json;
use axum::extract::State;
use holdfast_domain::catalog::{
    ListedPrice, PriceAnswer, PriceListLineRecord, PriceListRecord, PriceQuestion, ProductRecord, StandingPrice, Unit, judged,
};
use holdfast_domain::kernel::resource::{FieldProblem, Record as _, RecordView, Resource, Wrong};
use holdfast_domain::kernel::{CustomerGroupId, Day, Money, ProductId, Quantity, SiteId, Timestamp};
use holdfast_domain::sales::{Customer, CustomerGroup};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use uuid::Uuid;

static PRODUCTS: Resource = ProductRecord::RESOURCE;
static LISTS: Resource = PriceListRecord::RESOURCE;
static LINES: Resource = PriceListLineRecord::RESOURCE;
static CUSTOMERS: Resource = Customer::RESOURCE;
static GROUPS: Resource = CustomerGroup::RESOURCE;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PricesQuery {
    /// Of what.
    product: ProductId,
    /// How much, in the product's unit: more than none. One, where it is left out.
    quantity: Option<Quantity>,
    /// For whom; where it is left out, for whoever comes.
    customer: Option<Uuid>,
    /// When; where it is left out, today.
    day: Option<Day>,
    /// In whose calendar today is; where it is left out, in that of UTC.
    site: Option<SiteId>,
}

/// The answer.
pub(super) async fn ask(State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<PricesQuery>) -> Result<Json<PriceAnswer>, Failure> {
    let scope = signed_in.scope_for(&PRODUCTS.rights.read)?;
    require_read(&signed_in, &PRODUCTS, &["unit", "price", "variant_of"])?;
    for resource in [&LISTS, &LINES] {
        require_read(&signed_in, resource, &resource.fields.iter().map(|field| field.name).collect::<Vec<_>>())?;
        if !signed_in.rights.fields(resource, &resource.rights.read).reached().is_empty() {
            let detail = format!("Prices follow from all records of {}, and your role shows you some.", resource.kind);
            return Err(Refusal::new(403, "record_out_of_reach", "You may not ask for prices", detail).into());
        }
    }
    if query.customer.is_some() {
        require_read(&signed_in, &CUSTOMERS, &["customer_group"])?;
    }
    let quantity = query.quantity.unwrap_or(Quantity::ONE);
    if !quantity.is_positive() {
        let detail = "Ask for more than none of it.";
        return Err(Refusal::new(400, "quantity_out_of_range", "The quantity is out of range", detail).into());
    }
    let mut tx = app.database.tenant(scope).await?;
    let day = day(&mut tx, &query, app.environment.now()).await?;
    let product = seen(&mut tx, &signed_in, (&PRODUCTS, query.product.0), "product").await?;
    let customer_group = match query.customer {
        Some(customer) => said(&seen(&mut tx, &signed_in, (&CUSTOMERS, customer), "customer").await?, "customer_group")?,
        None => None,
    };
    let question = PriceQuestion { customer_group, quantity, day };
    let lines = queries::lines_of(&mut tx, query.product, &question).await?;
    let fields = signed_in.rights.fields(&GROUPS, &GROUPS.rights.read);
    let names_them = signed_in.rights.require_somewhere(&GROUPS.rights.read).is_ok() && fields.reached().is_empty();
    let groups = if names_them { group_names(&mut tx, &lines).await? } else { BTreeMap::new() };
    let (unit, own_price) = (said(&product, "unit")?, own_price(&mut tx, &signed_in, &product).await?);
    tx.commit().await?;
    Ok(Json(answer((query.product, unit, own_price), question, (lines, &groups))))
}

fn answer(
    (product, unit, own_price): (ProductId, Unit, Option<Money>),
    question: PriceQuestion,
    (lines, groups): (Vec<ListedPrice>, &BTreeMap<CustomerGroupId, String>),
) -> PriceAnswer {
    let standings = judged(&question, &lines);
    let holds = holdfast_domain::catalog::chosen(&question, &lines).map(|line| (line.line, line.price));
    let standing = |(listed, standing): (ListedPrice, _)| {
        let group_name = listed.customer_group.and_then(|group| groups.get(&group).cloned());
        StandingPrice { listed, group_name, standing }
    };
    PriceAnswer {
        product,
        unit,
        quantity: question.quantity,
        day: question.day,
        customer_group: question.customer_group,
        price: holds.map(|(_, price)| price).or(own_price),
        line: holds.map(|(line, _)| line),
        own_price,
        lines: lines.into_iter().zip(standings).map(standing).collect(),
    }
}

/// What a product says it costs; of a variant that says nothing, what its product says of one of the same unit, as far as whoever asks may look at that.
async fn own_price(tx: &mut TenantTx, signed_in: &SignedIn, product: &RecordView) -> Result<Option<Money>, Failure> {
    let (price, parent): (Option<Money>, Option<Uuid>) = (said(product, "price")?, said(product, "variant_of")?);
    let Some(parent) = parent.filter(|_| price.is_none()) else { return Ok(price) };
    let fields = signed_in.rights.fields(&PRODUCTS, &PRODUCTS.rights.read);
    let unit: Unit = said(product, "unit")?;
    let Some(parent) = records::reached(tx, &fields, parent).await? else { return Ok(None) };
    if said::<Unit>(&parent, "unit")? == unit { Ok(said(&parent, "price")?) } else { Ok(None) }
}

async fn group_names(tx: &mut TenantTx, lines: &[ListedPrice]) -> Result<BTreeMap<CustomerGroupId, String>, Fault> {
    let groups: Vec<Uuid> = lines.iter().filter_map(|line| line.customer_group).map(|group| group.0).collect();
    queries::group_names(tx, &groups).await
}

/// The day that is asked about.
async fn day(tx: &mut TenantTx, query: &PricesQuery, now: Timestamp) -> Result<Day, Failure> {
    match (query.day, query.site) {
        (Some(day), _) => Ok(day),
        (None, Some(site)) => {
            let days = identity::days_at(tx, &[(site, now)]).await?;
            let unknown = || Refusal::new(404, "site_unknown", "There is no such site", "Look at the list of sites.");
            Ok(days.get(&(site, now)).copied().ok_or_else(unknown)?)
        }
        (None, None) => Ok(from_stored_day(to_stored(now).date()).ok_or_else(|| Fault::because("the clock is beyond the calendar"))?),
    }
}

/// A record, archived or not; refused as if it were not there, where whoever asks does not read it.
async fn seen(tx: &mut TenantTx, signed_in: &SignedIn, (resource, id): (&'static Resource, Uuid), what: &str) -> Result<RecordView, Failure> {
    let fields = signed_in.rights.fields(resource, &resource.rights.read);
    let unknown = || Refusal::new(404, "record_unknown", "There is no such record", format!("No {what} of this company has that id."));
    Ok(records::reached(tx, &fields, id).await?.ok_or_else(unknown)?)
}

/// What a record says in a field.
fn said<T: DeserializeOwned>(record: &RecordView, field: &'static str) -> Result<T, Fault> {
    let value = record.values.get(field).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|_| Fault::because(format!("{field} of {} cannot be read", record.id)))
}

/// Refuses who may not look at such records, or at these fields of them whole.
fn require_read(signed_in: &SignedIn, resource: &'static Resource, fields: &[&str]) -> Result<(), Refusal> {
    signed_in.rights.require_somewhere(&resource.rights.read)?;
    let reached = signed_in.rights.fields(resource, &resource.rights.read);
    let errors: Vec<FieldProblem> =
        fields.iter().filter(|field| !reached.of_all(field).reads()).map(|field| FieldProblem::new(field, Wrong::Forbidden)).collect();
    if errors.is_empty() {
        return Ok(());
    }
    let detail = format!("Prices follow from fields of {} that your role does not show you.", resource.kind);
    Err(Refusal { errors, ..Refusal::new(403, "field_forbidden", "Your role does not reach that field", detail) })
}
