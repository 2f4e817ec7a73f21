//! Reading.

mod parts;

use parts::{Items, Variant};
use serde::de::{self, IntoDeserializer, Visitor};
use std::fmt;

/// How deep a value may be nested.
pub const MAX_DEPTH: u8 = 64;

const NULL: u64 = 22;
const UNDEFINED: u64 = 23;
const FALSE: u64 = 20;
const TRUE: u64 = 21;
const BREAK: u8 = 0xff;

/// Why bytes cannot be read.
#[derive(Debug)]
pub(super) enum Bad {
    /// They end too early.
    Ended,
    /// There is something else than what is expected.
    Other,
    /// Text that is no UTF-8.
    Text,
    /// Nested too deep.
    Deep,
    /// Something follows the value.
    Followed,
    /// What the type says of it. A browser is not told: see the module.
    #[cfg(not(target_arch = "wasm32"))]
    Said(Box<str>),
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => "it ends too early",
            Self::Other => "something else is expected",
            Self::Text => "a text is no UTF-8",
            Self::Deep => "it is nested too deep",
            Self::Followed => "bytes follow the value",
            #[cfg(not(target_arch = "wasm32"))]
            Self::Said(said) => said,
        })
    }
}

impl std::error::Error for Bad {}

impl de::Error for Bad {
    #[cfg(not(target_arch = "wasm32"))]
    fn custom<T: fmt::Display>(said: T) -> Self {
        Self::Said(said.to_string().into())
    }

    #[cfg(target_arch = "wasm32")]
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }
}

/// What a value begins with.
enum Head {
    Unsigned(u64),
    /// -1 - n
    Negative(u64),
    /// With its length; none where it comes in parts, which nothing of ours does.
    Bytes(u64),
    Text(u64),
    /// None where its end is marked.
    Array(Option<u64>),
    Map(Option<u64>),
    Bool(bool),
    Null,
}

/// Reads values from bytes.
pub(super) struct Reader<'de> {
    bytes: &'de [u8],
    depth: u8,
    /// Whether ids and bytes are written as text.
    readable: bool,
}

impl<'de> Reader<'de> {
    pub(super) fn new(bytes: &'de [u8], readable: bool) -> Self {
        Self { bytes, depth: 0, readable }
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Bad> {
        if self.bytes.is_empty() { Ok(()) } else { Err(Bad::Followed) }
    }

    #[inline(never)]
    fn take(&mut self, count: u64) -> Result<&'de [u8], Bad> {
        let count = usize::try_from(count).map_err(|_| Bad::Ended)?;
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Bad::Ended)?;
        self.bytes = rest;
        Ok(taken)
    }

    #[inline(never)]
    fn head(&mut self) -> Result<Head, Bad> {
        let (first, rest) = self.bytes.split_first().ok_or(Bad::Ended)?;
        self.bytes = rest;
        let (major, small) = (first >> 5, first & 0x1f);
        let number = match small {
            0..=23 => Some(u64::from(small)),
            24..=27 => Some(self.take(1 << (small - 24))?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))),
            31 => None,
            _ => return Err(Bad::Other),
        };
        match (major, number) {
            (0, Some(number)) => Ok(Head::Unsigned(number)),
            (1, Some(number)) => Ok(Head::Negative(number)),
            (2, Some(length)) => Ok(Head::Bytes(length)),
            (3, Some(length)) => Ok(Head::Text(length)),
            (4, length) => Ok(Head::Array(length)),
            (5, length) => Ok(Head::Map(length)),
            (7, Some(FALSE)) if small < 24 => Ok(Head::Bool(false)),
            (7, Some(TRUE)) if small < 24 => Ok(Head::Bool(true)),
            (7, Some(NULL | UNDEFINED)) if small < 24 => Ok(Head::Null),
            _ => Err(Bad::Other),
        }
    }

    fn unsigned(&mut self) -> Result<u64, Bad> {
        match self.head()? {
            Head::Unsigned(number) => Ok(number),
            _ => Err(Bad::Other),
        }
    }

    fn signed(&mut self) -> Result<i64, Bad> {
        match self.head()? {
            Head::Unsigned(number) => i64::try_from(number).map_err(|_| Bad::Other),
            Head::Negative(number) => negative(number),
            _ => Err(Bad::Other),
        }
    }

    #[inline(never)]
    fn text(&mut self) -> Result<&'de str, Bad> {
        match self.head()? {
            Head::Text(length) => self.text_of(length),
            _ => Err(Bad::Other),
        }
    }

    fn text_of(&mut self, length: u64) -> Result<&'de str, Bad> {
        std::str::from_utf8(self.take(length)?).map_err(|_| Bad::Text)
    }

    #[inline(never)]
    fn byte_string(&mut self) -> Result<&'de [u8], Bad> {
        match self.head()? {
            Head::Bytes(length) => self.take(length),
            _ => Err(Bad::Other),
        }
    }

    /// Whether null comes, which is then read.
    fn null(&mut self) -> bool {
        let is_null = matches!(self.bytes.first(), Some(0xf6 | 0xf7));
        if is_null {
            self.bytes = &self.bytes[1..];
        }
        is_null
    }

    /// Steps into a list or a map.
    fn enter(&mut self, left: Option<u64>) -> Result<Items<'_, 'de>, Bad> {
        if self.depth == MAX_DEPTH {
            return Err(Bad::Deep);
        }
        self.depth += 1;
        Ok(Items { reader: self, left })
    }

    #[inline(never)]
    fn array(&mut self) -> Result<Items<'_, 'de>, Bad> {
        match self.head()? {
            Head::Array(left) => self.enter(left),
            _ => Err(Bad::Other),
        }
    }

    #[inline(never)]
    fn map(&mut self) -> Result<Items<'_, 'de>, Bad> {
        match self.head()? {
            Head::Map(left) => self.enter(left),
            _ => Err(Bad::Other),
        }
    }

    #[inline(never)]
    fn skip(&mut self) -> Result<(), Bad> {
        let (mut items, values) = match self.head()? {
            Head::Bytes(length) | Head::Text(length) => return self.take(length).map(drop),
            Head::Array(left) => (self.enter(left)?, 1),
            Head::Map(left) => (self.enter(left)?, 2),
            Head::Unsigned(_) | Head::Negative(_) | Head::Bool(_) | Head::Null => return Ok(()),
        };
        while items.more()? {
            for _ in 0..values {
                items.reader.skip()?;
            }
        }
        items.done()
    }
}

