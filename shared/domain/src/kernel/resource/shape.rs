//! What a field holds.

use super::rows::RowShape;
use crate::kernel::{
    Address, CategoryId, Country, Currency, CustomerGroupId, Day, Image, Money, PersonId, PriceListId, ProductId, Quantity, Rate, SiteId, StoredFile,
    TaxRateId, Timestamp,
};
use serde::{Deserialize, Serialize};

/// How a field's value looks as JSON, in a column, and on a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A line of text.
    Text,
    /// Several lines.
    LongText,
    /// An e-mail address, in lower case.
    Email,
    /// A telephone number: digits, spaces, `+`, `-`, `/`, brackets.
    Phone,
    /// The IANA name of a time zone.
    TimeZone,
    /// An ISO 4217 code.
    Currency,
    /// A country: its two letters by ISO 3166-1.
    Country,
    /// An address: an object of its [parts](crate::kernel::ADDRESS_PARTS), each a field of its own ([`Field::parts`](super::Field::parts)).
    Address,
    /// A GS1 article number of 8, 13 or 14 digits, with its check digit.
    Gtin,
    /// An amount with its currency: `{"minor": 1250, "currency": "EUR"}`.
    Money,
    /// A decimal of up to six places, as text: `"0.25"`.
    Decimal,
    /// Per cent, of up to four places, as text: `"5.5"`.
    Rate,
    /// A day of the calendar: `"2026-11-20"`.
    Date,
    /// An instant: milliseconds since 1970 UTC.
    Instant,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Whole,
    /// One of these.
    Enumeration(&'static [&'static str]),
    /// Another record: its id. The kind it is of, such as `identity.site`.
    Reference(&'static str),
    /// Words, each of 1 to 40 characters, in order and once each.
    Tags,
    /// A list of rows, each with an id of its own: `[{"id": "…", "name": "…"}]`. How each of them looks.
    Rows(&'static RowShape),
    /// An international bank account number, by ISO 13616: capitals and digits without gaps.
    Iban,
    /// A picture: what is said of it ([`StoredFile`]); its bytes are uploaded before the record names them.
    Image,
    /// A file, such as a contract: the same.
    File,
    /// A text of that shape that is kept encrypted, and told whole only where one record is read by somebody who may: never in lists, files, the audit, events or searches.
    Sealed(&'static Shape),
}

impl Shape {
    /// Of an encrypted text, what it is when it is opened; otherwise what it is.
    #[must_use]
    pub const fn opened(self) -> Self {
        match self {
            Self::Sealed(shape) => *shape,
            shape => shape,
        }
    }

    /// Whether a row can have a field of it: what names no other record, needs no key to be read, has no bytes elsewhere and is no list itself.
    pub const fn stands_in_rows(self) -> bool {
        !matches!(self, Self::Address | Self::Reference(_) | Self::Tags | Self::Rows(_) | Self::Image | Self::File | Self::Sealed(_) | Self::TimeZone)
    }

    /// Whether it holds several, and none of them is an empty list.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Tags | Self::Rows(_))
    }

    /// Whether it is a file, whose bytes lie elsewhere.
    pub const fn is_file(self) -> bool {
        matches!(self, Self::Image | Self::File)
    }

    /// Whether it is kept encrypted.
    pub const fn is_sealed(self) -> bool {
        matches!(self, Self::Sealed(_))
    }
}

/// A type that a field can have.
pub trait FieldValue {
    /// How it looks.
    const SHAPE: Shape;
    /// Whether there must be one.
    const REQUIRED: bool = true;
}

macro_rules! text_like {
    ($($(#[$doc:meta])* $name:ident => $shape:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl FieldValue for $name {
            const SHAPE: Shape = Shape::$shape;
        }
    )*};
}

text_like! {
    /// Several lines of text.
    LongText => LongText,
    /// An e-mail address.
    Email => Email,
    /// A telephone number.
    Phone => Phone,
    /// The IANA name of a time zone.
    TimeZone => TimeZone,
    /// A GS1 article number.
    Gtin => Gtin,
    /// An international bank account number.
    Iban => Iban,
}

/// A text that is kept encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed<T>(pub T);

impl<T: FieldValue> FieldValue for Sealed<T> {
    const SHAPE: Shape = Shape::Sealed(&T::SHAPE);
    const REQUIRED: bool = T::REQUIRED;
}

/// Words that somebody sorts by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub Vec<String>);

macro_rules! shaped {
    ($($kind:ty => $shape:ident),* $(,)?) => {$(
        impl FieldValue for $kind {
            const SHAPE: Shape = Shape::$shape;
        }
    )*};
}

shaped! {
    String => Text,
    Address => Address,
    Country => Country,
    Currency => Currency,
    Image => Image,
    StoredFile => File,
    Money => Money,
    Quantity => Decimal,
    Rate => Rate,
    Day => Date,
    Timestamp => Instant,
    bool => Boolean,
    u32 => Whole,
}

macro_rules! references {
    ($($id:ty => $kind:literal),* $(,)?) => {$(
        impl FieldValue for $id {
            const SHAPE: Shape = Shape::Reference($kind);
        }
    )*};
}

references! {
    SiteId => "identity.site",
    PersonId => "identity.person",
    CategoryId => "catalog.category",
    TaxRateId => "catalog.tax_rate",
    ProductId => "catalog.product",
    PriceListId => "catalog.price_list",
    CustomerGroupId => "sales.customer_group",
}

impl FieldValue for Tags {
    const SHAPE: Shape = Shape::Tags;
    const REQUIRED: bool = false;
}

impl<T: FieldValue> FieldValue for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const REQUIRED: bool = false;
}
