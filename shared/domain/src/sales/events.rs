//! The bodies of what selling publishes; their JSON Schemas lie in `docs/events`.

use super::ReceiptNumber;
use super::ticket::PaymentMethod;
use crate::kernel::{Currency, Discount, DocumentId, FactId, Money, ProductId, Quantity, Rate, SiteId, TillId};
use serde::{Deserialize, Serialize};

/// `sales.order.created`: someone bought something. A ticket's order bears the ticket's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderCreated {
    /// The order.
    pub order: DocumentId,
    /// Where it was sold.
    pub site: SiteId,
    /// How it was sold.
    pub channel: Channel,
    /// What the warehouse has to do for it.
    pub fulfilment: Fulfilment,
    /// The till.
    pub till: TillId,
    /// The till session.
    pub till_session: DocumentId,
    /// The number on the receipt.
    pub receipt: ReceiptNumber,
    /// Of all amounts.
    pub currency: Currency,
    /// To pay, tax included, in minor units.
    pub gross_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
    /// Per rate, the lowest first.
    pub taxes: Vec<OrderTax>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
}

/// How something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Over the counter.
    Till,
}

/// What the warehouse has to do for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    /// Nothing: the customer took it along.
    None,
}

/// The sums of one tax rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderTax {
    /// In per cent.
    pub rate: Rate,
    /// Tax included.
    pub gross_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderLine {
    /// The product.
    pub product: ProductId,
    /// As printed.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
    /// Each, tax included.
    pub unit_price_minor: i64,
    /// What is waived.
    pub discount: Discount,
    /// In per cent.
    pub tax_rate: Rate,
    /// What it comes to.
    pub gross_minor: i64,
}

/// `payment.received`: money changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentReceived {
    /// The payment.
    pub payment: FactId,
    /// What it pays for.
    pub order: DocumentId,
    /// Where.
    pub site: SiteId,
    /// The till.
    pub till: TillId,
    /// The till session.
    pub till_session: DocumentId,
    /// How.
    pub method: PaymentMethod,
    /// What stays.
    pub amount: Money,
}

/// `sales.till.opened`: the float was counted, and the till may sell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TillOpened {
    /// The till session.
    pub till_session: DocumentId,
    /// Where.
    pub site: SiteId,
    /// The till.
    pub till: TillId,
    /// What was counted in.
    pub float: Money,
}

/// `sales.till.closed`: the drawer was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TillClosed {
    /// The till session.
    pub till_session: DocumentId,
    /// Where.
    pub site: SiteId,
    /// The till.
    pub till: TillId,
    /// What was counted in.
    pub float: Money,
    /// What was counted out.
    pub counted: Money,
    /// What the device reckoned should be there.
    pub expected: Money,
    /// From how many tickets it reckoned so.
    pub tickets: u32,
}

impl OrderCreated {
    /// The event's type.
    pub const KIND: &'static str = "sales.order.created";
}

impl PaymentReceived {
    /// The event's type.
    pub const KIND: &'static str = "payment.received";
}

impl TillOpened {
    /// The event's type.
    pub const KIND: &'static str = "sales.till.opened";
}

impl TillClosed {
    /// The event's type.
    pub const KIND: &'static str = "sales.till.closed";
}