fn negative(number: u64) -> Result<i64, Bad> {
    i64::try_from(number).map(|number| -1 - number).map_err(|_| Bad::Other)
}

macro_rules! numbers {
    ($($method:ident $visit:ident $read:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
            visitor.$visit(self.$read()?)
        })*
    };
}

impl<'de> de::Deserializer<'de> for &mut Reader<'de> {
    type Error = Bad;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        match self.head()? {
            Head::Unsigned(number) => visitor.visit_u64(number),
            Head::Negative(number) => visitor.visit_i64(negative(number)?),
            Head::Bytes(length) => visitor.visit_borrowed_bytes(self.take(length)?),
            Head::Text(length) => visitor.visit_borrowed_str(self.text_of(length)?),
            Head::Array(left) => self.enter(left)?.all(|items| visitor.visit_seq(items)),
            Head::Map(left) => self.enter(left)?.all(|items| visitor.visit_map(items)),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::Null => visitor.visit_none(),
        }
    }

    numbers! {
        deserialize_u8 visit_u64 unsigned
        deserialize_u16 visit_u64 unsigned
        deserialize_u32 visit_u64 unsigned
        deserialize_u64 visit_u64 unsigned
        deserialize_i8 visit_i64 signed
        deserialize_i16 visit_i64 signed
        deserialize_i32 visit_i64 signed
        deserialize_i64 visit_i64 signed
        deserialize_str visit_borrowed_str text
        deserialize_string visit_borrowed_str text
        deserialize_char visit_borrowed_str text
        deserialize_identifier visit_borrowed_str text
        deserialize_bytes visit_borrowed_bytes byte_string
        deserialize_byte_buf visit_borrowed_bytes byte_string
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        match self.head()? {
            Head::Bool(value) => visitor.visit_bool(value),
            _ => Err(Bad::Other),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        if self.null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        if self.null() { visitor.visit_unit() } else { Err(Bad::Other) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Bad> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Bad> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        self.array()?.all(|items| visitor.visit_seq(items))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Bad> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Bad> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        self.map()?.all(|items| visitor.visit_map(items))
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Bad> {
        self.deserialize_map(visitor)
    }

    /// A variant is its name, or a map of its name to what it holds.
    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Bad> {
        match self.head()? {
            Head::Text(length) => visitor.visit_enum(self.text_of(length)?.into_deserializer()),
            Head::Map(Some(1)) => self.enter(Some(1))?.all(|items| {
                items.left = Some(0);
                visitor.visit_enum(Variant(&mut *items.reader))
            }),
            _ => Err(Bad::Other),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Bad> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        self.readable
    }

    serde::forward_to_deserialize_any! { f32 f64 }
}
