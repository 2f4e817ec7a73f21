//! Writing.

use serde::ser::{self, Serialize};
use std::fmt;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const NULL: u8 = 0xf6;
const END: u8 = 0xff;

/// A value that has no form here, such as a float.
#[derive(Debug)]
pub(super) struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that is never written")
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Writes values to memory.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    /// A kind of value and a number, in the fewest bytes.
    #[inline(never)]
    fn head(&mut self, major: u8, number: u64) {
        let bytes = number.to_be_bytes();
        let (small, count) = match number {
            0..=23 => (bytes[7], 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.bytes.push(major << 5 | small);
        self.bytes.extend_from_slice(&bytes[8 - count..]);
    }

    #[inline(never)]
    fn string(&mut self, major: u8, bytes: &[u8]) {
        self.head(major, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// A list or map of that many; where nobody knows how many, its end is marked.
    fn items(&mut self, major: u8, count: Option<usize>) -> Items<'_> {
        match count {
            Some(count) => self.head(major, count as u64),
            None => self.bytes.push(major << 5 | 31),
        }
        Items { writer: self, marks_end: count.is_none() }
    }

    /// A variant that holds something: a map of its name to that.
    fn variant(&mut self, name: &str) {
        self.head(MAP, 1);
        self.string(TEXT, name.as_bytes());
    }
}

macro_rules! numbers {
    ($($method:ident $number:ty => $wide:ident)*) => {
        $(fn $method(self, number: $number) -> Result<(), Unwritable> {
            self.$wide(number.into())
        })*
    };
}

impl<'w> ser::Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'w>;
    type SerializeTuple = Items<'w>;
    type SerializeTupleStruct = Items<'w>;
    type SerializeTupleVariant = Items<'w>;
    type SerializeMap = Items<'w>;
    type SerializeStruct = Items<'w>;
    type SerializeStructVariant = Items<'w>;

    numbers! {
        serialize_u8 u8 => serialize_u64
        serialize_u16 u16 => serialize_u64
        serialize_u32 u32 => serialize_u64
        serialize_i8 i8 => serialize_i64
        serialize_i16 i16 => serialize_i64
        serialize_i32 i32 => serialize_i64
    }

    fn serialize_u64(self, number: u64) -> Result<(), Unwritable> {
        self.head(UNSIGNED, number);
        Ok(())
    }

    fn serialize_i64(self, number: i64) -> Result<(), Unwritable> {
        match u64::try_from(number) {
            Ok(number) => self.head(UNSIGNED, number),
            Err(_) => self.head(NEGATIVE, (-1 - number).cast_unsigned()),
        }
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unwritable> {
        self.bytes.push(if value { 0xf5 } else { 0xf4 });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_char(self, character: char) -> Result<(), Unwritable> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unwritable> {
        self.string(TEXT, text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Unwritable> {
        self.string(BYTES, bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.bytes.push(NULL);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, variant: &'static str, value: &T) -> Result<(), Unwritable> {
        self.variant(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Items<'w>, Unwritable> {
        Ok(self.items(ARRAY, count))
    }

    fn serialize_tuple(self, count: usize) -> Result<Items<'w>, Unwritable> {
        Ok(self.items(ARRAY, Some(count)))
    }

    fn serialize_tuple_struct(self, _: &'static str, count: usize) -> Result<Items<'w>, Unwritable> {
        Ok(self.items(ARRAY, Some(count)))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, count: usize) -> Result<Items<'w>, Unwritable> {
        self.variant(variant);
        Ok(self.items(ARRAY, Some(count)))
    }

    fn serialize_map(self, count: Option<usize>) -> Result<Items<'w>, Unwritable> {
        Ok(self.items(MAP, count))
    }

    fn serialize_struct(self, _: &'static str, count: usize) -> Result<Items<'w>, Unwritable> {
        Ok(self.items(MAP, Some(count)))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, count: usize) -> Result<Items<'w>, Unwritable> {
        self.variant(variant);
        Ok(self.items(MAP, Some(count)))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// What is in a list or a map.
pub(super) struct Items<'w> {
    writer: &'w mut Writer,
    marks_end: bool,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritable> {
        self.writer.string(TEXT, name.as_bytes());
        self.item(value)
    }

    fn close(self) {
        if self.marks_end {
            self.writer.bytes.push(END);
        }
    }
}

macro_rules! items {
    ($($form:ident $method:ident)*) => {
        $(impl ser::$form for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        })*
    };
}

items! { SerializeSeq serialize_element SerializeTuple serialize_element SerializeTupleStruct serialize_field SerializeTupleVariant serialize_field }

macro_rules! fields {
    ($($form:ident)*) => {
        $(impl ser::$form for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritable> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Unwritable> {
                Ok(())
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.item(value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}
